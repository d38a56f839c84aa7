package outbound

import (
	"fmt"
	"net"
	"net/netip"
)

// ownAddresses are those of this machine: who speaks to one of them hands its mail to the mail server here.
func ownAddresses() (map[netip.Addr]bool, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("this machine's own addresses cannot be read, so nobody can tell who speaks to others: %w", err)
	}
	own := map[netip.Addr]bool{}
	for _, a := range all {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			own[prefix.Addr().Unmap().WithZone("")] = true
		}
	}
	return own, nil
}
