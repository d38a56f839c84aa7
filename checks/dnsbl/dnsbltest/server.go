// Package dnsbltest runs a small DNS server on loopback, UDP and TCP on one
// port, that serves blocklist zones to tests and misbehaves as they ask.
package dnsbltest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Reply is what the server answers for one name. The zero Reply is NODATA, with
// the SOA record that goes with it (RFC 2308 section 2.2).
type Reply struct {
	A     []string      // IPv4 addresses
	TXT   []string      // one record each
	CNAME string        // an alias; the A and TXT records then stand at its target
	RCode int           // dns.RcodeServerFailure and the like
	Delay time.Duration // before the answer
	Drop  bool          // no answer at all
	Bare  bool          // NODATA without an SOA record: half an answer
}

// Server answers from names set beforehand; every other name is NXDOMAIN.
type Server struct {
	addr    netip.AddrPort
	udp     *dns.Server
	tcp     *dns.Server
	ended   chan struct{} // closed at the end: no reply waits beyond it
	pending sync.WaitGroup

	mu      sync.Mutex
	replies map[string]Reply
	raw     map[string]dns.HandlerFunc
	habit   Habit
	asked   []string
	delay   time.Duration
	loss    float64
	dice    *rand.Rand
}

// Start runs a server until the test ends.
func Start(tb testing.TB) *Server {
	tb.Helper()
	packets, listener, err := listen()
	if err != nil {
		tb.Fatalf("listen on loopback: %v", err)
	}
	s := &Server{
		addr:    netip.MustParseAddrPort(listener.Addr().String()),
		ended:   make(chan struct{}),
		replies: make(map[string]Reply),
		raw:     make(map[string]dns.HandlerFunc),
		dice:    rand.New(rand.NewPCG(0, 0)),
	}
	handler := dns.HandlerFunc(s.serve)
	var ready, done sync.WaitGroup
	ready.Add(2)
	s.udp = &dns.Server{PacketConn: packets, Handler: handler, NotifyStartedFunc: ready.Done}
	s.tcp = &dns.Server{Listener: listener, Handler: handler, NotifyStartedFunc: ready.Done}
	done.Go(func() { s.udp.ActivateAndServe() })
	done.Go(func() { s.tcp.ActivateAndServe() })
	ready.Wait()
	tb.Cleanup(func() {
		close(s.ended)
		s.udp.Shutdown()
		s.tcp.Shutdown()
		done.Wait()
		s.pending.Wait()
	})
	return s
}

// listen opens UDP and TCP on one free port.
func listen() (net.PacketConn, net.Listener, error) {
	var last error
	for range 20 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		packets, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return packets, listener, nil
		}
		listener.Close()
		last = err
	}
	return nil, nil, fmt.Errorf("no port is free for both UDP and TCP: %w", last)
}

// Addr is where the server listens.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// CloseTCP ends the TCP side, so that a truncated answer stays so.
func (s *Server) CloseTCP() { s.tcp.Shutdown() }

// Wire puts a wire between the server and those who ask: every answer takes
// delay, and of all datagrams, both ways, the part loss gets lost, always the
// same ones for the same seed and order.
func (s *Server) Wire(delay time.Duration, loss float64, seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay, s.loss, s.dice = delay, loss, rand.New(rand.NewPCG(seed, seed))
}

// pass takes a question over the wire and back, and reports whether both ways held.
func (s *Server) pass(w dns.ResponseWriter) bool {
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	s.mu.Lock()
	delay, lost := s.delay, udp && (s.dice.Float64() < s.loss || s.dice.Float64() < s.loss)
	s.mu.Unlock()
	if delay > 0 {
		s.sleep(delay)
	}
	return !lost
}

// sleep waits, but not beyond the server's end.
func (s *Server) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ended:
	}
}

// Set gives the reply for a name; "*.zone" is for every name below zone that
// has no reply of its own.
func (s *Server) Set(name string, r Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies[dns.CanonicalName(name)] = r
}

// Unset takes a name away again: it becomes NXDOMAIN.
func (s *Server) Unset(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.replies, dns.CanonicalName(name))
}

// Zone serves a healthy blocklist: the IPv4 test entry of RFC 5782 section 5
// with answer, and nothing else until List adds to it.
func (s *Server) Zone(zone string, answer ...string) {
	s.Set("2.0.0.127."+zone, Reply{A: answer, TXT: []string{"test entry"}})
}

// List puts an address on a zone.
func (s *Server) List(zone, ip string, r Reply) {
	s.Set(Reverse(ip)+"."+zone, r)
}

// Handle leaves every name at or below suffix to h, for answers no Reply can give.
func (s *Server) Handle(suffix string, h dns.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw[dns.CanonicalName(suffix)] = h
}

// Habit stands before every answer: it calls answer for the usual one, or writes
// one of its own, or none. The answer may be changed before it is written.
type Habit func(w dns.ResponseWriter, query *dns.Msg, answer func() *dns.Msg)

// Behave gives the server a habit.
func (s *Server) Behave(h Habit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.habit = h
}

// Asked gives the questions so far, each as "TYPE name", in order of arrival.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Reverse gives an address as blocklists expect it in a name (RFC 5782
// sections 2.1 and 2.4). It is written apart from the code under test on purpose.
func Reverse(ip string) string {
	reversed, err := dns.ReverseAddr(ip)
	if err != nil {
		panic(err)
	}
	reversed = strings.TrimSuffix(reversed, ".in-addr.arpa.")
	return strings.TrimSuffix(reversed, ".ip6.arpa.")
}

func (s *Server) serve(w dns.ResponseWriter, query *dns.Msg) {
	s.pending.Add(1)
	defer s.pending.Done()
	if !s.pass(w) {
		return
	}
	q := query.Question[0]
	reply, raw := s.find(q)
	s.mu.Lock()
	habit := s.habit
	s.mu.Unlock()
	switch {
	case raw != nil:
		raw(w, query)
		return
	case habit != nil:
		habit(w, query, func() *dns.Msg { return answer(query, reply) })
		return
	}
	if reply.Delay > 0 {
		s.sleep(reply.Delay)
	}
	if reply.Drop {
		return
	}
	m := answer(query, reply)
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size := dns.MinMsgSize
		if opt := query.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		m.Truncate(size)
	}
	w.WriteMsg(m)
}

func (s *Server) find(q dns.Question) (Reply, dns.HandlerFunc) {
	name := dns.CanonicalName(q.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, dns.TypeToString[q.Qtype]+" "+strings.TrimSuffix(name, "."))
	if r, ok := s.replies[name]; ok {
		return r, nil
	}
	for at, end := 0, false; !end; at, end = dns.NextLabel(name, at) {
		if h, ok := s.raw[name[at:]]; ok {
			return Reply{}, h
		}
		if r, ok := s.replies["*."+name[at:]]; ok && at > 0 {
			return r, nil
		}
	}
	return Reply{RCode: dns.RcodeNameError}, s.raw["."]
}

func answer(query *dns.Msg, r Reply) *dns.Msg {
	m := new(dns.Msg).SetRcode(query, r.RCode)
	m.RecursionAvailable = true
	q := query.Question[0]
	owner := q.Name
	if r.CNAME != "" {
		owner = dns.Fqdn(r.CNAME)
		m.Answer = append(m.Answer, &dns.CNAME{Hdr: header(q.Name, dns.TypeCNAME), Target: owner})
	}
	switch q.Qtype {
	case dns.TypeA:
		for _, a := range r.A {
			m.Answer = append(m.Answer, &dns.A{Hdr: header(owner, dns.TypeA), A: net.ParseIP(a)})
		}
	case dns.TypeTXT:
		for _, text := range r.TXT {
			m.Answer = append(m.Answer, &dns.TXT{Hdr: header(owner, dns.TypeTXT), Txt: split(text)})
		}
	}
	if r.RCode == dns.RcodeSuccess && len(m.Answer) == 0 && !r.Bare {
		m.Ns = append(m.Ns, &dns.SOA{Hdr: header(domain(q.Name), dns.TypeSOA), Ns: "ns.example.", Mbox: "postmaster.example."})
	}
	return m
}

// domain is the last two labels of a name: a zone's own, and never that of the root.
func domain(name string) string {
	if starts := dns.Split(name); len(starts) > 2 {
		return name[starts[len(starts)-2]:]
	}
	return name
}

func header(name string, rrtype uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: rrtype, Class: dns.ClassINET, Ttl: 60}
}

// split cuts a text into strings of at most 255 bytes (RFC 1035 section 3.3),
// each in the presentation form that the DNS library packs.
func split(text string) []string {
	var parts []string
	for chunk := range slices.Chunk([]byte(text), 255) {
		var b strings.Builder
		for _, c := range chunk {
			if c < ' ' || c > '~' || c == '"' || c == '\\' {
				fmt.Fprintf(&b, `\%03d`, c)
			} else {
				b.WriteByte(c)
			}
		}
		parts = append(parts, b.String())
	}
	return parts
}
