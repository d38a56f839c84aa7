package steps

import (
	"fmt"
	"strings"
	"time"
)

// What the screens say of a listing. The first sentence is what to do, which may be nothing: it is read by somebody who is
// tired, and has to be right if nothing else is read.

// WhatNow is the one thing to do about a listing now.
func (s *State) WhatNow(l *Listing) string {
	advice := ""
	if l.Removal != nil {
		advice = l.Removal.Advice
	}
	after := s.Incident.After(l)
	switch {
	case !l.Gone.IsZero():
		return fmt.Sprintf("Do nothing: %s no longer has %s, since %s.", l.List, l.IP, day(l.Gone))
	case l.Nothing() && l.State == ListingWaits && l.Overdue(s.Now):
		return "It should be clear by now: look for new spam, since each new report starts its time again. Asking changes nothing."
	case l.Nothing() && strings.HasPrefix(advice, "Do nothing"):
		return advice
	case l.Nothing():
		return "Do nothing. " + advice
	case (l.State == ListingAsked || l.State == ListingWaits) && l.Overdue(s.Now):
		return "It is still listed after the time this takes. Look at its page what is missing, then ask one more time."
	case l.State == ListingAsked, l.State == ListingWaits:
		return fmt.Sprintf("Wait, and do not ask again before %s.", day(l.Until))
	case l.State == ListingLeft:
		return "Do nothing: you left it."
	case len(after) > 0:
		return fmt.Sprintf("Not yet: until %s %s cleared, the answer is no. Then: %s", strings.Join(after, " and "), have(len(after)), lowerFirst(advice))
	case !s.Incident.Steps[Verify].State.Passed():
		return "Not before Verify is done: a list that is asked too early puts the address back. Then: " + lowerFirst(advice)
	case advice == "":
		return "Do this now: look the address up at its page, and follow what it says. Then mark it as asked."
	}
	return "Do this now: " + lowerFirst(advice) + " Then mark it as asked."
}

// WhatItSays is what the listing means.
func (l *Listing) WhatItSays() string {
	if l.ByHand {
		return fmt.Sprintf("%s refuses mail from %s, a bounce says; nobody can ask it by DNS.", l.List, l.IP)
	}
	meaning := strings.Join(l.Meaning, ", ")
	if i := strings.LastIndex(l.List, " "); i > 0 { // "Spamhaus CSS has it for CSS: spam" says it twice
		meaning = strings.TrimPrefix(meaning, l.List[i+1:]+": ")
	}
	impact := l.Impact
	if impact == "ignore" {
		impact = "can be ignored"
	}
	return fmt.Sprintf("%s lists %s: %s.", l.List, l.IP, join(meaning, impact))
}

// WhatToHaveReady is what a request needs, and what asking too early or twice brings.
func (l *Listing) WhatToHaveReady() string {
	if l.Removal == nil {
		return ""
	}
	var parts []string
	if need := l.Removal.Need; need != "" {
		parts = append(parts, "Have ready: "+strings.TrimRight(need, ".")+".")
	}
	if penalty := l.Removal.Penalty; penalty != "" {
		parts = append(parts, "Too early, or twice: "+strings.TrimRight(lowerFirst(penalty), ".")+".")
	}
	return strings.Join(parts, " ")
}

// WhatWasDone tells who did what about a listing, and when to look again; empty when there is nothing to tell.
func (l *Listing) WhatWasDone() string {
	switch {
	case l.State == ListingAsked:
		ticket := ""
		if l.Ticket != "" {
			ticket = "ticket " + l.Ticket
		}
		return join(fmt.Sprintf("Asked on %s by %s", day(l.At), l.By), ticket, l.Why) + "."
	case l.State == ListingWaits && !l.Nothing():
		return "It was " + l.Why + "."
	case l.State == ListingWaits && !l.Until.IsZero():
		return fmt.Sprintf("delist looks again by itself; it can be clear by %s.", day(l.Until))
	case l.State == ListingLeft:
		return "Left: " + strings.TrimRight(l.Why, ".") + "."
	case l.State == ListingCleared && l.Why != "":
		return "Marked as cleared by " + l.By + ": " + strings.TrimRight(l.Why, ".") + "."
	case !l.Back.IsZero() && l.State == ListingToDo:
		return "It was clear, and is listed again since " + day(l.Back) + ": look for new spam first."
	}
	return ""
}

// Overdue says that the time a listing takes is over, and it still stands.
func (l *Listing) Overdue(now time.Time) bool {
	return l.Gone.IsZero() && !l.Until.IsZero() && now.After(l.Until)
}

func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// lowerFirst lets a sentence go on from a colon.
func lowerFirst(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' { // "SBL records ..", "PTR .."
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
