package resolver

import (
	"net/netip"
	"slices"
)

// maxServers bounds how many servers are taken from a system's settings, and
// with it the time a question can take. The C library stops at 3.
const maxServers = 4

// bounded drops repeated servers and keeps the first few.
func bounded(servers []Server) []Server {
	var kept []Server
	for _, s := range servers {
		if len(kept) < maxServers && !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// localServers is where to ask when the system names no server.
func localServers() []Server {
	return []Server{
		{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)},
		{Addr: netip.AddrPortFrom(netip.IPv6Loopback(), port)},
	}
}
