// Package words says spans of time, counts, days and lists in one form each, for every face and for the record.
package words

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
)

// Number is a count as people write it: "3,291".
func Number(n int) string { return humanize.Comma(int64(n)) }

// Count is a number of things: "1 bounce", "3,291 bounces".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Messages counts messages: "1 message", "3,291 messages".
func Messages(n int) string { return Count(n, "message", "messages") }

// Size is a number of bytes as people say it: "48 MB".
func Size(bytes int64) string { return humanize.Bytes(uint64(max(bytes, 0))) }

// Join puts the parts that are not empty together with commas.
func Join(parts ...string) string { return JoinBy(", ", parts...) }

// Few names some things, and counts the rest of them: "a, b and 3 more".
func Few(names []string) string {
	const few = 3
	if more := len(names) - few; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), more)
	}
	return strings.Join(names, ", ")
}

// JoinBy puts the parts that are not empty together with a separator.
func JoinBy(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), separator)
}

// Day is a date and time as the operator's clock shows them, with the zone; empty for no time.
func Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("Mon 2 Jan 15:04 MST")
}

// LowerFirst lets a sentence go on from a colon. One that begins with a name in capitals, or with I, stays: "SBL records ..".
func LowerFirst(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' || strings.HasPrefix(s, "I ") {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// Have is the verb that goes with a number of names: "A has", "A and B have".
func Have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// Clock is a time of day as the operator's clock shows it; of another day than now it carries the day. It is empty for no
// time.
func Clock(t, now time.Time) string {
	switch t, now = t.Local(), now.Local(); {
	case t.IsZero():
		return ""
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04")
	}
	return t.Local().Format("Mon 2 Jan 15:04")
}

// Sentence makes a reason or an error a sentence of its own, on one line.
func Sentence(s string) string {
	r, size := utf8.DecodeRuneInString(strings.TrimSpace(s))
	if size == 0 {
		return ""
	}
	s = string(unicode.ToUpper(r)) + strings.ReplaceAll(strings.TrimSpace(s), "\n", "; ")[size:]
	if !strings.ContainsAny(s[len(s)-1:], ".?:") {
		s += "."
	}
	return s
}
