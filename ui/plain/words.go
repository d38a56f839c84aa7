package plain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/steps/incident"

	"github.com/dustin/go-humanize"
)

// number writes 3,291.
func number(n int) string { return humanize.Comma(int64(n)) }

// messages counts messages.
func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return number(n) + " messages"
}

// size writes 48 MB.
func size(bytes int64) string { return humanize.Bytes(uint64(max(bytes, 0))) }

// Span is a duration in words, spelled so that a screen reader says it: "40 s", "14 min", "1 h 12 min".
func Span(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	hours, minutes := int(d.Hours()), int(d.Minutes())%60
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case hours < 48 && minutes == 0:
		return fmt.Sprintf("%d h", hours)
	case hours < 48:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
	return fmt.Sprintf("%d days", hours/24)
}

// day is a time as the operator's clock shows it.
func day(t time.Time) string { return t.Local().Format("Mon 2 Jan 15:04 MST") }

// join puts the non-empty parts together with commas.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// nameOf is an account, or what stands for none.
func nameOf(account string) string {
	if account == "" {
		return "(no account)"
	}
	return account
}

// cut bounds a text to n characters, with a mark.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-2]) + ".."
}

// listingText is one row of the worklist.
func listingText(l incident.Listing) string {
	state := l.State.String()
	switch {
	case l.State == incident.ListingAsked:
		state = join("asked "+day(l.At)+" by "+l.By, l.Ticket)
	case l.State == incident.ListingLeft && l.Why != "":
		state += ": " + l.Why
	case l.State == incident.ListingToDo && !l.Back.IsZero():
		state = "back again, to do"
	}
	if l.Gone.IsZero() && !l.Until.IsZero() {
		state += ", look again " + day(l.Until)
	}
	if !l.Gone.IsZero() {
		return fmt.Sprintf("%s on %s: %s", l.IP, l.List, state)
	}
	return fmt.Sprintf("%s on %s: %s", l.IP, l.List, join(state, strings.Join(l.Meaning, "; "), impact(l)))
}

// impact says how much a listing matters, without the catalogue's bare word.
func impact(l incident.Listing) string {
	if l.Impact == "ignore" {
		return "can be ignored"
	}
	return l.Impact
}

// capital begins a line.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
