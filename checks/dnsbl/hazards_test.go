package dnsbl_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"

	"github.com/miekg/dns"
)

// hazardLists are one list of each kind, all healthy in the table below unless
// a row says otherwise.
var hazardLists = strings.ReplaceAll(`
[operator.any]

[[list]]
id = "closed"
name = "Closed"
zone = "closed.example"
families = ["ipv4", "ipv6"]
COMMON
[[list.code]]
answer = "127.0.0.2"
meaning = "spam"
kind = "listed"
[[list.code]]
answer = "127.0.0.4"
meaning = "an infected machine"
kind = "listed"
[[list.code]]
answer = "127.0.0.9"
meaning = "known for good"
kind = "notlisted"

[[list]]
id = "open"
name = "Open"
zone = "open.example"
open_ended = true
families = ["ipv4"]
COMMON
[[list.code]]
answer = "127.0.0.2"
meaning = "spam"
kind = "listed"

[[list]]
id = "bits"
name = "Bits"
zone = "bits.example"
bits = true
families = ["ipv4"]
COMMON
[[list.code]]
answer = "bit 1"
meaning = "refused"
kind = "refused"
[[list.code]]
answer = "bit 2"
meaning = "black"
kind = "listed"
[[list.code]]
answer = "bit 4"
meaning = "grey"
kind = "listed"

[[list]]
id = "quota"
name = "Quota"
zone = "quota.example"
families = ["ipv4"]
COMMON
[[list.code]]
answer = "127.0.0.255"
meaning = "over the quota"
kind = "refused"
[[list.code]]
answer = "127.0.10.0/24"
meaning = "trusted"
kind = "notlisted"
[[list.code]]
answer = "127.0.0.2"
meaning = "spam"
kind = "listed"

[[list]]
id = "shy"
name = "Shy"
zone = "shy.example"
own_resolver = true
families = ["ipv4"]
COMMON
[[list.code]]
answer = "127.0.0.2"
meaning = "spam"
kind = "listed"
`, "COMMON", `tier = 2
scope = "address"
impact = "stops some mail"
operator = "any"
lookup = "https://example.com/{ip}"
source = "this test"
confidence = "primary"
checked = "2026-11-20"
[list.removal]
kind = "none"
advice = "Leave it. Wait."
order = 7`)

// hazard is one thing that goes wrong out there, and what delist says then.
type hazard struct {
	name    string
	list    string // "closed" if empty
	ip      string // 203.0.113.25 if empty
	server  func(s *dnsbltest.Server)
	second  func(s *dnsbltest.Server) // a second resolver, when there is one
	finding resolver.Kind             // what the preflight found
	want    dnsbl.Verdict
	says    string // in the note, the meanings or the list's reason
}

const here = "25.113.0.203.closed.example"

// The hazards of real lists and resolvers. Whatever they do, a list that does
// not have the address never gives "listed", and one that has it never "clear".
var hazards = []hazard{
	// The list.
	{name: "nothing is wrong", want: dnsbl.Clear},
	{name: "an answer without records (NODATA)", server: set(here, dnsbltest.Reply{}), want: dnsbl.Clear},
	{name: "listed with a text", server: set(here, dnsbltest.Reply{A: []string{"127.0.0.2"}, TXT: []string{"spam at noon"}}), want: dnsbl.Listed, says: "spam at noon"},
	{name: "a wildcard zone lists everyone", server: set("*.closed.example", listed), want: dnsbl.Unusable, says: "it lists everyone"},
	{name: "a parked zone", server: func(s *dnsbltest.Server) {
		s.Set("*.closed.example", dnsbltest.Reply{A: []string{"91.195.240.117"}})
		s.Zone("closed.example", "91.195.240.117")
	}, want: dnsbl.Unusable, says: "91.195.240.117 is no blocklist's answer"},
	{name: "an emptied list", server: func(s *dnsbltest.Server) { s.Unset("2.0.0.127.closed.example") }, want: dnsbl.Unusable, says: "it is empty or gone"},
	{name: "an emptied list that still has the address", server: func(s *dnsbltest.Server) {
		s.Unset("2.0.0.127.closed.example")
		s.Set(here, listed)
	}, want: dnsbl.Unusable, says: "does not list its own test entry"},
	{name: "several codes, the telling one not the first", server: set(here, dnsbltest.Reply{A: []string{"127.0.0.9", "127.0.0.4"}}), want: dnsbl.Listed, says: "infected"},
	{name: "a good code alone", server: set(here, dnsbltest.Reply{A: []string{"127.0.0.9"}}), want: dnsbl.Clear, says: "known for good"},
	{name: "an unknown code of a list whose codes are known", server: set(here, dnsbltest.Reply{A: []string{"127.0.0.77"}}), want: dnsbl.Unusable, says: "127.0.0.77"},
	{name: "an unknown code of a list that adds codes", list: "open", server: set("25.113.0.203.open.example", dnsbltest.Reply{A: []string{"127.0.0.77"}}), want: dnsbl.Listed, says: "unknown code"},
	{name: "two bits", list: "bits", server: set("25.113.0.203.bits.example", dnsbltest.Reply{A: []string{"127.0.0.6"}}), want: dnsbl.Listed, says: "black grey"},
	{name: "a bit nobody explained", list: "bits", server: set("25.113.0.203.bits.example", dnsbltest.Reply{A: []string{"127.0.0.64"}}), want: dnsbl.Unusable, says: "a code that delist does not know"},
	{name: "a score in another octet is no bit", list: "bits", server: set("25.113.0.203.bits.example", dnsbltest.Reply{A: []string{"127.0.4.86"}}), want: dnsbl.Unusable, says: "127.0.4.86"},
	{name: "200 codes, one known, cut short over UDP", server: set(here, many), want: dnsbl.Listed, says: "spam"},
	{name: "an answer outside 127/8", server: set(here, dnsbltest.Reply{A: []string{"198.51.100.1"}}), want: dnsbl.Unusable, says: "198.51.100.1 is no blocklist's answer"},
	{name: "answers inside and outside 127/8", server: set(here, dnsbltest.Reply{A: []string{"127.0.0.2", "198.51.100.1"}}), want: dnsbl.Unusable, says: "198.51.100.1"},
	{name: "listed behind an alias", server: set(here, dnsbltest.Reply{CNAME: "x.elsewhere.example", A: []string{"127.0.0.2"}}), want: dnsbl.Listed, says: "spam"},
	{name: "listed behind ten aliases", server: raw(here, aliases(10, false)), want: dnsbl.Listed, says: "spam"},
	{name: "aliases without end", server: raw(here, aliases(60, false)), want: dnsbl.Unusable, says: "damaged"},
	{name: "aliases in a circle", server: raw(here, aliases(3, true)), want: dnsbl.Unusable, says: "damaged"},
	{name: "IPv6 by nibbles", ip: "2001:db8::25", server: func(s *dnsbltest.Server) {
		s.List("closed.example", "::ffff:7f00:2", listed)
		s.Set("5.2.0.0."+strings.Repeat("0.", 20)+"8.b.d.0.1.0.0.2.closed.example", listed)
	}, want: dnsbl.Listed, says: "spam"},
	{name: "IPv6 without test entries of its own", ip: "2001:db8::25", want: dnsbl.Clear, says: "Less certain"},

	// Refusals, which are never listings.
	{name: "127.255.255.252: malformed", server: refuses("127.255.255.252"), want: dnsbl.Refused, says: "calls the question malformed"},
	{name: "127.255.255.254: public resolver", server: refuses("127.255.255.254"), want: dnsbl.Refused, says: "public or open resolvers"},
	{name: "127.255.255.255: too much, or not registered", server: refuses("127.255.255.255"), want: dnsbl.Refused, says: "asked too much, or is not registered"},
	{name: "an error code nobody explained", server: refuses("127.255.255.7"), want: dnsbl.Refused, says: "refuses to answer this resolver"},
	{name: "refused only when the address is asked", server: set(here, dnsbltest.Reply{A: []string{"127.255.255.255"}}), want: dnsbl.Refused, says: "asked too much"},
	{name: "refused only at the second test", server: set("1.0.0.127.closed.example", dnsbltest.Reply{A: []string{"127.255.255.255"}}), want: dnsbl.Refused, says: "asked too much"},
	{name: "a refusal beside a listing", server: set(here, dnsbltest.Reply{A: []string{"127.0.0.2", "127.255.255.254"}}), want: dnsbl.Refused, says: "public or open resolvers"},
	{name: "a quota's own code", list: "quota", server: set("*.quota.example", dnsbltest.Reply{A: []string{"127.0.0.255"}}), want: dnsbl.Refused, says: "Quota refused us"},
	{name: "a good word for everyone punishes the resolver", list: "quota", server: set("*.quota.example", dnsbltest.Reply{A: []string{"127.0.10.3"}}), want: dnsbl.Unusable, says: "it lists everyone"},
	{name: "127.0.0.1 as a refusal", list: "bits", server: func(s *dnsbltest.Server) {
		s.Set("*.bits.example", dnsbltest.Reply{A: []string{"127.0.0.1"}, TXT: []string{"127.0.0.1 -> Query Refused"}})
		s.Zone("bits.example", "127.0.0.1")
	}, want: dnsbl.Refused, says: "Bits refused us"},
	{name: "REFUSED from this zone alone", server: raw("closed.example", rcode(dns.RcodeRefused)), want: dnsbl.Refused, says: "Closed refuses to answer"},
	{name: "REFUSED from every zone", server: raw(".", rcode(dns.RcodeRefused)), want: dnsbl.Unusable, says: "the resolver refuses every question"},

	// The resolver.
	{name: "it invents an address for every name", server: func(s *dnsbltest.Server) {
		s.Set("*.example", dnsbltest.Reply{A: []string{"146.112.61.108"}})
		s.Zone("closed.example", "127.0.0.2")
	}, want: dnsbl.Unusable, says: "146.112.61.108"},
	{name: "it invents only 127/8 addresses", server: set("*.example", listed), want: dnsbl.Unusable, says: "it lists everyone"},
	{name: "the preflight saw it invent", finding: resolver.Rewriting, want: dnsbl.Unusable, says: "cannot be believed"},
	{name: "the preflight saw it invent, and it says listed", finding: resolver.Rewriting, server: set(here, listed), want: dnsbl.Unusable, says: "cannot be believed"},
	{name: "it strips 127/8", server: raw("example", func(w dns.ResponseWriter, q *dns.Msg) { w.WriteMsg(new(dns.Msg).SetReply(q)) }), want: dnsbl.Unusable, says: "its answers do not come through"},
	{name: "a public one, and a list that misleads those", list: "shy", finding: resolver.PublicRefused, want: dnsbl.Unusable, says: "tells public resolvers nothing"},
	{name: "it was unreachable in the preflight", finding: resolver.Unreachable, want: dnsbl.Unusable, says: "was not asked"},
	{name: "SERVFAIL", server: raw(here, rcode(dns.RcodeServerFailure)), want: dnsbl.Unusable, says: "could not find the answer"},
	{name: "SERVFAIL, and a good second resolver", server: raw("closed.example", rcode(dns.RcodeServerFailure)), second: set(here, listed), want: dnsbl.Listed, says: "spam"},
	{name: "silence, and a good second resolver", server: raw("closed.example", silence), second: func(*dnsbltest.Server) {}, want: dnsbl.Clear},
	{name: "the second resolver is not the one that was tested", server: raw(here, rcode(dns.RcodeServerFailure)), second: func(s *dnsbltest.Server) {
		s.Unset("2.0.0.127.closed.example") // it strips answers
	}, want: dnsbl.Unusable, says: "does not list its own test entry"},
	{name: "SERVFAIL for this address, and a good second resolver", server: raw(here, rcode(dns.RcodeServerFailure)), second: set(here, listed), want: dnsbl.Listed, says: "spam"},
	{name: "silence", server: raw(here, silence), want: dnsbl.Unusable, says: "no answer came in time"},
	{name: "an answer after the deadline", server: set(here, dnsbltest.Reply{Delay: 2 * patience}), want: dnsbl.Unusable, says: "no answer came in time"},
	{name: "a test entry after the deadline", server: set("2.0.0.127.closed.example", dnsbltest.Reply{A: []string{"127.0.0.2"}, Delay: 2 * patience}), want: dnsbl.Unusable, says: "could not be tested"},
	{name: "half of the questions get lost", server: everyOther(here), want: dnsbl.Listed, says: "spam"},
	{name: "it answers the test and dies", server: raw(here, silence), want: dnsbl.Unusable, says: "no answer came in time"},
	{name: "cut short, and TCP is shut", server: func(s *dnsbltest.Server) { s.Set(here, many); s.CloseTCP() }, want: dnsbl.Unusable, says: "cut short, and TCP did not get through"},
	{name: "cut short, and TCP breaks off", server: raw(here, breaksOff), want: dnsbl.Unusable, says: "cut short"},
	{name: "it does not know EDNS", server: raw(here, noEDNS), want: dnsbl.Listed, says: "spam"},
	{name: "it does not implement EDNS", server: raw(here, altered(func(m *dns.Msg) { m.Rcode, m.Answer = dns.RcodeNotImplemented, nil })), want: dnsbl.Unusable, says: "failure code"},
	{name: "another question", server: raw(here, altered(func(m *dns.Msg) { m.Question[0].Name = "other.example." })), want: dnsbl.Unusable, says: "did not fit the question"},
	{name: "another id", server: raw(here, altered(func(m *dns.Msg) { m.Id++ })), want: dnsbl.Unusable, says: "did not fit the question"},
	{name: "another type", server: raw(here, altered(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeTXT })), want: dnsbl.Unusable, says: "did not fit the question"},
	{name: "another class", server: raw(here, altered(func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS })), want: dnsbl.Unusable, says: "did not fit the question"},
	{name: "no question", server: raw(here, altered(func(m *dns.Msg) { m.Question = nil })), want: dnsbl.Unusable, says: "did not fit the question"},
	{name: "the question sent back", server: raw(here, altered(func(m *dns.Msg) { m.Response = false })), want: dnsbl.Unusable, says: "did not fit the question"},
	{name: "another name's records", server: raw(here, altered(func(m *dns.Msg) { m.Answer[0].Header().Name = "other.example." })), want: dnsbl.Unusable, says: "did not fit the question"},
	{name: "an address of a name it denies", server: raw(here, altered(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError })), want: dnsbl.Unusable, says: "damaged"},
	{name: "three bytes", server: raw(here, func(w dns.ResponseWriter, _ *dns.Msg) { w.Write([]byte{1, 2, 3}) }), want: dnsbl.Unusable, says: "damaged"},

	// The text.
	{name: "no text", server: set(here, listed), want: dnsbl.Listed, says: "spam"},
	{name: "SERVFAIL for the text", server: raw(here, onlyAddress(rcode(dns.RcodeServerFailure))), want: dnsbl.Listed, says: "spam"},
	{name: "silence for the text", server: raw(here, onlyAddress(silence)), want: dnsbl.Listed, says: "spam"},
	{name: "a text with escape codes", server: set(here, text("\x1b]0;owned\x07\x1b[2Jsee\u202e page\r\n")), want: dnsbl.Listed, says: "]0;owned[2Jsee page"},
	{name: "a text of 4,000 bytes", server: set(here, text(strings.Repeat("long ", 800))), want: dnsbl.Listed, says: "long long"},
	{name: "a text that is no UTF-8", server: set(here, text("caf\xe9 \xff\xfe at noon")), want: dnsbl.Listed, says: "caf  at noon"},
}

var (
	listed = dnsbltest.Reply{A: []string{"127.0.0.2"}}
	many   = func() dnsbltest.Reply {
		var r dnsbltest.Reply
		for i := range 199 {
			r.A = append(r.A, fmt.Sprintf("127.0.7.%d", i+1))
		}
		r.A = append(r.A, "127.0.0.2")
		return r
	}()
)

// patience is how long one question may take in these tests.
const patience = 600 * time.Millisecond

func TestHazards(t *testing.T) {
	t.Parallel()
	if len(hazards) < 30 {
		t.Fatalf("%d hazards", len(hazards))
	}
	for _, h := range hazards {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			cat, err := dnsbl.Load(strings.NewReader(hazardLists))
			if err != nil {
				t.Fatal(err)
			}
			list, ip := h.list, h.ip
			if list == "" {
				list = "closed"
			}
			if ip == "" {
				ip = ip4.String()
			}
			var servers []resolver.Server
			for _, behave := range []func(*dnsbltest.Server){h.server, h.second} {
				if len(servers) > 0 && behave == nil {
					continue
				}
				s := dnsbltest.Start(t)
				s.Set(".", dnsbltest.Reply{}) // the root's name servers
				for _, l := range cat.Lists {
					s.Zone(l.Zone, l.TestAnswers()[0].String())
				}
				s.Zone("bits.example", "127.0.0.14")
				if behave != nil {
					behave(s)
				}
				servers = append(servers, resolver.Server{Addr: s.Addr()})
			}
			cat.Lists = slices.DeleteFunc(cat.Lists, func(l dnsbl.List) bool { return l.ID != list })
			client := resolver.New(servers, resolver.Options{Timeout: patience})
			opts := dnsbl.Options{Preflight: resolver.Finding{Kind: h.finding, Sentence: "The preflight said so."}}
			report, err := dnsbl.New(client, cat, opts).Check(t.Context(), []netip.Addr{netip.MustParseAddr(ip)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := report.Addresses[0].Results[0]
			said := r.Note
			for _, c := range r.Codes {
				said += " " + c.Meaning
			}
			if said += " " + r.Reason; r.Verdict != h.want || !strings.Contains(said, h.says) {
				t.Errorf("%v: %q; want %v: %q\n%+v", r.Verdict, said, h.want, h.says, r.Evidence)
			}
			if needsNote := r.Verdict == dnsbl.Refused || r.Verdict == dnsbl.Unusable; needsNote && !strings.HasSuffix(r.Note, ".") {
				t.Errorf("the note %q is no sentence", r.Note)
			}
			if len(r.Reason) > 1010 || strings.ContainsFunc(r.Reason, func(c rune) bool { return c < ' ' || c == '\u202e' || c == '\ufffd' }) {
				t.Errorf("the reason is not safe to print: %d bytes, %q", len(r.Reason), r.Reason)
			}
		})
	}
}
