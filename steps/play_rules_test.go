package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// watcher holds what delist says against the truth.
type watcher struct {
	inc     incident.Incident // as the records tell it, folded as they come
	since   time.Time         // mail runs since then, as the record has it
	watched time.Time         // and is watched since then
	broken  error             // the first rule that a record broke
	shown   map[string]bool   // accounts whose newest password was seen
	blind   map[string]*blindness
	down    time.Time // since when the service is seen stopped, and MAIL DOWN is not shown
	up      time.Time // since when it is seen running, and MAIL DOWN is shown
	done    int       // steps that were called done, or quiet, without a reason
	unclear int       // the same, after a warning
	lines   []string  // what was done
}

// blindness is the last time in which something was not to be seen.
type blindness struct{ from, to time.Time }

// behold notes that something is out of sight from now on, or in sight again.
func (g *game) behold(what string, gone bool) {
	b := g.blind[what]
	switch {
	case gone && (b == nil || !b.to.IsZero()):
		g.blind[what] = &blindness{from: g.clock()}
		g.hide(+1)
	case !gone && b != nil && b.to.IsZero():
		b.to = g.clock()
		g.hide(-1)
	}
}

func (g *game) hide(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hidden += n
	g.inSight = 0
}

// hear takes a record, and holds it against the truth.
func (g *game) hear(e steps.Event) {
	if e.Record == nil {
		return
	}
	if err := g.judge(e.Record); err != nil && g.broken == nil {
		g.broken = fmt.Errorf("%s: %w", e.Record.Fact.Say(), err)
	}
	g.inc.Fold(*e.Record)
}

// judge says what is wrong with a record.
func (g *game) judge(r *incident.Record) error {
	switch f := r.Fact.(type) {
	case incident.Started:
		g.shown = map[string]bool{}
	case incident.MailStarted:
		g.since = time.Now()
	case incident.WatchBegan:
		if f.Since.IsZero() {
			g.watched = time.Now()
		}
	case incident.MailStopped:
		if g.warned == forStart {
			g.warned = notWarned
		}
	case incident.Relapsed:
		if g.warned != forGood {
			g.warned = notWarned
		}
	case incident.PasswordShown:
		g.shown[f.Account] = true
	case incident.ResetChanged:
		if f.Made {
			g.shown[f.Account] = false
		}
		if f.State == incident.ResetDone {
			return g.judgeReset(f)
		}
	case incident.StepChanged:
		if f.State == incident.Done && f.Reason == "" && (f.Step == incident.Restart || f.Step == incident.Verify) {
			return errors.Join(g.judgeLooks(f), g.judgeDelivered(f.Step), g.judgeSpeech(f.Step))
		}
	}
	return nil
}

// judgeReset: "changed" needs a password that was made here, and set by the API or shown and confirmed.
func (g *game) judgeReset(f incident.ResetChanged) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case f.Disable && !g.disabled[f.Account]:
		return errors.New("it is not disabled")
	case f.Disable:
	case f.ByHand && !g.shown[f.Account]:
		return errors.New("nobody has seen the password that is said to be set")
	case !f.ByHand && !strings.HasPrefix(g.passwords[f.Account], "Kq7"):
		return errors.New("the API has set none")
	case f.ByHand:
		g.changed[f.Account] = true
	}
	return nil
}

// judgeLooks: quiet needs looks, evenly over the time.
func (g *game) judgeLooks(f incident.StepChanged) error {
	settings := playSettings()
	want := settings.WatchRestart
	if f.Step == incident.Verify {
		want = settings.VerifyWait
	}
	want = max(want, g.clock().Sub(g.inc.Watch.Since)) // slow looks make the time longer
	g.done++
	seen := map[string]incident.Looks{}
	for _, l := range f.Seen {
		seen[l.At] = l
	}
	for _, at := range []string{"service", "spool"} {
		if at == "service" && g.setup.Control == steps.NoService {
			continue
		}
		l := seen[at]
		if l.Made < 4 {
			return fmt.Errorf("the %s was looked at %d times", at, l.Made)
		}
		if l.Gap > want/4 && g.setup.Logs != fullLogs {
			return fmt.Errorf("the %s was not seen for %s", at, l.Gap)
		}
	}
	if g.setup.Logs == fullLogs {
		return nil
	}
	for what, b := range g.blind {
		from, to := b.from, b.to
		if to.IsZero() {
			to = g.clock()
		}
		if from.Before(g.inc.Watch.Since) {
			from = g.inc.Watch.Since
		}
		if out := to.Sub(from); what != "away" && out > want/4+settings.RescanEvery {
			return fmt.Errorf("in truth the %s was not to be seen for %s", what, out)
		}
	}
	return nil
}

// judgeSpeech: no server is quiet on which a program speaks past the mail service that nobody knows.
func (g *game) judgeSpeech(step incident.Step) error {
	g.mu.Lock()
	since := g.speaks
	g.mu.Unlock()
	known := g.inc.Speaker(mailer) != nil && len(g.inc.Strangers()) == 0
	if step != incident.Verify || since.IsZero() || known || time.Since(since) < 2*playSettings().OutboundEvery {
		return nil
	}
	return fmt.Errorf("a program has spoken for %s past the mail service", time.Since(since))
}

// judgeDelivered: after a start that is called done, nothing of the spam has left, unless somebody typed a reason. A bounce
// of ours that left was shown as what waits, with Stop as what Enter does; then the watching has begun again.
func (g *game) judgeDelivered(step incident.Step) error {
	if g.warned != notWarned {
		g.unclear++
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	since := g.since
	if step == incident.Verify { // which tells of the time that it watched
		since = g.watched
	}
	for _, m := range g.gone {
		if m.kind == good || !m.seen || m.delivered.Before(since) || m.kind == answer && m.delivered.Before(g.watched) {
			continue
		}
		if m.kind == spam && g.inc.Suspect(m.account) == nil || m.kind == answer && !g.knowsForged(m.forged) {
			continue // nobody knows of it
		}
		return fmt.Errorf("%s was delivered %s after the start: kind %d of %q, to %q; forged senders known: %q", m.id, m.delivered.Sub(since), m.kind, m.account, m.forged, g.inc.Forged)
	}
	return nil
}

// knowsForged says that delist knows a sender for forged: from a mark, or from spam that it moved.
func (g *game) knowsForged(sender string) bool {
	if slices.Contains(g.inc.Forged, sender) {
		return true
	}
	for _, m := range g.mails {
		if m.kind == spam && m.forged == sender && g.inc.Suspect(m.account) != nil && slices.Contains(g.where(g.places(), m), "quarantine") {
			return true
		}
	}
	return false
}

// dirty says that there is something that a warning can be about: spam that has not left, or a thief who can send more.
func (g *game) dirty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, thief := range thieves[:g.setup.Thieves] {
		if g.passwords[thief] == "stolen" && !g.disabled[thief] {
			return true
		}
	}
	return slices.ContainsFunc(g.mails, func(m *mail) bool { return m.kind != good })
}

// do carries an intent out, and holds what it comes to against what was said before.
func (g *game) do(in steps.Intent) error {
	g.down, g.up = time.Time{}, time.Time{} // an act has the say meanwhile
	before := g.rb.State()
	foreseen := before.Refusal(in)
	lied := g.lies
	g.lies = false
	switch {
	case foreseen != "" || !g.dirty():
	case lied:
		g.warned = forGood
	default:
		g.warned = max(g.warned, warns(in))
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	began := time.Now()
	err := g.rb.Do(ctx, in)
	g.note("%T%+v: %v", in, in, err)
	var refusal *steps.Refusal
	switch refused := errors.As(err, &refusal); {
	case g.pen.Dead():
		return nil
	case foreseen != "" && (!refused || refusal.Reason != foreseen):
		return fmt.Errorf("%T%+v should be refused with %q, got %v", in, in, foreseen, err)
	case foreseen == "" && refused && time.Since(began) == 0 && !depends(in):
		return fmt.Errorf("%T%+v was offered, and is refused: %w", in, in, err)
	}
	after := g.rb.State()
	for step := range after.Incident.Steps {
		now, was := after.Incident.Steps[step], before.Incident.Steps[step]
		w := after.Waiting()
		if now.State == incident.NotNeeded && was.State != incident.NotNeeded && (!w.Whole || w.Spam > 0 || w.Open() > 0) {
			return fmt.Errorf("%s is not needed, with %s", incident.Step(step), w.Say())
		}
	}
	return nil
}

// depends says that what an intent comes to depends on a look that is taken only when it is carried out.
func depends(in steps.Intent) bool {
	switch in.(type) {
	case steps.StopService, steps.ConfirmStopped, steps.LockOut, steps.Quarantine, steps.SetAside, steps.PlanPurge, steps.StartService:
		return true
	}
	return false
}

func (g *game) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if len(line) > 300 {
		line = line[:300]
	}
	g.lines = append(g.lines, fmt.Sprintf("%s  %s", g.clock().Format("15:04:05.0"), line))
}

// check holds what delist says now against the rules.
func (g *game) check() error {
	synctest.Wait()
	if g.broken != nil {
		return g.broken
	}
	s := g.rb.State()
	for _, step := range incident.AllSteps() {
		if page := s.Page(step); page.Purpose == "" {
			return fmt.Errorf("the page of %s has no purpose", step)
		}
		row := about(&s, step, 0)
		for _, a := range s.ActionsFor(step, row) {
			answer := honestly(&s, a, row)
			if why := s.Refusal(a.Intent(answer)); why != a.Refused && s.Live.Doing == nil && !rowless(a.ID) {
				return fmt.Errorf("%s offers %q, refused %q, and its intent is refused %q", step, a.Label, a.Refused, why)
			}
		}
	}
	s.Head()
	return errors.Join(g.checkDown(&s), g.checkTexts(&s))
}

// rowless are the actions that stand for the first row they can be about where the cursor is on none.
func rowless(id steps.ActionID) bool {
	return id == steps.ActMark || id == steps.ActUnmark || id == steps.ActExplain || id == steps.ActUnexplain || id == steps.ActBounce
}

// checkDown: MAIL DOWN is shown from a stop, or from the service seen stopped, until it is seen running.
func (g *game) checkDown(s *steps.State) error {
	shown := !s.Incident.MailDown.IsZero()
	if g.setup.Control != steps.Controlled || s.Live.Doing != nil || !s.Incident.Closed.IsZero() {
		g.down, g.up = time.Time{}, time.Time{}
		return nil
	}
	const patient = 5 * time.Second
	since := func(t *time.Time, is bool) bool {
		switch {
		case !is:
			*t = time.Time{}
		case t.IsZero():
			*t = time.Now()
		}
		return is && time.Since(*t) > patient
	}
	if since(&g.down, s.Live.Service.State == steps.ServiceStopped && !shown) {
		return errors.New("the service is seen stopped, and MAIL DOWN is not shown")
	}
	if since(&g.up, s.Live.Service.State == steps.ServiceRunning && shown) {
		return errors.New("the service is seen running, and MAIL DOWN is shown")
	}
	return nil
}

// checkTexts: the letter and the draft say "changed" of what was changed.
func (g *game) checkTexts(s *steps.State) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	changed := 0
	for _, p := range s.Incident.Suspects {
		if g.changed[p.Account] {
			changed++
		}
	}
	if n := strings.Count(steps.Letter(&s.Incident), "We gave your mailbox a new password"); n > changed {
		return fmt.Errorf("the letters say that %d passwords were changed; %d were", n, changed)
	}
	draft := steps.Draft(&s.Incident, netip.MustParseAddr("203.0.113.25"), "Spamhaus CSS")
	if n := strings.Count(draft, "The password was changed"); n > changed {
		return fmt.Errorf("the draft says that %d passwords were changed; %d were", n, changed)
	}
	return nil
}
