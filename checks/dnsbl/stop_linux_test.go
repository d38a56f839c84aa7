package dnsbl_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"

	"go.uber.org/goleak"
)

// A cancelled run stops at once, and when it returns none of its goroutines
// runs and none of its sockets is open. Not parallel: it looks at the whole process.
func TestCancelledRunLeavesNothing(t *testing.T) {
	cat := catalogue(t)
	s := healthy(t, cat)
	s.Handle(".", silence)
	for _, l := range cat.Lists {
		s.Unset(dnsbltest.Reverse(l.PositiveTest().String()) + "." + l.Zone)
	}
	packets, stream := resolver.Server{Addr: s.Addr()}, resolver.Server{Addr: s.Addr(), TCP: true}
	for _, servers := range [][]resolver.Server{{packets}, {stream}, {packets, stream}} {
		goroutines := goleak.IgnoreCurrent()
		ctx, cancel := context.WithCancel(t.Context())
		var ended time.Time
		var cancelling sync.WaitGroup
		cancelling.Go(func() {
			time.Sleep(800 * time.Millisecond) // both servers are being asked by then
			if socketsTo(t, s.Addr()) < 20 {
				t.Errorf("%v: %d sockets are open amid the run; the test looks at the wrong ones", servers, socketsTo(t, s.Addr()))
			}
			ended = time.Now()
			cancel()
		})
		client := resolver.New(servers, resolver.Options{Timeout: 2 * time.Second})
		_, err := dnsbl.New(client, cat, dnsbl.Options{}).Check(ctx, []netip.Addr{ip4, ip6}, nil)
		open, took := socketsTo(t, s.Addr()), time.Since(ended)
		cancelling.Wait()
		if !errors.Is(err, context.Canceled) || took > time.Second {
			t.Errorf("%v: %v, %v after the cancelling", servers, err, took)
		}
		if open > 0 {
			t.Errorf("%v: %d sockets are open", servers, open)
		}
		if err := goleak.Find(goroutines); err != nil {
			t.Errorf("%v: %v", servers, err)
		}
	}
}

// socketsTo counts this process's sockets that are connected to a port: its
// file descriptors name inodes, which proc(5) ties to addresses.
func socketsTo(t *testing.T, addr netip.AddrPort) int {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	mine := make(map[string]bool)
	for _, fd := range fds {
		link, _ := os.Readlink("/proc/self/fd/" + fd.Name())
		if inode, ok := strings.CutPrefix(link, "socket:["); ok {
			mine[strings.TrimSuffix(inode, "]")] = true
		}
	}
	remote, n := fmt.Sprintf(":%04X", addr.Port()), 0
	for _, table := range []string{"udp", "tcp"} {
		text, err := os.ReadFile("/proc/self/net/" + table)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) > 9 && strings.HasSuffix(f[2], remote) && mine[f[9]] {
				n++
			}
		}
	}
	return n
}
