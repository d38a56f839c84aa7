//go:build !windows

package resolver

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"

	"github.com/miekg/dns"
)

const resolvConf = "/etc/resolv.conf"

// System gives the DNS servers this machine uses, in its order: those of
// /etc/resolv.conf, or the local ones when it names none (resolv.conf(5)).
func System() ([]Server, error) {
	f, err := os.Open(resolvConf)
	if errors.Is(err, fs.ErrNotExist) {
		return localServers(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the system's resolvers: %w; give one with --resolver", err)
	}
	defer f.Close()
	return fromResolvConf(io.LimitReader(f, 1<<20))
}

func fromResolvConf(r io.Reader) ([]Server, error) {
	conf, err := dns.ClientConfigFromReader(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w; give a resolver with --resolver", resolvConf, err)
	}
	var servers []Server
	for _, text := range conf.Servers {
		if addr, err := netip.ParseAddr(text); err == nil {
			servers = append(servers, Server{Addr: netip.AddrPortFrom(addr.Unmap(), port)})
		}
	}
	if len(servers) == 0 {
		return localServers(), nil
	}
	return bounded(servers), nil
}
