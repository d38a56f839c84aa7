package cli

import "github.com/dustin/go-humanize"

// countOf counts messages: "1 message", "3,291 messages".
func countOf(n int) string {
	if n == 1 {
		return "1 message"
	}
	return humanize.Comma(int64(n)) + " messages"
}
