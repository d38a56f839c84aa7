package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) restartActions(about Answer) []Action {
	inc := &s.Incident
	start := s.startAction(about)
	toSet := inc.MailDown.IsZero() && len(inc.Held(true)) > 0 && s.Live.Control != NoService // before anybody watches
	if inc.Steps[incident.Restart].State != incident.Running && !toSet {
		start.Recommended = start.Refused == ""
		return []Action{start}
	}
	if inc.Steps[incident.Restart].State == incident.Running && !inc.Watch.Until.IsZero() {
		return s.watchActions(about)
	}
	var actions []Action
	if s.Live.Control == ByHand && !inc.MailDown.IsZero() {
		actions = append(actions, s.startedAction(about))
	}
	for _, p := range inc.Held(true) {
		if !p.Shown {
			actions = append(actions, s.showAction(p.Account, about))
		}
		actions = append(actions, s.confirmAction(p.Account, about))
	}
	actions = append(actions, start)
	if i := slices.IndexFunc(actions, func(a Action) bool { return a.Refused == "" }); i >= 0 {
		actions[i].Recommended = true
	}
	return actions
}

// startedAction is the operator's word that mail runs. Where no mail port answers, it wants to know how they see it.
func (s *State) startedAction(about Answer) Action {
	started := Action{
		ID: ActStarted, Label: "mail runs now", Ask: AskYes,
		About:  "Say yes once SmarterMail's service is running again.",
		Intent: func(a Answer) Intent { return ConfirmStarted{Despite: a.Text} },
	}
	if s.Live.Service.wordOnly(s.Live.Control) {
		started.Ask, started.Prompt, started.About = AskReason, howSeen, s.noPortSeen()
	}
	return s.offer(started, about)
}

// sayRuns says that starting is nothing but the operator's word that mail runs already, which no look shows.
func (s *State) sayRuns() bool {
	return s.Incident.MailDown.IsZero() && s.Live.Service.wordOnly(s.Live.Control)
}

// What a word that mail runs wants where no look shows it.
const (
	howSeen = "How do you see that mail runs?"
	noPort  = "no mail port answers here yet; wait until one does, or say how you see that mail runs"
)

func (s *State) noPortSeen() string {
	return "Seen from here at " + words.Clock(s.Live.Service.At, s.Now) + ": no mail port answers on this machine. A large server takes minutes to start: wait until one does. If SmarterMail listens elsewhere, say where."
}

// startAction starts mail. Where something speaks against it, it asks for the reason, and says against what.
func (s *State) startAction(about Answer) Action {
	start := Action{
		ID: ActStart, Label: "start mail again", Ask: AskYes, About: s.startAbout(),
		Intent: func(a Answer) Intent { return StartService{Reason: a.Text} },
	}
	switch {
	case s.Live.Control == NoService:
		start.Label, start.Verb = "go on: there is no mail service here to start", "Go on"
		start.About = "You started delist with --service none. If this spool belongs to a server that you stopped, start mail there when the purge is done. The spool here is watched for " + words.Span(s.Settings.WatchRestart) + "."
	case s.Live.Control == ByHand && s.Incident.MailDown.IsZero():
		start.Label, start.Verb, start.About = "mail runs: watch it", "Watch", "You say that mail runs on this server. Service and spool are watched for "+words.Span(s.Settings.WatchRestart)+"."
	case s.Live.Control == ByHand:
		start.Label = "start mail again, by hand"
		start.About = "delist starts nothing here: you do it, and the next screen says what to click or type. " + start.About
	case s.Live.Service.State == ServiceRunning && !s.Incident.Restarted.IsZero():
		start.Label, start.Ask = "mail runs: watch it again", AskNothing
	case s.Live.Service.State == ServiceRunning && s.Incident.MailDown.IsZero() && len(s.Incident.ResetsPending()) == 0:
		start.Label, start.Ask = "mail was not stopped: watch it", AskNothing
		start.About = "Mail runs, and was not stopped. Service and spool are watched for " + words.Span(s.Settings.WatchRestart) + "."
	}
	if s.sayRuns() {
		start.Ask, start.Prompt, start.About = AskReason, howSeen, s.noPortSeen()+" "+start.About
	}
	if against := s.againstStart(); len(against) > 0 {
		start.Ask, start.Prompt = AskReason, "Why start mail all the same?"
		start.About = "Against it: " + strings.Join(against, "; ") + ". " + start.About
		if s.resetMissing() != "" {
			start.Label = "start mail without a new password"
		}
	}
	return s.offer(start, about)
}

// fullDrop is how many messages in Drop are no day's work: somebody looks at them before they leave.
const fullDrop = 20

// againstStart is what speaks against starting mail. The operator can go on with a reason.
func (s *State) againstStart() []string {
	var against []string
	if account := s.resetMissing(); account != "" && !s.Incident.Steps[incident.Reset].State.Passed() {
		against = append(against, s.oldPassword(account))
	}
	if s.Incident.Mode.DryRun || s.Live.Control == NoService {
		return against
	}
	if c := s.Incident.OpenCause(); c != nil && !s.Incident.Steps[incident.Reset].State.Passed() {
		against = append(against, "nobody has said what was done about "+c.About())
	}
	w := s.Waiting()
	switch {
	case w.Spam > 0:
		against = append(against, words.Messages(w.Spam)+" of the spam would be delivered: marked accounts' mail, and answers to senders that it forged")
	case w.Backlog(s.Settings):
		against = append(against, "what is taken for spam would be delivered: "+w.sayOpen())
	}
	if w.Apart.Drop >= fullDrop {
		against = append(against, words.Messages(w.Apart.Drop)+" in the Drop folder would be sent: look at them first")
	}
	if !w.Whole && s.Incident.Spool != "" {
		against = append(against, words.JoinBy(": ", "what waits in the spool could not all be read", s.Live.SpoolErr))
	}
	return against
}

func (s *State) startAbout() string {
	parts := []string{"Mail runs again for everybody."}
	if account := s.resetMissing(); account != "" {
		parts = append(parts, words.Sentence(s.oldPassword(account)))
	}
	if w := s.Waiting(); w.Whole && w.Stay+w.Open() > 0 && !s.Incident.MailDown.IsZero() { // what is against it stands there as well
		parts = append(parts, words.Messages(w.Stay+w.Open())+" of which nobody knows that they are good go out.")
	}
	for _, p := range s.Incident.Held(false) {
		parts = append(parts, fmt.Sprintf("The new password of %s is set as soon as SmarterMail answers, and proven.", p.Account))
	}
	return strings.Join(append(parts, fmt.Sprintf("Then service and spool are watched for %s. If the spam comes back, you stop again.", words.Span(s.Settings.WatchRestart))), " ")
}

// oldPassword says of a suspect whose password is not known to be changed what that means.
func (s *State) oldPassword(account string) string {
	if p := s.Incident.Suspect(account); p != nil && p.Unsaid {
		return "the stolen password of " + account + " may still work: nobody has said whether the new one was set"
	}
	return "the stolen password of " + account + " still works"
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

func (in StartService) refusal(s *State) string {
	inc := &s.Incident
	switch {
	case inc.Aside.Begun:
		return "the spool is being set aside; start delist again, which settles that first"
	case s.Live.Service.State == ServiceRunning && inc.Steps[incident.Restart].State == incident.Done:
		return "mail runs already"
	case inc.Steps[incident.Restart].State == incident.Running && !inc.Watch.Until.IsZero():
		return "mail runs already, and is watched"
	case inc.Steps[incident.Restart].State == incident.Running && inc.MailDown.IsZero() && len(inc.Held(true)) > 0:
		return "mail runs, and the new password of " + inc.Held(true)[0].Account + " is not set yet; set it, and say so"
	}
	if s.sayRuns() && needsReason(in.Reason) != "" {
		return noPort
	}
	if against := s.againstStart(); len(against) > 0 && needsReason(in.Reason) != "" {
		return strings.Join(against, "; ") + "; put that right first, or say why not"
	}
	return ""
}

// spamWaiting counts the mail of suspects in the spool in use, without what may be their owners', and the bounces that
// answer the spam.
func (s *State) spamWaiting() int {
	if s.Incident.Mode.DryRun { // which takes nothing out of it
		return 0
	}
	w := s.Waiting()
	return w.Spam
}

// act starts mail, applies what is held the moment the API answers, and watches.
func (in StartService) act(ctx context.Context, r *Runbook) error {
	s := r.State()
	if err := r.judgeBacklog(&s, in.Reason); err != nil {
		return err
	}
	r.mu.Lock()
	r.arrivals = nil // what comes from here on counts: mail may run already
	r.mu.Unlock()
	despite := ""
	if len(s.againstStart()) > 0 { // else it only says how it is seen that mail runs
		despite = strings.TrimSpace(in.Reason)
	}
	if err := r.record(incident.StepChanged{Step: incident.Restart, State: incident.Running, Despite: despite}); err != nil {
		return err
	}
	if s.Live.Control == ByHand && !s.Incident.MailDown.IsZero() {
		return r.record(incident.StepChanged{Step: incident.Restart, State: incident.Running,
			Reason: "start " + r.hands.Service.Name() + " yourself now, then say that it runs"})
	}
	switch s.Live.Control {
	case ByHand: // it was not stopped
		return ConfirmStarted{Despite: in.Reason}.act(ctx, r)
	case Controlled:
		if err := r.hands.Service.Start(ctx, r.now); err != nil {
			return errors.Join(err, r.record(incident.StepChanged{Step: incident.Restart, State: incident.Failed, Reason: err.Error()}))
		}
	}
	return r.started(ctx, incident.MailStarted{Nothing: s.Live.Control == NoService})
}

func (in ConfirmStarted) refusal(s *State) string {
	switch {
	case s.Live.Control != ByHand:
		return "delist starts mail itself here, and sees whether it runs"
	case s.Incident.MailDown.IsZero():
		return "mail runs already"
	case s.Incident.Steps[incident.Restart].State != incident.Running:
		return "begin with starting mail: the screen then says how"
	case s.Live.Service.wordOnly(s.Live.Control) && needsReason(in.Despite) != "":
		return noPort
	}
	return ""
}

func (in ConfirmStarted) act(ctx context.Context, r *Runbook) error {
	if c, ok := r.hands.Service.(Confirmer); ok {
		c.Confirm(Word{State: ServiceRunning, Said: r.hands.Clock()})
	}
	r.lookAtService(ctx)
	s := r.State()
	fact := incident.MailStarted{ByHand: true, Detail: s.Live.Service.Detail}
	if s.Live.Service.wordOnly(s.Live.Control) { // what the word is about
		fact.Despite = strings.TrimSpace(in.Despite)
	}
	return r.started(ctx, fact)
}

// started records that mail runs, sets held passwords, and watches.
func (r *Runbook) started(ctx context.Context, fact incident.MailStarted) error {
	if err := r.record(fact); err != nil {
		return err
	}
	r.lookAtService(ctx)
	err := r.applyHeld(ctx)
	if err == nil { // else mail was stopped again, and nobody answers
		err = r.applyForwarding(ctx)
	}
	if err != nil {
		return errors.Join(err, r.record(incident.StepChanged{Step: incident.Restart, State: incident.Failed, Reason: err.Error()}))
	}
	return r.watchAfterStart(ctx)
}

// watchAfterStart begins to watch, once no password is left to be set by hand.
func (r *Runbook) watchAfterStart(ctx context.Context) error {
	inc := r.State().Incident
	if held := inc.Held(true); len(held) > 0 && !inc.Mode.DryRun {
		return r.record(incident.StepChanged{Step: incident.Restart, State: incident.Running,
			Reason: "set the new password of " + held[0].Account + " in SmarterMail now, then say so"})
	}
	looking, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if err := r.lookAtSpool(looking); err != nil { // the watching says that it cannot be seen
		r.say(err.Error())
	}
	if relapsed, err := r.judgeArrivals(); relapsed || err != nil {
		return err
	}
	return r.beginWatch(incident.Restart, "")
}

// applyHeld sets the held passwords. Until it is done the old ones work: when the API has not answered in time,
// mail is stopped again.
func (r *Runbook) applyHeld(ctx context.Context) error {
	inc := r.State().Incident
	var held []string
	for _, p := range inc.Held(false) {
		held = append(held, p.Account)
	}
	if len(held) == 0 {
		return nil
	}
	began := r.hands.Clock()
	r.doing(&Doing{What: "set the held passwords", Until: began.Add(r.settings.APIDeadline)})
	r.now("waiting for SmarterMail's API to answer; the old password still works")
	if err := r.waitForAPI(ctx); err != nil {
		why := fmt.Errorf("SmarterMail's API did not answer in %s, %s: %w", words.Span(r.settings.APIDeadline), r.backToStop(), err)
		switch {
		case ctx.Err() != nil:
			why = fmt.Errorf("SmarterMail's API was not waited for any longer, %s: %w", r.backToStop(), errStopped)
		case errors.Is(err, ErrLogin):
			why = errors.Join(fmt.Errorf("SmarterMail's API lets nobody in, %s: %w", r.backToStop(), err), r.letGo(held))
		}
		if r.live.Control == NoService {
			return why
		}
		return errors.Join(why, r.stopService(context.WithoutCancel(ctx)))
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

// letGo gives up passwords that are held for an API that will not set them: Reset is to do again, by hand.
func (r *Runbook) letGo(held []string) error {
	var failed error
	for _, account := range held {
		failed = errors.Join(failed, r.record(incident.ResetChanged{Account: account, State: incident.ResetToDo, Detail: "the API lets nobody in, so it was not set"}))
	}
	return errors.Join(failed, r.resetStep())
}

// backToStop says what comes of a start without an API, by how mail is stopped here.
func (r *Runbook) backToStop() string {
	switch r.live.Control {
	case NoService:
		return "so the held passwords are not set"
	case ByHand:
		return "so mail has to be stopped again"
	}
	return "so mail was stopped again"
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
	if len(planned) > 0 {
		if err := r.resetStep(); err != nil {
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

// waitForAPI asks until the API answers or the deadline passes. Where it lets nobody in twice, it will not change its mind.
func (r *Runbook) waitForAPI(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.settings.APIDeadline)
	defer cancel()
	for refused := 0; ; {
		err := r.hands.Mailboxes.Ready(ctx)
		if err == nil || errors.Is(err, ErrLogin) {
			r.see(func(l *Live) { l.heard(err) })
		}
		if errors.Is(err, ErrLogin) {
			refused++
		}
		if err == nil || refused > 1 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(min(time.Second, r.settings.APIDeadline/20)):
		}
	}
}

// restarted ends Restart and begins the waiting time of Verify.
func (r *Runbook) restarted(s *State, looks []incident.Looks, judged string) (ended bool, err error) {
	runs, watched := "mail runs", "nothing like the spam for "+words.Span(s.Now.Sub(s.Incident.Watch.Since))
	switch {
	case s.Live.Control == NoService:
		runs = "nothing to start here"
	case s.Live.Service.wordOnly(s.Live.Control):
		runs = "mail runs, says the operator"
	}
	if judged != "" {
		watched = "not watched to the end"
	}
	despite := ""
	if s.Incident.Despite != "" {
		despite = "started against a warning"
	}
	return r.beginWatchIf(s.Incident.Watch.StillOn, incident.Verify, "",
		incident.StepChanged{Step: incident.Restart, State: incident.Done, Result: words.JoinBy("; ", runs, despite, watched, s.stays()), Reason: judged, Seen: looks})
}
