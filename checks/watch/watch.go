package watch

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"delist/checks/dnsbl"
)

// Settings are what a watch looks at, and with what.
type Settings struct {
	Catalogue *dnsbl.Catalogue
	IPs       []netip.Addr
	Every     time.Duration // between two looks at any list; 0: each list's own Schedule
	Guard     bool          // goes on when all are clear

	// Ask asks these lists about these addresses.
	Ask func(ctx context.Context, ips []netip.Addr, lists []*dnsbl.List) ([]dnsbl.Result, error)
	// Save keeps what is known of an address; nil keeps nothing. A failure is its own to tell: the watch goes on.
	Save func(ip netip.Addr, known Memory)
	// Tell hears of every round of looks, before the next begins.
	Tell  func(Round)
	Clock func() time.Time
}

// Round is one round of looks.
type Round struct {
	At      time.Time
	First   bool // of this watch: what is known now is news
	Asked   int  // answers that came, usable or not
	Usable  int  // of these
	Changes []Change
}

// Change is a list that says something else of an address than before.
type Change struct {
	At      time.Time
	IP      netip.Addr
	List    *dnsbl.List
	Was, Is dnsbl.Verdict // Listed or Clear
	Meaning []string      // of a listing
}

// Watch looks at lists again and again. It is for one goroutine.
type Watch struct {
	s     Settings
	known map[netip.Addr]Memory
}

// New makes a watch that goes on from what is known of each address.
func New(s Settings, known map[netip.Addr]Memory) *Watch {
	w := &Watch{s: s, known: map[netip.Addr]Memory{}}
	for _, ip := range s.IPs {
		w.known[ip] = Memory{}
		for _, l := range w.lists(ip) { // lists that have left the catalogue are forgotten
			if k, ok := known[ip][l.ID]; ok {
				w.known[ip][l.ID] = k
			}
		}
	}
	return w
}

// lists are those that can be asked about an address.
func (w *Watch) lists(ip netip.Addr) []*dnsbl.List {
	var lists []*dnsbl.List
	for _, l := range w.s.Catalogue.Askable() {
		if l.Covers(ip) {
			lists = append(lists, l)
		}
	}
	return lists
}

// Known are the lists of an address with what is known of each, in the order of
// the catalogue; a list that was never asked is left out.
func (w *Watch) Known(ip netip.Addr) (lists []*dnsbl.List, known []Known) {
	for _, l := range w.lists(ip) {
		if k, ok := w.known[ip][l.ID]; ok {
			lists, known = append(lists, l), append(known, k)
		}
	}
	return lists, known
}

// results are what the lists say of an address, as far as it counts now.
func (w *Watch) results(ip netip.Addr) []dnsbl.Result {
	lists, known := w.Known(ip)
	results := make([]dnsbl.Result, len(lists))
	for i, l := range lists {
		results[i] = dnsbl.Result{IP: ip, List: l, Verdict: known[i].Counts()}
	}
	return results
}

// Verdict sums up an address as dnsbl.Catalogue.Verdict does.
func (w *Watch) Verdict(ip netip.Addr) dnsbl.AddressVerdict {
	return w.s.Catalogue.Verdict(ip, w.results(ip))
}

// Count counts what the lists say of an address as dnsbl.Count does.
func (w *Watch) Count(ip netip.Addr) dnsbl.Tally { return dnsbl.Count(w.results(ip)) }

// every is the pause between two looks at a list.
func (w *Watch) every(l *dnsbl.List) time.Duration {
	if w.s.Every > 0 {
		return w.s.Every
	}
	return Schedule(l)
}

// now is the wall clock alone: a computer that slept has to see that time went by.
func (w *Watch) now() time.Time { return w.s.Clock().UTC().Round(0) }

// nap is the longest pause between two looks at the clock, which may be set.
const nap = time.Minute

// blink is the shortest, whatever the lists and the clock say.
const blink = 50 * time.Millisecond

// Run looks until every address is clear, as a guard until ctx ends. The error
// is the context's, or why the lists could not be asked at all.
func (w *Watch) Run(ctx context.Context) error {
	for first := true; ; first = false {
		if due := w.due(first); len(due) > 0 || first {
			if err := w.look(ctx, due, first); err != nil {
				return err
			}
		}
		if !w.s.Guard && w.clear() {
			return nil
		}
		timer := time.NewTimer(w.pause())
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// due are the lists to ask now: a list is asked about all addresses together.
func (w *Watch) due(first bool) []*dnsbl.List {
	now := w.now()
	var due []*dnsbl.List
	for _, ip := range w.s.IPs {
		for _, l := range w.lists(ip) {
			k, asked := w.known[ip][l.ID]
			if !asked || k.due(now, w.every(l)) || first && k.stale(now, w.every(l)) {
				due = append(due, l)
			}
		}
	}
	slices.SortFunc(due, func(a, b *dnsbl.List) int { return dnsbl.Compare(dnsbl.Result{List: a}, dnsbl.Result{List: b}) })
	return slices.Compact(due)
}

// look asks the lists, takes in what they say, and tells it. What was not told to
// the end is not kept: the next watch finds and tells it again.
func (w *Watch) look(ctx context.Context, lists []*dnsbl.List, first bool) error {
	round := Round{At: w.now(), First: first}
	if len(lists) > 0 {
		results, err := w.s.Ask(ctx, w.s.IPs, lists)
		if err != nil {
			return err
		}
		w.take(&round, results)
	}
	w.s.Tell(round)
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.s.Save != nil && round.Asked > 0 {
		for _, ip := range w.s.IPs {
			w.s.Save(ip, w.known[ip])
		}
	}
	return nil
}

// take takes in the answers of a round.
func (w *Watch) take(round *Round, results []dnsbl.Result) {
	now := w.now()
	for _, r := range results {
		before := w.known[r.IP][r.List.ID]
		next, changed := before.with(r, w.every(r.List), now)
		w.known[r.IP][r.List.ID] = next
		round.Asked++
		if Usable(r.Verdict) {
			round.Usable++
		}
		if changed {
			round.Changes = append(round.Changes, Change{At: now, IP: r.IP, List: r.List, Was: before.Verdict, Is: next.Verdict, Meaning: next.Meaning})
		}
	}
}

// clear says whether every address is.
func (w *Watch) clear() bool {
	return !slices.ContainsFunc(w.s.IPs, func(ip netip.Addr) bool { return w.Verdict(ip) != dnsbl.AddressClear })
}

// pause is how long nothing has to be done, at least a blink and at most a nap.
func (w *Watch) pause() time.Duration {
	now, pause := w.now(), nap
	for _, ip := range w.s.IPs {
		for _, k := range w.known[ip] {
			pause = min(pause, max(k.Next.Sub(now), 0))
		}
	}
	return max(pause, blink)
}
