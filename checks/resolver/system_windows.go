package resolver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

// System gives the DNS servers this machine uses: those of its adapters that
// are up, adapters with a gateway first. Windows has no resolv.conf; this is
// what GetAdaptersAddresses says.
func System() ([]Server, error) {
	first, err := adapters()
	if err != nil {
		return nil, fmt.Errorf("read the system's resolvers: %w; give one with --resolver", err)
	}
	var routed, other []Server
	for a := first; a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp {
			continue
		}
		found := dnsServers(a)
		if a.FirstGatewayAddress != nil {
			routed = append(routed, found...)
		} else {
			other = append(other, found...)
		}
	}
	servers := bounded(append(routed, other...))
	if len(servers) == 0 {
		return localServers(), nil
	}
	return servers, nil
}

// adapters asks for the list of adapters, growing the buffer until it fits.
// The flag for prefixes is left out: nothing here needs them, and Wine fails on it.
func adapters() (*windows.IpAdapterAddresses, error) {
	size := uint32(15000) // the size Microsoft recommends to begin with
	for range 5 {
		buf := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, windows.GAA_FLAG_INCLUDE_GATEWAYS, 0, first, &size)
		switch {
		case err == nil && size == 0:
			return nil, nil
		case err == nil:
			return first, nil
		case !errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) || size <= uint32(len(buf)):
			return nil, err
		}
	}
	return nil, windows.ERROR_BUFFER_OVERFLOW
}

func dnsServers(a *windows.IpAdapterAddresses) []Server {
	var servers []Server
	for d := a.FirstDnsServerAddress; d != nil; d = d.Next {
		ip := d.Address.IP()
		addr, ok := netip.AddrFromSlice(ip)
		if !ok || unusedSiteLocal(ip) {
			continue
		}
		servers = append(servers, Server{Addr: netip.AddrPortFrom(addr.Unmap(), port)})
	}
	return servers
}

// unusedSiteLocal tells the addresses fec0:0:0:ffff::1 to ::3, which Windows
// lists on adapters without a DNS server and where nothing ever answers.
func unusedSiteLocal(ip net.IP) bool {
	return len(ip) == net.IPv6len && ip[0] == 0xfe && ip[1] == 0xc0
}
