package steps

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/checks/dnsbl"
)

// delistActions work on the listing under the cursor.
func (s *State) delistActions() []Action {
	ask := Action{
		ID: ActRequested, Label: "mark as asked", Ask: AskText, Prompt: "Ticket number or name, if you got one:",
		About:  "First ask the list for removal, by its link. Then mark it here, so that nobody asks twice.",
		Intent: func(a Answer) Intent { return MarkRequested{IP: a.IP, List: a.List, Ticket: a.Text} },
	}
	if s.Incident.Steps[Verify].State != Done {
		ask.Ask, ask.Prompt = AskReason, "Verify is not done: a list that is asked too early puts the address back. Why ask now?"
		ask.Intent = func(a Answer) Intent { return MarkRequested{IP: a.IP, List: a.List, Reason: a.Text} }
	}
	leave := Action{
		ID: ActLeave, Label: "leave it, with reason", Ask: AskReason, Prompt: "Why is this listing left alone?",
		Intent: func(a Answer) Intent { return LeaveListing{IP: a.IP, List: a.List, Reason: a.Text} },
	}
	done := Action{
		ID: ActDelistDone, Label: "every listing is asked, waiting or left: go on to Close", Refused: s.refusal(FinishDelist{}),
		Intent: func(Answer) Intent { return FinishDelist{} },
	}
	lists := Action{ID: ActLists, Label: "ask the lists again", Intent: func(Answer) Intent { return AskLists{} }}
	next, open := s.Incident.NextListing()
	if !open {
		done.Recommended = done.Refused == ""
		return []Action{done, ask, leave, lists}
	}
	if next.Removal != nil && next.Removal.Kind == dnsbl.NoRemoval {
		leave.Recommended, leave.Default = true, "not ours to remove: "+strings.ToLower(next.Impact)
		return []Action{leave, ask, done, lists}
	}
	ask.Recommended = true
	return []Action{ask, leave, done, lists}
}

// NextListing is the first listing of the worklist that is to do.
func (inc *Incident) NextListing() (Listing, bool) {
	for _, l := range inc.Worklist() {
		if l.State == ListingToDo {
			return l, true
		}
	}
	return Listing{}, false
}

// Worklist are the listings in the order in which to work on them: what the provider has to ask for, then self-service at
// the lists that others copy, then forms and mails, then what waits by itself, then what is not ours.
func (inc *Incident) Worklist() []Listing {
	work := slices.Clone(inc.Listings)
	place := func(l Listing) int {
		if l.Removal == nil {
			return 9
		}
		return l.Removal.Order
	}
	slices.SortStableFunc(work, func(a, b Listing) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Tier, b.Tier), strings.Compare(a.List, b.List), a.IP.Compare(b.IP))
	})
	return work
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
			l.Gone, l.State, l.Why = time.Time{}, ListingToDo, "back again"
		}
	case dnsbl.Clear:
		if l.Gone.IsZero() {
			l.Gone, l.State = seen.Seen, ListingCleared
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
			before := slices.ContainsFunc(known, func(l Listing) bool { return l.IP == res.IP && l.List == res.List.Name })
			if res.Verdict == dnsbl.Listed || before {
				fact.Listings = append(fact.Listings, listingOf(res, now))
			}
		}
	}
	fact.Summary = dnsbl.Summarise(all)
	return fact
}

func listingOf(res dnsbl.Result, now time.Time) Listing {
	l := Listing{IP: res.IP, List: res.List.Name, Zone: res.List.Zone, Tier: res.List.Tier, Verdict: res.Verdict, Reason: res.Reason,
		Impact: string(res.List.Impact), Lookup: res.Lookup, Seen: now.UTC().Round(0), First: now.UTC().Round(0)}
	for _, c := range res.Codes {
		l.Meaning = append(l.Meaning, c.Meaning)
	}
	for _, removal := range res.List.RemovalFor(res.Codes) {
		if l.Removal == nil || removal.Order < l.Removal.Order {
			l.Removal = &removal // the hardest first: while an SBL stands, nothing else is lifted
		}
	}
	return l
}

// requestRefusal keeps the operator from the two mistakes that extend a listing: asking before it is quiet, asking twice.
func (s *State) requestRefusal(in MarkRequested) string {
	l := s.Incident.Listing(in.IP, in.List)
	if l == nil {
		return fmt.Sprintf("%s is not on %s", in.IP, in.List)
	}
	if l.State == ListingAsked && s.Now.Before(l.Until) {
		penalty := ""
		if l.Removal != nil && l.Removal.Penalty != "" {
			penalty = ". " + l.Removal.Penalty
		}
		return fmt.Sprintf("%s was asked on %s; do not ask again before %s%s", l.List, day(l.At), day(l.Until), penalty)
	}
	if s.Incident.Steps[Verify].State != Done && strings.TrimSpace(in.Reason) == "" {
		return "Verify is not done: a list that is asked too early puts the address back. Wait, or say why it has to be now"
	}
	return ""
}

// day is a date and time as the operator's clock shows them, with the zone.
func day(t time.Time) string { return t.Local().Format("Mon 2 Jan 15:04 MST") }

// defaultWait is how long to wait after a request where the list names no time.
const defaultWait = 24 * time.Hour

func (r *Runbook) markRequested(in MarkRequested) error {
	inc := r.State().Incident
	l := inc.Listing(in.IP, in.List)
	wait := defaultWait
	if l.Removal != nil && l.Removal.WaitHours > 0 {
		wait = time.Duration(l.Removal.WaitHours) * time.Hour
	}
	return r.record(ListingChanged{IP: in.IP, List: in.List, State: ListingAsked, Ticket: strings.TrimSpace(in.Ticket),
		Until: r.hands.Clock().Add(wait).UTC().Round(0), Why: strings.TrimSpace(in.Reason)})
}

// sortListings lets wait what clears by itself, so that nobody asks for it.
func (r *Runbook) sortListings() error {
	inc := r.State().Incident
	for _, l := range inc.Listings {
		if l.State != ListingToDo || !l.Gone.IsZero() || l.Removal == nil || l.Removal.Kind != dnsbl.Waits {
			continue
		}
		until := time.Time{}
		if l.Removal.WaitHours > 0 {
			until = r.hands.Clock().Add(time.Duration(l.Removal.WaitHours) * time.Hour).UTC().Round(0)
		}
		if err := r.record(ListingChanged{IP: l.IP, List: l.List, State: ListingWaits, Until: until, Why: "it clears by itself; asking changes nothing"}); err != nil {
			return err
		}
	}
	return nil
}

func (s *State) delistDoneRefusal() string {
	if l, open := s.Incident.NextListing(); open {
		return fmt.Sprintf("%s is still to do: ask it, or leave it with a reason", l.List)
	}
	if s.Incident.Steps[Verify].State != Done && !s.Incident.Steps[Verify].State.Passed() {
		return "Verify is not done yet"
	}
	return ""
}

// finishDelist ends Delist, and puts what waits on the list of what is still to do.
func (r *Runbook) finishDelist() error {
	inc := r.State().Incident
	counts := map[ListingState]int{}
	for _, l := range inc.Worklist() {
		counts[l.State]++
		if l.State == ListingAsked || l.State == ListingWaits {
			when := "in a day"
			if !l.Until.IsZero() {
				when = "on " + day(l.Until)
			}
			if err := r.record(LeftToDo{fmt.Sprintf("look whether %s has cleared %s, %s", l.List, l.IP, when)}); err != nil {
				return err
			}
		}
	}
	return r.record(StepChanged{Step: Delist, State: Done, Result: fmt.Sprintf("%d asked, %d waiting, %d left, %d cleared",
		counts[ListingAsked], counts[ListingWaits], counts[ListingLeft], counts[ListingCleared])})
}

// Draft is the text to send with a request for removal, from the incident's own facts and without a secret.
func Draft(inc *Incident, ip netip.Addr, list string) string {
	l := inc.Listing(ip, list)
	if l == nil {
		return ""
	}
	moved := 0
	for _, p := range inc.Purges {
		moved += p.Moved
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The address %s (%s) is listed on %s.\n\n", ip, inc.Host, list)
	fmt.Fprintf(&b, "Cause: the password of one mailbox on our server was stolen and used to send spam.\n")
	fmt.Fprintf(&b, "Found on %s. ", day(inc.Opened))
	if moved > 0 {
		fmt.Fprintf(&b, "We stopped mail and removed %s from the queue. ", messages(moved))
	}
	for _, p := range inc.Suspects {
		if !p.Changed.IsZero() {
			fmt.Fprintf(&b, "The password was changed on %s and open sessions were ended. ", day(p.Changed))
			break
		}
	}
	b.WriteString("\n")
	if !inc.Watch.Since.IsZero() {
		fmt.Fprintf(&b, "No new spam has been seen since %s.\n", day(inc.Watch.Since))
	}
	b.WriteString("We ask you to remove the listing.\n")
	return b.String()
}
