package incident

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/checks/dnsbl"
	"delist/steps/words"
)

// Worklist are the listings in the order in which to work on them: what the provider has to ask for, then self-service at
// the lists that others copy, then forms and mails, the receivers that follow those lists, what waits by itself, the rest.
func (inc *Incident) Worklist() []Listing {
	work := slices.Clone(inc.Listings)
	slices.SortStableFunc(work, func(a, b Listing) int {
		return cmp.Or(cmp.Compare(a.Order(), b.Order()), cmp.Compare(a.Tier, b.Tier), strings.Compare(a.List, b.List), a.IP.Compare(b.IP))
	})
	return work
}

// Order is the listing's place in the work, see dnsbl.Removal.
func (l *Listing) Order() int {
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
const Receivers = 5

// After names the listings that have to clear before this one is worth asking for: a list refuses every other removal
// while its record at the provider stands, and a receiver that follows the lists says no until they have cleared.
func (inc *Incident) After(l *Listing) []string {
	var names []string
	for _, other := range inc.Worklist() {
		if other.IP != l.IP || !other.Gone.IsZero() || other.Removal == nil || other.List == l.List || other.State == ListingLeft {
			continue
		}
		follows := l.Order() == Receivers && other.Order() < Receivers
		if follows || l.heldBy(&other) {
			names = append(names, other.List)
		}
	}
	return names
}

// heldBy says that a list removes the address here only once the provider has had it removed there.
func (l *Listing) heldBy(other *Listing) bool {
	return other.Asked() == l.Asked() && other.Removal != nil && other.Removal.Kind == dnsbl.ByProvider && other.Order() < l.Order() && other.Gone.IsZero()
}

// source is the list that was asked: one may hold several sublists, each a listing of its own.
func (l *Listing) Asked() string { return cmp.Or(l.Source, l.List) }

// ListedSince is when a list was first seen to have an address, on any of its sublists; zero when it was not.
func (inc *Incident) ListedSince(ip netip.Addr, list string) time.Time {
	var first time.Time
	for _, l := range inc.Listings {
		if l.IP == ip && l.Asked() == list && (first.IsZero() || l.First.Before(first)) {
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
		l.Meaning, l.Reason, l.Impact, l.Lookup, l.Policy = seen.Meaning, seen.Reason, seen.Impact, seen.Lookup, seen.Policy
		if !l.Gone.IsZero() {
			l.Gone, l.Until, l.State, l.Why, l.Back = time.Time{}, time.Time{}, ListingToDo, "", seen.Seen
		}
	case dnsbl.Clear:
		if l.Gone.IsZero() {
			l.Gone, l.State, l.Until, l.Why = seen.Seen, ListingCleared, time.Time{}, ""
		}
	}
}

// Penalty says what asking too early or twice brings, as the end of a sentence.
func (l *Listing) Penalty() string {
	if l.Removal == nil || l.Removal.Penalty == "" {
		return ""
	}
	return ": " + strings.TrimRight(l.Removal.Penalty, ".")
}

// FollowUp is what is still to do about a listing as it stands now, empty when nothing is.
func (l *Listing) FollowUp(inc *Incident) string {
	if !l.Gone.IsZero() {
		return ""
	}
	switch l.State {
	case ListingAsked, ListingWaits:
		when := "in a day"
		if !l.Until.IsZero() {
			when = "on " + words.Day(l.Until)
		}
		if l.ByHand {
			return fmt.Sprintf("look whether %s takes mail from %s again, %s", l.List, l.IP, when)
		}
		return fmt.Sprintf("look whether %s has cleared %s, %s", l.List, l.IP, when)
	case ListingToDo:
		if after := inc.After(l); len(after) > 0 {
			return fmt.Sprintf("ask %s about %s, once %s %s cleared", l.List, l.IP, strings.Join(after, " and "), words.Have(len(after)))
		}
		if !l.Nothing() {
			return fmt.Sprintf("ask %s to remove %s, once the server is quiet", l.List, l.IP)
		}
	}
	return ""
}

// NoListing says what it means that no list is known to have this server: only lists that answered can tell.
func (inc *Incident) NoListing() string {
	switch {
	case len(inc.Addresses) == 0:
		return "No address of this server is known, so no list was asked."
	case inc.Asked.IsZero():
		return "The lists have not answered yet: whether one has this server is not known."
	case inc.Unheard():
		return "No list gave a usable answer: whether one has this server is not known."
	case len(inc.NoAnswer) > 0:
		return fmt.Sprintf("No list that answered has this server. %s gave no usable answer.", words.Count(len(inc.NoAnswer), "list", "lists"))
	}
	return "No list has this server."
}
