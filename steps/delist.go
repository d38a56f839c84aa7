package steps

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/checks/dnsbl"
	"delist/steps/incident"
	"delist/steps/words"
)

// delistActions work on the listing under the cursor.
func (s *State) delistActions(about Answer) []Action {
	ask := Action{
		ID: ActRequested, Label: "mark as asked", Ask: AskText, Prompt: "Ticket number or name, if you got one:",
		About:  "First ask the list for removal, by its link. Then mark it here, so that nobody asks twice.",
		Intent: func(a Answer) Intent { return MarkRequested{IP: a.IP, List: a.List, Ticket: a.Text} },
	}
	if s.tooEarly() != "" {
		ask.Ask, ask.Prompt = AskReason, strings.TrimSpace(s.NotYet())+" Why ask now?"
		ask.Intent = func(a Answer) Intent { return MarkRequested{IP: a.IP, List: a.List, Reason: a.Text} }
	}
	ask = s.offer(ask, about)
	leave := s.offer(Action{
		ID: ActLeave, Label: "leave it, with reason", Ask: AskReason, Prompt: "Why is this listing left alone?",
		Intent: func(a Answer) Intent { return LeaveListing{IP: a.IP, List: a.List, Reason: a.Text} },
	}, about)
	cleared := s.offer(Action{
		ID: ActCleared, Label: "mark as cleared", Ask: AskReason, Prompt: "How do you know that it is over?",
		About:  "Nobody can ask this receiver by DNS, so only you can say that it takes mail again. Send it a test message first.",
		Intent: func(a Answer) Intent { return MarkCleared{IP: a.IP, List: a.List, Reason: a.Text} },
	}, about)
	back := s.offer(Action{
		ID: ActTakeBack, Label: "take the mark back", Ask: AskReason, Prompt: "Why was it a mistake?",
		About:  "The listing is to do again. What was sent to the list is not taken back by this.",
		Intent: func(a Answer) Intent { return UnmarkListing{IP: a.IP, List: a.List, Reason: a.Text} },
	}, about)
	done := s.offer(Action{
		ID: ActDelistDone, Label: "nothing is left to do now: go on to Close",
		About:  "What is asked or waits goes on the list of what is still to do, with its date.",
		Intent: func(Answer) Intent { return FinishDelist{} },
	}, about)
	if s.Incident.Unheard() {
		done.Label, done.Ask, done.Verb = "go on to Close: what the lists say is not known", AskYes, "Go on"
		done.About = "No list gave a usable answer. Looking them up again with another resolver goes on the list of what is still to do."
	}
	lists := s.lookUpAction(about)
	actions := []Action{ask, leave, done, lists}
	if l, open := s.Incident.NextListing(); open {
		actions[0].Recommended = ask.Refused == "" && about.IP == l.IP && about.List == l.List
	} else {
		done.Recommended = done.Refused == ""
		actions = []Action{done, ask, leave, lists}
	}
	if slices.ContainsFunc(s.Incident.Listings, func(l incident.Listing) bool { return l.ByHand && l.Gone.IsZero() }) {
		actions = append(actions, cleared)
	}
	if s.heloListing(about) != nil {
		actions = append(actions, s.heloAction(about))
	}
	return append(append(actions, s.outboundActions(about)...), back)
}

// tooEarly says why nobody may be asked yet: it is not known whether the server is quiet, or what brought the listing;
// empty once both are.
func (s *State) tooEarly() string {
	open := ""
	if c := s.Incident.OpenCause(); c != nil {
		open = c.About() + " is not put right; Reset takes your word for what was done"
	}
	if s.Incident.Steps[incident.Verify].State != incident.Done {
		return words.JoinBy("; ", "Verify is not done", open)
	}
	if open != "" {
		return open
	}
	if n := s.spamWaiting(); n > 0 {
		return words.Messages(n) + " of the spam waits in the spool"
	}
	return cmp.Or(s.speaksAgain(), s.Unexplained())
}

func (in MarkRequested) act(_ context.Context, r *Runbook) error { return r.markRequested(in) }

func (in LeaveListing) refusal(s *State) string {
	if s.Incident.Listing(in.IP, in.List) == nil {
		return "there is no such listing"
	}
	return needsReason(in.Reason)
}

func (in LeaveListing) act(_ context.Context, r *Runbook) error {
	return r.record(incident.ListingChanged{IP: in.IP, List: in.List, State: incident.ListingLeft, Why: in.Reason})
}

func (in UnmarkListing) refusal(s *State) string {
	l := s.Incident.Listing(in.IP, in.List)
	switch {
	case l == nil:
		return "there is no such listing"
	case l.State != incident.ListingAsked && l.State != incident.ListingLeft && !(l.State == incident.ListingCleared && l.ByHand):
		return l.List + " carries no mark of yours"
	}
	return needsReason(in.Reason)
}

func (in UnmarkListing) act(_ context.Context, r *Runbook) error {
	if err := r.record(incident.ListingChanged{IP: in.IP, List: in.List, State: incident.ListingToDo, Why: strings.TrimSpace(in.Reason)}); err != nil {
		return err
	}
	if s := r.State(); s.Incident.Steps[incident.Delist].State == incident.Done {
		return r.record(incident.StepChanged{Step: incident.Delist, State: incident.Running, Reason: "a mark was taken back"})
	}
	return nil
}

func (in MarkCleared) act(_ context.Context, r *Runbook) error {
	return r.record(incident.ListingChanged{IP: in.IP, List: in.List, State: incident.ListingCleared, Why: strings.TrimSpace(in.Reason)})
}

// refusal keeps the operator from the mistakes that extend a listing: asking before it is quiet, asking twice, asking
// where nobody hears.
func (in MarkRequested) refusal(s *State) string {
	l := s.Incident.Listing(in.IP, in.List)
	switch {
	case l == nil:
		return in.notListed()
	case !l.Gone.IsZero():
		return fmt.Sprintf("%s has cleared %s already; there is nothing to ask for", l.List, l.IP)
	case l.Nothing():
		return fmt.Sprintf("there is nothing to ask for at %s. %s", l.List, l.Removal.Advice)
	case l.State == incident.ListingAsked && s.Now.Before(l.Until):
		return fmt.Sprintf("%s was asked on %s; do not ask again before %s%s", l.List, words.Day(l.At), words.Day(l.Until), l.Penalty())
	}
	if e, ok := s.earlierRequest(in.IP, in.List); ok {
		return fmt.Sprintf("%s was asked on %s, in incident %s; do not ask again before %s%s", l.List, words.Day(e.At), e.Incident, words.Day(e.Until), l.Penalty())
	}
	if after := s.Incident.After(l); len(after) > 0 {
		return fmt.Sprintf("%s says no until %s %s cleared; ask then", l.List, strings.Join(after, " and "), words.Have(len(after)))
	}
	if why := s.tooEarly(); why != "" && needsReason(in.Reason) != "" {
		return why + ": a list that is asked too early puts the address back. Wait, or say why it has to be now"
	}
	return ""
}

// notListed says that there is no such listing.
func (in MarkRequested) notListed() string {
	if !in.IP.IsValid() {
		return "no list is known to have this server"
	}
	return fmt.Sprintf("%s is not on %s", in.IP, in.List)
}

// refusal leaves the word to the list where it can be asked.
func (in MarkCleared) refusal(s *State) string {
	l := s.Incident.Listing(in.IP, in.List)
	switch {
	case l == nil:
		return MarkRequested{IP: in.IP, List: in.List}.notListed()
	case !l.ByHand:
		return fmt.Sprintf("delist asks %s itself, and clears it once the list says so", l.List)
	case !l.Gone.IsZero():
		return fmt.Sprintf("%s is marked as cleared already", l.List)
	}
	return needsReason(in.Reason)
}

// defaultWait is how long to wait after a request where the list names no time.
const defaultWait = 24 * time.Hour

func (r *Runbook) markRequested(in MarkRequested) error {
	inc := r.State().Incident
	l := inc.Listing(in.IP, in.List)
	wait := defaultWait
	if l.Removal != nil && l.Removal.WaitHours > 0 {
		wait = time.Duration(l.Removal.WaitHours) * time.Hour
	}
	return r.record(incident.ListingChanged{IP: in.IP, List: in.List, Zone: l.Zone, State: incident.ListingAsked, Ticket: strings.TrimSpace(in.Ticket),
		Until: r.hands.Clock().Add(wait).UTC().Round(0), Why: strings.TrimSpace(in.Reason)})
}

// NotOurs is why a listing is left that is about the network around the server.
const NotOurs = "it is about the network around this server"

// sortListings puts aside what nobody has to ask for now: what clears by itself waits, and what an earlier incident asked
// for; what is not about this server is left.
func (r *Runbook) sortListings() error {
	s := r.State()
	for _, l := range s.Incident.Listings {
		if l.State != incident.ListingToDo {
			continue
		}
		if e, asked := s.earlierRequest(l.IP, l.List); asked && l.Back.IsZero() {
			why := fmt.Sprintf("asked on %s, in incident %s", words.Day(e.At), e.Incident)
			if err := r.record(incident.ListingChanged{IP: l.IP, List: l.List, State: incident.ListingWaits, Ticket: e.Ticket, Until: e.Until, Why: why}); err != nil {
				return err
			}
			continue
		}
		if !l.Nothing() {
			continue
		}
		fact := incident.ListingChanged{IP: l.IP, List: l.List, State: incident.ListingLeft, Why: NotOurs}
		if l.Removal.Kind == dnsbl.Waits {
			fact.State, fact.Why = incident.ListingWaits, "it clears by itself; asking changes nothing"
			if l.Removal.WaitHours > 0 {
				fact.Until = r.hands.Clock().Add(time.Duration(l.Removal.WaitHours) * time.Hour).UTC().Round(0)
			}
		}
		if err := r.record(fact); err != nil {
			return err
		}
	}
	return nil
}

func (FinishDelist) refusal(s *State) string {
	if l, open := s.Incident.NextListing(); open {
		return fmt.Sprintf("%s is still to do: ask it, or leave it with a reason", l.List)
	}
	if !s.Incident.Steps[incident.Verify].State.Passed() {
		return "Verify is not done yet"
	}
	return ""
}

func (FinishDelist) act(_ context.Context, r *Runbook) error { return r.finishDelist() }

// finishDelist ends Delist. What waits there stays on the list of what is still to do until it has cleared.
func (r *Runbook) finishDelist() error {
	inc := r.State().Incident
	counts, later := map[incident.ListingState]int{}, 0
	for _, l := range inc.Worklist() {
		counts[l.State]++
		if len(inc.After(&l)) > 0 && l.State == incident.ListingToDo {
			later++
		}
	}
	if len(inc.Addresses) == 0 {
		if err := r.record(incident.LeftToDo{Text: "look the lists up with the address that mail leaves from, delist check ADDRESS: none was known, so no list was asked"}); err != nil {
			return err
		}
	}
	said := func(n int, what string) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("%d %s", n, what)
	}
	result := words.Join(said(counts[incident.ListingAsked], "asked"), said(counts[incident.ListingWaits], "to wait for"),
		said(counts[incident.ListingLeft], "left"), said(counts[incident.ListingCleared], "cleared"), said(later, "to ask later"))
	return r.record(incident.StepChanged{Step: incident.Delist, State: incident.Done, Result: cmp.Or(result, words.LowerFirst(strings.TrimSuffix(inc.NoListing(), ".")))})
}
