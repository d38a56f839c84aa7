package outbound

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"delist/spool/message"
)

// Sampler looks. It is used by one goroutine at a time.
type Sampler struct {
	port     uint16
	loopback bool
	eyes     eyes
}

// New returns a sampler of this machine's connections to port 25 of other machines.
func New() *Sampler { return &Sampler{port: SMTP, eyes: newEyes()} }

// At returns a sampler of a practice server: port stands for port 25 there, and the world outside is on loopback.
func At(port uint16) *Sampler { return &Sampler{port: port, loopback: true, eyes: newEyes()} }

// connection is one line of a system's table of TCP connections.
type connection struct {
	local, remote netip.AddrPort
	socket        uint64 // the system's number of it, 0 where it has none any more
	pid           int    // where the table names it
	uid           uint32
	container     bool
	over          bool // it has ended, or nobody holds it any more
}

// Sample takes one look.
func (s *Sampler) Sample(ctx context.Context) (Sample, error) {
	here, unsure := ownAddresses()
	outside := func(c connection) bool {
		ip := c.remote.Addr()
		switch {
		case c.remote.Port() != s.port || ip.IsUnspecified():
			return false
		case ip.IsLoopback():
			return s.loopback
		}
		return !here[ip]
	}
	speaks, unseen, err := s.eyes.connections(ctx, outside)
	if err != nil {
		return Sample{}, err
	}
	if unsure != nil {
		unseen = append(unseen, "This machine's own addresses cannot be read, so who hands mail to the mail server here may be named, too: "+message.Printable(unsure.Error())+".")
	}
	sample := Sample{At: time.Now().UTC().Round(0), Programs: []Program{}, Unseen: unseen}
	var open []connection
	for _, c := range speaks {
		if c.over {
			sample.Ended++
			continue
		}
		open = append(open, c)
	}
	programs, ended, blind := s.eyes.programs(ctx, open, outside)
	sample.Ended += ended
	sample.Programs = merge(programs)
	sample.Unseen = append(sample.Unseen, blind...)
	return sample, ctx.Err()
}

// merge puts the connections of one process together, the busiest first.
func merge(each []Program) []Program {
	all := []Program{}
	for _, p := range each {
		i := slices.IndexFunc(all, func(known Program) bool { return known.PID == p.PID && known.Key() == p.Key() })
		if i < 0 {
			p.Connections = 1
			all = append(all, p)
			continue
		}
		all[i].Connections++
	}
	slices.SortStableFunc(all, func(a, b Program) int { return b.Connections - a.Connections })
	return all
}
