package quarantine

import (
	"context"
	"errors"
	"fmt"

	"delist/spool"
)

// Reason says why a message was left where it was.
type Reason uint8

// The reasons. Every one of them leaves the message whole, on the side it was on, except Split.
const (
	Changed     Reason = iota + 1 // not what the preview showed, or not what was put into quarantine
	Vanished                      // one of its files is gone
	Locked                        // another program holds a file, and still did after a second
	ReadOnly                      // the volume is read-only
	Exists                        // a file of that name is there already; it is never written over
	Failed                        // its HDR says Failed: SmarterMail would delete it undelivered
	CrossDevice                   // its folder is on another volume than the quarantine
	Denied                        // no right to move it
	NoSpace                       // the volume is full
	Foreign                       // no plain file in a plain folder of the spool: a link, an odd name, a folder that is gone
	Broken                        // the system refused for another reason, see the detail
	Split                         // one file in the spool, one in quarantine; Recover tries to join them again
	Half                          // its other file was missing already
	CutOff                        // the server was still receiving it
)

var reasonWords = [...]string{
	Changed: "changed", Vanished: "vanished", Locked: "locked", ReadOnly: "read-only", Exists: "exists already",
	Failed: "with the status Failed, which SmarterMail would throw away", CrossDevice: "on another volume", Denied: "access denied", NoSpace: "no space",
	Foreign: "not ours to move", Broken: "system error", Split: "split",
	Half: "without its other file", CutOff: "cut off while arriving",
}

// String is the reason in a word or three, as it stands in the manifest and in reports.
func (r Reason) String() string {
	if int(r) < len(reasonWords) && reasonWords[r] != "" {
		return reasonWords[r]
	}
	return "unknown"
}

// word is the reason for the manifest, nothing where there is none.
func (r Reason) word() string {
	if r == 0 {
		return ""
	}
	return r.String()
}

// MarshalText writes the reason as its words.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Skipped is a message that was left where it was, and why.
type Skipped struct {
	ID     spool.ID `json:"id"`
	Reason Reason   `json:"reason"`
	Detail string   `json:"detail,omitempty"` // plain words; a system's message, never bytes of the mail
}

// Outcome is what a Move, Restore, Delete or Recover did.
type Outcome struct {
	Moved    int       // now in quarantine because of this act
	Restored int       // now in the spool because of this act
	Deleted  int       // gone for good because of this act
	Already  int       // were where they should go before the act: an earlier run had moved them
	Bytes    int64     // bytes of EML files moved, restored or deleted
	Skipped  []Skipped // left where they were, with the reason
	Left     int       // not looked at, because the act stopped early
	Stopped  bool      // the act stopped before its end; the same call again goes on with what is left
}

func (o *Outcome) skip(id spool.ID, r Reason, detail string) {
	o.Skipped = append(o.Skipped, Skipped{ID: id, Reason: r, Detail: detail})
}

// Progress is a passing count of a running act.
type Progress struct {
	Done    int   // items looked at, moved or skipped
	Total   int   // items of the whole act
	Skipped int   // of Done, those left where they were
	Bytes   int64 // bytes of EML files moved so far
}

// Still answers whether the mail service is seen stopped; an error says why not, and nothing more is moved.
type Still func(context.Context) error

// Errors that a caller tells apart; all come wrapped with the particulars.
var (
	ErrUnfinished = errors.New("an earlier act was cut off: recover first")
	ErrNoSpace    = errors.New("no space left on the volume")
	ErrTaken      = errors.New("another delist has written to this quarantine: open it again")
	ErrForeign    = errors.New("made for another spool")
	ErrDamaged    = errors.New("damaged")
	// ErrOtherVolume: nothing was moved at all.
	ErrOtherVolume = errors.New("nothing was moved; to have its messages copied, compared and only then removed, allow it with --other-volume or quarantine.other_volume")
	ErrStale       = errors.New("too old to act on: search and preview again")
)

// errReason turns what the system said into a reason.
func errReason(err error) Reason {
	for _, k := range errKinds {
		if errors.Is(err, k.err) {
			return k.reason
		}
	}
	return Broken
}

// detail is an error as plain words without its paths, which the reader of a list sees anyway.
func detail(err error) string {
	var op interface{ Unwrap() error }
	for errors.As(err, &op) && op.Unwrap() != nil {
		err = op.Unwrap()
	}
	return fmt.Sprint(err)
}
