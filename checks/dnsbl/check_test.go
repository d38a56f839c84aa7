package dnsbl_test

import (
	"context"
	"errors"
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

var (
	ip4 = netip.MustParseAddr("203.0.113.25")
	ip6 = netip.MustParseAddr("2001:db8::25")
)

func catalogue(t testing.TB) *dnsbl.Catalogue {
	t.Helper()
	cat, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// healthy starts a server on which every list of the catalogue passes its test.
func healthy(t testing.TB, cat *dnsbl.Catalogue) *dnsbltest.Server {
	s := dnsbltest.Start(t)
	for _, l := range cat.Lists {
		if l.Zone == "" {
			continue
		}
		var answers []string
		for _, a := range l.TestAnswers() {
			answers = append(answers, a.String())
		}
		s.List(l.Zone, l.PositiveTest().String(), dnsbltest.Reply{A: answers})
	}
	return s
}

func client(s *dnsbltest.Server) *resolver.Client {
	return resolver.New([]resolver.Server{{Addr: s.Addr()}}, resolver.Options{Timeout: patience})
}

func check(t *testing.T, s *dnsbltest.Server, cat *dnsbl.Catalogue, opts dnsbl.Options, ips ...netip.Addr) (dnsbl.Report, map[string]dnsbl.Result) {
	t.Helper()
	byID := make(map[string]dnsbl.Result)
	report, err := dnsbl.New(client(s), cat, opts).Check(t.Context(), ips, func(r dnsbl.Result) {
		byID[r.List.ID] = r // one call at a time: the race detector would tell
	})
	if err != nil {
		t.Fatal(err)
	}
	return report, byID
}

func TestCheckAllClear(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	report, byID := check(t, healthy(t, cat), cat, dnsbl.Options{}, ip4)
	for id, r := range byID {
		if r.Verdict != dnsbl.Clear || r.Note != "" || r.At.IsZero() {
			t.Errorf("%s: %v %s %+v", id, r.Verdict, r.Note, r.Evidence)
		}
	}
	if got := report.Addresses[0]; got.Verdict != dnsbl.AddressClear || len(got.Results) != len(byID) || len(byID) < 16 {
		t.Errorf("%v with %d results, %d streamed", got.Verdict, len(got.Results), len(byID))
	}
	var ids []string
	for _, l := range report.NotAsked {
		ids = append(ids, l.ID)
	}
	want := []string{"abusix", // needs a key
		"cloudmark-csi", "ivmsip", "ivmsip24", "proofpoint", "trendmicro", "broadcom", "talos", "fortiguard", // no public DNS
		"korea-services", "torexit", "bogons"} // no test entry
	if !slices.Equal(ids, want) {
		t.Errorf("not asked: %v, want %v", ids, want)
	}
}

// The hazards of real lists and resolvers, all in one run.
func TestCheckHazards(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	s := healthy(t, cat)
	zone := func(id string) string { return cat.List(id).Zone }

	s.List(zone("spamhaus-zen"), ip4.String(), dnsbltest.Reply{A: []string{"127.0.0.3", "127.0.0.4"}, TXT: []string{"https://check.spamhaus.org/query/ip/\x1b[2J203.0.113.25"}})
	s.Set("*."+zone("uceprotect-2"), dnsbltest.Reply{A: []string{"127.0.0.2"}}) // lists everyone
	s.Unset(dnsbltest.Reverse("127.0.0.2") + "." + zone("psbl"))                // emptied
	s.Handle(zone("gbudb"), rcode(dns.RcodeServerFailure))                      // broken
	s.Handle(zone("spfbl"), rcode(dns.RcodeRefused))                            // refuses
	s.Set("*."+zone("zapbl"), dnsbltest.Reply{A: []string{"91.195.240.117"}})   // parked
	s.Handle(zone("kempt"), func(dns.ResponseWriter, *dns.Msg) {})              // silent
	s.List(zone("hostkarma"), ip4.String(), dnsbltest.Reply{A: []string{"127.0.0.1"}})
	s.List(zone("hostkarma"), "127.0.0.1", dnsbltest.Reply{A: []string{"127.0.0.1"}})
	s.List(zone("barracuda"), "127.0.0.2", dnsbltest.Reply{A: []string{"127.255.255.254"}})
	s.List(zone("spamcop"), ip4.String(), dnsbltest.Reply{CNAME: "x.elsewhere.example", A: []string{"127.0.0.2"}})

	report, byID := check(t, s, cat, dnsbl.Options{}, ip4)
	for id, want := range map[string]dnsbl.Verdict{
		"spamhaus-zen": dnsbl.Listed,
		"spamcop":      dnsbl.Listed,
		"uceprotect-2": dnsbl.Unusable,
		"psbl":         dnsbl.Unusable,
		"gbudb":        dnsbl.Unusable,
		"spfbl":        dnsbl.Refused,
		"zapbl":        dnsbl.Unusable,
		"kempt":        dnsbl.Unusable,
		"hostkarma":    dnsbl.Clear,
		"barracuda":    dnsbl.Refused,
		"mailspike":    dnsbl.Clear,
	} {
		if r := byID[id]; r.Verdict != want {
			t.Errorf("%s: %v (%s), want %v", id, r.Verdict, r.Note, want)
		}
	}
	zen := byID["spamhaus-zen"]
	if strings.Contains(zen.Reason, "\x1b") || !strings.HasPrefix(zen.Reason, "https://check.spamhaus.org/") {
		t.Errorf("reason %q", zen.Reason)
	}
	if zen.Lookup != "https://check.spamhaus.org/results/?query=203.0.113.25" {
		t.Errorf("lookup %q", zen.Lookup)
	}
	if len(zen.Removals()) != 2 || zen.Removals()[0].Order != 3 {
		t.Errorf("removals %+v", zen.Removals())
	}
	if len(zen.Evidence) != 4 || zen.Evidence[0].Type != "A" || zen.Evidence[1].Type != "TXT" || zen.Evidence[0].Server != s.Addr().String() {
		t.Errorf("evidence %+v", zen.Evidence)
	}
	if a := report.Addresses[0]; a.Verdict != dnsbl.AddressListed || a.Results[0].Verdict != dnsbl.Listed || a.Results[len(a.Results)-1].Verdict != dnsbl.Clear {
		t.Errorf("%v, first %v", a.Verdict, a.Results[0].Verdict)
	}
	for _, q := range s.Asked() {
		if strings.HasPrefix(q, "TXT") && !strings.Contains(q, "zen.spamhaus.org") && !strings.Contains(q, "spamcop") {
			t.Errorf("a text was asked for without a listing: %s", q)
		}
	}
}

func TestAddressVerdicts(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	for _, tt := range []struct {
		name  string
		setup func(*dnsbltest.Server)
		want  dnsbl.AddressVerdict
	}{
		{"an unregistered resolver at Validity", func(s *dnsbltest.Server) {
			s.Set("*."+cat.List("validity").Zone, dnsbltest.Reply{A: []string{"127.255.255.255"}})
			s.List(cat.List("validity").Zone, "127.0.0.2", dnsbltest.Reply{A: []string{"127.255.255.255"}})
		}, dnsbl.AddressClear},
		{"ZEN refuses", func(s *dnsbltest.Server) {
			s.List(cat.List("spamhaus-zen").Zone, "127.0.0.2", dnsbltest.Reply{A: []string{"127.255.255.254"}})
		}, dnsbl.AddressUnknown},
		{"SpamCop silent", func(s *dnsbltest.Server) {
			s.Handle(cat.List("spamcop").Zone, func(dns.ResponseWriter, *dns.Msg) {})
		}, dnsbl.AddressUnknown},
		{"a tier 2 list broken", func(s *dnsbltest.Server) {
			s.Handle(cat.List("psbl").Zone, rcode(dns.RcodeServerFailure))
		}, dnsbl.AddressClear},
		{"a tier 2 list lists it", func(s *dnsbltest.Server) {
			s.List(cat.List("uceprotect-3").Zone, ip4.String(), dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, dnsbl.AddressListed},
		{"the resolver refuses all", func(s *dnsbltest.Server) { s.Handle(".", rcode(dns.RcodeRefused)) }, dnsbl.AddressUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := healthy(t, cat)
			if tt.want == dnsbl.AddressUnknown && strings.Contains(tt.name, "all") {
				s = dnsbltest.Start(t)
			}
			tt.setup(s)
			report, byID := check(t, s, cat, dnsbl.Options{}, ip4)
			if got := report.Addresses[0].Verdict; got != tt.want {
				t.Errorf("%v, want %v: %s", got, tt.want, dnsbl.Summarise(report.Addresses[0].Results))
			}
			if strings.Contains(tt.name, "all") {
				for id, r := range byID {
					if r.Verdict != dnsbl.Unusable || !strings.Contains(r.Note, "resolver refuses every question") {
						t.Errorf("%s: %v %s", id, r.Verdict, r.Note)
					}
				}
			}
		})
	}
}

func TestCheckIPv6(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	s := healthy(t, cat)
	// ZEN has test entries for IPv6, Nordspam has none and its IPv4 ones must do.
	s.Set("2.0.0.0.0.0.f.7.f.f.f.f."+strings.Repeat("0.", 20)+"zen.spamhaus.org", dnsbltest.Reply{A: []string{"127.0.0.2"}})
	s.List("zen.spamhaus.org", ip6.String(), dnsbltest.Reply{A: []string{"127.0.0.3"}})
	// s5h has IPv6 test entries, and the wrong one.
	s.Set("1.0.0.0.0.0.f.7.f.f.f.f."+strings.Repeat("0.", 20)+"all.s5h.net", dnsbltest.Reply{A: []string{"127.0.0.2"}})
	report, byID := check(t, s, cat, dnsbl.Options{}, ip6)
	if r := byID["spamhaus-zen"]; r.Verdict != dnsbl.Listed || r.Note != "" {
		t.Errorf("ZEN: %v %s", r.Verdict, r.Note)
	}
	if r := byID["nordspam"]; r.Verdict != dnsbl.Clear || !strings.Contains(r.Note, "Less certain") {
		t.Errorf("Nordspam: %v %s", r.Verdict, r.Note)
	}
	if r := byID["s5h"]; r.Verdict != dnsbl.Unusable {
		t.Errorf("s5h: %v %s", r.Verdict, r.Note)
	}
	// A list of IPv6 addresses alone has no IPv4 test to fall back on.
	if r := byID["spameatingmonkey-ipv6"]; r.Verdict != dnsbl.Unusable {
		t.Errorf("SEM: %v %s", r.Verdict, r.Note)
	}
	if _, asked := byID["spamcop"]; asked {
		t.Error("a list without IPv6 was asked")
	}
	if report.Addresses[0].Verdict != dnsbl.AddressListed {
		t.Errorf("%v", report.Addresses[0].Verdict)
	}
}

func TestPreflightColoursVerdicts(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	s := healthy(t, cat)
	_, byID := check(t, s, cat, dnsbl.Options{Preflight: resolver.Finding{Kind: resolver.Rewriting, Sentence: "It makes up answers."}}, ip4)
	for id, r := range byID {
		if r.Verdict != dnsbl.Unusable || !strings.Contains(r.Note, "makes up answers") {
			t.Errorf("rewriting, %s: %v %s", id, r.Verdict, r.Note)
		}
	}
	_, byID = check(t, s, cat, dnsbl.Options{Preflight: resolver.Finding{Kind: resolver.PublicRefused}}, ip4)
	if r := byID["barracuda"]; r.Verdict != dnsbl.Unusable {
		t.Errorf("public, Barracuda: %v %s", r.Verdict, r.Note)
	}
	if r := byID["psbl"]; r.Verdict != dnsbl.Clear {
		t.Errorf("public, PSBL: %v %s", r.Verdict, r.Note)
	}
}

func TestCheckWithKeys(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	s := healthy(t, cat)
	const key = "Sup3rSecret"
	for _, zone := range []string{key + ".combined.mail.abusix.zone", key + ".zen.dq.spamhaus.net"} {
		s.Zone(zone, "127.0.0.2")
		s.List(zone, ip4.String(), dnsbltest.Reply{A: []string{"127.0.0.3"}, TXT: []string{"see sup3rsecret"}})
	}
	s.Handle("zen.spamhaus.org", rcode(dns.RcodeRefused)) // with a key, the public zone is left alone
	opts := dnsbl.Options{Keys: map[string]dnsbl.Key{"abusix": key, "spamhaus-zen": key}}
	report, byID := check(t, s, cat, opts, ip4)
	for _, id := range []string{"abusix", "spamhaus-zen"} {
		if byID[id].Verdict != dnsbl.Listed {
			t.Errorf("%s: %v %s", id, byID[id].Verdict, byID[id].Note)
		}
	}
	s.Handle(key+".combined.mail.abusix.zone", rcode(dns.RcodeServerFailure))
	again, _ := check(t, s, cat, opts, ip4)
	if text := strings.ToLower(fmt.Sprintf("%+v %+v", report, again)); strings.Contains(text, "sup3r") {
		t.Error("a key is in the report")
	}
	opts.Keys["abusix"] = "no key. at all"
	if _, err := dnsbl.New(client(s), cat, opts).Check(t.Context(), []netip.Addr{ip4}, nil); err == nil || strings.Contains(err.Error(), "at all") {
		t.Errorf("a malformed key: %v", err)
	}
}

func TestCheckRefusesAddressesNoListKnows(t *testing.T) {
	t.Parallel()
	c := dnsbl.New(nil, catalogue(t), dnsbl.Options{})
	for _, ips := range [][]netip.Addr{nil, {{}}, {netip.MustParseAddr("10.1.2.3")}, {ip4, netip.MustParseAddr("192.168.0.1")}, {netip.MustParseAddr("fe80::1")}, {netip.MustParseAddr("::")}} {
		if _, err := c.Check(t.Context(), ips, nil); err == nil {
			t.Errorf("%v was not refused", ips)
		}
	}
}

// Each list is tested once a run, however many addresses there are.
func TestSelfTestsAreCached(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	s := healthy(t, cat)
	var ips []netip.Addr
	for i := range byte(8) {
		ips = append(ips, netip.AddrFrom4([4]byte{198, 51, 100, i}), netip.AddrFrom16(netip.AddrFrom4([4]byte{198, 51, 100, i}).As16()))
	}
	skip := []string{"spameatingmonkey", "spfbl"} // they have to be asked slowly
	// A patient client: none of these questions is sent again on a busy machine.
	patient := resolver.New([]resolver.Server{{Addr: s.Addr()}}, resolver.Options{Timeout: time.Minute})
	report, err := dnsbl.New(patient, cat, dnsbl.Options{Skip: skip}).Check(t.Context(), ips, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Addresses) != 8 {
		t.Errorf("%d addresses; the mapped ones are the same", len(report.Addresses))
	}
	counts := make(map[string]int)
	for _, q := range s.Asked() {
		counts[q]++
	}
	for q, n := range counts {
		if n > 1 {
			t.Errorf("%s was asked %d times", q, n)
		}
	}
}

// counting is an Asker that knows how many questions are under way, and when each came.
type counting struct {
	under chan struct{}
	most  chan int
	times chan time.Time
}

func (c *counting) Ask(ctx context.Context, name string, _ uint16) (resolver.Answer, error) {
	c.under <- struct{}{}
	defer func() { <-c.under }()
	most := <-c.most
	c.most <- max(most, len(c.under))
	if strings.Contains(name, "spameatingmonkey") {
		c.times <- time.Now()
	}
	select {
	case <-time.After(2 * time.Millisecond):
	case <-ctx.Done():
	}
	return resolver.Answer{RCode: dns.RcodeNameError}, ctx.Err()
}

func TestPoliteness(t *testing.T) {
	t.Parallel()
	asker := &counting{make(chan struct{}, 1000), make(chan int, 1), make(chan time.Time, 100)}
	asker.most <- 0
	cat := catalogue(t)
	ips := []netip.Addr{ip4, netip.MustParseAddr("203.0.113.26"), ip6}
	if _, err := dnsbl.New(asker, cat, dnsbl.Options{InFlight: 6}).Check(t.Context(), ips, nil); err != nil {
		t.Fatal(err)
	}
	if most := <-asker.most; most > 6 {
		t.Errorf("%d questions in flight, want at most 6", most)
	}
	close(asker.times)
	var last time.Time
	for at := range asker.times { // both its lists share one pace: five a second
		if gap := at.Sub(last); gap < 150*time.Millisecond {
			t.Errorf("two questions to Spam Eating Monkey %v apart", gap)
		}
		last = at
	}
}

func TestCheckCancelled(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	s := healthy(t, cat)
	s.Handle(cat.List("spamcop").Zone, func(dns.ResponseWriter, *dns.Msg) {}) // hangs
	ctx, cancel := context.WithCancel(t.Context())
	c := dnsbl.New(resolver.New([]resolver.Server{{Addr: s.Addr()}}, resolver.Options{Timeout: time.Minute}), cat, dnsbl.Options{})
	seen := 0
	report, err := c.Check(ctx, []netip.Addr{ip4}, func(dnsbl.Result) {
		if seen++; seen == 5 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := len(report.Addresses[0].Results); n < 5 || report.Addresses[0].Verdict != dnsbl.AddressUnknown {
		t.Errorf("%d results, %v", n, report.Addresses[0].Verdict)
	}
}

func rcode(code int) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) { w.WriteMsg(new(dns.Msg).SetRcode(q, code)) }
}
