package drill

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// ttl of the drill's answers, in seconds: none, so that no resolver between keeps what has changed.
const ttl = 0

// nameServer answers DNS questions on loopback, by UDP and TCP at the same port.
type nameServer struct {
	addr    netip.AddrPort
	lists   *blocklists
	known   map[string][]dns.RR // the practice server's own names and those it hosts
	servers []*dns.Server
	serving sync.WaitGroup

	mu     sync.Mutex
	failed []error
}

// serveNames starts the server and returns once it answers.
func serveNames(ctx context.Context, ip netip.Addr, lists *blocklists) (*nameServer, error) {
	known, err := identityRecords(ip)
	if err != nil {
		return nil, err
	}
	udp, tcp, err := listenBoth(ctx)
	if err != nil {
		return nil, err
	}
	n := &nameServer{addr: udp.LocalAddr().(*net.UDPAddr).AddrPort(), lists: lists, known: known}
	n.servers = []*dns.Server{
		{PacketConn: udp, Net: "udp", Handler: n},
		{Listener: tcp, Net: "tcp", Handler: n},
	}
	var started sync.WaitGroup
	for _, server := range n.servers {
		started.Add(1)
		running := sync.OnceFunc(started.Done)
		server.NotifyStartedFunc = running
		n.serving.Go(func() {
			defer running()
			if err := server.ActivateAndServe(); err != nil {
				n.mu.Lock()
				defer n.mu.Unlock()
				n.failed = append(n.failed, err)
			}
		})
	}
	started.Wait()
	return n, nil
}

// listenBoth takes one port of loopback for UDP and TCP.
func listenBoth(ctx context.Context) (net.PacketConn, net.Listener, error) {
	var lc net.ListenConfig
	var failed error
	for range 20 { // somebody may have the same port for TCP
		udp, err := lc.ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, fmt.Errorf("practice DNS server: %w", err)
		}
		tcp, err := lc.Listen(ctx, "tcp", udp.LocalAddr().String())
		if err == nil {
			return udp, tcp, nil
		}
		failed = errors.Join(err, udp.Close())
	}
	return nil, nil, fmt.Errorf("practice DNS server: %w", failed)
}

// ServeDNS implements dns.Handler.
func (n *nameServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable = true
	if q.IsEdns0() != nil {
		m.SetEdns0(1232, false)
	}
	if len(q.Question) != 1 {
		m.Rcode = dns.RcodeFormatError
	} else {
		var exists bool
		m.Answer, exists = n.answer(q.Question[0])
		if !exists {
			m.Rcode = dns.RcodeNameError
		}
	}
	_ = w.WriteMsg(m) // who asked has gone: asks again
}

// answer gives the records for a question, and whether the name exists at all.
func (n *nameServer) answer(q dns.Question) ([]dns.RR, bool) {
	name := strings.ToLower(strings.TrimSuffix(q.Name, "."))
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: ttl}
	if records, exists := n.known[name]; exists {
		return ofType(records, q.Qtype), true
	}
	answers, reason := n.lists.ask(name, time.Now())
	var records []dns.RR
	switch q.Qtype {
	case dns.TypeA:
		for _, ip := range answers {
			records = append(records, &dns.A{Hdr: header, A: ip.AsSlice()})
		}
	case dns.TypeTXT:
		if reason != "" {
			records = append(records, &dns.TXT{Hdr: header, Txt: []string{reason}})
		}
	}
	return records, len(answers) > 0
}

// close ends the server and waits for it.
func (n *nameServer) close() error {
	var errs []error
	for _, server := range n.servers {
		errs = append(errs, server.Shutdown())
	}
	n.serving.Wait()
	return errors.Join(append(errs, n.failed...)...)
}
