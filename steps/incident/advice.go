package incident

import (
	"fmt"
	"strings"
	"time"

	"delist/steps/words"
)

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
	return fmt.Sprintf("%s lists %s: %s.", l.List, l.IP, words.Join(meaning, impact))
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
		parts = append(parts, "Too early, or twice: "+strings.TrimRight(words.LowerFirst(penalty), ".")+".")
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
		return words.Join(fmt.Sprintf("Asked on %s by %s", words.Day(l.At), l.By), ticket, l.Why) + "."
	case l.State == ListingWaits && !l.Nothing():
		return "It was " + l.Why + "."
	case l.State == ListingWaits && !l.Until.IsZero():
		return fmt.Sprintf("delist looks again by itself; it can be clear by %s.", words.Day(l.Until))
	case l.State == ListingLeft:
		return "Left: " + strings.TrimRight(l.Why, ".") + "."
	case l.State == ListingCleared && l.Why != "":
		return "Marked as cleared by " + l.By + ": " + strings.TrimRight(l.Why, ".") + "."
	case !l.Back.IsZero() && l.State == ListingToDo:
		return "It was clear, and is listed again since " + words.Day(l.Back) + ": look for new spam first."
	}
	return ""
}

// Overdue says that the time a listing takes is over, and it still stands.
func (l *Listing) Overdue(now time.Time) bool {
	return l.Gone.IsZero() && !l.Until.IsZero() && now.After(l.Until)
}
