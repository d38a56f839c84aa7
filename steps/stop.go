package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"delist/spool/message"
	"delist/steps/incident"
	"delist/steps/words"
)

// stopActions: stopping the bleeding never waits for analysis.
func (s *State) stopActions() []Action {
	stop := s.stopAction()
	stop.Recommended = stop.Refused == ""
	actions := []Action{stop}
	if s.Incident.Steps[incident.Stop].State == incident.Running && s.byHandService() {
		actions = []Action{{
			ID: ActStopped, Label: "mail is stopped now", Recommended: true, Ask: AskYes,
			About:  "Say yes once SmarterMail's service is stopped and nothing else writes to the spool. From here on delist moves files.",
			Intent: func(Answer) Intent { return ConfirmStopped{} },
		}, stop}
	}
	return actions
}

// stopAction is offered at every step.
func (s *State) stopAction() Action {
	about := "No mail comes in or goes out for anybody on this server, until Restart. Other servers keep their mail for you and try again later."
	return Action{
		ID: ActStop, Label: "stop ALL mail now", Ask: AskYes, About: about, Refused: s.refusal(StopService{}),
		Intent: func(Answer) Intent { return StopService{} },
	}
}

func (s *State) stopRefusal() string {
	if s.Incident.Steps[incident.Stop].State == incident.Done && s.Live.Service.State == ServiceStopped {
		return "mail is stopped already"
	}
	return ""
}

// stopService keeps the evidence, stops the service and sees that it is stopped.
func (r *Runbook) stopService(ctx context.Context) error {
	s := r.State()
	if !s.Incident.Steps[incident.Look].State.Passed() {
		if err := r.record(incident.StepChanged{Step: incident.Look, State: incident.Done, Result: lookResult(&s)}); err != nil {
			return err
		}
	}
	if err := r.record(incident.StepChanged{Step: incident.Stop, State: incident.Running}); err != nil {
		return err
	}
	r.readMailboxes(ctx)
	if err := r.keepEvidence(); err != nil {
		r.say("the evidence could not be kept: " + err.Error())
	}
	began := r.hands.Clock()
	r.doing(&Doing{What: "stop mail"})
	if r.hands.Service.ByHand() {
		return r.record(incident.StepChanged{Step: incident.Stop, State: incident.Running,
			Reason: "stop " + r.hands.Service.Name() + " yourself now, then say here that it is stopped"})
	}
	if err := r.hands.Service.Stop(ctx, r.now); err != nil {
		return errors.Join(err, r.record(incident.StepChanged{Step: incident.Stop, State: incident.Failed, Reason: err.Error()}))
	}
	return r.stopped(ctx, false, r.hands.Clock().Sub(began))
}

// confirmStopped takes the operator's word for it.
func (r *Runbook) confirmStopped(ctx context.Context) error {
	if c, ok := r.hands.Service.(Confirmer); ok {
		c.Confirm(ServiceStopped)
	}
	return r.stopped(ctx, true, 0)
}

// stopped records that mail is down, and looks at the spool as it lies now.
func (r *Runbook) stopped(ctx context.Context, byHand bool, took time.Duration) error {
	report, err := r.hands.Service.Look(ctx)
	if err != nil {
		return fmt.Errorf("look whether mail is stopped: %w", err)
	}
	if report.State != ServiceStopped {
		why := fmt.Sprintf("%s is %s, not stopped", r.hands.Service.Name(), report.State)
		return errors.Join(&Refusal{why}, r.record(incident.StepChanged{Step: incident.Stop, State: incident.Failed, Reason: why}))
	}
	r.see(func(l *Live) { l.Service = report })
	if why := r.stillOpen(ctx); why != "" {
		return errors.Join(&Refusal{why}, r.record(incident.StepChanged{Step: incident.Stop, State: incident.Failed, Reason: why}))
	}
	if err := r.record(incident.MailStopped{ByHand: byHand}); err != nil {
		return err
	}
	result := "mail is stopped"
	if took > 0 {
		result = "mail stopped in " + words.Span(took)
	}
	if err := r.record(incident.StepChanged{Step: incident.Stop, State: incident.Done, Result: result}); err != nil {
		return err
	}
	return r.lookWhole(ctx) // what is planned from now on is as it is
}

// releaseWait is how long other programs may take to close their spool files once the service is stopped.
const releaseWait = 3 * time.Second

// stillOpen says who has spool files open although mail is stopped; empty when nobody has.
func (r *Runbook) stillOpen(ctx context.Context) string {
	if r.hands.Spool == nil || r.State().Incident.Mode.DryRun {
		return ""
	}
	for deadline := time.Now().Add(releaseWait); ; {
		users, err := r.hands.Spool.InUse(ctx)
		if err != nil || len(users) == 0 {
			return "" // where it cannot be known, a file that is held open shows when it is moved
		}
		if time.Now().After(deadline) {
			u := users[0]
			return fmt.Sprintf("%s (process %d) still has %d spool files open; end it, then stop again", message.Printable(u.Program), u.PID, u.Files)
		}
		select {
		case <-ctx.Done():
			return "stopped by the operator"
		case <-time.After(releaseWait / 10):
		}
	}
}

// still returns nil while it is safe to move files: this process owns the incident, and mail is seen stopped,
// on every node where others use the spool.
func (r *Runbook) still(ctx context.Context) error {
	if err := r.journal.Owned(); err != nil {
		return err
	}
	state := r.State()
	if err := refuse(state.nodesRefusal()); err != nil {
		return err
	}
	report, err := r.hands.Service.Look(ctx)
	if err != nil {
		return fmt.Errorf("look whether mail is still stopped: %w", err)
	}
	if report.State != ServiceStopped {
		return &Refusal{fmt.Sprintf("%s is %s; files are moved only while it is stopped", r.hands.Service.Name(), report.State)}
	}
	return nil
}
