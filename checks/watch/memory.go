package watch

import (
	"time"

	"delist/checks/dnsbl"
)

// Memory is what a watch knows of one address, by the ID of the list.
type Memory map[string]Known

// Known is what is known of one address on one list. The times are wall clock times, UTC.
type Known struct {
	// Verdict is that of the newest usable answer, Listed or Clear; Unusable before the first.
	Verdict dnsbl.Verdict `json:"verdict"`
	Since   time.Time     `json:"since,omitzero"` // when that verdict was first seen
	Meaning []string      `json:"meaning,omitempty"`

	Last   dnsbl.Verdict `json:"last"`           // of the newest look, usable or not
	Note   string        `json:"note,omitempty"` // why the newest look gave no usable answer
	Looked time.Time     `json:"looked"`         // the newest look
	Misses int           `json:"misses,omitempty"`
	Next   time.Time     `json:"next"`
}

// Usable says that a verdict proves something.
func Usable(v dnsbl.Verdict) bool { return v == dnsbl.Listed || v == dnsbl.Clear }

// Counts is the verdict that counts now. A listing stands until the list itself says
// that it is over; an address is clear only as long as the list keeps saying so.
func (k Known) Counts() dnsbl.Verdict {
	if Usable(k.Last) || k.Verdict == dnsbl.Listed {
		return k.Verdict
	}
	return k.Last
}

// with takes in a look. Only a usable answer that differs from the one before it is a change; the first is none.
func (k Known) with(r dnsbl.Result, every time.Duration, now time.Time) (next Known, changed bool) {
	k.Last, k.Note, k.Looked = r.Verdict, r.Note, now
	if !Usable(r.Verdict) {
		k.Misses++
		k.Next = now.Add(soonest(every, k.Misses))
		if r.Verdict == dnsbl.Refused {
			k.Next = now.Add(every) // who is refused does not press
		}
		return k, false
	}
	changed = Usable(k.Verdict) && k.Verdict != r.Verdict
	if k.Verdict != r.Verdict {
		k.Since = now
	}
	k.Verdict, k.Note, k.Misses, k.Next = r.Verdict, "", 0, now.Add(every)
	k.Meaning = nil
	for _, c := range r.Codes {
		if r.Verdict == dnsbl.Listed {
			k.Meaning = append(k.Meaning, c.Meaning)
		}
	}
	return k, changed
}

// drift is how far a clock may be put right without anybody noticing.
const drift = time.Minute

// due says whether it is time to look again. A next look further off than the
// schedule reaches is what a clock that was set back leaves: then it is time too.
func (k Known) due(now time.Time, every time.Duration) bool {
	return !now.Before(k.Next) || k.Next.Sub(now) > every+drift
}

// stale says whether a start looks again although it is not due: who starts a watch wants
// to know how things are now, and one that is started in a circle asks nobody more often for it.
func (k Known) stale(now time.Time, every time.Duration) bool {
	return k.due(now, every) || now.Sub(k.Looked) >= min(least, every)
}
