package resolver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"

	"github.com/miekg/dns"
)

const (
	name  = "25.113.0.203.bl.example"
	short = 150 * time.Millisecond
)

func client(servers ...*dnsbltest.Server) *resolver.Client {
	var list []resolver.Server
	for _, s := range servers {
		list = append(list, resolver.Server{Addr: s.Addr()})
	}
	return resolver.New(list, resolver.Options{Timeout: short})
}

func TestAskReadsEveryRecord(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Set(name, dnsbltest.Reply{A: []string{"127.0.0.2", "127.0.0.4", "127.0.0.10"}, TXT: []string{strings.Repeat("a", 300) + `"é`, "two\x1b[31m"}})
	s.Set("alias.example", dnsbltest.Reply{CNAME: "target.example", A: []string{"127.0.0.9"}})
	c := client(s)

	a, err := c.Ask(t.Context(), name, dns.TypeA)
	if err != nil || fmt.Sprint(a.A) != "[127.0.0.2 127.0.0.4 127.0.0.10]" || a.TCP || a.Server.Addr != s.Addr() {
		t.Errorf("A: %+v, %v", a, err)
	}
	a, err = c.Ask(t.Context(), name, dns.TypeTXT)
	if err != nil || len(a.TXT) != 2 || a.TXT[0] != strings.Repeat("a", 300)+`"é` || strings.Contains(a.TXT[1], "\x1b") {
		t.Errorf("TXT: %q, %v", a.TXT, err)
	}
	a, err = c.Ask(t.Context(), "ALIAS.example.", dns.TypeA)
	if err != nil || fmt.Sprint(a.A) != "[127.0.0.9]" {
		t.Errorf("behind a CNAME: %v, %v", a.A, err)
	}
	a, err = c.Ask(t.Context(), "nothing.example", dns.TypeA)
	if err != nil || a.RCode != dns.RcodeNameError || a.RCodeText() != "NXDOMAIN" || a.Exists() {
		t.Errorf("no such name: %+v, %v", a, err)
	}
}

// Records of another name do not answer, and a reply of nothing else is not an empty one.
func TestAskIgnoresRecordsOfOtherNames(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Answer = []dns.RR{record("other.example.", "127.0.0.2")}
		w.WriteMsg(m)
	})
	if a, err := client(s).Ask(t.Context(), name, dns.TypeA); !errors.Is(err, resolver.ErrMismatch) || len(a.A) != 0 {
		t.Errorf("got %v, %v; want no address and ErrMismatch", a.A, err)
	}
}

func TestAskGoesOverTCPWhenCutShort(t *testing.T) {
	s := dnsbltest.Start(t)
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprintf("127.0.1.%d", i+1)
	}
	s.Set(name, dnsbltest.Reply{A: many})
	a, err := client(s).Ask(t.Context(), name, dns.TypeA)
	if err != nil || len(a.A) != 200 || !a.TCP {
		t.Errorf("%d addresses, TCP %v, %v", len(a.A), a.TCP, err)
	}
	s.CloseTCP()
	if _, err := client(s).Ask(t.Context(), name, dns.TypeA); !errors.Is(err, resolver.ErrTruncated) {
		t.Errorf("TCP shut: %v, want ErrTruncated", err)
	}
}

func TestAskOverTCPOnly(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Set(name, dnsbltest.Reply{A: []string{"127.0.0.2"}})
	c := resolver.New([]resolver.Server{{Addr: s.Addr(), TCP: true}}, resolver.Options{})
	if a, err := c.Ask(t.Context(), name, dns.TypeA); err != nil || !a.TCP || len(a.A) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}

// A table of servers that misbehave: what becomes of one question.
func TestAskFaults(t *testing.T) {
	good := record(name+".", "127.0.0.2")
	for _, tt := range []struct {
		name  string
		serve dns.HandlerFunc
		want  error
	}{
		{"SERVFAIL", rcode(dns.RcodeServerFailure), resolver.ErrServFail},
		{"REFUSED", rcode(dns.RcodeRefused), resolver.ErrRefused},
		{"NOTAUTH", rcode(dns.RcodeNotAuth), resolver.ErrRCode},
		{"silence", func(dns.ResponseWriter, *dns.Msg) {}, resolver.ErrTimeout},
		{"another id", altered(good, func(m *dns.Msg) { m.Id++ }), resolver.ErrMismatch},
		{"a query back", altered(good, func(m *dns.Msg) { m.Response = false }), resolver.ErrMismatch},
		{"another name", altered(good, func(m *dns.Msg) { m.Question[0].Name = "other.example." }), resolver.ErrMismatch},
		{"another type", altered(good, func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeMX }), resolver.ErrMismatch},
		{"another class", altered(good, func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }), resolver.ErrMismatch},
		{"no question", altered(good, func(m *dns.Msg) { m.Question = nil }), resolver.ErrMismatch},
		{"a few bytes", func(w dns.ResponseWriter, _ *dns.Msg) { w.Write([]byte{1, 2, 3}) }, resolver.ErrMalformed},
		{"half a reply", func(w dns.ResponseWriter, q *dns.Msg) {
			wire, _ := new(dns.Msg).SetReply(q).Pack()
			w.Write(wire[:len(wire)-3])
		}, resolver.ErrMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := dnsbltest.Start(t)
			s.Handle(name, tt.serve)
			a, err := client(s).Ask(t.Context(), name, dns.TypeA)
			if !errors.Is(err, tt.want) || len(a.A) != 0 {
				t.Errorf("one server: %v, %v; want %v", a.A, err, tt.want)
			}
			if a.Server.Addr != s.Addr() {
				t.Errorf("the answer does not say who was asked: %v", a.Server)
			}
			second := dnsbltest.Start(t)
			second.Set(name, dnsbltest.Reply{A: []string{"127.0.0.4"}})
			a, err = client(s, second).Ask(t.Context(), name, dns.TypeA)
			if err != nil || fmt.Sprint(a.A) != "[127.0.0.4]" || a.Server.Addr != second.Addr() {
				t.Errorf("a good second server: %+v, %v", a, err)
			}
		})
	}
}

// A lost datagram costs one wait, not the question's whole time.
func TestAskSendsAgain(t *testing.T) {
	s := dnsbltest.Start(t)
	tries := make(chan struct{}, 8)
	s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
		tries <- struct{}{}
		if len(tries) > 1 {
			w.WriteMsg(new(dns.Msg).SetReply(q))
		}
	})
	c := resolver.New([]resolver.Server{{Addr: s.Addr()}}, resolver.Options{Timeout: 3 * time.Second})
	a, err := c.Ask(t.Context(), name, dns.TypeA)
	if err != nil || !a.Exists() || a.Took < 300*time.Millisecond || a.Took > 2*time.Second {
		t.Errorf("a lost first reply: %+v, %v", a, err)
	}
	if len(tries) != 2 {
		t.Errorf("%d tries, want 2", len(tries))
	}
}

// A reply to the first datagram that comes after the second was sent is as good as any.
func TestAskTakesALateReply(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Set(name, dnsbltest.Reply{A: []string{"127.0.0.2"}, Delay: short / 2})
	if a, err := client(s).Ask(t.Context(), name, dns.TypeA); err != nil || len(a.A) != 1 {
		t.Errorf("got %+v, %v", a, err)
	}
	if n := len(s.Asked()); n < 2 {
		t.Errorf("%d datagrams came, want the question sent again meanwhile", n)
	}
}

// While a server is silent, the next is asked beside it, and the first to answer counts.
func TestAskHedges(t *testing.T) {
	silent, good := dnsbltest.Start(t), dnsbltest.Start(t)
	silent.Set("*.example", dnsbltest.Reply{Drop: true})
	good.Set(name, dnsbltest.Reply{A: []string{"127.0.0.2"}})
	a, err := client(silent, good).Ask(t.Context(), name, dns.TypeA)
	if err != nil || a.Server.Addr != good.Addr() || a.Took >= short {
		t.Errorf("%+v, %v", a, err)
	}
	slow := dnsbltest.Start(t)
	slow.Set(name, dnsbltest.Reply{A: []string{"127.0.0.2"}, Delay: short / 2})
	a, err = client(slow, silent).Ask(t.Context(), name, dns.TypeA)
	if err != nil || a.Server.Addr != slow.Addr() {
		t.Errorf("a slow first server: %+v, %v", a, err)
	}
}

func TestAskTriesABrokenStreamAgain(t *testing.T) {
	s := dnsbltest.Start(t)
	tries := make(chan struct{}, 8)
	s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
		if tries <- struct{}{}; len(tries) == 1 {
			w.Close()
			return
		}
		w.WriteMsg(new(dns.Msg).SetReply(q))
	})
	c := resolver.New([]resolver.Server{{Addr: s.Addr(), TCP: true}}, resolver.Options{})
	if a, err := c.Ask(t.Context(), name, dns.TypeA); err != nil || !a.Exists() || len(tries) != 2 {
		t.Errorf("%+v, %v after %d tries", a, err, len(tries))
	}
}

// A stream that ends within a message gives no answer, however often it is tried.
func TestAskHalfAMessage(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 512))
			conn.Write([]byte{0, 100, 1, 2, 3}) // 100 bytes are announced
			conn.Close()
		}
	})
	defer serving.Wait()
	defer listener.Close()
	server := resolver.Server{Addr: netip.MustParseAddrPort(listener.Addr().String()), TCP: true}
	c := resolver.New([]resolver.Server{server}, resolver.Options{})
	if a, err := c.Ask(t.Context(), name, dns.TypeA); !errors.Is(err, resolver.ErrMalformed) || a.Took > 2*time.Second {
		t.Errorf("got %+v, %v", a, err)
	}
}

// What contradicts itself is no answer, and above all not an empty one.
func TestAskContradictions(t *testing.T) {
	alias := func(from, to string) dns.RR {
		return &dns.CNAME{Hdr: dns.RR_Header{Name: from, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: to}
	}
	var long []dns.RR
	for i, from := 0, name+"."; i < 40; i++ {
		to := fmt.Sprintf("a%d.example.", i)
		long, from = append(long, alias(from, to)), to
	}
	for _, tt := range []struct {
		name   string
		rcode  int
		answer []dns.RR
		want   error
	}{
		{"aliases in a circle", dns.RcodeSuccess, []dns.RR{alias(name+".", "a.example."), alias("a.example.", name+".")}, resolver.ErrMalformed},
		{"aliases without end", dns.RcodeSuccess, long, resolver.ErrMalformed},
		{"a name that does not exist, with an address", dns.RcodeNameError, []dns.RR{record(name+".", "127.0.0.2")}, resolver.ErrMalformed},
		{"an alias to nothing", dns.RcodeNameError, []dns.RR{alias(name+".", "a.example.")}, nil},
	} {
		s := dnsbltest.Start(t)
		s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetRcode(q, tt.rcode)
			m.Answer, m.Compress = tt.answer, true
			w.WriteMsg(m)
		})
		if a, err := client(s).Ask(t.Context(), name, dns.TypeA); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, %v; want %v", tt.name, a.A, err, tt.want)
		}
	}
}

func TestAskPassesOverForgedReply(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
		forged := new(dns.Msg).SetReply(q)
		forged.Id++
		w.WriteMsg(forged)
		m := new(dns.Msg).SetReply(q)
		m.Answer = []dns.RR{record(name+".", "127.0.0.2")}
		w.WriteMsg(m)
	})
	if a, err := client(s).Ask(t.Context(), name, dns.TypeA); err != nil || len(a.A) != 1 {
		t.Errorf("got %v, %v", a.A, err)
	}
}

func TestAskWithoutEDNSAfterFormErr(t *testing.T) {
	s := dnsbltest.Start(t)
	s.Handle(name, func(w dns.ResponseWriter, q *dns.Msg) {
		if q.IsEdns0() != nil {
			m := new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
			m.Question = nil
			w.WriteMsg(m)
			return
		}
		w.WriteMsg(new(dns.Msg).SetReply(q))
	})
	if a, err := client(s).Ask(t.Context(), name, dns.TypeA); err != nil || !a.Exists() {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestAskRemembersTheServerThatAnswers(t *testing.T) {
	dead, good := dnsbltest.Start(t), dnsbltest.Start(t)
	dead.Set("*.example", dnsbltest.Reply{Drop: true})
	c := client(dead, good)
	asked := 0
	for i := range 3 {
		if _, err := c.Ask(t.Context(), name, dns.TypeA); err != nil {
			t.Fatal(err)
		}
		for i == 0 { // what was sent before the answer may be under way still
			before := asked
			time.Sleep(100 * time.Millisecond)
			if asked = len(dead.Asked()); asked == before {
				break
			}
		}
	}
	if n := len(dead.Asked()); asked < 2 || n != asked {
		t.Errorf("the dead server got %d datagrams for the first question, %d for all three", asked, n)
	}
}

func TestAskRefusedConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := netip.MustParseAddrPort(listener.Addr().String())
	listener.Close()
	for _, tcp := range []bool{false, true} {
		c := resolver.New([]resolver.Server{{Addr: closed, TCP: tcp}}, resolver.Options{})
		began := time.Now()
		if _, err := c.Ask(t.Context(), name, dns.TypeA); !errors.Is(err, resolver.ErrUnreachable) {
			t.Errorf("TCP %v: %v, want ErrUnreachable", tcp, err)
		}
		if time.Since(began) > 2*time.Second {
			t.Errorf("TCP %v: waited out the time-out", tcp)
		}
	}
	if _, err := resolver.New(nil, resolver.Options{}).Ask(t.Context(), name, dns.TypeA); !errors.Is(err, resolver.ErrNoServer) {
		t.Errorf("no server: %v", err)
	}
}

func TestAskCancelled(t *testing.T) {
	s := dnsbltest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.Handle(name, func(dns.ResponseWriter, *dns.Msg) { cancel() })
	c := resolver.New([]resolver.Server{{Addr: s.Addr()}}, resolver.Options{Timeout: time.Minute})
	if _, err := c.Ask(ctx, name, dns.TypeA); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSystem(t *testing.T) {
	servers, err := resolver.System()
	if err != nil || len(servers) == 0 || slices.ContainsFunc(servers, func(s resolver.Server) bool { return !s.Addr.IsValid() }) {
		t.Errorf("System() = %v, %v", servers, err)
	}
}

func rcode(code int) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) { w.WriteMsg(new(dns.Msg).SetRcode(q, code)) }
}

func altered(rr dns.RR, change func(*dns.Msg)) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Answer = []dns.RR{rr}
		change(m)
		w.WriteMsg(m)
	}
}

func record(owner, ip string) dns.RR {
	return &dns.A{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.ParseIP(ip)}
}
