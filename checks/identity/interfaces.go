package identity

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// Interfaces is the Source of the addresses that are bound to this machine's interfaces.
func Interfaces(context.Context) ([]Candidate, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	var candidates []Candidate
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			return candidates, fmt.Errorf("read the addresses of interface %s: %w", i.Name, err)
		}
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				candidates = append(candidates, Candidate{prefix.Addr(), FromInterface, "bound to interface " + i.Name})
			}
		}
	}
	return candidates, nil
}
