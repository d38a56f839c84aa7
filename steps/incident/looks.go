package incident

import (
	"fmt"
	"strings"
	"time"

	"delist/steps/words"
)

// Looks tell what a watch rests on: how often one thing was looked at, how often in vain, and for how long it was not
// seen at the most.
type Looks struct {
	At     string        `json:"at"` // "service", "spool", "logs"
	Made   int           `json:"made"`
	Missed int           `json:"missed,omitempty"`
	Word   int           `json:"word,omitempty"` // of those made, in how many nothing was seen: the operator's word stood for it
	Gap    time.Duration `json:"gap"`            // the longest time without a look, in nanoseconds
	Last   time.Time     `json:"last,omitzero"`  // when it was seen last
}

// String says the looks in words: "spool seen 720 times, 3 missed, longest gap 12 s".
func (l Looks) String() string {
	text := fmt.Sprintf("%s seen %s", l.At, words.Count(l.Made-l.Word, "time", "times"))
	switch {
	case l.Word > 0 && l.Word == l.Made:
		text = fmt.Sprintf("%s not seen in %s, only the operator's word for it", l.At, words.Count(l.Made, "look", "looks"))
	case l.Word > 0:
		text += fmt.Sprintf(", not seen in %s more, then only the operator's word for it", words.Count(l.Word, "look", "looks"))
	}
	if l.Missed > 0 {
		text += ", " + words.Number(l.Missed) + " missed"
	}
	return text + ", longest gap " + words.Span(l.Gap)
}

// SayLooks says several looks in one line; empty for none.
func SayLooks(all []Looks) string {
	parts := make([]string, len(all))
	for i, l := range all {
		parts[i] = l.String()
	}
	return strings.Join(parts, "; ")
}
