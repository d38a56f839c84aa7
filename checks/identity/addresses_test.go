package identity

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delist/checks/dnsbl"
)

// source makes a Source of addresses in text.
func source(origin Origin, ground string, ips ...string) Source {
	var addrs []netip.Addr
	for _, ip := range ips {
		addrs = append(addrs, netip.MustParseAddr(ip))
	}
	return Listed(origin, ground, addrs)
}

func TestAddresses(t *testing.T) {
	given := func(ips ...string) Source { return source(FromOperator, "given", ips...) }
	bounced := func(ips ...string) Source { return source(FromBounce, "named in a bounce", ips...) }
	bound := func(ips ...string) Source { return source(FromInterface, "bound to interface eth0", ips...) }
	for _, c := range []struct {
		name    string
		sources []Source
		check   string
		want    []string
	}{
		{"nothing is known", nil, "[]", []string{"unknown: no address is known"}},
		{"given and bound", []Source{given("203.0.113.25"), bound("203.0.113.25", "127.0.0.1", "fe80::1%eth0")}, "[203.0.113.25]", nil},
		{"bound only", []Source{bound("203.0.113.25", "10.0.0.5")}, "[203.0.113.25]", []string{"note: 203.0.113.25 was found, not given"}},
		{"behind NAT", []Source{bound("10.0.0.5", "192.168.4.1")}, "[]", []string{"bad: behind NAT, the public address is not known"}},
		{"behind the provider's NAT", []Source{bound("100.64.0.9")}, "[]", []string{"bad: behind NAT, the public address is not known"}},
		{"behind NAT, given", []Source{given("203.0.113.25"), bound("10.0.0.5")}, "[203.0.113.25]", []string{"note: behind NAT"}},
		{"a private one given", []Source{given("192.168.4.1")}, "[]", []string{"bad: 192.168.4.1 is not public"}},
		{"loopback given", []Source{given("127.0.0.1")}, "[]", []string{"bad: 127.0.0.1 is not public"}},
		{"a bounce names the same", []Source{given("203.0.113.25"), bounced("203.0.113.25")}, "[203.0.113.25]", nil},
		{"a bounce names another", []Source{given("203.0.113.25"), bounced("198.51.100.7")}, "[203.0.113.25 198.51.100.7]", []string{"bad: a bounce names 198.51.100.7, which was not given"}},
		{"a bounce is all there is", []Source{bounced("198.51.100.7"), bound("10.0.0.5")}, "[198.51.100.7]",
			[]string{"note: 198.51.100.7 was found, not given", "note: behind NAT"}},
		{"several bound", []Source{given("203.0.113.25"), bound("203.0.113.25", "203.0.113.26")}, "[203.0.113.25]", []string{"note: mail may leave from 203.0.113.26 too"}},
		{"IPv6", []Source{given("203.0.113.25"), bound("203.0.113.25", "2001:db8::25", "fd00::25")}, "[203.0.113.25]", []string{"note: mail may leave from 2001:db8::25 too"}},
		{"a source fails", []Source{given("203.0.113.25"), func(context.Context) ([]Candidate, error) { return nil, errors.New("no \x1b[31mrights") }}, "[203.0.113.25]",
			[]string{"unknown: not every address is known"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			addresses, findings := Addresses(t.Context(), c.sources...)
			if got := fmt.Sprint(ToCheck(addresses)); got != c.check {
				t.Errorf("to check: %s, want %s", got, c.check)
			}
			if diff := cmp.Diff(c.want, told(findings, OfAddress)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range findings {
				if strings.ContainsRune(f.Sentence, 0x1b) || f.Kind != Good && f.Remedy == "" {
					t.Errorf("an escape code, or no remedy: %q", f.Sentence)
				}
			}
		})
	}
}

func TestGroundsAreKeptTogether(t *testing.T) {
	addresses, _ := Addresses(t.Context(), source(FromOperator, "given", "203.0.113.25"), source(FromBounce, "named in a bounce", "::ffff:203.0.113.25"),
		source(FromInterface, "bound to interface eth0", "203.0.113.25"))
	if len(addresses) != 1 || addresses[0].String() != "203.0.113.25 (given, named in a bounce, bound to interface eth0)" {
		t.Errorf("%v", addresses)
	}
}

func TestBehindName(t *testing.T) {
	asker := zone(t, "mail01.example.com. A 203.0.113.25\nmail01.example.com. AAAA 2001:db8::25\nSERVFAIL broken.example.com")
	addresses, findings := Addresses(t.Context(), BehindName(asker, "mail01.example.com"), BehindName(asker, "MAIL01"), BehindName(asker, "broken.example.com"))
	if got := fmt.Sprint(ToCheck(addresses)); got != "[203.0.113.25 2001:db8::25]" {
		t.Errorf("addresses %s", got)
	}
	want := []string{"note: 203.0.113.25 was found, not given", "note: 2001:db8::25 was found, not given", "unknown: not every address is known"}
	if diff := cmp.Diff(want, told(findings, OfAddress)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestInterfacesOfThisMachine(t *testing.T) {
	candidates, err := Interfaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range candidates {
		if !c.IP.IsValid() || !strings.HasPrefix(c.Ground, "bound to interface ") {
			t.Errorf("%+v", c)
		}
	}
}

func TestRelay(t *testing.T) {
	for _, c := range []struct {
		name    string
		remotes map[string]int
		domains int
		want    Kind
	}{
		{"nothing is known", nil, 0, ""},
		{"too few deliveries", map[string]int{"relay.example.net": 19}, 9, ""},
		{"one customer all day", map[string]int{"mx.example.net": 200}, 1, ""},
		{"a relay", map[string]int{"relay.example.net": 40}, 12, Bad},
		{"a relay, and one stray", map[string]int{"relay.example.net": 40, "mx.example.org": 1}, 12, Bad},
		{"directly", map[string]int{"mx1.example.net": 30, "mx2.example.net": 12}, 12, Good},
	} {
		f, ok := Relay(c.remotes, c.domains)
		if ok != (c.want != "") || f.Kind != c.want {
			t.Errorf("%s: %v %q, want %q", c.name, ok, f.Kind, c.want)
		}
	}
}

// What no log tells is not asked or unknown, never good.
func TestCheckRelay(t *testing.T) {
	deliveries := func(n int, err error) func(context.Context) (map[string]int, int, error) {
		return func(context.Context) (map[string]int, int, error) {
			return map[string]int{"relay.example.net": n}, 12, err
		}
	}
	for _, c := range []struct {
		checker Checker
		want    Kind
	}{
		{Checker{}, NotAsked},
		{Checker{Deliveries: deliveries(0, nil)}, Unknown},
		{Checker{Deliveries: deliveries(40, errors.New("denied"))}, Unknown},
		{Checker{Deliveries: deliveries(40, nil)}, Bad},
	} {
		if f := c.checker.checkRelay(t.Context()); f.Kind != c.want || f.Remedy == "" {
			t.Errorf("%s: %s, want %s", f.Kind, f.Sentence, c.want)
		}
	}
}

// Every list that refuses removal has the catalogue's name, or its advice would never be shown.
func TestRefusersAreInTheCatalogue(t *testing.T) {
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(wantPTR, wantForward) {
		if !slices.ContainsFunc(catalogue.Lists, func(l dnsbl.List) bool { return l.Name == name }) {
			t.Errorf("the catalogue has no list %q", name)
		}
	}
}

func TestRefusedBy(t *testing.T) {
	r := Report{Findings: []Finding{
		{Kind: Bad, About: OfPTR, IP: server, Refusers: wantPTR}, {Kind: Bad, About: OfHELO, IP: server}, {Kind: Bad, About: OfSPF, IP: server},
		{Kind: Unknown, About: OfForward, IP: server, Refusers: wantForward},
	}}
	if got := len(r.RefusedBy("SpamRATS", server)); got != 1 {
		t.Errorf("SpamRATS refuses for %d findings, want 1", got)
	}
	if got := len(r.RefusedBy("SpamRATS", netip.MustParseAddr("192.0.2.1"))) + len(r.RefusedBy("Barracuda", server)); got != 0 {
		t.Errorf("%d findings of another address or list", got)
	}
	if got := len(r.Hindrances(server)); got != 2 {
		t.Errorf("%d hindrances, want PTR and HELO", got)
	}
}
