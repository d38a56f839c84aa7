package cli

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
)

// countOf counts messages: "1 message", "3,291 messages".
func countOf(n int) string { return humanize.Comma(int64(n)) + " " + plural(n, "message", "messages") }

// plural chooses the word that goes with a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// span is a length of time as the wizard says it: "40 s", "13 min", "2 h 5 min", "3 days". It does not round up, and
// keeps the minutes after two hours, which steps.Span leaves out.
func span(d time.Duration) string {
	d = max(d, 0)
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
