package steps

import (
	"slices"
	"time"

	"delist/spool"
)

// flowWindow is how far back the rates look: long enough to be calm, short enough to see that something stopped.
const flowWindow = 2 * time.Minute

// flow keeps what came and went at the last looks, per account, to say messages per minute.
type flow struct{ looks []oneLook }

type oneLook struct {
	at       time.Time
	took     time.Duration // since the look before it
	in, out  map[string]int
	allIn    int
	allOut   int
	rewrites int
}

// add keeps one look and forgets those that are too old.
func (f *flow) add(at time.Time, took time.Duration, before, after *spool.Snapshot, changes spool.Changes) {
	look := oneLook{at: at, took: took, in: map[string]int{}, out: map[string]int{}, rewrites: len(changes.Rewritten)}
	for _, id := range changes.Came {
		if m, ok := after.Find(id); ok {
			look.in[m.Account]++
			look.allIn++
		}
	}
	for _, id := range changes.Went {
		if m, ok := before.Find(id); ok {
			look.out[m.Account]++
			look.allOut++
		}
	}
	f.looks = append(f.looks, look)
	f.looks = slices.DeleteFunc(f.looks, func(l oneLook) bool { return at.Sub(l.at) > flowWindow })
}

// forget starts again: after a purge, what went was moved by us.
func (f *flow) forget() { f.looks = nil }

// rate is messages per minute for one account.
func (f *flow) rate(account string) Rate {
	return f.perMinute(func(l oneLook) (int, int) { return l.in[account], l.out[account] })
}

// all is messages per minute for the whole spool.
func (f *flow) all() Rate {
	return f.perMinute(func(l oneLook) (int, int) { return l.allIn, l.allOut })
}

func (f *flow) perMinute(count func(oneLook) (int, int)) Rate {
	var span time.Duration
	var in, out int
	for _, l := range f.looks {
		i, o := count(l)
		in, out, span = in+i, out+o, span+l.took
	}
	if span <= 0 {
		return Rate{}
	}
	return Rate{In: float64(in) / span.Minutes(), Out: float64(out) / span.Minutes(), Known: true}
}
