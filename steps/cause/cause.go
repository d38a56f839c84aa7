// Package cause explains the mail that waits in a spool, in classes: a stolen account, a client that relays, a contact
// form, forwarded spam, answers to forged senders, a mailing list, a newsletter. Each finding carries its evidence. Mail
// that fits no class is left to whoever asks: it is not explained.
package cause

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps/incident"
	"delist/steps/words"
)

// least is the fewest messages that say anything about where they come from.
const least = 20

// Known is what is known beside the spool.
type Known struct {
	Here   map[string]bool // domains whose mailboxes are here
	Own    []netip.Addr    // addresses of this server
	Forged map[string]bool // senders that the spam claimed: what answers them is the spam's
	Logs   *traffic.Report // nil where there are none
	Tells  bool            // the envelopes of this server are known to tell who logged in
}

// Finding is a cause, and which rows of the senders it explains.
type Finding struct {
	incident.Cause
	Rows   map[string]int // messages of each row that it explains
	Forged []string       // senders that its mail claimed
	Rest   bool           // it is what is left of a cause that was found before
}

// Findings are the causes of what waits, those with the most mail first.
type Findings []Finding

// About is the finding about a name, nil where there is none.
func (f Findings) About(name string) *Finding {
	i := slices.IndexFunc(f, func(one Finding) bool { return one.Name == name })
	if i < 0 {
		return nil
	}
	return &f[i]
}

// Of is the finding that explains the most of a row, nil where none does.
func (f Findings) Of(row string) *Finding {
	var most *Finding
	for i := range f {
		if n := f[i].Rows[row]; n > 0 && (most == nil || n > most.Rows[row]) {
			most = &f[i]
		}
	}
	return most
}

// Explain says that something else than a stolen account explains mail of all of some rows.
func (f Findings) Explain(rows []string) bool {
	return slices.ContainsFunc(f, func(one Finding) bool {
		missing := func(row string) bool { return one.Rows[row] == 0 }
		return one.Class != incident.StolenAccount && len(rows) > 0 && !slices.ContainsFunc(rows, missing)
	})
}

// RowOf is the row of the senders that a message stands in.
func RowOf(m *spool.Message) string {
	switch {
	case m.Bounce:
		return incident.RowBounces
	case m.Account == "":
		return incident.RowNobody
	}
	return m.Account
}

// Belongs says that a message is like those of a cause that was found before.
func (k *Known) Belongs(m *spool.Message, c *incident.Cause) bool {
	open := m.NoLogin() && !answers(m) && k.leaves(m)
	switch c.Class {
	case incident.Relay:
		return open && (client(m) == c.Name || c.Name == manyClients && m.ClientIP.IsValid() && len(k.Here) > 0)
	case incident.ForwardedSpam:
		return open && fewRecipients(m) == c.Name
	case incident.MailingList:
		return open && listName(m.MailFrom) == c.Name
	case incident.Backscatter:
		return m.NoLogin() && RowOf(m) == c.Name && k.leaves(m)
	}
	return m.Basis.Proven() && m.Account == c.Name
}

// Left finds what is like a cause that was found before, however little of it is left: where most was moved, the rest looks
// like nothing any more. Of a class that is found anew nothing is added.
func (k *Known) Left(snap *spool.Snapshot, before []incident.Cause, found Findings) Findings {
	var left Findings
	for i := range before {
		c := &before[i]
		if c.Class.OfAccount() && c.Class != incident.Form || slices.ContainsFunc(found, func(f Finding) bool { return f.Class == c.Class }) {
			continue
		}
		rest := Finding{Cause: *c, Rows: map[string]int{}, Rest: true}
		rest.Count, rest.Why = 0, []string{"like what was moved"}
		for n := range snap.Len() {
			if m := snap.At(n); k.Belongs(&m, c) {
				rest.Count++
				rest.Rows[RowOf(&m)]++
			}
		}
		if rest.Count > 0 {
			left = append(left, rest)
		}
	}
	return left
}

// leaves says that a message goes to another server. Of one that has a single recipient the envelope may say that it does
// not.
func (k *Known) leaves(m *spool.Message) bool {
	if m.Local && m.RecipientCount == 1 {
		return false
	}
	return slices.ContainsFunc(m.Recipients, func(to string) bool { return !k.Here[domainOf(message.Address(to))] })
}

// Again is how many messages like those of a cause say that it is back.
const Again = least

// Find explains the mail of a spool.
func Find(snap *spool.Snapshot, known Known) Findings {
	s := sorter{snap: snap, known: known, accounts: map[string]*account{}, clients: map[netip.Addr]*clientUse{}, inward: map[string]int{}, alike: map[uint64]*shared{}}
	for i := range snap.Len() {
		m := snap.At(i)
		s.sort(&m, i)
	}
	var found Findings
	many := s.acrossAccounts(snap.Len())
	for _, sender := range snap.Senders() {
		a := s.accounts[sender.Account]
		if a == nil || !sender.Basis.Proven() {
			continue
		}
		if f, ok := s.ofAccount(a, &sender); ok {
			found = append(found, f)
		} else if why := many[a.name]; why != "" {
			found = append(found, a.finding(incident.StolenAccount, []string{why}))
		}
	}
	found = append(found, s.withoutLogin()...)
	found = append(found, s.answered(found)...)
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// sorter puts the messages together that may have one cause.
type sorter struct {
	known    Known
	accounts map[string]*account
	snap     *spool.Snapshot
	answers  []int          // messages that answer others by themselves, to somebody outside
	open     []int          // messages without a login, for somebody outside, and of no stream yet
	inward   map[string]int // without a login, for mailboxes here alone, by client
	clients  map[netip.Addr]*clientUse
	alike    map[uint64]*shared // what logged in accounts sent
}

// clientUse is who logs in from a client address, and what they send.
type clientUse struct {
	n        int
	accounts map[string]bool
	alike    map[uint64]*shared
}

// sort takes one message, and its number.
func (s *sorter) sort(m *spool.Message, i int) {
	switch {
	case m.Basis.Proven():
		s.account(m, s.snap.Alike(i))
	case m.Guessed(): // who logged in, if anybody, is not known
	case answers(m):
		if s.known.leaves(m) {
			s.answers = append(s.answers, i)
		}
	case !s.known.leaves(m):
		s.inward[client(m)]++
	case m.Account != "" || m.Bounce:
		s.open = append(s.open, i)
	}
}

// answers says that this server answers somebody by itself. A bounce that a client handed in is none: its null sender is
// the client's own choice.
func answers(m *spool.Message) bool {
	return m.Answers() && !(m.Bounce && m.ClientIP.IsValid())
}

// answered finds the answers to strangers that are not those to the spam, which belong to it.
func (s *sorter) answered(found Findings) []Finding {
	forged := map[string]bool{}
	for i := range found {
		for _, sender := range found[i].Forged {
			forged[sender] = true
		}
	}
	answersSpam := func(to string) bool {
		to = message.Address(to)
		return s.known.Forged[to] || forged[to]
	}
	streams := map[string]*stream{}
	for _, n := range s.answers {
		m := s.snap.At(n)
		if slices.ContainsFunc(m.Recipients, answersSpam) {
			continue
		}
		row := RowOf(&m)
		if streams[row] == nil {
			streams[row] = newStream(incident.Backscatter, row)
		}
		streams[row].add(&m)
	}
	var more []Finding
	for _, st := range streams {
		if st.n >= least {
			more = append(more, answered(st))
		}
	}
	return more
}

// local says that an address is in a private network, or is this server's: no thief in another country has it.
func (s *sorter) local(ip netip.Addr) bool {
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || slices.Contains(s.known.Own, ip)
}

// domainOf is the domain of an address in lower case.
func domainOf(address string) string {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return domain
}

// such ends a count with an example: "400 senders, such as x".
func such(n int, one, many, example string) string {
	text := words.Count(n, one, many)
	if example != "" {
		text += ", such as " + message.Printable(example)
	}
	return text
}
