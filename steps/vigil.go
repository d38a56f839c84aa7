package steps

import (
	"slices"
	"time"

	"delist/steps/incident"
	"delist/steps/words"
)

// What a vigil looks at.
const (
	atService = "service"
	atSpool   = "spool"
	atLogs    = "logs"

	atOutbound = "connections" // to mail servers elsewhere
)

// wholeLooks is how many looks at each thing a vigil needs at least, whatever its time is.
const wholeLooks = 4

// vigil is a time of watching, after a restart or in Verify. It counts looks, not seconds: the time is over when each
// thing was seen often enough and was never out of sight for more than a quarter of it.
type vigil struct {
	step  incident.Step
	want  time.Duration // the setting
	since time.Time     // what was seen before does not count
	eyes  []eye         // in the order in which they are said
	blind string        // what is not seen at the moment, and since when; empty while all is
}

// eye is one thing that is looked at.
type eye struct {
	incident.Looks
	pace time.Duration // from one look to the next, as the last one took
	away bool          // the looks were in an earlier run of delist
	hole time.Duration // the longest time out of sight of which nothing else tells
}

// newVigil begins to watch.
func newVigil(step incident.Step, want time.Duration, now time.Time, eyes []eye) *vigil {
	return &vigil{step: step, want: want, since: now, eyes: eyes}
}

// tooLong names what an earlier run did not see for too long. Whether the logs told of it, that run may have ended before
// it knew.
func (v *vigil) tooLong() (at string, unseen time.Duration) {
	for _, e := range v.eyes {
		if e.hole > v.need()/4 {
			return e.At, e.hole
		}
	}
	return "", 0
}

// goOn takes up what an earlier run has watched.
func (v *vigil) goOn(since time.Time, seen []incident.Looks) {
	v.since = since
	for i := range v.eyes {
		at := slices.IndexFunc(seen, func(l incident.Looks) bool { return l.At == v.eyes[i].At })
		if at >= 0 {
			v.eyes[i].Looks, v.eyes[i].away = seen[at], true
			v.eyes[i].hole = seen[at].Gap
		}
	}
}

// again forgets what was seen: the time begins now.
func (v *vigil) again(now time.Time) {
	v.since = now
	for i := range v.eyes {
		v.eyes[i].Looks = incident.Looks{At: v.eyes[i].At}
		v.eyes[i].away, v.eyes[i].hole = false, 0
	}
}

// need is how long the vigil takes: the setting, or four whole looks at what is seen most slowly, with room between them.
func (v *vigil) need() time.Duration {
	need := v.want
	for _, e := range v.eyes {
		need = max(need, wholeLooks*e.pace*3/2)
	}
	return need
}

// unseen is for how long an eye has not seen its thing.
func (v *vigil) unseen(e *eye, now time.Time) time.Duration {
	last := e.Last
	if last.Before(v.since) {
		last = v.since
	}
	return now.Sub(last)
}

// made counts a look. It says how long the thing was out of sight before, where that is too long to count: what was
// then is not known.
func (v *vigil) made(at string, now time.Time, pace time.Duration) (unseen time.Duration) {
	for i := range v.eyes {
		e := &v.eyes[i]
		if e.At != at {
			continue
		}
		gap := v.unseen(e, now)
		if gap > v.need()/4 { // the logs tell of it, or the time begins again
			unseen = gap
		} else {
			e.hole = max(e.hole, gap)
		}
		e.Made, e.Last, e.Gap, e.pace = e.Made+1, now, max(e.Gap, gap), pace
		e.away = false
	}
	return unseen
}

// missed counts a look in vain.
func (v *vigil) missed(at string) {
	for i := range v.eyes {
		if v.eyes[i].At == at {
			v.eyes[i].Missed++
		}
	}
}

// drop leaves a thing out: there is nothing to look at.
func (v *vigil) drop(at string) {
	v.eyes = slices.DeleteFunc(v.eyes, func(e eye) bool { return e.At == at })
}

// outOfSight names what is not seen for more than a quarter of the time; empty while all is.
func (v *vigil) outOfSight(now time.Time) (at string, unseen time.Duration) {
	for i := range v.eyes {
		if gap := v.unseen(&v.eyes[i], now); gap > v.need()/4 && gap > unseen {
			at, unseen = v.eyes[i].At, gap
		}
	}
	return at, unseen
}

// over says that the time is over, and that all was seen.
func (v *vigil) over(now time.Time) bool {
	if at, _ := v.outOfSight(now); at != "" || now.Sub(v.since) < v.need() {
		return false
	}
	// A slow look makes the time longer, and what was out of sight meanwhile has to be a small part of all of it.
	return !slices.ContainsFunc(v.eyes, func(e eye) bool { return e.Made < wholeLooks || 4*e.hole > now.Sub(v.since) })
}

// looks are what the vigil rests on.
func (v *vigil) looks() []incident.Looks {
	all := make([]incident.Looks, len(v.eyes))
	for i := range v.eyes {
		all[i] = v.eyes[i].Looks
	}
	return all
}

// Watched is what is watched at the moment, and how far it is.
type Watched struct {
	Step  incident.Step
	Since time.Time
	Until time.Time // enough then, if all stays in sight
	Looks []incident.Looks
	Trap  string // why the time does not end; empty when nothing holds it up
}

// neverSeen names what no look has seen yet; empty where all was.
func (w *Watched) neverSeen() string {
	for _, l := range w.Looks {
		if l.Made == 0 {
			return l.At
		}
	}
	return ""
}

// endless says that the time should be over twice, and that something is still not seen.
func (w *Watched) endless(now time.Time) bool {
	return w.Trap != "" && now.Sub(w.Since) > 2*w.Until.Sub(w.Since)
}

// watched shows the vigil.
func (v *vigil) watched() *Watched {
	w := &Watched{Step: v.step, Since: v.since, Until: v.since.Add(v.need()), Looks: v.looks(), Trap: v.blind}
	return w
}

// sayUnseen is a gap in words.
func sayUnseen(at string, gap time.Duration) string {
	return "the " + at + " " + have(at) + " not been seen for " + words.Span(gap)
}

func have(at string) string {
	if at == atLogs || at == atOutbound {
		return "have"
	}
	return "has"
}
