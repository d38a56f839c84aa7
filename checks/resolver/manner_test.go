package resolver_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"

	"github.com/miekg/dns"
)

// A server that drops EDNS costs the wait once; from then on it is asked as it wants to be, also by a client of its own.
func TestAskRemembersWhoDropsEDNS(t *testing.T) {
	for _, tcp := range []bool{false, true} {
		s := dnsbltest.Start(t)
		s.Zone("bl.example", "127.0.0.2")
		withEDNS := make(chan bool, 100)
		s.Behave(func(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
			withEDNS <- q.IsEdns0() != nil
			if q.IsEdns0() == nil {
				w.WriteMsg(answer())
			}
		})
		server := resolver.Server{Addr: s.Addr(), TCP: tcp}
		c := resolver.New([]resolver.Server{server}, resolver.Options{Timeout: 10 * short})
		for i, c := range []*resolver.Client{c, c, c.Only(server)} {
			if a, err := c.Ask(t.Context(), "2.0.0.127.bl.example", dns.TypeA); err != nil || len(a.A) != 1 || a.TCP != tcp {
				t.Fatalf("question %d, TCP %v: %v, %v", i, tcp, a.A, err)
			}
			first := <-withEDNS
			for !first && len(withEDNS) > 0 || first && <-withEDNS { // the datagrams with EDNS and the one without
			}
			if first != (i == 0) {
				t.Errorf("question %d, TCP %v: asked with EDNS first: %v", i, tcp, first)
			}
		}
	}
}

// A server that takes EDNS is not asked without it because a datagram got lost.
func TestAskKeepsEDNSAfterALoss(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Zone("bl.example", "127.0.0.2")
	var lose atomic.Bool
	var plain atomic.Int32
	s.Behave(func(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
		if q.IsEdns0() == nil {
			plain.Add(1)
		}
		if lose.Load() && q.IsEdns0() != nil {
			return
		}
		m := answer()
		if q.IsEdns0() != nil {
			m.SetEdns0(1232, false)
		}
		w.WriteMsg(m)
	})
	c := resolver.New([]resolver.Server{{Addr: s.Addr()}}, resolver.Options{Timeout: 10 * short})
	for i := range 3 {
		lose.Store(i == 1)
		if _, err := c.Ask(t.Context(), "2.0.0.127.bl.example", dns.TypeA); err != nil {
			t.Fatal(err)
		}
	}
	if n := plain.Load(); n != 1 {
		t.Errorf("asked %d times without EDNS, want once, while answers got lost", n)
	}
}

// A stream that goes on without coming to an end ends with the time for the question.
func TestAskEndlessStream(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go io.Copy(io.Discard, conn)
			go func() {
				defer conn.Close()
				for _, err := conn.Write([]byte{0xff, 0xff}); err == nil; _, err = conn.Write([]byte{0}) {
					time.Sleep(short / 20)
				}
			}()
		}
	}()
	c := resolver.New([]resolver.Server{{Addr: netip.MustParseAddrPort(listener.Addr().String()), TCP: true}}, resolver.Options{Timeout: short})
	began := time.Now()
	if _, err := c.Ask(t.Context(), name, dns.TypeA); err == nil || time.Since(began) > 10*short {
		t.Errorf("%v after %s", err, time.Since(began))
	}
	time.Sleep(short / 5) // the writer sees the end
}

// What says clearly that there is nothing, and what does not.
func TestAskDenied(t *testing.T) {
	soa := &dns.SOA{Hdr: dns.RR_Header{Name: "example.", Rrtype: dns.TypeSOA, Class: dns.ClassINET}, Ns: "ns.example.", Mbox: "host.example."}
	ns := &dns.NS{Hdr: dns.RR_Header{Name: "example.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "ns.example."}
	alias := &dns.CNAME{Hdr: dns.RR_Header{Name: name + ".", Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: "gone.example."}
	for _, tt := range []struct {
		name   string
		rcode  int
		answer []dns.RR
		ns     []dns.RR
		denied bool
		fails  bool
	}{
		{"no such name", dns.RcodeNameError, nil, []dns.RR{soa}, true, false},
		{"no such name, without a word more", dns.RcodeNameError, nil, nil, true, false},
		{"no such record", dns.RcodeSuccess, nil, []dns.RR{soa}, true, false},
		{"no such record, with the servers of the zone", dns.RcodeSuccess, nil, []dns.RR{soa, ns}, true, false},
		{"empty", dns.RcodeSuccess, nil, nil, false, false},
		{"a referral", dns.RcodeSuccess, nil, []dns.RR{ns}, false, true},
		{"an alias and a referral", dns.RcodeSuccess, []dns.RR{alias}, []dns.RR{ns}, false, true},
		{"an alias to no such name", dns.RcodeNameError, []dns.RR{alias}, []dns.RR{soa}, false, false},
		{"an alias to no such record", dns.RcodeSuccess, []dns.RR{alias}, []dns.RR{soa}, false, false},
		{"an alias to nothing", dns.RcodeSuccess, []dns.RR{alias}, nil, false, false},
		{"an address", dns.RcodeSuccess, []dns.RR{record(name+".", "127.0.0.2")}, []dns.RR{ns}, false, false},
	} {
		s := dnsbltest.Start(t)
		s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetRcode(q, tt.rcode)
			m.Answer, m.Ns = tt.answer, tt.ns
			w.WriteMsg(m)
		})
		if a, err := client(s).Ask(t.Context(), name, dns.TypeA); a.Denied != tt.denied || (err != nil) != tt.fails {
			t.Errorf("%s: denied %v, %v", tt.name, a.Denied, err)
		}
	}
}

// Who forges many replies gets no chance to guess the number: the question goes over TCP, where nobody else can answer.
func TestAskGoesOverTCPWhenForged(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Zone("bl.example", "127.0.0.2")
	s.Behave(func(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
		m := answer()
		for i := 0; w.RemoteAddr().Network() == "udp" && i < 40; i++ {
			forged := m.Copy()
			forged.Id += uint16(i) + 1
			w.WriteMsg(forged)
		}
		w.WriteMsg(m)
	})
	if a, err := client(s).Ask(t.Context(), "2.0.0.127.bl.example", dns.TypeA); err != nil || !a.TCP || len(a.A) != 1 {
		t.Errorf("over TCP %v, %v, %v", a.TCP, a.A, err)
	}
	s.CloseTCP()
	if a, err := client(s).Ask(t.Context(), "2.0.0.127.bl.example", dns.TypeA); err == nil {
		t.Errorf("believed %v", a.A)
	}
}

// An address that comes a thousand times counts once, and a thousand different ones are no answer.
func TestAskManyAddresses(t *testing.T) {
	s := dnsbltest.Start(t)
	for _, different := range []bool{false, true} {
		s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			m.Compress, m.Truncated = true, w.RemoteAddr().Network() == "udp"
			for i := 0; i < 1000 && !m.Truncated; i++ {
				text := "127.0.0.2"
				if different {
					text = netip.AddrFrom4([4]byte{127, 0, byte(i >> 8), byte(i)}).String()
				}
				m.Answer = append(m.Answer, record(name+".", text))
			}
			w.WriteMsg(m)
		})
		a, err := client(s).Ask(t.Context(), name, dns.TypeA)
		if different && !errors.Is(err, resolver.ErrMalformed) || !different && (err != nil || len(a.A) != 1) {
			t.Errorf("different %v: %d addresses, %v", different, len(a.A), err)
		}
	}
}
