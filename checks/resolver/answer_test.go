package resolver

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/miekg/dns"
)

// FuzzAnswer feeds whatever a server might send through the reader of replies.
func FuzzAnswer(f *testing.F) {
	query := new(dns.Msg)
	query.SetQuestion("25.113.0.203.zen.example.", dns.TypeA)
	query.Id = 7

	seed := func(change func(*dns.Msg)) {
		m := new(dns.Msg).SetReply(query)
		m.Answer = []dns.RR{
			&dns.CNAME{Hdr: dns.RR_Header{Name: query.Question[0].Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: "a.example."},
			&dns.A{Hdr: dns.RR_Header{Name: "a.example.", Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 2)},
			&dns.TXT{Hdr: dns.RR_Header{Name: "a.example.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{`\027[2J`, "x"}},
		}
		if change != nil {
			change(m)
		}
		if wire, err := m.Pack(); err == nil {
			f.Add(wire)
			f.Add(wire[:len(wire)/2])
		}
	}
	seed(nil)
	seed(func(m *dns.Msg) { m.Compress = true })
	seed(func(m *dns.Msg) { m.Truncated = true })
	seed(func(m *dns.Msg) { m.Question = nil; m.Rcode = dns.RcodeFormatError })
	seed(func(m *dns.Msg) { m.Answer[0].(*dns.CNAME).Target = query.Question[0].Name }) // a loop
	seed(func(m *dns.Msg) {
		m.Answer[1] = &dns.AAAA{Hdr: dns.RR_Header{Name: "a.example.", Rrtype: dns.TypeAAAA, Class: dns.ClassINET}, AAAA: net.IPv6loopback}
	})
	seed(func(m *dns.Msg) {
		m.Answer, m.Ns = nil, []dns.RR{&dns.SOA{Hdr: dns.RR_Header{Name: "example.", Rrtype: dns.TypeSOA, Class: dns.ClassINET}, Ns: "a.example.", Mbox: "b.example."}}
	})
	f.Add([]byte{})

	f.Fuzz(func(t *testing.T, wire []byte) {
		reply, err := unpack(wire, query)
		if err != nil {
			return
		}
		if !reply.Response || reply.Id != query.Id {
			t.Fatal("took a message that is no reply to the query")
		}
		a, err := answerFrom(reply)
		if err == nil && reply.Rcode == dns.RcodeNameError && len(a.A) > 0 {
			t.Fatal("a name that does not exist has an address")
		}
		if slices.ContainsFunc(a.A, func(ip netip.Addr) bool { return !ip.Is4() }) || len(a.TXT)+len(a.PTR)+len(a.MX) > 0 {
			t.Fatalf("asked for addresses of IPv4, took %+v", a)
		}
		if a.Denied && len(a.A) > 0 {
			t.Fatalf("there is none, and it is %v", a.A)
		}
		if err == nil && len(a.A) > maxAddresses {
			t.Fatalf("%d addresses: beyond the bound", len(a.A))
		}
	})
}

// FuzzText: whatever the strings of a text are, it is safe to print.
func FuzzText(f *testing.F) {
	f.Add(`\027[2J`, "x")
	f.Add(`\"\\\1`, "\xff\u202e")
	f.Fuzz(func(t *testing.T, one, two string) {
		var a Answer
		a.addText([]string{one, two})
		for _, r := range a.TXT[0] {
			if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 {
				t.Fatalf("control character %U in %q", r, a.TXT[0])
			}
		}
		if len(a.RawTXT[0]) > maxText || !a.Cut && len(a.RawTXT[0]) > len(one)+len(two) {
			t.Fatalf("%d bytes of %d and %d", len(a.RawTXT[0]), len(one), len(two))
		}
	})
}
