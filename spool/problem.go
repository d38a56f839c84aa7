package spool

import (
	"cmp"
	"slices"
	"time"
)

// ProblemKind says what is odd about something found in a spool.
type ProblemKind uint8

// What can be odd. Such things are reported and never touched.
const (
	OrphanHDR  ProblemKind = iota + 1 // an envelope without its message
	OrphanEML                         // a message without its envelope
	Receiving                         // still being received: an .em_ file, or the status Writing
	CutOff                            // what began to arrive, and does not go on
	Unknown                           // a file whose name is neither kind's
	Unreadable                        // locked, or no right to read it
	Unlisted                          // a folder that was not looked into: nobody knows how many messages are in it
	Foreign                           // a link, a device, a folder with a name that no server gives
	Overlong                          // a message, and among the messages, of which a bound ended the reading
)

var problemWords = [...]string{"", "envelope without message", "message without envelope", "still arriving", "cut off while arriving",
	"unknown file", "unreadable", "folder not looked into", "foreign", "not read to its end"}

// String returns a few words for people.
func (k ProblemKind) String() string {
	if int(k) < len(problemWords) {
		return problemWords[k]
	}
	return ""
}

// Unread reports whether such a thing is a message, or may be one, of which nobody knows what is in it. A folder is none:
// it may hold any number, so that the look was not whole.
func (k ProblemKind) Unread() bool { return k == CutOff || k == Unreadable }

// arrivingFor is how long a message may take to be received. What is half there for longer was cut off.
const arrivingFor = 2 * time.Minute

// cutOff tells what was cut off while it arrived from what still arrives at the time now.
func cutOff(problems []Problem, now time.Time) {
	for i := range problems {
		p := &problems[i]
		if p.Kind == Receiving && !p.Changed.IsZero() && now.Sub(p.Changed) > arrivingFor {
			p.Kind = CutOff
		}
	}
}

// Count returns a number of such things in words: "2 messages without envelope".
func (k ProblemKind) Count(n int) string {
	words := k.String()
	if n != 1 {
		switch k {
		case OrphanHDR:
			words = "envelopes without message"
		case OrphanEML:
			words = "messages without envelope"
		case Unknown:
			words = "unknown files"
		case Unlisted:
			words = "folders not looked into"
		case CutOff:
			words = "not read to their end"
		}
	}
	return number(n) + " " + words
}

// Problem is something in a spool that is not a readable message, or not one to its end.
type Problem struct {
	Path    string // slash separated below the root; not Printable
	Kind    ProblemKind
	Changed time.Time // of a message that is Receiving or CutOff, when it was last written to; zero when not known
	Detail  string    // why, in words; may be empty; not Printable
}

func sortProblems(p []Problem) {
	slices.SortFunc(p, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind)) })
}
