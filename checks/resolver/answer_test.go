package resolver

import (
	"net"
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
		if len(a.A) > maxAddresses || len(a.TXT) > maxTexts {
			t.Fatalf("%d addresses, %d texts: beyond the bounds", len(a.A), len(a.TXT))
		}
		for _, text := range a.TXT {
			for _, r := range text {
				if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 {
					t.Fatalf("control character %U in %q", r, text)
				}
			}
		}
	})
}
