package cli

import "github.com/dustin/go-humanize"

// countOf counts messages: "1 message", "3,291 messages".
func countOf(n int) string { return humanize.Comma(int64(n)) + " " + plural(n, "message", "messages") }

// plural chooses the word that goes with a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
