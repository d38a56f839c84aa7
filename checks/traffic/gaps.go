package traffic

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
)

// gap is a file, or a part of one, that the report does not rest on.
type gap struct {
	File
	why     string
	bounded bool // it was left out, since there is more than is read at once
}

// says is the gap in words, a sentence without its end.
func (g gap) says() string {
	return filepath.Base(g.Path) + ": " + g.why
}

// unfinished is how long the beginning of a line may be that is still being written, in bytes.
const unfinished = 2 << 10

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
	case r.length-r.offset > unfinished:
		g.why = fmt.Sprintf("its last %s bytes have no line end", humanize.Comma(r.length-r.offset))
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

// Silence says in words why the logs tell of no mail that an account sent; empty where they tell of some. A log that is
// not understood says nothing of the level of detail that is set.
func (r *Report) Silence() string {
	switch {
	case r.Tells():
		return ""
	case r == nil:
		return "they are not read yet"
	}
	for _, g := range slices.Backward(r.gaps) {
		if g.Kind != Administrative { // which tells of log-ins
			return g.says()
		}
	}
	if r.Newest.After(r.At.Add(clockSlack * time.Second)) {
		return "they tell of no mail that was sent by now: this computer's clock or the server's is wrong"
	}
	if r.nameless {
		return noSMTPLog
	}
	if r.detailed {
		return "they tell of mail in detail, and of none that an account sent"
	}
	return "they tell of no mail: SmarterMail writes it to the SMTP log at the level Detailed"
}

const noSMTPLog = "no SMTP log is in the folder, a file named like 2026.11.24-smtpLog.log"

// staleAfter is how long no log of a mail server that runs is without any line: connections come day and night.
const staleAfter = 24 * time.Hour

// Stale says that the logs end long before now; empty where they do not.
func (r *Report) Stale() string {
	if r == nil || r.Newest.IsZero() || r.At.Sub(r.Newest) <= staleAfter {
		return ""
	}
	return "their newest line is of " + r.Newest.In(r.At.Location()).Format("Mon 2 Jan 15:04") + ": what was sent since is not known"
}

// NotKnown is what the logs do not tell, a sentence each: what could not be read, and why they tell of no mail where they
// tell of none.
func (r *Report) NotKnown() []string {
	if silence := r.Silence(); silence != "" && !slices.Contains(r.Unread, silence) {
		return append([]string{silence}, r.Unread...)
	}
	return r.Unread
}

// Blind says in words what of the logs that may tell of the time since then cannot be read or not be understood; empty
// where all of it was. Without a time, days that were left out since there is more than is read at once are none: they are the
// oldest.
func (r *Report) Blind(since time.Time) string {
	if r == nil {
		return ""
	}
	for _, g := range slices.Backward(r.gaps) {
		if g.bounded && since.IsZero() {
			continue
		}
		if g.Day.AddDate(0, 0, 1).Add(tail).After(since) {
			return g.says()
		}
	}
	return ""
}
