package cause

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"delist/spool"
	"delist/spool/message"
	"delist/steps/incident"
	"delist/steps/words"
)

// stream is mail without a login that may have one cause.
type stream struct {
	class   incident.Class
	name    string
	n       int
	rows    map[string]int
	as      names // whom each says that it is from: its From, else the envelope
	senders names // that the envelope or the From claims
	domains names // of these
	to      names
	toward  names // domains of to
	clients names
	script  int    // of them, what a web page wrote, by its own word
	shown   string // the From of one
}

// names are distinct names, so many as are told apart, with an example.
type names struct {
	all   map[string]bool
	first string
}

// maxNames bounds what is told apart: what is more counts as so many.
const maxNames = 5000

func (n *names) add(name string) {
	if name == "" || len(n.all) >= maxNames {
		return
	}
	if n.all == nil {
		n.all, n.first = map[string]bool{}, name
	}
	n.all[name] = true
}

// addAddress adds the bare address of a line.
func (n *names) addAddress(line string) {
	if len(n.all) < maxNames && !n.all[line] { // most lines are bare addresses
		n.add(message.Address(line))
	}
}

func (n *names) len() int { return len(n.all) }

func newStream(class incident.Class, name string) *stream {
	return &stream{class: class, name: name, rows: map[string]int{}}
}

func (st *stream) add(m *spool.Message) {
	st.n++
	st.rows[RowOf(m)]++
	st.shown = m.From
	if m.Marks.Has(message.Script) {
		st.script++
	}
	if len(st.senders.all) < maxNames {
		from := cmp.Or(message.Address(m.From), message.Address(m.MailFrom))
		st.as.add(from)
		st.senders.add(from)
		st.senders.add(message.Address(m.MailFrom))
		st.domains.add(domainOf(from))
	}
	for _, to := range m.Recipients {
		st.to.addAddress(to)
		st.toward.add(strings.Trim(domainOf(to), "> "))
	}
	if m.ClientIP.IsValid() {
		st.clients.add(m.ClientIP.String())
	}
}

// finding makes the cause of a stream.
func (st *stream) finding(query string, why ...string) Finding {
	f := Finding{Rows: st.rows, Cause: incident.Cause{Class: st.class, Name: message.Printable(st.name), Count: st.n, Query: query, Why: why}}
	if st.class == incident.Relay || st.class == incident.ForwardedSpam {
		for sender := range st.senders.all {
			f.Forged = append(f.Forged, sender)
		}
		slices.Sort(f.Forged)
	}
	return f
}

// listOf names the mailing list here that sent a message on: it says so, or its envelope sender is one to which bounces of
// a list come back. What is for many, from somebody else than the envelope says, is one's where no client handed it in.
func (s *sorter) listOf(m *spool.Message) string {
	from := strings.ToLower(message.Address(m.MailFrom))
	if !s.known.Here[domainOf(from)] {
		return ""
	}
	part, _, _ := strings.Cut(from, "@")
	verp := !strings.HasPrefix(part, "srs") && (strings.Contains(part, "-bounce") || strings.Contains(part, "owner-") || strings.HasSuffix(part, "-owner") || strings.Contains(part, "="))
	sentOn := m.HELO == "" && m.Marks.Has(message.Bulk) && message.Address(m.From) != from
	if m.Marks.Has(message.OfList) || verp || sentOn {
		return listName(m.MailFrom)
	}
	return ""
}

// listName is the address of a list, told by the envelope sender of what it sends: "news-bounce-7=web.test@quay.example"
// is news@quay.example's.
func listName(mailFrom string) string {
	part, domain, _ := strings.Cut(message.Address(mailFrom), "@")
	part = strings.TrimPrefix(part, "owner-")
	for _, mark := range []string{"-bounce", "-owner", "+", "="} {
		part, _, _ = strings.Cut(part, mark)
	}
	return part + "@" + domain
}

// severalDomains is from how many domains on mail comes from strangers, or goes to strangers; fewDomains, where it comes from
// one client that brings hardly any for the mailboxes here, as a gateway would.
const (
	severalDomains = 5
	fewDomains     = 3
)

// withoutLogin finds the causes of the mail that nobody logged in to send. What one has taken is not looked at by the next.
// Where no envelope tells of a login, none tells that there was none.
func (s *sorter) withoutLogin() []Finding {
	if len(s.accounts) == 0 && !s.known.Tells {
		return nil
	}
	strangers := func(st *stream) bool { return st.toward.len() >= severalDomains }
	outward := func(st *stream) bool {
		return len(s.known.Here) > 0 && st.toward.len() >= fewDomains && 5*s.inward[st.name] < st.n
	}
	found := s.take(incident.MailingList, s.listOf, func(*stream) bool { return true }, listed)
	if len(s.known.Here) > 0 { // else the mailbox may be here
		found = append(found, s.take(incident.ForwardedSpam, fewRecipients, func(st *stream) bool { return st.domains.len() >= severalDomains }, forwarded)...)
	}
	found = append(found, s.take(incident.Backscatter, s.ownAnswer, func(*stream) bool { return true }, answered)...)
	found = append(found, s.take(incident.MailingList, s.ownList, func(st *stream) bool { return st.to.len() >= st.n/2 }, listed)...)
	// Mail for one domain may be for mailboxes here that nobody logs in to; but what is handed in from within goes out.
	found = append(found, s.take(incident.Relay, client, func(st *stream) bool { return strangers(st) || outward(st) || s.inside(st.name) }, s.relayed)...)
	if len(s.known.Here) > 0 {
		found = append(found, s.take(incident.Relay, anyClient, func(st *stream) bool {
			return strangers(st) && (st.domains.len() >= severalDomains || st.clients.len() >= botnet && s.asStaff(st))
		}, s.relayed)...)
	}
	return found
}

// asStaff says that most of a stream claims a mailbox here as its sender.
func (s *sorter) asStaff(st *stream) bool {
	n := 0
	for row, of := range st.rows {
		if s.known.Here[domainOf(row)] {
			n += of
		}
	}
	return 2*n >= st.n
}

// take puts the open messages together by a key, and makes a finding of each stream that is large enough and sound.
func (s *sorter) take(class incident.Class, key func(*spool.Message) string, sound func(*stream) bool, tell func(*stream) Finding) []Finding {
	keys, count := make([]string, len(s.open)), map[string]int{}
	for i, n := range s.open {
		m := s.snap.At(n)
		keys[i] = key(&m)
		count[keys[i]]++
	}
	streams := map[string]*stream{}
	for i, n := range s.open {
		name := keys[i]
		if name == "" || count[name] < least {
			continue
		}
		if streams[name] == nil {
			streams[name] = newStream(class, name)
		}
		m := s.snap.At(n)
		streams[name].add(&m)
	}
	var found []Finding
	for name, st := range streams {
		if !sound(st) {
			delete(streams, name)
			continue
		}
		found = append(found, tell(st))
	}
	left := s.open[:0]
	for i, n := range s.open {
		if streams[keys[i]] == nil {
			left = append(left, n)
		}
	}
	s.open = left
	return found
}

// fewRecipients names the mailboxes that a message goes to, where they are as few as a forwarding has.
func fewRecipients(m *spool.Message) string {
	if m.RecipientCount > 3 {
		return ""
	}
	to := make([]string, len(m.Recipients))
	for i := range to {
		to[i] = message.Address(m.Recipients[i])
	}
	slices.Sort(to)
	return strings.Join(to, " ")
}

func client(m *spool.Message) string {
	if !m.ClientIP.IsValid() {
		return ""
	}
	return m.ClientIP.String()
}

// manyClients names relaying from everywhere.
const manyClients = "many clients"

func anyClient(m *spool.Message) string {
	if !m.ClientIP.IsValid() {
		return ""
	}
	return manyClients
}

// ownAnswer names the mailbox here in whose name the server itself made a message.
func (s *sorter) ownAnswer(m *spool.Message) string {
	if m.ClientIP.IsValid() || !s.known.Here[domainOf(m.Account)] || message.Address(m.From) != m.Account || m.RecipientCount > 1 {
		return ""
	}
	return m.Account
}

// ownList names the address here that the server sends a stranger's mail on for.
func (s *sorter) ownList(m *spool.Message) string {
	if m.ClientIP.IsValid() || !s.known.Here[domainOf(m.Account)] {
		return ""
	}
	return listName(m.MailFrom)
}

func forwarded(st *stream) Finding {
	first, _, _ := strings.Cut(st.name, " ")
	return st.finding("class:nologin to:"+first, "nobody logged in to send it",
		such(st.as.len(), "sender", "senders", st.as.first)+", and all of it goes to one mailbox outside")
}

func answered(st *stream) Finding {
	to := "to " + such(st.to.len(), "address", "addresses", st.to.first) + ", on other servers"
	if st.name == incident.RowBounces {
		return st.finding("class:bounce", "bounces of this server "+to)
	}
	return st.finding("class:nologin account:"+st.name, "the server sends it by itself, in the name of "+message.Printable(st.name), to)
}

func listed(st *stream) Finding {
	part, _, _ := strings.Cut(st.name, "@")
	return st.finding("class:nologin from:"+part, "nobody logged in to send it", "posted as "+message.Printable(st.shown),
		"sent on "+"to "+words.Count(st.to.len(), "address", "addresses"))
}

// inside says that a client address is in a network of this server's own.
func (s *sorter) inside(name string) bool {
	ip, err := netip.ParseAddr(name)
	return err == nil && s.local(ip)
}

func (s *sorter) relayed(st *stream) Finding {
	why, query := []string{"no log-in"}, "class:nologin ip:"+st.name
	switch {
	case st.name == manyClients:
		why, query = append(why, fmt.Sprintf("from %d client addresses, as if anybody might relay", st.clients.len())), "class:nologin"
	case s.inside(st.name):
		why = append(why, "from the server's own network")
	}
	if 2*st.script >= st.n {
		why = append(why, "a web page wrote it, by its header")
	}
	as := words.Count(st.as.len(), "sender", "different senders") + " that nobody logged in as"
	if st.as.len() == 1 {
		as = "as " + message.Printable(st.as.first)
	}
	return st.finding(query, append(why, as, "to "+words.Count(st.to.len(), "address", "addresses")+" outside")...)
}
