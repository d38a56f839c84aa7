package resolver

import (
	"fmt"
	"net/netip"
	"strings"
)

// port is where DNS servers listen (RFC 1035 section 4.2).
const port = 53

// Server is one DNS server to ask.
type Server struct {
	Addr netip.AddrPort
	TCP  bool // ask over TCP only, where UDP does not get through
}

// String gives the server in the form that Parse reads.
func (s Server) String() string {
	if s.TCP {
		return "tcp://" + s.Addr.String()
	}
	return s.Addr.String()
}

// Parse reads [tcp://]HOST[:PORT], where HOST is an address: 192.0.2.53,
// 192.0.2.53:5353, 2001:db8::53, [2001:db8::53]:5353. Names are refused,
// since looking one up would need the very resolver that is being chosen.
func Parse(s string) (Server, error) {
	rest, tcp := strings.CutPrefix(strings.TrimSpace(s), "tcp://")
	if !tcp {
		rest = strings.TrimPrefix(rest, "udp://")
	}
	if addr, err := netip.ParseAddrPort(rest); err == nil {
		if addr.Port() == 0 {
			return Server{}, fmt.Errorf("the resolver %q has port 0; leave the port out, or give the one it listens on", s)
		}
		return Server{Addr: netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), TCP: tcp}, nil
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]")
	addr, err := netip.ParseAddr(bare)
	if err != nil {
		return Server{}, fmt.Errorf("the resolver %q is not an address; give one such as 192.0.2.53, [2001:db8::53]:5353 or tcp://192.0.2.53:53 (names are not looked up)", s)
	}
	return Server{Addr: netip.AddrPortFrom(addr.Unmap(), port), TCP: tcp}, nil
}
