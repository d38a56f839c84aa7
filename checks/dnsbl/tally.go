package dnsbl

import (
	"fmt"
	"strconv"
	"strings"
)

// Tally counts answers. There is no other count of them: commands, JSON, the
// screen and the record show parts of this one. What has no row, as
// Result.Shown says, does not count.
type Tally struct {
	StopsMail, StopsSomeMail, Ignored int // listings, by what they do
	Clear                             int
	Refused, Unusable                 int
}

// Count counts results.
func Count(results []Result) Tally {
	var t Tally
	for _, r := range results {
		if !r.Shown() {
			continue
		}
		switch {
		case r.Verdict == Clear:
			t.Clear++
		case r.Verdict == Refused:
			t.Refused++
		case r.Verdict == Unusable:
			t.Unusable++
		case r.List.Impact == StopsMail:
			t.StopsMail++
		case r.List.Impact == StopsSomeMail:
			t.StopsSomeMail++
		default:
			t.Ignored++
		}
	}
	return t
}

// Listed is how many lists have the address or domain.
func (t Tally) Listed() int { return t.StopsMail + t.StopsSomeMail + t.Ignored }

// Silent is how many lists gave no answer to go by, whether they refused or were not understood.
func (t Tally) Silent() int { return t.Refused + t.Unusable }

// Asked is how many lists were asked.
func (t Tally) Asked() int { return t.Listed() + t.Clear + t.Silent() }

// SilentWords says how many gave no answer, of how many; empty where all did. Where
// none did, nothing is known, and this is the whole truth.
func (t Tally) SilentWords() string {
	words := fmt.Sprintf("%d of %d gave no answer", t.Silent(), t.Asked())
	switch t.Silent() {
	case 0:
		return ""
	case t.Asked():
		return "not known: " + words
	}
	return words
}

// Words are the counts in a line: "1 listed, 28 clear, 2 of 31 gave no answer".
func (t Tally) Words() string {
	silent := t.SilentWords()
	if silent != "" && t.Silent() == t.Asked() {
		return silent
	}
	words := fmt.Sprintf("%d listed, %d clear", t.Listed(), t.Clear)
	if silent != "" {
		words += ", " + silent
	}
	return words
}

// Summarise says in one sentence what results amount to, impact before count.
func Summarise(results []Result) string {
	t := Count(results)
	if t.Asked() == 0 {
		return "No list has been asked yet."
	}
	var parts []string
	noun := true // "Three listings stop mail now; two can be ignored."
	listings := func(n int, one, many string) {
		if n == 0 {
			return
		}
		count, verb := number(n), many
		if n == 1 {
			verb = one
		}
		switch {
		case noun && n == 1:
			count += " listing"
		case noun:
			count += " listings"
		}
		noun = false
		parts = append(parts, count+" "+verb)
	}
	listings(t.StopsMail, "stops mail now", "stop mail now")
	listings(t.StopsSomeMail, "stops some mail", "stop some mail")
	listings(t.Ignored, "can be ignored", "can be ignored")
	if t.Listed() == 0 && t.Clear > 0 {
		parts = append(parts, "no listing on "+lists(t.Clear))
	}
	if silent := t.SilentWords(); silent != "" {
		parts = append(parts, silent)
	}
	text := strings.Join(parts, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

func lists(n int) string {
	if n == 1 {
		return "one list"
	}
	return number(n) + " lists"
}

var small = [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

// number spells small numbers out.
func number(n int) string {
	if n < len(small) {
		return small[n]
	}
	return strconv.Itoa(n)
}
