package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"delist/spool/message"
	"delist/steps/incident"
	"delist/steps/words"
)

// stopActions: stopping the bleeding never waits for analysis.
func (s *State) stopActions(about Answer) []Action {
	stop := s.stopAction(about)
	stop.Recommended = stop.Refused == ""
	if s.Incident.Steps[incident.Stop].State != incident.Running || s.Live.Control != ByHand {
		return []Action{stop}
	}
	stop.Recommended = false
	stopped := Action{
		ID: ActStopped, Label: "mail is stopped now", Recommended: true, Ask: AskYes,
		About:  "Say yes once SmarterMail's service is stopped and nothing else writes to the spool. From here on delist moves files.",
		Intent: func(a Answer) Intent { return ConfirmStopped{} },
	}
	if s.Live.Service.Contradicts(ServiceStopped) {
		stopped.Ask, stopped.Prompt = AskReason, "What is it that still answers there?"
		stopped.About = "Seen from here at " + words.Clock(s.Live.Service.At, s.Now) + ": " + s.Live.Service.Detail + ". If that is SmarterMail, mail is not stopped: stop it first. If it is another program, say which."
		stopped.Intent = func(a Answer) Intent { return ConfirmStopped{Despite: a.Text} }
	}
	return []Action{s.offer(stopped, about), stop}
}

// stopAction is offered at every step.
func (s *State) stopAction(about Answer) Action {
	a := Action{
		ID: ActStop, Label: "stop ALL mail now", Ask: AskYes,
		About:  "No mail comes in or goes out for anybody on this server, until Restart. Other servers keep their mail for you and try again later.",
		Intent: func(Answer) Intent { return StopService{} },
	}
	if s.Live.Control == ByHand {
		a.Label = "stop ALL mail now, by hand"
		a.About = "delist stops nothing here: you do it, and the next screen says what to click or type. " + a.About
	}
	switch {
	case s.Live.Control == NoService && s.Incident.Steps[incident.Stop].State == incident.Done:
		a.Label = "go back to Purge"
		a.About = "What still waits in this spool is looked through again."
	case s.Live.Control == NoService:
		a.Label, a.Verb = "go on: nothing here writes to the spool", "Go on"
		a.About = "You started delist with --service none, so that there is no mail to stop here."
	}
	a.About = s.Live.notReady() + a.About
	return s.offer(a, about)
}

func (StopService) refusal(s *State) string {
	if stop := s.Incident.Steps[incident.Stop]; stop.ByHand && stop.State == incident.Running && s.Live.Control == ByHand {
		return "you are stopping it by hand; say so once it is stopped"
	}
	held := s.Live.Control == NoService && s.Live.Watched != nil // what waits may hold the watching up
	if s.Incident.Steps[incident.Stop].State == incident.Done && s.Live.Service.State == ServiceStopped && !held {
		return "mail is stopped already"
	}
	return ""
}

func (in ConfirmStopped) refusal(s *State) string {
	switch {
	case s.Live.Control != ByHand:
		return "delist stops mail itself here, and sees whether it is"
	case s.Incident.Steps[incident.Stop].State != incident.Running:
		return "begin with stopping mail: the screen then says how"
	case s.Live.Service.Contradicts(ServiceStopped) && needsReason(in.Despite) != "":
		return "mail still seems to run: " + s.Live.Service.Detail + "; stop it, or say which other program answers"
	}
	return ""
}

func (in StopService) act(ctx context.Context, r *Runbook) error { return r.stopService(ctx) }

// stopService stops the service and sees that it is stopped. Nothing slow stands before that: the evidence is kept as it
// was, beside the stop, and the mailboxes are read in Look.
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
	kept := make(chan error, 1)
	go func() { kept <- r.keepEvidence(s) }()
	defer func() {
		if err := <-kept; err != nil {
			r.say("the evidence could not be kept: " + err.Error())
		}
	}()
	if s.Live.Control == ByHand {
		if c, ok := r.hands.Service.(Confirmer); ok {
			word := Word{Said: r.hands.Clock()}
			if s.Live.Service.State == ServiceUnknown { // there is no word to take back
				word.Said = time.Time{}
			}
			c.Confirm(word)
		}
		r.lookAtService(ctx)
		return r.record(incident.StepChanged{Step: incident.Stop, State: incident.Running, ByHand: true,
			Reason: "stop " + r.hands.Service.Name() + " yourself now, then say that it is stopped"})
	}
	began := r.hands.Clock()
	r.doing(&Doing{What: What(StopService{})}) // locking out ends in it, too
	if err := r.hands.Service.Stop(ctx, r.now); err != nil {
		return errors.Join(err, r.record(incident.StepChanged{Step: incident.Stop, State: incident.Failed, Reason: err.Error()}))
	}
	return r.stopped(ctx, incident.MailStopped{}, r.hands.Clock().Sub(began))
}

// act takes the operator's word for it.
func (in ConfirmStopped) act(ctx context.Context, r *Runbook) error {
	why := strings.TrimSpace(in.Despite)
	var others []string
	if s := r.State(); why != "" {
		others = s.Live.Service.Open
	}
	if len(others) == 0 { // the word is about what answers
		why = ""
	}
	if c, ok := r.hands.Service.(Confirmer); ok {
		c.Confirm(Word{State: ServiceStopped, Said: r.hands.Clock(), Others: others})
	}
	return r.stopped(ctx, incident.MailStopped{ByHand: true, Despite: why, Others: others}, 0)
}

// stopped records that mail is down, and looks at the spool as it lies now.
func (r *Runbook) stopped(ctx context.Context, fact incident.MailStopped, took time.Duration) error {
	report, err := r.seeService(ctx)
	if err != nil {
		return fmt.Errorf("look whether mail is stopped: %w", err)
	}
	if report.State != ServiceStopped {
		why := words.Join(fmt.Sprintf("%s is %s, not stopped", r.hands.Service.Name(), report.State), report.Detail)
		return errors.Join(&Refusal{why}, r.record(incident.StepChanged{Step: incident.Stop, State: incident.Failed, Reason: why}))
	}
	open, looked := r.stillOpen(ctx)
	if open != "" {
		return errors.Join(&Refusal{open}, r.record(incident.StepChanged{Step: incident.Stop, State: incident.Failed, Reason: open}))
	}
	result := "mail was stopped"
	switch {
	case r.live.Control == NoService:
		result = "nothing to stop: no mail service here, says --service none"
	case fact.ByHand:
		result += ", says the operator"
		if fact.Despite != "" {
			result += fmt.Sprintf(", though %s answers: %s", strings.Join(fact.Others, ", "), fact.Despite)
		}
		fact.Detail = report.Detail
	case took > 0:
		result = "mail stopped in " + words.Span(took)
	}
	fact.Nothing = r.live.Control == NoService
	if err := r.record(fact); err != nil {
		return err
	}
	if err := r.record(incident.StepChanged{Step: incident.Stop, State: incident.Done, Result: words.Join(result, looked)}); err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, lookPatience)
	defer done()
	if err := r.lookWhole(ctx); err != nil { // what is planned from now on is as it is; the screen says that it cannot be read
		r.see(func(l *Live) { l.SpoolErr = err.Error() })
	}
	return nil
}

// lookPatience is how long a stop may take to look at the spool once more: a stop that nobody may break off has to end
// though the spool does not answer. The looks go on by themselves.
const lookPatience = time.Minute

// releaseWait is how long other programs may take to close their spool files once the service is stopped.
const releaseWait = 3 * time.Second

// stillOpen says who has spool files open although mail is stopped, and else what was looked at.
func (r *Runbook) stillOpen(ctx context.Context) (open, looked string) {
	if r.hands.Spool == nil || r.State().Incident.Mode.DryRun {
		return "", ""
	}
	for deadline := time.Now().Add(releaseWait); ; {
		users, err := r.liveSpool().InUse(ctx)
		if err != nil { // a file that is held open shows when it is moved
			return "", "who has spool files open could not be seen"
		}
		if len(users) == 0 {
			return "", "no program was seen with a spool file open"
		}
		if time.Now().After(deadline) {
			u := users[0]
			return fmt.Sprintf("%s (process %d) still has %d spool files open; end it, then stop again", message.Printable(u.Program), u.PID, u.Files), ""
		}
		select {
		case <-ctx.Done():
			return "stopped by the operator", ""
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
	if report.State == ServiceStopped {
		return nil
	}
	r.see(func(l *Live) { l.Service = report })
	why := &Refusal{words.Join(fmt.Sprintf("%s is %s; files are moved only while it is stopped", r.hands.Service.Name(), report.State), report.Detail)}
	if report.State == ServiceRunning && !state.Incident.MailDown.IsZero() { // this act sees it first
		return errors.Join(why, r.record(incident.MailStarted{Elsewhere: true, Detail: report.Detail}))
	}
	return why
}

// notStopped is why no file of the spool in use may be moved now; empty when it may.
func (s *State) notStopped() string {
	switch {
	case s.Incident.Mode.DryRun || s.Live.Service.State == ServiceStopped:
		return ""
	case s.Incident.Steps[incident.Stop].State == incident.Done && s.Live.Service.State == ServiceUnknown:
		return words.Join("whether mail is still stopped cannot be seen at the moment", s.Live.ServiceErr)
	}
	return "files are moved only while mail is stopped; do Stop first"
}
