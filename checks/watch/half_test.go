package watch

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"
)

// A listing ends when the list says so, and by nothing that only looks like it; what was clear is not known any more then.
func TestHalfAnswersClearNothing(t *testing.T) {
	cat := twoLists(t)
	server := dnsbltest.Start(t)
	for _, l := range cat.Lists {
		server.Zone(l.Zone, "127.0.0.2")
	}
	const listed = "day.test.example"
	server.List(listed, ip.String(), dnsbltest.Reply{A: []string{"127.0.0.2"}})
	client := resolver.New([]resolver.Server{{Addr: server.Addr()}}, resolver.Options{Timeout: 300 * time.Millisecond})
	var changes []Change
	w := New(Settings{Catalogue: cat, IPs: []netip.Addr{ip}, Clock: time.Now, Tell: func(r Round) { changes = append(changes, r.Changes...) },
		Ask: func(ctx context.Context, ips []netip.Addr, lists []*dnsbl.List) ([]dnsbl.Result, error) {
			report, err := dnsbl.New(client, cat, dnsbl.Options{}).Check(ctx, ips, nil)
			return report.Addresses[0].Results, err
		}}, nil)
	look := func() {
		t.Helper()
		if err := w.look(t.Context(), w.lists(ip), false); err != nil {
			t.Fatal(err)
		}
	}
	look()
	if got := w.Count(ip).Words(); got != "1 listed, 1 clear" {
		t.Fatal(got)
	}
	about := dnsbltest.Reverse(ip.String()) + "."
	record := func(owner string, rr dns.RR, rrtype uint16) dns.RR {
		*rr.Header() = dns.RR_Header{Name: owner, Rrtype: rrtype, Class: dns.ClassINET}
		return rr
	}
	for name, half := range map[string]func(m *dns.Msg, owner string){
		"empty": func(*dns.Msg, string) {},
		"a referral": func(m *dns.Msg, _ string) {
			m.Ns = []dns.RR{record("example.", &dns.NS{Ns: "ns.example."}, dns.TypeNS)}
		},
		"an alias to nothing": func(m *dns.Msg, owner string) {
			m.Answer = []dns.RR{record(owner, &dns.CNAME{Target: "gone.example."}, dns.TypeCNAME)}
		},
		"an alias to no such name": func(m *dns.Msg, owner string) {
			m.Rcode = dns.RcodeNameError
			m.Answer = []dns.RR{record(owner, &dns.CNAME{Target: "gone.example."}, dns.TypeCNAME)}
		},
		"an address of the web": func(m *dns.Msg, owner string) {
			m.Answer = []dns.RR{record(owner, &dns.A{A: net.IPv4(198, 51, 100, 9)}, dns.TypeA)}
		},
		"SERVFAIL": func(m *dns.Msg, _ string) { m.Rcode = dns.RcodeServerFailure },
		"a refusal": func(m *dns.Msg, owner string) {
			m.Answer = []dns.RR{record(owner, &dns.A{A: net.IPv4(127, 255, 255, 254)}, dns.TypeA)}
		},
		"another code": func(m *dns.Msg, owner string) {
			m.Answer = []dns.RR{record(owner, &dns.A{A: net.IPv4(127, 0, 0, 77)}, dns.TypeA)}
		},
	} {
		server.Behave(func(dw dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
			m := answer()
			if owner := q.Question[0].Name; strings.HasPrefix(owner, about) {
				m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, nil
				half(m, owner)
			}
			dw.WriteMsg(m)
		})
		look()
		if got := w.Count(ip).Words(); got != "1 listed, 0 clear, 1 of 2 gave no answer" || w.Verdict(ip) != dnsbl.AddressListed || len(changes) > 0 {
			t.Errorf("%s: %s, %v, %d changes", name, got, w.Verdict(ip), len(changes))
		}
	}
	server.Behave(nil)
	server.Unset(dnsbltest.Reverse(ip.String()) + "." + listed)
	look()
	if w.Verdict(ip) != dnsbl.AddressClear || len(changes) != 1 {
		t.Errorf("once the list says so: %v, %+v", w.Verdict(ip), changes)
	}
}
