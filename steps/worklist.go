package steps

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/checks/dnsbl"
)

// Worklist are the listings in the order in which to work on them: what the provider has to ask for, then self-service at
// the lists that others copy, then forms and mails, the receivers that follow those lists, what waits by itself, the rest.
func (inc *Incident) Worklist() []Listing {
	work := slices.Clone(inc.Listings)
	slices.SortStableFunc(work, func(a, b Listing) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.Tier, b.Tier), strings.Compare(a.List, b.List), a.IP.Compare(b.IP))
	})
	return work
}

// order is the listing's place in the work, see dnsbl.Removal.
func (l *Listing) order() int {
	switch {
	case l.Removal == nil:
		return 9
	case l.Removal.Kind == dnsbl.NoRemoval:
		return 8
	}
	return l.Removal.Order
}

// NextListing is the first listing of the worklist that somebody has to ask for now.
func (inc *Incident) NextListing() (Listing, bool) {
	for _, l := range inc.Worklist() {
		if inc.ToAskNow(&l) {
			return l, true
		}
	}
	return Listing{}, false
}

// ToAskNow says that somebody has to ask for a listing now.
func (inc *Incident) ToAskNow(l *Listing) bool {
	return l.State == ListingToDo && !l.Nothing() && len(inc.After(l)) == 0
}

// receivers is the place in the work of those who follow other people's lists.
const receivers = 5

// After names the listings that have to clear before this one is worth asking for: a list refuses every other removal
// while its record at the provider stands, and a receiver that follows the lists says no until they have cleared.
func (inc *Incident) After(l *Listing) []string {
	var names []string
	for _, other := range inc.Worklist() {
		if other.IP != l.IP || !other.Gone.IsZero() || other.Removal == nil || other.List == l.List || other.State == ListingLeft {
			continue
		}
		follows := l.order() == receivers && other.order() < receivers
		if follows || l.heldBy(&other) {
			names = append(names, other.List)
		}
	}
	return names
}

// heldBy says that a list removes the address here only once the provider has had it removed there.
func (l *Listing) heldBy(other *Listing) bool {
	return other.source() == l.source() && other.Removal != nil && other.Removal.Kind == dnsbl.ByProvider && other.order() < l.order() && other.Gone.IsZero()
}

// source is the list that was asked: one may hold several sublists, each a listing of its own.
func (l *Listing) source() string { return cmp.Or(l.Source, l.List) }

// ListedSince is when a list was first seen to have an address, on any of its sublists; zero when it was not.
func (inc *Incident) ListedSince(ip netip.Addr, list string) time.Time {
	var first time.Time
	for _, l := range inc.Listings {
		if l.IP == ip && l.source() == list && (first.IsZero() || l.First.Before(first)) {
			first = l.First
		}
	}
	return first
}

// look takes a newer look into a known listing. Only a clear answer ends it: refused and unusable say nothing.
func (l *Listing) look(seen Listing) {
	l.Seen, l.Verdict = seen.Seen, seen.Verdict
	if seen.Removal != nil {
		l.Removal = seen.Removal
	}
	switch seen.Verdict {
	case dnsbl.Listed:
		l.Meaning, l.Reason, l.Impact, l.Lookup = seen.Meaning, seen.Reason, seen.Impact, seen.Lookup
		if !l.Gone.IsZero() {
			l.Gone, l.Until, l.State, l.Why, l.Back = time.Time{}, time.Time{}, ListingToDo, "", seen.Seen
		}
	case dnsbl.Clear:
		if l.Gone.IsZero() {
			l.Gone, l.State, l.Until, l.Why = seen.Seen, ListingCleared, time.Time{}, ""
		}
	}
}

// listsAsked makes the record of one round: every listing, and what the known ones are now.
func listsAsked(report dnsbl.Report, known []Listing, now time.Time) ListsAsked {
	fact := ListsAsked{}
	var all []dnsbl.Result
	for _, address := range report.Addresses {
		for _, res := range address.Results {
			all = append(all, res)
			if res.Shown() {
				fact.Asked++
			}
			switch res.Verdict {
			case dnsbl.Refused, dnsbl.Unusable:
				if res.Shown() && !slices.Contains(fact.NoAnswer, res.List.Name) {
					fact.NoAnswer = append(fact.NoAnswer, res.List.Name)
				}
			}
			fact.Listings = append(fact.Listings, listingsOf(res, known, now)...)
		}
	}
	fact.Summary = dnsbl.Summarise(all)
	return fact
}

// listingsOf are the listings that an answer tells of, and what it says of those that were known.
func listingsOf(res dnsbl.Result, known []Listing, now time.Time) []Listing {
	at := now.UTC().Round(0)
	seen := Listing{IP: res.IP, Source: res.List.Name, Zone: res.List.Zone, Tier: res.List.Tier, Verdict: res.Verdict, Reason: res.Reason,
		Impact: string(res.List.Impact), Lookup: res.Lookup, Seen: at, First: at}
	var all []Listing
	for _, p := range res.Procedures() {
		l := seen
		l.List, l.Removal = p.Name, &p.Removal
		for _, c := range p.Codes {
			l.Meaning = append(l.Meaning, c.Meaning)
		}
		all = append(all, l)
	}
	for _, before := range known {
		told := slices.ContainsFunc(all, func(l Listing) bool { return l.List == before.List })
		if before.IP != res.IP || before.source() != res.List.Name || before.ByHand || told {
			continue
		}
		l := seen
		l.List = before.List
		if res.Verdict == dnsbl.Listed { // on another of its sublists, and no longer on this one
			l.Verdict, l.Reason = dnsbl.Clear, ""
		}
		all = append(all, l)
	}
	return all
}

// Earlier is a request for removal from an earlier incident of this server: a list remembers it, whoever asks again.
type Earlier struct {
	Incident string
	Listing
}

// earlierRequest finds a request of another incident whose waiting time is not over.
func (s *State) earlierRequest(ip netip.Addr, list string) (Earlier, bool) {
	for _, e := range s.Settings.Earlier {
		if e.Incident != s.Incident.ID && e.IP == ip && e.List == list && e.State == ListingAsked && s.Now.Before(e.Until) {
			return e, true
		}
	}
	return Earlier{}, false
}
