package drill

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"delist/checks/dnsbl"
)

// How the lists of a drill behave, at pace 1.
const (
	clearsAfterRequest = 8 * time.Second
	clearsWhenQuiet    = 30 * time.Second // the service running, no spam seen
)

// Two lists play the parts that teach not to believe every answer.
const (
	refusingZone = "bl.score.senderscore.com" // does not know the resolver, and says so to every question
	deadZone     = "psbl.surriel.com"         // plays a list that has died and lists the whole world
)

// ending is what ends a listing.
type ending uint8

const (
	byRequest ending = iota
	byQuiet          // by itself, once no more spam comes
	byNobody         // the network around the server is listed: not the operator's to end
)

// listing is the practice server on one list.
type listing struct {
	zone   string
	answer netip.Addr
	reason string // the TXT record
	ends   ending
}

// listings are those of the practice server at the beginning. Where a program sends past the mail service, the list that
// knows infected computers has it, and says which name it gave.
func listings(ip netip.Addr, direct bool) []listing {
	code := func(last byte) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, last}) }
	all := []listing{
		{"zen.spamhaus.org", code(3), "Listed by CSS, see https://check.spamhaus.org/query/ip/" + ip.String(), byRequest},
		{"b.barracudacentral.org", code(2), "http://www.barracudanetworks.com/reputation/?pr=1&ip=" + ip.String(), byRequest},
		{"bl.spamcop.net", code(2), "Blocked - see https://www.spamcop.net/bl.shtml?" + ip.String(), byQuiet},
		{"dnsbl-2.uceprotect.net", code(2), "Net 203.0.113.0/24 is UCEPROTECT-Level2 listed because 9 abusers are hosted there. " +
			"See: http://www.uceprotect.net/rblcheck.php?ipr=" + ip.String(), byNobody},
	}
	if direct {
		all[0].answer, all[0].reason = code(4), "Listed by XBL, HELO "+straightHELO+", see https://check.spamhaus.org/query/ip/"+ip.String()
	}
	return all
}

// blocklists are the lists of the catalogue as the drill plays them: each with its self-test entries, four with the
// practice server, one that refuses, one that is dead. mu guards what follows it.
type blocklists struct {
	catalogue *dnsbl.Catalogue
	pace      float64
	record    *record
	tests     map[string][]netip.Addr // self-test entries by query name
	listed    map[string]listing      // the practice server by query name

	mu         sync.Mutex
	quietSince time.Time // zero while the service is stopped
}

func newBlocklists(c *dnsbl.Catalogue, begin []listing, ip netip.Addr, pace float64, r *record) *blocklists {
	b := &blocklists{catalogue: c, pace: pace, record: r, tests: map[string][]netip.Addr{}, listed: map[string]listing{}}
	for i := range c.Lists {
		b.addTests(&c.Lists[i])
	}
	for _, l := range begin {
		b.listed[dnsbl.QueryName(ip, l.zone)] = l
	}
	return b
}

// addTests puts a list's test entries up (RFC 5782, section 5).
func (b *blocklists) addTests(l *dnsbl.List) {
	if l.Zone == "" {
		return
	}
	answers := l.TestAnswers()
	if l.OfDomains() {
		b.tests[strings.ToLower(l.PositiveName()+"."+l.Zone)] = answers
		return
	}
	positive := l.PositiveTest()
	b.tests[dnsbl.QueryName(positive, l.Zone)] = answers
	b.tests[dnsbl.QueryName(netip.AddrFrom16(positive.As16()), l.Zone)] = answers
	if l.SelfTest.SkipNegative { // such a list holds 127.0.0.1, as something good
		good := netip.MustParseAddr("127.0.0.1")
		b.tests[dnsbl.QueryName(good, l.Zone)] = []netip.Addr{good}
	}
}

// ask is what the lists answer to a name (lower case, no final dot): addresses and a reason, both empty where the name
// does not exist.
func (b *blocklists) ask(name string, now time.Time) (answers []netip.Addr, reason string) {
	switch {
	case within(name, refusingZone):
		return []netip.Addr{netip.MustParseAddr("127.255.255.255")}, "Query refused: this resolver is not registered"
	case within(name, deadZone):
		return []netip.Addr{netip.MustParseAddr("127.0.0.2")}, "This list has ended. Please do not use it."
	}
	if answers, found := b.tests[name]; found {
		return answers, "Test entry (RFC 5782)"
	}
	if l, found := b.listed[name]; found && b.holds(l, now) {
		return []netip.Addr{l.answer}, l.reason
	}
	return nil, ""
}

// holds says whether a listing stands at that time, and remembers when one has ended: it stays so until new spam.
func (b *blocklists) holds(l listing, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.record.mu.Lock()
	known := mark{}
	if m := b.record.Lists[l.zone]; m != nil {
		known = *m
	}
	b.record.mu.Unlock()
	over := func(since time.Time, wait time.Duration) bool {
		return !since.IsZero() && now.Sub(since) >= time.Duration(float64(wait)*b.pace)
	}
	switch {
	case known.Cleared:
		return false
	case l.ends == byRequest && over(known.Asked, clearsAfterRequest),
		l.ends == byQuiet && over(b.quietSince, clearsWhenQuiet):
		_ = b.record.change(func(r *record) { r.mark(l.zone).Cleared = true }) // unwritten, it ends again at the next look
		return false
	}
	return true
}

// requested takes a request for removal.
func (b *blocklists) requested(list string) error {
	for i := range b.catalogue.Lists {
		l := &b.catalogue.Lists[i]
		if list == "" || !strings.EqualFold(list, l.Zone) && !strings.EqualFold(list, l.Name) && list != l.ID {
			continue
		}
		return b.record.change(func(r *record) { r.mark(l.Zone).Asked = time.Now() })
	}
	return fmt.Errorf("the drill has no list %q", list)
}

// serviceRuns tells the lists that mail runs, or that it is stopped. Quiet counts only while it runs: a server that is
// off proves nothing.
func (b *blocklists) serviceRuns(running bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.quietSince = time.Time{}
	if running {
		b.quietSince = time.Now()
	}
}

// spamSeen tells the lists of one more spam message: requests made too early are lost, and what was cleared is listed again.
func (b *blocklists) spamSeen() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.quietSince.IsZero() {
		b.quietSince = time.Now()
	}
	b.record.mu.Lock()
	marked := len(b.record.Lists) > 0
	b.record.mu.Unlock()
	if marked {
		_ = b.record.change(func(r *record) { clear(r.Lists) }) // unwritten, the next spam clears it
	}
}

// within says that a name is a zone or lies in it.
func within(name, zone string) bool { return name == zone || strings.HasSuffix(name, "."+zone) }
