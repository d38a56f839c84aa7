package cause

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps/incident"
	"delist/steps/words"
)

const (
	// botnet is from how many client addresses on alike mail is no person's. A person has a desk, a phone and a home, and
	// writes no two mails alike.
	botnet = 8

	// fewClients is from how many a newsletter, a web page or a program sends at the most.
	fewClients = 3

	// webMass and webMessages: nobody types so much by hand, to so many people, into a page or a phone.
	webMass     = 100
	webMessages = 50
)

// account is what waits of an account that logged in.
type account struct {
	name         string
	n            int
	clients      map[netip.Addr]int
	noClient     int
	foreign      int // of senders in no domain of its own
	returned     int // of these, what says to be bulk and is from the account, but comes back to somebody else
	bulk, script int
	recipients   int
	to           names
	series       map[uint64]*series
	claims       map[[2]string]bool // whether an envelope sender and a From are of another domain
	greeting     string
	greeters     names // domains that its clients say they are in
	returnTo     names // domains that what is returned comes back to
}

// series is mail of an account that is alike.
type series struct {
	n       int
	clients map[netip.Addr]bool
	subject string
}

// account takes a message that somebody logged in to send.
func (s *sorter) account(m *spool.Message, alike uint64) {
	a := s.accounts[m.Account]
	if a == nil {
		a = &account{name: m.Account, clients: map[netip.Addr]int{}, series: map[uint64]*series{}, claims: map[[2]string]bool{}}
		s.accounts[m.Account] = a
	}
	a.n++
	a.recipients += m.RecipientCount
	for _, to := range m.Recipients {
		a.to.addAddress(to)
	}
	bulk := m.Marks.Has(message.Bulk) || m.Marks.Has(message.OfList)
	foreign := a.claimsForeign(m)
	if foreign {
		a.foreign++
		if bulk && message.Akin(domainOf(message.Address(m.From)), domainOf(a.name)) {
			a.returned++
			a.returnTo.add(domainOf(message.Address(m.MailFrom)))
		}
	}
	if s.alike[alike] == nil && len(s.alike) < maxAlike {
		s.alike[alike] = &shared{}
	}
	if sh := s.alike[alike]; sh != nil {
		sh.add(m, foreign)
	}
	if bulk {
		a.bulk++
	}
	if m.Marks.Has(message.Script) {
		a.script++
	}
	a.greeting = strings.ToLower(m.HELO)
	_, greeter, _ := strings.Cut(a.greeting, ".")
	a.greeters.add(cmp.Or(greeter, a.greeting, "none"))
	of := a.series[alike]
	if of == nil {
		of = &series{clients: map[netip.Addr]bool{}, subject: m.Subject}
		if len(a.series) < maxNames {
			a.series[alike] = of
		}
	}
	of.n++
	if !m.ClientIP.IsValid() {
		a.noClient++
		return
	}
	a.clients[m.ClientIP]++
	of.clients[m.ClientIP] = true
	use := s.clients[m.ClientIP]
	if use == nil {
		use = &clientUse{accounts: map[string]bool{}, alike: map[uint64]*shared{}}
		s.clients[m.ClientIP] = use
	}
	use.n++
	use.accounts[m.Account] = true
	if use.alike[alike] == nil && len(use.alike) < maxNames {
		use.alike[alike] = &shared{}
	}
	if sh := use.alike[alike]; sh != nil {
		sh.add(m, foreign)
	}
}

// maxAlike bounds the alike mail that is told apart.
const maxAlike = 100_000

// claimsForeign says that a message claims a sender of another domain than the account's. What was asked is kept: few
// claims, many messages.
func (a *account) claimsForeign(m *spool.Message) bool {
	claim := [2]string{m.MailFrom, m.From}
	foreign, known := a.claims[claim]
	if known {
		return foreign
	}
	for _, text := range claim {
		of := domainOf(message.Address(text))
		foreign = foreign || of != "" && !message.Akin(of, domainOf(a.name))
	}
	if len(a.claims) < maxNames {
		a.claims[claim] = foreign
	}
	return foreign
}

// top is the account's largest series.
func (a *account) top() *series {
	top := &series{}
	for _, of := range a.series {
		if of.n > top.n {
			top = of
		}
	}
	return top
}

// most says that a part is most of the account's mail.
func (a *account) most(part int) bool { return 2*part >= a.n }

// ofAccount finds the cause of an account's mail.
func (s *sorter) ofAccount(a *account, sender *spool.Sender) (Finding, bool) {
	logged := s.known.Logs.Account(a.name)
	class, why := s.judge(a, sender, logged)
	if class == incident.NotExplained {
		return Finding{}, false
	}
	return a.finding(class, why), true
}

// finding makes the cause of an account's mail.
func (a *account) finding(class incident.Class, why []string) Finding {
	f := Finding{Rows: map[string]int{a.name: a.n}, Cause: incident.Cause{Class: class, Name: a.name, Count: a.n, Query: "account:" + a.name, Why: why}}
	if class == incident.StolenAccount {
		for claim, foreign := range a.claims {
			if sender := message.Address(claim[0]); foreign && sender != "" && sender != a.name {
				f.Forged = append(f.Forged, sender)
			}
		}
		slices.Sort(f.Forged)
		f.Forged = slices.Compact(f.Forged)
	}
	return f
}

// judge says what an account's mail is, and why. A botnet and a program tell themselves by where mail comes from; what a
// thief's single computer does is told from an honest one by the logs alone.
func (s *sorter) judge(a *account, sender *spool.Sender, logged *traffic.Account) (incident.Class, []string) {
	top := a.top()
	alike := top.n >= least && a.most(top.n)
	if a.n < least && !loggedSuspect(logged) {
		return incident.NotExplained, nil
	}
	if why := a.newsletter(top, logged); why != nil && !s.fromNowhere(top, logged) {
		return incident.Newsletter, why
	}
	switch {
	case sender.Suspect && len(a.clients) > fewClients:
		return incident.StolenAccount, sender.Why
	case top.n >= least && len(top.clients) >= botnet:
		return incident.StolenAccount, []string{fmt.Sprintf("%s alike came from %d client addresses", words.Messages(top.n), len(top.clients))}
	}
	if why := s.form(a, top, logged); why != nil {
		return incident.Form, why
	}
	switch {
	case sender.Suspect:
		return incident.StolenAccount, sender.Why
	case loggedSuspect(logged):
		return incident.StolenAccount, append(slices.Clip(sender.Why), logged.Why...)
	case alike && s.byHand(a):
		return incident.StolenAccount, append(slices.Clip(sender.Why), fmt.Sprintf("%s alike, to %s, by web mail or a phone, without a client address",
			words.Messages(top.n), words.Count(a.recipients, "recipient", "recipients")))
	}
	return incident.NotExplained, nil
}

func loggedSuspect(logged *traffic.Account) bool { return logged != nil && logged.Suspect }

// newsletter says why mail looks like a newsletter; nil where it does not. It says so itself, or it is usual; it comes from
// one place, in its own name.
func (a *account) newsletter(top *series, logged *traffic.Account) []string {
	foreign := a.foreign
	if a.returnTo.len() == 1 { // the service that sends for the account takes the bounces
		foreign -= a.returned
	}
	if !a.onePlace() || a.most(foreign) || !a.most(top.n) || top.n < least {
		return nil
	}
	why := []string{fmt.Sprintf("%s alike, %q, in its own name, from %s", words.Messages(top.n), message.Printable(top.subject),
		words.Count(max(1, len(a.clients)), "client address", "client addresses"))}
	usual := logged != nil && logged.History && logged.Judge() == traffic.Usual && float64(logged.Usual) >= least
	switch {
	case a.most(a.bulk) && logged != nil && logged.Judge() == traffic.FarAbove: // once a month, or once
		return append(why, "with the header of a newsletter", "it "+logged.Rate())
	case a.most(a.bulk):
		return append(why, "with the header of a newsletter")
	case usual:
		return append(why, "it "+logged.Rate())
	}
	return nil
}

// fromNowhere says that an account jumps far above all that is usual for it, with mail from a computer or two that were never
// seen before: whatever header a thief gives his mail, no newsletter begins like that.
func (s *sorter) fromNowhere(mail *series, logged *traffic.Account) bool {
	return loggedSuspect(logged) && len(mail.clients) <= fewClients && s.strange(mail.clients, logged)
}

// strange says that an account was never seen before at any of the addresses that its mail comes from.
func (s *sorter) strange(clients map[netip.Addr]bool, logged *traffic.Account) bool {
	if len(clients) == 0 {
		return false
	}
	strangers := logged.Strangers(s.known.Logs.At.Add(-newFor))
	for ip := range clients {
		if !slices.Contains(strangers, ip) {
			return false
		}
	}
	return true
}

// knows says that the logs know an account to send from an address, and that it sends no more than usual.
func (s *sorter) knows(account string, ip netip.Addr) bool {
	logged := s.known.Logs.Account(account)
	return logged != nil && logged.Judge() == traffic.Usual && logged.Knows(ip, s.known.Logs.At.Add(-newFor))
}

// newFor is how long an address counts as new to an account.
const newFor = 24 * time.Hour

// onePlace says that mail comes from one machine, or, where it says itself that it is a newsletter, from the pool of
// somebody who sends for others: few networks, or clients that all say to be in one domain, as those of a botnet do not.
func (a *account) onePlace() bool {
	if len(a.clients) <= fewClients {
		return true
	}
	oneDomain := a.greeters.len() == 1 && strings.Contains(a.greeters.first, ".")
	return a.most(a.bulk) && (oneDomain || networks(maps.Keys(a.clients)) <= fewClients)
}

// networks counts the networks that addresses are in, as small as networks of one owner are on the Internet.
func networks(ips iter.Seq[netip.Addr]) int {
	seen := map[netip.Prefix]bool{}
	for ip := range ips {
		bits := 24
		if ip.Is6() {
			bits = 48
		}
		network, _ := ip.Prefix(bits) // fails for no address of either kind
		seen[network] = true
	}
	return len(seen)
}

// ofForm are words in the name of a mailbox that a web page sends as, or in the greeting of a web server.
var ofForm = []string{"form", "kontakt", "contact", "feedback", "enquir", "inquir", "anfrage", "booking", "web", "www", "noreply", "no-reply", "donotreply",
	"wordpress", "site", "shop", "iis", "php", "localhost", "apache", "nginx", "cms", "joomla", "drupal"}

func named(text string) bool {
	return slices.ContainsFunc(ofForm, func(word string) bool { return strings.Contains(text, word) })
}

// form says why mail looks like a contact form's; nil where it does not. One machine, on which nobody else works, writes to
// one stranger after another. What a header or a greeting says, a thief on another computer says as well: it is not believed
// where that computer is new to an account that jumps, or where the mail is in others' names, as which no form of this
// mailbox writes.
func (s *sorter) form(a *account, top *series, logged *traffic.Account) []string {
	if len(a.clients) > 2 || a.recipients > 2*a.n || !a.most(a.to.len()) {
		return nil
	}
	local, alone := len(a.clients) > 0, true
	from := "by the server itself"
	for ip := range a.clients {
		local = local && s.local(ip)
		alone = alone && len(s.clients[ip].accounts) == 1
		from = "from one client address, " + ip.String()
	}
	if local {
		from += ", in the server's own network"
	}
	part, _, _ := strings.Cut(a.name, "@")
	alike := a.most(top.n) && !a.most(a.foreign)
	switch {
	case !local && (s.fromNowhere(top, logged) || a.most(a.foreign) && !named(part)):
		return nil
	case a.most(a.script):
		return []string{"a web page wrote it", from, "to " + words.Count(a.to.len(), "address", "addresses")}
	case alone && local && (named(part) || named(a.greeting)), alone && named(part) && (alike || named(a.greeting)):
		return []string{fmt.Sprintf("one mailbox, logged in %s", from), fmt.Sprintf("%s alike, %q", words.Messages(top.n), message.Printable(top.subject)),
			"to " + words.Count(a.to.len(), "address", "addresses")}
	}
	return nil
}

// byHand says that mail that is said to be typed into a page or a phone is too much for that. Where no mail that somebody
// logged in to send has a client address, the envelopes of this server have none, and that says nothing.
func (s *sorter) byHand(a *account) bool {
	return len(s.clients) > 0 && a.most(a.noClient) && (a.recipients >= webMass || a.n >= webMessages)
}
