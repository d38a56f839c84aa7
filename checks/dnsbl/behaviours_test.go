package dnsbl_test

import (
	"fmt"
	"sync/atomic"

	"delist/checks/dnsbl/dnsbltest"

	"github.com/miekg/dns"
)

// The ways in which the servers of the hazards behave.

func set(name string, r dnsbltest.Reply) func(*dnsbltest.Server) {
	return func(s *dnsbltest.Server) { s.Set(name, r) }
}

func raw(suffix string, h dns.HandlerFunc) func(*dnsbltest.Server) {
	return func(s *dnsbltest.Server) {
		s.Unset("2.0.0.127." + suffix) // a whole zone that misbehaves has no good test entry
		s.Unset(".")
		if suffix == "example" || suffix == "." {
			s.Unset("2.0.0.127.closed.example")
		}
		s.Handle(suffix, h)
	}
}

// refuses gives a code for every name of the list, the test entries included.
func refuses(code string) func(*dnsbltest.Server) {
	return func(s *dnsbltest.Server) {
		s.Set("*.closed.example", dnsbltest.Reply{A: []string{code}})
		s.Zone("closed.example", code)
	}
}

func text(s string) dnsbltest.Reply {
	return dnsbltest.Reply{A: []string{"127.0.0.2"}, TXT: []string{s}}
}

func silence(dns.ResponseWriter, *dns.Msg) {}

// altered lists every name, and changes the reply before it goes out.
func altered(change func(*dns.Msg)) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Answer = []dns.RR{record(q.Question[0].Name)}
		change(m)
		w.WriteMsg(m)
	}
}

func record(owner string) dns.RR {
	return &dns.A{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: []byte{127, 0, 0, 2}}
}

// aliases answers with a chain of n CNAMEs, which ends in a listing or where it began.
func aliases(n int, circle bool) dns.HandlerFunc {
	return altered(func(m *dns.Msg) {
		m.Answer, m.Compress = nil, true
		owner := m.Question[0].Name
		for i := range n {
			target := fmt.Sprintf("a%d.example.", i)
			if circle && i == n-1 {
				target = m.Question[0].Name
			}
			m.Answer = append(m.Answer, &dns.CNAME{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: target})
			owner = target
		}
		if !circle {
			m.Answer = append(m.Answer, record(owner))
		}
	})
}

// everyOther answers every second question for a name.
func everyOther(name string) func(*dnsbltest.Server) {
	var n atomic.Int64
	good := altered(func(*dns.Msg) {})
	return raw(name, func(w dns.ResponseWriter, q *dns.Msg) {
		if n.Add(1)%2 == 0 {
			good(w, q)
		}
	})
}

// breaksOff cuts every answer short over UDP, and closes the stream over TCP.
func breaksOff(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.Truncated = true
	if w.RemoteAddr().Network() == "udp" {
		w.WriteMsg(m)
		return
	}
	w.Close()
}

func noEDNS(w dns.ResponseWriter, q *dns.Msg) {
	if q.IsEdns0() != nil {
		w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeFormatError))
		return
	}
	altered(func(*dns.Msg) {})(w, q)
}

// onlyAddress lists every name, and leaves questions for texts to h.
func onlyAddress(h dns.HandlerFunc) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Qtype == dns.TypeTXT {
			h(w, q)
			return
		}
		altered(func(*dns.Msg) {})(w, q)
	}
}
