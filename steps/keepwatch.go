package steps

import (
	"context"
	"fmt"
	"slices"
	"time"

	"delist/steps/incident"
	"delist/steps/words"
)

// gap is a time in which something was not seen. Where logs of it are there, understood and quiet, they tell of it.
type gap struct {
	at       string
	from, to time.Time
}

// eyes are what there is to look at here in a step, and how often it is.
func (r *Runbook) eyes(step incident.Step) []eye {
	live := r.State().Live
	var at []eye
	add := func(name string, pace time.Duration) {
		at = append(at, eye{Looks: incident.Looks{At: name}, pace: pace})
	}
	if live.Control != NoService {
		add(atService, r.settings.LookEvery)
	}
	if r.hands.Spool != nil {
		add(atSpool, r.settings.RescanEvery)
	}
	if r.hands.Traffic != nil && (live.ReadingLogs || logsTell(live.Traffic, r.inc.Restarted)) { // else quiet is said of the rest alone
		add(atLogs, r.settings.LogsEvery)
	}
	if step == incident.Verify && live.seesOutbound() {
		add(atOutbound, r.settings.OutboundEvery)
	}
	return at
}

// between is the pause between two looks: shorter than the setting while the waiting time is short.
func (r *Runbook) between(setting time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.vigil == nil {
		return setting
	}
	return shortened(setting, r.vigil.want)
}

// shortened is a pause between two looks that leaves room for enough of them in a waiting time.
func shortened(setting, want time.Duration) time.Duration {
	return min(setting, max(want/(2*wholeLooks), time.Second/4))
}

// watchFor is how long a step is watched, by the settings.
func (r *Runbook) watchFor(step incident.Step) time.Duration {
	if step == incident.Restart {
		return r.settings.WatchRestart
	}
	return r.settings.VerifyWait
}

// beginWatch starts the waiting time of a step, or starts it again for a reason.
func (r *Runbook) beginWatch(step incident.Step, why string) error {
	_, err := r.beginWatchIf(always, step, why)
	return err
}

// beginWatchIf does so after some facts, if what they rest on still holds.
func (r *Runbook) beginWatchIf(holds func(*incident.Incident) bool, step incident.Step, why string, before ...incident.Fact) (begun bool, err error) {
	now := r.hands.Clock()
	v := newVigil(step, r.watchFor(step), now, r.eyes(step))
	s := r.State()
	held := s.stillWaits() != "" || s.stillSpeaks(step) != "" // it may go before anybody judges
	facts := append(before, incident.WatchBegan{Step: step, Until: now.Add(v.need()).UTC().Round(0), Why: why, Held: held})
	if at := r.State().Incident.Steps[step]; at.State != incident.Running || at.Reason != "" { // then it says what had to be done before
		facts = append(facts, incident.StepChanged{Step: step, State: incident.Running})
	}
	if begun, err = r.recordIf(holds, facts...); !begun || err != nil {
		return begun, err
	}
	r.mu.Lock()
	r.vigil, r.trapped, r.gap, r.told = v, held, nil, now
	if step == incident.Restart {
		r.arrivals = nil
	}
	r.mu.Unlock()
	r.LookNow()
	select {
	case r.kickLogs <- struct{}{}:
	default:
	}
	return true, nil
}

// takeUp begins to watch what is to be watched and is not, whatever let it be so: Restart was passed over, delist ended before
// the watching could begin, who may only look became one who may do more, or a line of the record could not be written.
func (r *Runbook) takeUp() error {
	inc := r.State().Incident
	step, due := inc.ToWatch()
	r.mu.Lock()
	watched := r.vigil != nil
	r.mu.Unlock()
	if !due || watched {
		return nil
	}
	why := ""
	if inc.Steps[step].State == incident.Running {
		why = "nobody watched: the waiting time begins again"
	}
	_, err := r.beginWatchIf(func(now *incident.Incident) bool {
		again, still := now.ToWatch()
		return still && again == step
	}, step, why)
	return err
}

// watchOn takes up what an earlier run watched. The time between is said and not counted; where it was long, only the
// logs can tell of it.
func (r *Runbook) watchOn(left incident.Watch) error {
	inc := r.State().Incident
	if left.Until.IsZero() || inc.Steps[left.Step].State != incident.Running {
		return nil
	}
	if left.Held {
		return r.beginWatch(left.Step, "what held it up when delist ended may have left since: the waiting time begins again")
	}
	now := r.hands.Clock()
	v := newVigil(left.Step, r.watchFor(left.Step), left.Since, r.eyes(left.Step))
	v.goOn(left.Since, left.Seen)
	last := left.Since
	for i := range v.eyes {
		if seen := v.eyes[i].Last; seen.After(last) {
			last = seen
		}
	}
	away := now.Sub(last)
	why := fmt.Sprintf("delist was away for %s, which does not count", words.Span(away))
	long := away > v.need()/4
	if away < 0 || long && r.hands.Traffic == nil {
		return r.beginWatch(left.Step, "delist was away, and nobody watched: the waiting time begins again")
	}
	if at, unseen := v.tooLong(); at != "" {
		return r.beginWatch(left.Step, fmt.Sprintf("the %s was not seen for %s before delist ended", at, words.Span(unseen)))
	}
	v.since = left.Since.Add(away)
	unwritten := min(away, max(v.need()/8, keepEvery)) // how long delist may have gone on after its last line
	for i := range v.eyes {                            // for how long each had not seen its thing when delist ended stays so
		e := &v.eyes[i]
		if out := last.Sub(e.Last) > 2*e.pace; out { // and what was out of sight may have stayed so
			e.Last = e.Last.Add(-unwritten)
		}
		e.Last = e.Last.Add(away)
	}
	if err := r.record(incident.WatchBegan{Step: left.Step, Since: v.since.UTC().Round(0), Until: v.since.Add(v.need()).UTC().Round(0), Why: why}); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.vigil, r.told = v, now
	if long {
		r.gap = &gap{at: "server", from: last, to: now}
	}
	return nil
}

// saw counts a look that saw what there is.
func (r *Runbook) saw(at string, pace time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.vigil == nil {
		return
	}
	now := r.hands.Clock()
	if unseen := r.vigil.made(at, now, pace); unseen > 0 {
		r.gap = &gap{at: at, from: now.Add(-unseen), to: now}
	}
}

// onlyWord says of the last look that it showed nothing: what it rests on is the operator's word.
func (r *Runbook) onlyWord(at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.vigil == nil {
		return
	}
	for i := range r.vigil.eyes {
		if e := &r.vigil.eyes[i]; e.At == at && e.Word < e.Made {
			e.Word++
		}
	}
}

// sawNothing counts a look in vain.
func (r *Runbook) sawNothing(at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.vigil == nil {
		return
	}
	if at == atLogs && r.live.Traffic == nil && !r.live.ReadingLogs { // they were never read
		r.vigil.drop(at)
		return
	}
	r.vigil.missed(at)
}

// cannotSee leaves a thing out of what is watched: no look tells anything of it here. The end of the watching says so.
func (r *Runbook) cannotSee(at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.vigil != nil {
		r.vigil.drop(at)
	}
}

// watchLoop judges what is watched, again and again.
func (r *Runbook) watchLoop(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, r.settings.LookEvery))
	defer tick.Stop()
	last := r.hands.Clock()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := r.hands.Clock()
		judged, err := r.judgeWatch(last, now)
		if err != nil && ctx.Err() == nil {
			r.say(err.Error())
		}
		if judged { // else a clock that was set while an act ran would never be noticed
			last = now
		}
	}
}

// clockJump is the largest difference between the wall clock and the running clock that is still taken for drift.
const clockJump = 30 * time.Second

// judgeWatch ends the waiting time once it is over and all was seen, and begins it again where something was not, or is
// not quiet. It waits for an act that runs: that may change what is watched.
func (r *Runbook) judgeWatch(last, now time.Time) (judged bool, err error) {
	r.mu.Lock()
	v := r.vigil
	r.mu.Unlock()
	inc := r.State().Incident
	if _, due := inc.ToWatch(); v == nil && !due {
		return true, nil
	}
	if !r.acting.takeNow() {
		return v == nil, nil
	}
	defer r.acting.leave()
	if v == nil {
		return true, r.takeUp()
	}
	return true, r.judgeVigil(v, last, now)
}

func (r *Runbook) judgeVigil(v *vigil, last, now time.Time) error {
	s := r.State()
	if s.Incident.Steps[v.step].State != incident.Running || !s.Incident.MailDown.IsZero() || s.Incident.Watch.Until.IsZero() {
		r.mu.Lock()
		r.vigil = nil
		r.mu.Unlock()
		return nil
	}
	wall := now.Round(0).Sub(last.Round(0))
	again, why := false, "the clock of this server was set"
	if drift := wall - now.Sub(last); drift > clockJump || drift < -clockJump {
		again = true
	} else {
		if err := r.holdUp(&s, now); err != nil {
			return err
		}
		again, why = r.notQuiet(&s, now)
	}
	if again {
		_, err := r.beginWatchIf(s.Incident.Watch.StillOn, v.step, why)
		return err
	}
	r.mu.Lock()
	over := r.gap == nil && !r.trapped && v.over(now)
	looks := v.looks()
	due := now.Sub(r.told) > max(v.need()/8, keepEvery)
	r.mu.Unlock()
	if !over {
		if due {
			return r.keepLooks()
		}
		return nil
	}
	r.mu.Lock()
	r.vigil = nil
	r.mu.Unlock()
	_, err := r.endWatch(&s, looks, "")
	return err
}

// endWatch ends the waiting time, if it is still the one that was judged: a look that ends now may open a new round.
func (r *Runbook) endWatch(s *State, looks []incident.Looks, judged string) (ended bool, err error) {
	if s.Incident.Watch.Step == incident.Restart {
		return r.restarted(s, looks, judged)
	}
	return r.quiet(s, looks, judged)
}

// holdUp notes what holds the waiting time up, at each look that shows it: while an act runs nothing is judged, and it may be
// gone before that is over. What was caught is written down, since a next start has to know it.
func (r *Runbook) holdUp(s *State, now time.Time) error {
	r.mu.Lock()
	v := r.vigil
	caught := v != nil && !r.trapped
	r.mu.Unlock()
	if v == nil || !s.Incident.MailDown.IsZero() {
		return nil
	}
	holds := s.heldUp(v.step)
	if holds == "" {
		return nil
	}
	r.mu.Lock()
	if r.vigil != v { // begun again meanwhile
		r.mu.Unlock()
		return nil
	}
	r.trapped, v.blind = true, holds
	v.again(now)
	r.mu.Unlock()
	if caught {
		return r.keepLooks()
	}
	return nil
}

// heldUp is what holds up the waiting time of a step.
func (s *State) heldUp(step incident.Step) string {
	return words.Join(s.stillWaits(), s.stillSpeaks(step))
}

// notQuiet says that the waiting time begins again, and why: something was out of sight, or spam waited until now.
func (r *Runbook) notQuiet(s *State, now time.Time) (again bool, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.vigil
	switch {
	case s.heldUp(v.step) != "":
		return false, ""
	case r.trapped:
		return true, "what held it up is gone"
	}
	at, unseen := v.outOfSight(now)
	if at != "" {
		v.blind = sayUnseen(at, unseen) + s.whyUnseen(at)
		return false, ""
	}
	v.blind = ""
	if r.gap == nil {
		return false, ""
	}
	switch g := *r.gap; s.logsOf(g, now, v.need()/4) {
	case logsQuiet:
		r.gap = nil
	case logsSilent:
		return true, fmt.Sprintf("the %s was not seen for %s", g.at, words.Span(g.to.Sub(g.from)))
	}
	return false, ""
}

// whyUnseen is what is known of why something is not seen, as the end of a sentence.
func (s *State) whyUnseen(at string) string {
	why := ""
	switch at {
	case atService:
		why = words.JoinBy(": ", s.Live.Service.State.String(), s.Live.ServiceErr)
	case atSpool:
		why = s.Live.SpoolErr
		if why == "" && s.Live.Spool != nil && !s.Live.Spool.Whole() {
			why = "not all of it can be read"
		}
	case atLogs:
		why = s.Live.TrafficErr
		if why == "" {
			why = s.Live.Traffic.Blind(s.Incident.Restarted)
		}
	}
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}

// stillWaits is the spam, or what nothing explains, that holds a waiting time up.
func (s *State) stillWaits() string {
	if s.Incident.Mode.DryRun {
		return ""
	}
	w := s.Waiting()
	switch {
	case w.Spam > 0:
		return words.Messages(w.Spam) + " of the spam still waiting in the spool"
	case w.Backlog(s.Settings):
		return "waiting: " + w.sayOpen()
	}
	return ""
}

// What the logs say of a gap.
const (
	logsPending = iota // they are still being read
	logsQuiet          // they tell of it, and nothing in them is like the spam: that would have opened a new round
	logsSilent
)

// logsOf says what the logs tell of a gap. They are written as mail goes, so that they may lag behind a little.
func (s *State) logsOf(g gap, now time.Time, patience time.Duration) int {
	report := s.Live.Traffic
	switch {
	case g.at == atLogs:
		return logsSilent
	case s.Live.ReadingLogs:
		return logsPending
	case s.Live.TrafficErr != "" || !logsTell(report, g.from):
		return logsSilent
	case !report.At.Before(g.to) && report.Newest.Add(max(time.Minute, g.to.Sub(g.from)/10)).After(g.to):
		return logsQuiet
	case now.Sub(g.to) < patience:
		return logsPending
	}
	return logsSilent
}

// keepEvery is how often the looks are written down at the most.
const keepEvery = 5 * time.Second

// keepLooks writes down what was watched so far.
func (r *Runbook) keepLooks() error {
	r.mu.Lock()
	v := r.vigil
	var looks []incident.Looks
	held := r.trapped
	if v != nil {
		looks = slices.Clone(v.looks())
		r.told = r.hands.Clock()
	}
	watch := r.inc.Watch
	r.mu.Unlock()
	for i := range looks {
		looks[i].Last = looks[i].Last.UTC().Round(0)
	}
	_, err := r.recordIf(watch.StillOn, incident.WatchSeen{Looks: looks, Held: held})
	return err
}
