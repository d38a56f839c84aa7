package causetest

import (
	"fmt"

	"delist/spool/spooltest"
	"delist/steps/incident"
)

// hard is how often something is missing that tells what mail is.
const hard = 0.06

var lures = []string{"Invoice %d overdue", "Your parcel %d waits", "Last chance, %d left", "Payment advice no. %d", "You won %d", "Account notice %d"}

// stolen is the mail of a thief, in one of the ways in which thieves work.
func (s *Spool) stolen() string {
	account := fmt.Sprintf("%s@%s", pick(s, "sales", "info", "anna.b", "office", "k.mertens"), s.home)
	lure := pick(s, lures...)
	way := pick(s, "botnet", "botnet", "few each", "web mail", "one address")
	if way == "one address" && s.logs == nil {
		way = "few each" // without logs nothing tells it from its owner's
	}
	unlike := s.maybe(hard)
	s.drew("stolen: %s, no two alike %v", way, unlike)
	s.usually(account, "203.0.113.8", s.between(1, 3))
	for i := range s.between(0, 6) { // its owner works on
		s.put(spooltest.Pair{Auth: account, To: []string{s.outside(i)}, IP: "203.0.113.8", HELO: "DESKTOP-7", Subject: pick(s, topics...)})
	}
	n := s.between(40, 140)
	if way == "one address" {
		n = s.between(420, 520) // a hundred times its three an hour, and more
	}
	bots, forges := s.between(12, 60), s.maybe(0.7)
	headers := ""
	if way == "one address" && s.maybe(0.5) {
		s.drew("says that it is a newsletter")
		headers = "List-Unsubscribe: <https://bad.test/u>\r\nList-Id: <x.bad.test>\r\n"
	}
	single := s.anyIP()
	for i := range n {
		p := spooltest.Pair{Auth: account, MailFrom: account, To: []string{s.outside(i)}, Subject: fmt.Sprintf(lure, 48000+i), HELO: fmt.Sprintf("host%d", i%bots), Headers: headers}
		p.IP = fmt.Sprintf("185.%d.%d.9", 20+i%bots, i%bots)
		switch way {
		case "botnet":
			if forges {
				p.MailFrom = fmt.Sprintf("pay%d@bank%d.test", i%30, i%7)
			}
		case "few each":
			p.IP = fmt.Sprintf("91.%d.%d.4", i/2%200, i/400)
		case "web mail":
			p.IP, p.HELO = "-", "-"
			for j := range s.between(4, 20) {
				p.To = append(p.To, s.outside(1000*i+j))
			}
		case "one address":
			p.IP, p.HELO = single, "WIN-SRV"
		}
		if unlike {
			p.Subject = fmt.Sprintf("%c%c%c %c%c%c", 'a'+i%26, 'a'+i/3%26, 'k'+i/7%9, 'b'+i/5%20, 'e'+i%11, 'o'+i/2%10)
		}
		s.put(p)
	}
	for i := range s.between(0, 15) { // what came back
		s.put(spooltest.Pair{Auth: "-", MailFrom: "<>", IP: "-", To: []string{account}, From: "mailer-daemon@web.test", Subject: fmt.Sprintf("Undelivered %d", i)})
	}
	return account
}

// relay is a computer that sends without logging in, in the names of others.
func (s *Spool) relay() string {
	way := pick(s, "inside", "inside", "outside", "printer", "open", "open as staff")
	s.drew("relay: %s", way)
	ip, lure := s.privateIP(), pick(s, lures...)
	if way == "outside" {
		ip = s.anyIP()
	}
	name := ip
	for i := range s.between(30, 140) {
		p := spooltest.Pair{Auth: "-", IP: ip, HELO: pick(s, "WORKSTATION", "localhost", "user-pc"), MailFrom: fmt.Sprintf("%s%d@%s", pick(s, "mike", "billing", "hr"), i, pick(s, "bank.test", "post.test", "shop9.test", "gov.test", "corp7.test", "cloud.test")),
			To: []string{s.outside(i)}, Subject: fmt.Sprintf(lure, i)}
		switch way {
		case "printer":
			p.MailFrom, p.HELO = "scanner@"+s.home, "MFP-3"
		case "open", "open as staff":
			p.IP, name = s.anyIP(), "many clients"
			if way == "open as staff" {
				p.MailFrom = "office@" + s.home
			}
		}
		s.put(p)
	}
	return name
}

// form is a web page that sends as one mailbox.
func (s *Spool) form() string {
	part := pick(s, "webform", "kontakt", "noreply", "info", "wordpress", "hello")
	way := pick(s, "script", "inside", "inside", "script")
	account := part + "@" + s.home
	s.drew("form: %s as %s", way, part)
	ip, greeting := s.privateIP(), pick(s, "web01", "www", "srv-iis-2", "localhost")
	header := ""
	if way == "inside" && s.maybe(hard) {
		s.drew("from outside")
		ip, greeting = s.anyIP(), "vps77.hosting.test"
	}
	if way == "script" {
		header = pick(s, "X-Mailer: PHPMailer 6.9.1 (https://github.com/PHPMailer/PHPMailer)\r\n", "X-PHP-Originating-Script: 1004:contact.php\r\n", "X-Mailer: Microsoft CDO for Windows 2000\r\n")
		ip = pick(s, s.anyIP(), "127.0.0.1", ip)
	}
	subject := pick(s, "Copy of your message %d", "Thank you for writing to us", "Your request no. %d", "Welcome")
	named := s.maybe(0.2)
	for i := range s.between(30, 140) {
		p := spooltest.Pair{Auth: account, MailFrom: account, IP: ip, HELO: greeting, To: []string{s.outside(i)}, Headers: header, Subject: fmt.Sprintf(subject, i)}
		if subject[len(subject)-1] != 'd' {
			p.Subject = subject
		}
		if named && way == "script" { // the visitor's address as From
			p.From = s.outside(i)
		}
		s.put(p)
	}
	return account
}

// forwarding is spam from outside that a rule sends on to one mailbox elsewhere.
func (s *Spool) forwarding() string {
	to := fmt.Sprintf("%s@freemail.test", pick(s, "ownerprivate", "k.w0rd", "mara77"))
	rewrites := s.maybe(0.3)
	s.drew("forwarding: rewritten %v", rewrites)
	for i := range s.between(30, 140) {
		from := fmt.Sprintf("promo%d@shop%d.test", i, i%37)
		p := spooltest.Pair{Auth: "-", MailFrom: from, From: "Promo <" + from + ">", To: []string{to}, IP: s.anyIP(), HELO: fmt.Sprintf("mx.shop%d.test", i%37),
			Subject: fmt.Sprintf("%s %d", pick(s, "You won", "Last chance", "Cheap pills", "Crypto now", "Dear friend"), i)}
		if rewrites {
			p.MailFrom = fmt.Sprintf("SRS0=x%d=AB=shop%d.test=promo%d@%s", i, i%37, i, s.home)
			if s.maybe(0.5) {
				p.IP = "-"
			}
		}
		s.put(p)
	}
	return to
}

// backscatter is what this server answers to forged senders.
func (s *Spool) backscatter() string {
	if s.maybe(0.5) {
		s.drew("backscatter: bounces")
		for i := range s.between(30, 120) {
			s.put(spooltest.Pair{Auth: "-", MailFrom: "<>", IP: "-", From: "System Administrator <postmaster@" + s.home + ">", To: []string{fmt.Sprintf("victim%d@other%d.test", i, i%23)},
				Subject: "Delivery Failure", Headers: "X-SmarterMail-MessageType: Bounce\r\n"})
		}
		return incident.RowBounces
	}
	account := pick(s, "holiday", "support", "b.lange") + "@" + s.home
	says := s.maybe(0.8)
	s.drew("backscatter: automatic answers that say so %v", says)
	header := ""
	if says {
		header = pick(s, "Auto-Submitted: auto-replied\r\n", "Precedence: auto_reply\r\n", "X-Autoreply: yes\r\n")
	}
	for i := range s.between(30, 120) {
		s.put(spooltest.Pair{Auth: "-", MailFrom: account, IP: "-", HELO: "-", To: []string{fmt.Sprintf("victim%d@other%d.test", i, i%23)}, Headers: header,
			Subject: pick(s, "Out of office", "Re: "+pick(s, topics...), "We have your mail")})
	}
	return account
}

// mailingList sends what a stranger posted to all of its members.
func (s *Spool) mailingList() string {
	list := pick(s, "news", "members", "choir")
	way := pick(s, "verp", "verp", "plain")
	s.drew("mailing list: %s", way)
	headers := pick(s, fmt.Sprintf("List-Id: <%s.%s>\r\nPrecedence: bulk\r\n", list, s.home), "Precedence: list\r\n", fmt.Sprintf("List-Post: <mailto:%s@%s>\r\n", list, s.home))
	if way == "verp" && s.maybe(0.4) {
		headers = ""
	}
	poster := pick(s, "stranger@elsewhere.test", "win@lottery.test", "staff1@"+s.home)
	for i := range s.between(30, 140) {
		p := spooltest.Pair{Auth: "-", MailFrom: list + "@" + s.home, From: poster, To: []string{s.outside(i)}, IP: "-", HELO: "-", Headers: headers, Subject: "[" + list + "] Act now"}
		if way == "verp" {
			p.MailFrom = fmt.Sprintf("%s-bounce-%d=freemail.test@%s", list, i, s.home)
		}
		s.put(p)
	}
	return list + "@" + s.home
}

// newsletter is honest, and large.
func (s *Spool) newsletter() string {
	account := pick(s, "newsletter", "marketing", "events") + "@" + s.home
	way := pick(s, "says so", "says so", "says so", "usual")
	if way == "usual" && s.logs == nil {
		way = "says so"
	}
	s.drew("newsletter: %s", way)
	ip := pick(s, "203.0.113.8", s.privateIP(), "198.51.100.77")
	headers := ""
	if way == "says so" {
		headers = pick(s, "List-Unsubscribe: <https://"+s.home+"/u>\r\n", "Precedence: bulk\r\n", "List-Unsubscribe: <mailto:u@"+s.home+">\r\nList-Id: <n."+s.home+">\r\nX-Mailer: PHPMailer 6\r\n")
		if s.maybe(hard) {
			s.drew("but does not")
			headers = ""
		}
	} else {
		s.usually(account, ip, s.between(60, 90))
	}
	pool := headers != "" && s.maybe(0.25) // sent by another's machines, who says so for every customer
	if pool {
		s.drew("through a pool")
	}
	taken := pool && s.maybe(0.5)
	if taken {
		s.drew("which takes the bounces")
	}
	verp, subject := s.maybe(0.3), pick(s, "Spring news from the quay", "Opening hours in December", "Our programme, week 48")
	for i := range s.between(60, 140) {
		p := spooltest.Pair{Auth: account, MailFrom: account, From: "The Quay <" + account + ">", IP: ip, HELO: "mailer", To: []string{s.outside(i)}, Headers: headers, Subject: subject}
		if verp {
			p.MailFrom = fmt.Sprintf("b-%d@bounce.%s", i, s.home)
		}
		if taken {
			p.MailFrom = fmt.Sprintf("bounces+%d@em.sender.test", i)
		}
		if pool {
			p.IP, p.HELO = fmt.Sprintf("192.0.%d.%d", 2+i%2*50, 10+i%60), fmt.Sprintf("mta%d.sender.test", i%60)
		}
		s.put(p)
	}
	return account
}
