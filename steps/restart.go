package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) restartActions() []Action {
	inc := &s.Incident
	start := Action{
		ID: ActStart, Label: "start mail again", Ask: AskYes, Recommended: true,
		About: s.startAbout(), Refused: s.refusal(StartService{}),
		Intent: func(a Answer) Intent { return StartService{Reason: a.Text} },
	}
	if s.Live.Service.State == ServiceRunning && inc.Steps[incident.Restart].State == incident.ToDo && !inc.Restarted.IsZero() {
		start.Label, start.Ask = "mail runs: watch it again", AskNothing
	}
	if n := s.spamWaiting(); n > 0 {
		start.Ask, start.Recommended, start.Refused = AskReason, false, ""
		start.Prompt = "Why start mail all the same?"
		start.About = fmt.Sprintf("Still in the spool, and then delivered: %s of accounts taken to be stolen. Purge them first. %s", words.Messages(n), start.About)
	}
	if s.resetMissing() != "" {
		start.Ask, start.Recommended, start.Refused = AskReason, false, ""
		start.Prompt = "The stolen password still works. Why start mail all the same?"
		start.Label = "start mail without a new password"
	}
	var actions []Action
	if inc.Steps[incident.Restart].State == incident.Running {
		if s.byHandService() {
			actions = append(actions, Action{
				ID: ActStarted, Label: "mail runs now", Recommended: true, Ask: AskYes,
				About:  "Say yes once SmarterMail's service is running again.",
				Intent: func(Answer) Intent { return ConfirmStarted{} },
			})
		}
		for _, p := range inc.ResetsPending() {
			if p.ByHand && s.confirmResetRefusal(p.Account) == "" {
				account := p.Account
				actions = append(actions, Action{
					ID: ActResetDone, Label: "I have set the new password of " + account, Recommended: len(actions) == 0, Ask: AskYes,
					About:  "In SmarterMail: Manage, Users, " + account + ", set the password that delist made, save. Then end its sessions under Manage, Connections.",
					Intent: func(Answer) Intent { return ConfirmReset{account} },
				})
			}
		}
		if len(actions) > 0 {
			start.Recommended = false
		}
	}
	return append(actions, start)
}

func (s *State) startAbout() string {
	parts := []string{"Mail runs again for everybody."}
	for _, p := range s.Incident.ResetsPending() {
		if p.Reset == incident.ResetHeld && !p.ByHand {
			parts = append(parts, fmt.Sprintf("The new password of %s is set as soon as SmarterMail answers, and proven.", p.Account))
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("Then the spool is watched for %s. If the spam comes back, you stop again.", words.Span(s.Settings.WatchRestart))), " ")
}

// resetMissing says which suspect's password is neither changed nor held.
func (s *State) resetMissing() string {
	for _, p := range s.Incident.ResetsPending() {
		if p.Reset != incident.ResetHeld {
			return p.Account
		}
	}
	return ""
}

func (s *State) startRefusal(reason string) string {
	if s.Live.Service.State == ServiceRunning && s.Incident.Steps[incident.Restart].State == incident.Done {
		return "mail runs already"
	}
	if account := s.resetMissing(); account != "" && strings.TrimSpace(reason) == "" && !s.Incident.Steps[incident.Reset].State.Passed() {
		return "the stolen password of " + account + " still works; do Reset first, or say why not"
	}
	if n := s.spamWaiting(); n > 0 && strings.TrimSpace(reason) == "" {
		return fmt.Sprintf("still in the spool: %s of accounts taken to be stolen; purge them first, or say why not", words.Messages(n))
	}
	return ""
}

// spamWaiting counts the mail of suspects in the spool in use, without what may be their owners'.
func (s *State) spamWaiting() int {
	n := 0
	if s.Incident.Mode.DryRun { // which takes nothing out of it
		return n
	}
	for _, row := range s.Live.Senders {
		if row.Marked {
			n += max(0, row.Queued-row.Own)
		}
	}
	return n
}

// startService starts mail, applies what is held the moment the API answers, and watches the spool.
func (r *Runbook) startService(ctx context.Context) error {
	if err := r.record(incident.StepChanged{Step: incident.Restart, State: incident.Running}); err != nil {
		return err
	}
	if r.hands.Service.ByHand() {
		return r.record(incident.StepChanged{Step: incident.Restart, State: incident.Running,
			Reason: "start " + r.hands.Service.Name() + " yourself now, then say here that it runs"})
	}
	r.doing(&Doing{What: "start mail"})
	if err := r.hands.Service.Start(ctx, r.now); err != nil {
		return errors.Join(err, r.record(incident.StepChanged{Step: incident.Restart, State: incident.Failed, Reason: err.Error()}))
	}
	return r.started(ctx, false)
}

func (r *Runbook) confirmStarted(ctx context.Context) error {
	if c, ok := r.hands.Service.(Confirmer); ok {
		c.Confirm(ServiceRunning)
	}
	return r.started(ctx, true)
}

// started records that mail runs, sets held passwords, and watches.
func (r *Runbook) started(ctx context.Context, byHand bool) error {
	r.mu.Lock()
	r.arrivals = nil
	r.mu.Unlock()
	if err := r.record(incident.MailStarted{ByHand: byHand}); err != nil {
		return err
	}
	r.lookAtService(ctx)
	if err := errors.Join(r.applyHeld(ctx), r.applyForwarding(ctx)); err != nil {
		return errors.Join(err, r.record(incident.StepChanged{Step: incident.Restart, State: incident.Failed, Reason: err.Error()}))
	}
	inc := r.State().Incident
	if pending := inc.ResetsPending(); len(pending) > 0 && pending[0].ByHand {
		return r.record(incident.StepChanged{Step: incident.Restart, State: incident.Running,
			Reason: "set the new password of " + pending[0].Account + " in SmarterMail now, then say so here"})
	}
	return r.watchRestart(ctx)
}

// applyHeld sets the held passwords. Until it is done the old ones work: when the API has not answered in time,
// mail is stopped again.
func (r *Runbook) applyHeld(ctx context.Context) error {
	inc := r.State().Incident
	var held []string
	for _, p := range inc.ResetsPending() {
		if p.Reset == incident.ResetHeld && !p.ByHand {
			held = append(held, p.Account)
		}
	}
	if len(held) == 0 {
		return nil
	}
	began := r.hands.Clock()
	r.doing(&Doing{What: "set the held passwords", Until: began.Add(r.settings.APIDeadline)})
	r.now("waiting for SmarterMail's API to answer; the old password still works")
	if err := r.waitForAPI(ctx); err != nil {
		stopErr := r.stopService(context.WithoutCancel(ctx))
		return errors.Join(fmt.Errorf("SmarterMail's API did not answer in %s, so mail was stopped again: %w", words.Span(r.settings.APIDeadline), err), stopErr)
	}
	var failed error
	for _, account := range held {
		failed = errors.Join(failed, r.setPassword(ctx, account))
	}
	if failed != nil {
		return errors.Join(failed, r.resetStep())
	}
	if r.State().Incident.Mode.DryRun { // in which no password changed
		return r.resetStep()
	}
	r.say(fmt.Sprintf("the old password worked for %s after the start", words.Span(r.hands.Clock().Sub(began))))
	return r.resetStep()
}

// applyForwarding removes the forwarding rules that were planned to go, and reads the mailboxes that could not be read
// before the stop.
func (r *Runbook) applyForwarding(ctx context.Context) error {
	if r.hands.Mailboxes.ByHand() {
		return nil
	}
	var planned, unread []string
	for _, p := range r.State().Incident.Suspects {
		if p.Forwarding == incident.ForwardingPlanned {
			planned = append(planned, p.Account)
		}
		if p.Mailbox == nil {
			unread = append(unread, p.Account)
		}
	}
	if len(planned) > 0 {
		if err := r.waitForAPI(ctx); err != nil {
			return fmt.Errorf("SmarterMail's API did not answer in %s, so the forwarding could not be removed: %w", words.Span(r.settings.APIDeadline), err)
		}
	}
	for _, account := range planned {
		if err := r.emptyForwarding(ctx, account); err != nil {
			return err
		}
	}
	if len(unread) > 0 {
		r.readMailboxes(ctx)
		if inc := r.State().Incident; inc.OpenForwarding() != nil {
			return r.resetStep()
		}
	}
	return nil
}

// waitForAPI asks until the API answers or the deadline passes.
func (r *Runbook) waitForAPI(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.settings.APIDeadline)
	defer cancel()
	for {
		err := r.hands.Mailboxes.Ready(ctx)
		if err == nil {
			r.see(func(l *Live) { l.APIReady, l.APIErr = true, "" })
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(min(time.Second, r.settings.APIDeadline/20)):
		}
	}
}

// watchRestart waits until nothing like the spam has appeared for long enough. The looks at the spool go on
// by themselves; a relapse that one of them finds has opened a new round.
func (r *Runbook) watchRestart(ctx context.Context) error {
	until := r.hands.Clock().Add(r.settings.WatchRestart)
	r.doing(&Doing{What: "watch the spool", Now: "nothing like the spam so far", Until: until})
	round := r.State().Incident.Round
	tick := time.NewTicker(min(time.Second, r.settings.WatchRestart/10))
	defer tick.Stop()
	for r.hands.Clock().Before(until) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if r.State().Incident.Round != round {
			return &Refusal{"the spam is back; stop mail again"}
		}
	}
	return r.quietAfterRestart()
}

// quietAfterRestart ends Restart and begins the waiting time of Verify.
func (r *Runbook) quietAfterRestart() error {
	if err := r.record(incident.StepChanged{Step: incident.Restart, State: incident.Done,
		Result: "mail runs, nothing like the spam for " + words.Span(r.settings.WatchRestart)}); err != nil {
		return err
	}
	return r.beginWatch()
}
