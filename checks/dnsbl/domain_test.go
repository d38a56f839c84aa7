package dnsbl_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"

	"github.com/miekg/dns"
)

// domainLists gives two lists of domains: one with the standard test entries, one with its own.
func domainLists(t *testing.T) (*dnsbl.Catalogue, []*dnsbl.List) {
	t.Helper()
	cat, err := dnsbl.Load(strings.NewReader(hazardLists))
	if err != nil {
		t.Fatal(err)
	}
	cat.List("bits").SelfTest.PositiveName = "permanent.test"
	cat.List("closed").Lookup = "https://example.com/?d={domain}"
	return cat, []*dnsbl.List{cat.List("closed"), cat.List("bits")}
}

func TestCheckDomains(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		server func(*dnsbltest.Server)
		domain string
		want   dnsbl.Verdict // of the list with the standard test entries
		says   string
	}{
		{"clear", func(*dnsbltest.Server) {}, "mail.example.net", dnsbl.Clear, ""},
		{"listed", set("mail.example.net.closed.example", dnsbltest.Reply{A: []string{"127.0.0.2"}, TXT: []string{"seen in spam"}}), "Mail.Example.NET.", dnsbl.Listed, "seen in spam"},
		{"an international name", set("xn--bcher-kva.example.closed.example", listed), "xn--bcher-kva.example", dnsbl.Listed, ""},
		{"lists every domain", set("*.closed.example", listed), "mail.example.net", dnsbl.Unusable, "it lists everyone"},
		{"emptied", func(s *dnsbltest.Server) { s.Unset("test.closed.example") }, "mail.example.net", dnsbl.Unusable, "own test entry"},
		{"refuses", set("test.closed.example", dnsbltest.Reply{A: []string{"127.255.255.254"}}), "mail.example.net", dnsbl.Refused, "public or open"},
		{"broken", raw("closed.example", rcode(dns.RcodeServerFailure)), "mail.example.net", dnsbl.Unusable, "could not find the answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cat, lists := domainLists(t)
			s := dnsbltest.Start(t)
			s.Set("test.closed.example", listed)
			s.Set("permanent.test.bits.example", dnsbltest.Reply{A: []string{"127.0.0.14"}})
			s.Set(".", dnsbltest.Reply{})
			tt.server(s)
			if tt.name == "broken" {
				s.Unset("test.closed.example")
			}
			streamed := 0
			results, err := dnsbl.New(client(s), cat, dnsbl.Options{}).CheckDomains(t.Context(), lists, []string{tt.domain, tt.domain}, func(dnsbl.Result) { streamed++ })
			if err != nil || len(results) != 2 || streamed != 2 {
				t.Fatalf("%d results, %d streamed, %v", len(results), streamed, err)
			}
			for _, r := range results {
				want, says := dnsbl.Clear, ""
				if r.List.ID == "closed" {
					want, says = tt.want, tt.says
				}
				if r.Verdict != want || !strings.Contains(r.Note+r.Reason, says) || r.IP.IsValid() || r.Domain != strings.ToLower(strings.TrimSuffix(tt.domain, ".")) {
					t.Errorf("%s: %v %q %q for %q, want %v %q", r.List.ID, r.Verdict, r.Note, r.Reason, r.Domain, want, says)
				}
				if r.List.ID == "closed" && r.Lookup != "https://example.com/?d="+r.Domain {
					t.Errorf("lookup %q", r.Lookup)
				}
			}
		})
	}
}

// A PTR record can hold anything; what is no domain never becomes a question.
func TestCheckDomainsRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	cat, lists := domainLists(t)
	for _, name := range []string{"", "localhost", "203.0.113.25", "[203.0.113.25]", "2001:db8::25", "a..b", ".example.com", "two words.example",
		"esc\x1b[2J.example", `back\.slash.example`, "*.example.com", "bücher.example", strings.Repeat("a", 64) + ".example", strings.Repeat("long.", 60) + "example"} {
		_, err := dnsbl.New(nil, cat, dnsbl.Options{}).CheckDomains(t.Context(), lists, []string{"good.example", name}, nil)
		if err == nil || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := dnsbl.New(nil, cat, dnsbl.Options{}).CheckDomains(t.Context(), lists, nil, nil); err == nil {
		t.Error("no domain at all was not refused")
	}
}

func TestCheckDomainsCancelled(t *testing.T) {
	t.Parallel()
	cat, lists := domainLists(t)
	s := dnsbltest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.Handle(".", func(dns.ResponseWriter, *dns.Msg) { cancel() })
	results, err := dnsbl.New(client(s), cat, dnsbl.Options{}).CheckDomains(ctx, lists, []string{"mail.example.net"}, nil)
	if !errors.Is(err, context.Canceled) || len(results) != 0 {
		t.Errorf("%d results, %v", len(results), err)
	}
}

// What can be no name of a domain, or was meant for an address, is asked about nowhere.
func TestIsDomain(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"mail.example.net": true, "Mail.Example.NET.": true, "xn--bcher-kva.example": true, "_dmarc.example.net": true, "a_b.example": true,
		"3.example": true, "163.com": true, "1.2.3.4.example": true, "dead.beef": true, "a--b.example": true,
		"999.1.1.1": false, "203.0.113.25": false, "203.0.113": false, "203.0.113.025": false, "1.2.3.4.5": false, "0x7f.1": false, "example.123": false,
		"-mail.example": false, "mail-.example": false, "mail.-example": false, "mail.example-": false, "mail..example": false, ".example": false,
		"example": false, "": false, "2001:db8::1": false, "mail example.net": false, "mail.exam$ple": false,
		strings.Repeat("a", 64) + ".example": false, strings.Repeat("a", 63) + ".example": true,
	} {
		if got := dnsbl.IsDomain(name); got != want {
			t.Errorf("%q is a domain: %v, want %v", name, got, want)
		}
	}
}
