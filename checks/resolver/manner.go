package resolver

import (
	"sync"

	"github.com/miekg/dns"
)

// form is how a question is put: with EDNS (RFC 6891), which lets long answers
// through, or in the plain form of RFC 1035.
type form uint8

const (
	untried form = iota
	takesEDNS
	plainOnly // a server, or a firewall before it, that drops or refuses EDNS
)

// manner is what one server has shown of how it wants to be asked. What it has
// shown first stands: later silence may be a lost datagram.
type manner struct {
	mu   sync.Mutex
	form form
}

func (m *manner) is(f form) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.form == f
}

func (m *manner) learn(f form) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.form == untried {
		m.form = f
	}
}

// heard learns from a reply; plainly says that the question had gone out
// without EDNS by then, and had not been answered before.
func (m *manner) heard(reply *dns.Msg, plainly bool) {
	switch {
	case reply.IsEdns0() != nil:
		m.learn(takesEDNS)
	case plainly:
		m.learn(plainOnly)
	}
}

// dislikes reports a reply that may be about EDNS alone. A server that has never
// shown to take it may also call it its own failure.
func (m *manner) dislikes(reply *dns.Msg) bool {
	switch reply.Rcode {
	case dns.RcodeFormatError, dns.RcodeNotImplemented, dns.RcodeBadVers:
		return !m.is(plainOnly)
	case dns.RcodeServerFailure, dns.RcodeRefused:
		return m.is(untried)
	}
	return false
}
