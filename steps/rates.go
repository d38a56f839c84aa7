package steps

import (
	"net/netip"
	"slices"
	"time"

	"delist/spool"
)

// flowWindow is how far back the rates look: long enough to be calm, short enough to see that something stopped.
const flowWindow = 2 * time.Minute

// flow keeps what came and went at the last looks, to say messages per minute.
type flow struct{ looks []oneLook }

type oneLook struct {
	at      time.Time
	took    time.Duration // since the look before it
	in, out tallies
}

// tallies count messages by the views that there are of a spool.
type tallies struct {
	all       int
	accounts  map[string]int
	campaigns map[string]int
	clients   map[netip.Addr]int
}

func tally(ids []spool.ID, snap *spool.Snapshot) tallies {
	t := tallies{accounts: map[string]int{}, campaigns: map[string]int{}, clients: map[netip.Addr]int{}}
	for _, id := range ids {
		m, ok := snap.Find(id)
		if !ok {
			continue
		}
		t.all++
		t.accounts[m.Account]++
		t.campaigns[spool.CampaignName(&m)]++
		if !m.Bounce {
			t.clients[m.ClientIP]++
		}
	}
	return t
}

// add keeps one look and forgets those that are too old.
func (f *flow) add(at time.Time, took time.Duration, before, after *spool.Snapshot, changes spool.Changes) {
	f.looks = append(f.looks, oneLook{at: at, took: took, in: tally(changes.Came, after), out: tally(changes.Went, before)})
	f.looks = slices.DeleteFunc(f.looks, func(l oneLook) bool { return at.Sub(l.at) > flowWindow })
}

// forget starts again: after a purge, what went was moved by us.
func (f *flow) forget() { f.looks = nil }

// account, campaign and client are messages per minute of one of them, all is that of the whole spool.
func (f *flow) account(name string) Rate {
	return f.perMinute(func(t *tallies) int { return t.accounts[name] })
}

func (f *flow) campaign(name string) Rate {
	return f.perMinute(func(t *tallies) int { return t.campaigns[name] })
}

func (f *flow) client(ip netip.Addr) Rate {
	return f.perMinute(func(t *tallies) int { return t.clients[ip] })
}

func (f *flow) all() Rate { return f.perMinute(func(t *tallies) int { return t.all }) }

func (f *flow) perMinute(count func(*tallies) int) Rate {
	var span time.Duration
	var in, out int
	for i := range f.looks {
		l := &f.looks[i]
		in, out, span = in+count(&l.in), out+count(&l.out), span+l.took
	}
	if span <= 0 {
		return Rate{}
	}
	return Rate{In: float64(in) / span.Minutes(), Out: float64(out) / span.Minutes(), Known: true}
}
