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
}

// Finding is a cause, and which rows of the senders it explains.
type Finding struct {
	incident.Cause
	Rows   map[string]int // messages of each row that it explains
	Forged []string       // senders that its mail claimed
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

// Find explains the mail of a spool.
func Find(snap *spool.Snapshot, known Known) Findings {
	s := sorter{snap: snap, known: known, accounts: map[string]*account{}, streams: map[streamKey]*stream{}, clients: map[netip.Addr]*clientUse{}}
	for i := range snap.Len() {
		m := snap.At(i)
		s.sort(&m, i)
	}
	var found Findings
	for _, sender := range snap.Senders() {
		if a := s.accounts[sender.Account]; a != nil && sender.Basis.Proven() {
			if f, ok := s.ofAccount(a, &sender); ok {
				found = append(found, f)
			}
		}
	}
	found = append(found, s.withoutLogin()...)
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// sorter puts the messages together that may have one cause.
type sorter struct {
	known    Known
	accounts map[string]*account
	streams  map[streamKey]*stream
	snap     *spool.Snapshot
	open     []int // messages without a login, for somebody outside, and of no stream yet
	clients  map[netip.Addr]*clientUse
}

// clientUse is who logs in from a client address.
type clientUse struct{ accounts map[string]bool }

// sort takes one message, and its number.
func (s *sorter) sort(m *spool.Message, i int) {
	switch {
	case m.Basis.Proven():
		s.account(m, s.snap.Alike(i))
	case m.Bounce, m.Answers():
		if s.leaves(m) && !s.answersSpam(m) {
			s.stream(incident.Backscatter, RowOf(m)).add(m)
		}
	case !s.leaves(m) || m.Account == "":
	case s.ofList(m):
		s.stream(incident.MailingList, listName(m.MailFrom)).add(m)
	default:
		s.open = append(s.open, i)
	}
}

// leaves says that a message goes to another server.
func (s *sorter) leaves(m *spool.Message) bool {
	return slices.ContainsFunc(m.Recipients, func(to string) bool { return !s.known.Here[domainOf(message.Address(to))] })
}

// answersSpam says that a message answers the spam of a marked account: it belongs to that.
func (s *sorter) answersSpam(m *spool.Message) bool {
	return len(s.known.Forged) > 0 && slices.ContainsFunc(m.Recipients, func(to string) bool { return s.known.Forged[message.Address(to)] })
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
