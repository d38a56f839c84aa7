package traffic

import (
	"fmt"
	"slices"
	"time"
)

// gap is a file, or a part of one, that the report does not rest on.
type gap struct {
	File
	why     string
	bounded bool // it was left out, since there is more than is read at once
}

// says is the gap in words, a sentence without its end.
func (g gap) says() string {
	return fmt.Sprintf("%s-%s: %s", g.Day.Format(dayForm), g.Kind, g.why)
}

// gap says what of a file is not known after a look, where that is not all of it; err is why the look failed.
func (r *reading) gap(err error) (g gap, ok bool) {
	g = gap{File: r.File}
	switch {
	case r.passed != "":
		g.why, g.bounded = r.passed, r.bounded
	case err != nil:
		g.why = r.broken(err)
	case r.poor():
		g.why = r.says()
	default:
		return gap{}, false
	}
	return g, true
}

// unread are the gaps in words.
func unread(gaps []gap) (says []string) {
	for _, g := range gaps {
		says = append(says, g.says())
	}
	return says
}

// Broken are the files that cannot be read or not be understood, a sentence each: Unread without what was left out only
// because there is more than is read at once.
func (r *Report) Broken() []string {
	return unread(slices.DeleteFunc(slices.Clone(r.gaps), func(g gap) bool { return g.bounded }))
}

// Blind says in words what of the mail since a time the logs may tell of and cannot be read or not be understood; empty
// where all of it was.
func (r *Report) Blind(since time.Time) string {
	if r == nil {
		return ""
	}
	for _, g := range slices.Backward(r.gaps) {
		if g.Kind != Administrative && g.Day.AddDate(0, 0, 1).Add(tail).After(since) {
			return g.says()
		}
	}
	return ""
}
