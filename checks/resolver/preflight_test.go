package resolver_test

import (
	"testing"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"

	"github.com/miekg/dns"
)

func TestPreflight(t *testing.T) {
	const zen, spamcop, psbl = "2.0.0.127.zen.spamhaus.org", "2.0.0.127.bl.spamcop.net", "2.0.0.127.psbl.surriel.com"
	for _, tt := range []struct {
		name  string
		setup func(*dnsbltest.Server)
		want  resolver.Kind
		seen  string
	}{
		{"good", func(s *dnsbltest.Server) {
			s.Set(zen, dnsbltest.Reply{A: []string{"127.0.0.2", "127.0.0.4", "127.0.0.10"}})
		}, resolver.Good, ""},
		{"invents names", func(s *dnsbltest.Server) {
			s.Set("*.invalid", dnsbltest.Reply{A: []string{"198.51.100.1"}})
		}, resolver.Rewriting, ""},
		{"invents names, but not under .invalid", func(s *dnsbltest.Server) {
			s.Set("*.example.com", dnsbltest.Reply{A: []string{"198.51.100.1"}})
			s.Set(zen, dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, resolver.Rewriting, ""},
		{"invents an address for the list only", func(s *dnsbltest.Server) {
			s.Set(zen, dnsbltest.Reply{A: []string{"198.51.100.1"}})
		}, resolver.Rewriting, ""},
		{"public", func(s *dnsbltest.Server) {
			s.Set(zen, dnsbltest.Reply{A: []string{"127.255.255.254"}})
			s.Set("2.0.0.127.multi.uribl.com", dnsbltest.Reply{TXT: []string{"127.0.0.1 -> Query Refused. See http://uribl.com/refused.shtml for more information [Your DNS IP: 192.0.2.53]"}})
		}, resolver.PublicRefused, "192.0.2.53"},
		{"127/8 filtered", func(*dnsbltest.Server) {}, resolver.Filtered, ""},
		{"127/8 filtered to NODATA", func(s *dnsbltest.Server) { s.Set(zen, dnsbltest.Reply{}) }, resolver.Filtered, ""},
		{"the list blocked", func(s *dnsbltest.Server) { s.Set(zen, dnsbltest.Reply{Drop: true}) }, resolver.Filtered, ""},
		{"two lists of five are there", func(s *dnsbltest.Server) {
			s.Set(spamcop, dnsbltest.Reply{A: []string{"127.0.0.2"}})
			s.Set(psbl, dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, resolver.Good, ""},
		{"one list fails", func(s *dnsbltest.Server) {
			s.Handle("spamhaus.org", rcode(dns.RcodeServerFailure))
			s.Set(spamcop, dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, resolver.Good, ""},
		{"one list parked", func(s *dnsbltest.Server) {
			s.Set(zen, dnsbltest.Reply{A: []string{"198.51.100.1"}})
			s.Set(spamcop, dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, resolver.Good, ""},
		{"one list has died and lists nobody, one everybody", func(s *dnsbltest.Server) {
			s.Set("*.psbl.surriel.com", dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, resolver.Good, ""},
		{"a filter's own 127.0.0.1 for all lists", func(s *dnsbltest.Server) {
			for _, name := range resolver.WitnessNames() {
				s.Set(name, dnsbltest.Reply{A: []string{"127.0.0.1"}})
			}
		}, resolver.Filtered, ""},
		{"public, and other lists do answer it", func(s *dnsbltest.Server) {
			s.Set(zen, dnsbltest.Reply{A: []string{"127.255.255.254"}})
			s.Set(spamcop, dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, resolver.PublicRefused, ""},
		{"SERVFAIL for all lists", func(s *dnsbltest.Server) {
			for _, name := range resolver.WitnessNames() {
				s.Set(name, dnsbltest.Reply{RCode: dns.RcodeServerFailure})
			}
		}, resolver.Filtered, ""},
		{"refuses all", func(s *dnsbltest.Server) { s.Handle(".", rcode(dns.RcodeRefused)) }, resolver.Unreachable, ""},
		{"silent", func(s *dnsbltest.Server) { s.Handle(".", func(dns.ResponseWriter, *dns.Msg) {}) }, resolver.Unreachable, ""},
		{"closed network, lists reachable", func(s *dnsbltest.Server) {
			s.Handle("invalid.", rcode(dns.RcodeServerFailure))
			s.Handle("com.", rcode(dns.RcodeServerFailure))
			s.Set(zen, dnsbltest.Reply{A: []string{"127.0.0.2"}})
		}, resolver.Good, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := dnsbltest.Start(t)
			tt.setup(s)
			got := resolver.Preflight(t.Context(), client(s))
			if got.Kind != tt.want {
				t.Errorf("%v: %s; want %v", got.Kind, got.Sentence, tt.want)
			}
			if got.Sentence == "" || (got.Remedy == "") != (got.Kind == resolver.Good) {
				t.Errorf("sentence %q, remedy %q", got.Sentence, got.Remedy)
			}
			if tt.seen != "" && got.Seen.String() != tt.seen {
				t.Errorf("seen as %v, want %s", got.Seen, tt.seen)
			}
		})
	}
}

// The witnesses are lists of the catalogue, of different operators, that answer everybody and give their test entry the usual code.
func TestWitnesses(t *testing.T) {
	cat, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	operators := map[string]bool{}
	for _, name := range resolver.WitnessNames() {
		l := cat.ByZone(name)
		if l == nil || name != dnsbl.QueryName(l.PositiveTest(), l.Zone) || l.PositiveTest().String() != "127.0.0.2" || l.Registered || operators[l.Operator] || l.Confidence != "primary" {
			t.Errorf("%s is no witness: %+v", name, l)
			continue
		}
		operators[l.Operator] = true
	}
	if len(operators) < 4 {
		t.Errorf("%d operators", len(operators))
	}
}
