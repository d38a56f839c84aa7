package steps

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

// What the screens say of a listing. The first sentence is what to do, which may be nothing: it is read by somebody who is
// tired, and has to be right if nothing else is read.

// ListingAdvice says what to do about a listing, why, and what was done, a paragraph each.
func (s *State) ListingAdvice(l *incident.Listing) []string {
	said := []string{s.WhatNow(l)}
	if l.Gone.IsZero() {
		quiet := ""
		if since := s.Incident.QuietSince(); !since.IsZero() && !l.Nothing() {
			quiet = "No new spam seen since " + words.Clock(since, s.Now) + "."
		}
		said = append(said, words.JoinBy(" ", l.WhatItSays(), quiet))
	}
	if h := s.Incident.HELO(l.IP, l.List); h != nil {
		said = append(said, "HELO: "+h.Means())
	}
	said = append(said, l.WhatWasDone())
	if l.State == incident.ListingToDo && !l.Nothing() {
		said = append(said, s.Incident.Hindrance(*l), l.WhatToHaveReady())
	}
	return slices.DeleteFunc(said, func(text string) bool { return text == "" })
}

// WhatNow is the one thing to do about a listing now.
func (s *State) WhatNow(l *incident.Listing) string {
	advice := ""
	if l.Removal != nil {
		advice = l.Removal.Advice
	}
	after := s.Incident.After(l)
	switch {
	case !l.Gone.IsZero():
		return fmt.Sprintf("Do nothing: %s no longer has %s, since %s.", l.List, l.IP, words.Day(l.Gone))
	case l.Nothing() && l.State == incident.ListingWaits && l.Overdue(s.Now):
		return "It should be clear by now: look for new spam, since each new report starts its time again. Asking changes nothing."
	case l.Nothing() && strings.HasPrefix(advice, "Do nothing"):
		return advice
	case l.Nothing():
		return "Do nothing. " + advice
	case (l.State == incident.ListingAsked || l.State == incident.ListingWaits) && l.Overdue(s.Now):
		return "It is still listed after the time this takes. Look at its page what is missing, then ask one more time."
	case l.State == incident.ListingAsked, l.State == incident.ListingWaits:
		return fmt.Sprintf("Wait, and do not ask again before %s.", words.Day(l.Until))
	case l.State == incident.ListingLeft:
		return "Do nothing: you left it."
	case len(after) > 0:
		return fmt.Sprintf("Not yet: until %s %s cleared, the answer is no. Then: %s", strings.Join(after, " and "), words.Have(len(after)), words.LowerFirst(advice))
	case !s.Incident.Steps[incident.Verify].State.Passed():
		return "Not before Verify is done: a list that is asked too early puts the address back. Then: " + words.LowerFirst(advice)
	case s.tooEarly() != "" && s.Incident.Steps[incident.Verify].State == incident.Done:
		return "Not yet: " + s.tooEarly() + ". Find what sends, or say what did. Then: " + words.LowerFirst(cmp.Or(advice, "look the address up at its page, and follow what it says."))
	case advice == "":
		return "Do this now: look the address up at its page, and follow what it says. Then mark it as asked."
	}
	return "Do this now: " + words.LowerFirst(advice) + " Then mark it as asked."
}
