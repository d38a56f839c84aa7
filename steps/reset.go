package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

// resetActions work on one suspect at a time: the one under the cursor, or the first that is to do. Then come the causes
// that have no password.
func (s *State) resetActions(about Answer) []Action {
	actions := s.passwordActions(about)
	remedy, open := s.remedyAction(about)
	switch {
	case !open:
		return actions
	case !passwordsMade(&s.Incident):
		return append(actions, remedy)
	}
	actions = slices.DeleteFunc(actions, func(a Action) bool { return a.ID == ActSkip })
	for i := range actions {
		actions[i].Recommended = false
	}
	goOn := s.skipAction(incident.Reset, about)
	goOn.Label, goOn.Prompt = "go on, though it is not put right", "Why is it not put right?"
	later := s.laterAction(about)
	if remedy.Recommended = remedy.Refused == "" && later.Refused != ""; later.Refused == "" {
		goOn = later
	}
	goOn.Recommended = !remedy.Recommended && goOn.Refused == "" && !s.Incident.Steps[incident.Reset].State.Passed()
	if len(s.Incident.Suspects) == 0 && len(s.Incident.Strangers()) > 0 { // else Look is where to say it
		actions = append(actions, s.knowAction(about))
	}
	return sortActions(append([]Action{remedy, goOn}, actions...))
}

// laterAction goes on to Restart where SmarterMail's screens, on which the cause is put right, do not answer before that.
func (s *State) laterAction(about Answer) Action {
	a := s.offer(Action{ID: ActSkip, Label: "go on: it is put right once mail runs", About: "Reset is due again as soon as mail runs.",
		Intent: func(Answer) Intent { return Skip{Step: incident.Reset, Reason: incident.OnceMailRuns} }}, about)
	if a.Refused == "" && !s.putRightLater() {
		a.Refused = "it can be put right now"
	}
	return a
}

// putRightLater says that a cause can be put right only once mail runs.
func (s *State) putRightLater() bool {
	c := s.Incident.OpenCause()
	return c != nil && c.Class.InSmarterMail() && !s.Incident.MailDown.IsZero() && len(s.Speaking()) == 0
}

// passwordActions are about the stolen accounts.
func (s *State) passwordActions(about Answer) []Action {
	suspect := s.resetSubject(about)
	if suspect == nil {
		return s.nothingToReset(about)
	}
	account := suspect.Account
	actions := append([]Action{s.resetAction(suspect, about)}, s.forwardingActions(account, about)...)
	byHand := s.offer(Action{
		ID: ActResetByHand, Label: "make a password that you set by hand", Ask: AskYes,
		About:  "For " + account + ": delist makes the password, you set it in SmarterMail's own screen once mail runs, and say so here.",
		Intent: func(a Answer) Intent { return ResetByHand{account} },
	}, about)
	disable := s.offer(Action{
		ID: ActDisable, Label: "disable the account instead", Ask: AskYes,
		About:  account + " cannot log in at all until somebody enables it again in SmarterMail.",
		Intent: func(a Answer) Intent { return DisableAccount{account} },
	}, about)
	actions = append(actions, byHand, disable, s.confirmAction(account, about), s.showAction(account, about))
	found := false
	for _, best := range s.resetOrder(suspect) {
		for i := range actions {
			if !found && actions[i].ID == best && actions[i].Refused == "" {
				actions[i].Recommended, found = true, true
			}
		}
	}
	if !found && !s.Incident.Steps[incident.Reset].State.Passed() {
		actions = append(actions, s.elsewhereAction(suspect, about))
	}
	return sortActions(actions)
}

// resetOrder is what Enter may do about a suspect; the first that can be done now is it.
func (s *State) resetOrder(p *incident.Suspect) []ActionID {
	reset := ActReset
	switch {
	case s.noWayIn():
		reset = ActResetByHand
	case p.Disable:
		reset = ActDisable
	}
	held := p.Reset == incident.ResetHeld
	var order []ActionID
	switch {
	case held && p.ByHand && !p.Shown:
		order = append(order, ActShow)
	case held && p.ByHand:
		order = append(order, ActResetDone)
	case held && s.waitsForStart():
	case held && !s.canSet(): // mail runs, with the old password: nothing else sets it
		order = append(order, ActResetByHand)
	case held, p.Reset != incident.ResetDone, p.Lost:
		order = append(order, reset)
	}
	if open := s.Incident.OpenForwarding(); open != nil && open.Account == p.Account {
		order = append(order, ActForwarding)
	}
	return order
}

// canSet says that a password can be set now, and need not be held.
func (s *State) canSet() bool {
	return s.Live.APIReady && (s.Live.Service.State == ServiceRunning || s.Live.Control == NoService)
}

// nothingToReset is offered where no account is marked: whoever goes on says why.
func (s *State) nothingToReset(about Answer) []Action {
	skip := s.skipAction(incident.Reset, about)
	skip.Label = "no account is marked: no password is changed"
	skip.Prompt, skip.Recommended = "Why is no password changed?", skip.Refused == ""
	return []Action{skip}
}

// elsewhereAction passes Reset over where delist cannot change the password, nor be told that it was.
func (s *State) elsewhereAction(suspect *incident.Suspect, about Answer) Action {
	skip := s.skipAction(incident.Reset, about)
	skip.Label, skip.Prompt = "it was changed elsewhere: go on", "Where was the password of "+suspect.Account+" changed, and by whom?"
	skip.Recommended = skip.Refused == "" && suspect.Reset != incident.ResetHeld && s.resetDue(suspect)
	return skip
}

func (s *State) resetAction(p *incident.Suspect, about Answer) Action {
	account := p.Account
	a := Action{
		ID: ActReset, Label: "set a new password", Ask: AskYes,
		About:  account + " gets a new random password now, and its open connections are ended. The old password is gone for good.",
		Intent: func(a Answer) Intent { return ResetPassword{account} },
	}
	switch {
	case !s.canSet():
		a.Label, a.Ask = "hold a new password, go on to Restart", AskNothing
		if next, _ := s.NextReset(account); next != nil {
			a.Label = "hold a new password"
		}
		a.About = "The new password is made now and set the moment mail runs again. Until then nothing is changed."
	case p.Reset == incident.ResetDone || p.Reset == incident.ResetSet:
		a.Label = "set another new password"
		a.About = account + " gets another random password now, and its open connections are ended. The one before no longer works."
	}
	return s.offer(a, about)
}

func (s *State) forwardingActions(account string, about Answer) []Action {
	return []Action{
		s.offer(Action{
			ID: ActForwarding, Label: "remove the forwarding too", Ask: AskYes,
			About:  "The forwarding rule of " + account + " is emptied. Note the address first if the owner may have set it: " + s.forwardsTo(account),
			Intent: func(a Answer) Intent { return RemoveForwarding{account} },
		}, about),
		s.offer(Action{
			ID: ActKeepForward, Label: "leave the forwarding, it is the owner's", Ask: AskYes,
			About:  "Mail to " + account + " goes on to " + s.forwardsTo(account) + ". Leave it only when the owner says that they set it up.",
			Intent: func(a Answer) Intent { return KeepForwarding{account} },
		}, about),
	}
}

// confirmAction takes the operator's word for a password that they have set themselves.
func (s *State) confirmAction(account string, about Answer) Action {
	return s.offer(Action{
		ID: ActResetDone, Label: "I have set the new password of " + account, Ask: AskYes,
		About:  "Say yes once the new password that delist made is saved in SmarterMail, and the account's sessions are ended. " + s.handwork(account),
		Intent: func(a Answer) Intent { return ConfirmReset{account} },
	}, about)
}

// showAction shows a new password that the operator has to set: unseen it cannot be set.
func (s *State) showAction(account string, about Answer) Action {
	return s.offer(Action{
		ID: ActShow, Label: "show the new password", About: "It is shown on this screen only. The record says that you have seen it, never what it is.",
		Intent: func(Answer) Intent { return ShowPassword{account} },
	}, about)
}

func (in ShowPassword) refusal(s *State) string {
	if !s.knows(in.Account) {
		return "no new password of " + in.Account + " is kept here; make one first"
	}
	return ""
}

func (in ShowPassword) act(_ context.Context, r *Runbook) error {
	_, _ = r.Reveal(in.Account)
	return nil
}

// handwork is what to click for a new password.
func (s *State) handwork(account string) string {
	if s.Settings.HowTo.Password != "" {
		return s.Settings.HowTo.Password
	}
	return "In SmarterMail's web interface: log in as the administrator, Manage, Domains, the domain, Users, " + account + ", set the password, save. " +
		"Then end its sessions under Manage, Connections. Where Plesk or another panel has the passwords, change it there."
}

// lostPassword names a suspect whose new password is set, and that nobody knows; empty where there is none.
func (s *State) lostPassword() string {
	for _, p := range s.Incident.Suspects {
		if p.Lost {
			return p.Account
		}
	}
	return ""
}

func (s *State) forwardsTo(account string) string {
	if p := s.Incident.Suspect(account); p != nil && p.Mailbox != nil {
		return strings.Join(p.Mailbox.Forwarding.Addresses, ", ")
	}
	return "(not read)"
}

// markedRefusal is for whatever is about a suspect's password.
func (s *State) markedRefusal(account string) string {
	p := s.Incident.Suspect(account)
	switch {
	case p == nil:
		return account + " is not marked as stolen; mark it in Look"
	case p.Mailbox != nil && p.Mailbox.Exists && !p.Mailbox.LocalPassword:
		return account + " takes its password from Active Directory; change it there, then say so"
	}
	return ""
}

// waitsForStart says that a held password is set by the start of mail, and not before.
func (s *State) waitsForStart() bool {
	return !s.Incident.MailDown.IsZero() && !s.canSet() && !s.noWayIn()
}

// noWayIn says that the operator has to change the passwords: there is no API, or it lets nobody in.
func (s *State) noWayIn() bool { return s.Live.ByHand || s.Live.KeptOut }

// wayIn is why delist cannot change an account by itself.
func (s *State) wayIn() string {
	if s.Live.ByHand {
		return "delist has no way into SmarterMail here (start it with --api URL for one); do it by hand"
	}
	return ""
}

func (in ResetPassword) refusal(s *State) string {
	if p := s.Incident.Suspect(in.Account); p != nil && p.ByHand && p.Reset == incident.ResetHeld && s.Live.ByHand {
		return "the new password of " + in.Account + " is made; you set it by hand once mail runs, then say so"
	}
	return cmp.Or(s.wayIn(), s.markedRefusal(in.Account))
}

func (in ResetByHand) refusal(s *State) string { return s.markedRefusal(in.Account) }

func (in DisableAccount) refusal(s *State) string {
	if p := s.Incident.Suspect(in.Account); p != nil && p.Disable && p.Reset == incident.ResetDone {
		return in.Account + " is disabled already"
	}
	return cmp.Or(s.wayIn(), s.markedRefusal(in.Account))
}

func (in ConfirmReset) refusal(s *State) string {
	p := s.Incident.Suspect(in.Account)
	switch {
	case p == nil || !p.ByHand || p.Reset != incident.ResetHeld:
		return "only for a password that you set yourself"
	case !slices.Contains(s.Live.Known, in.Account):
		return "no new password of " + in.Account + " is there; make one first"
	case !p.Shown:
		return "the new password of " + in.Account + " was not shown yet, so it cannot be set; look at it first"
	case s.Live.Service.State == ServiceStopped && s.Live.Control != NoService:
		return "mail is stopped, so the password cannot be changed yet; do Restart first"
	}
	return ""
}

func (in RemoveForwarding) refusal(s *State) string { return s.forwardingRefusal(in.Account) }
func (in KeepForwarding) refusal(s *State) string   { return s.forwardingRefusal(in.Account) }

func (LockOut) act(ctx context.Context, r *Runbook) error { return r.lockOut(ctx) }
func (in ResetPassword) act(ctx context.Context, r *Runbook) error {
	return r.resetPassword(ctx, in.Account)
}
func (in ResetByHand) act(_ context.Context, r *Runbook) error { return r.resetByHand(in.Account) }
func (in ConfirmReset) act(ctx context.Context, r *Runbook) error {
	return r.confirmReset(ctx, in.Account)
}
func (in DisableAccount) act(ctx context.Context, r *Runbook) error {
	return r.disable(ctx, in.Account)
}
func (in RemoveForwarding) act(ctx context.Context, r *Runbook) error {
	return r.removeForwarding(ctx, in.Account)
}
func (in KeepForwarding) act(_ context.Context, r *Runbook) error {
	return r.keepForwarding(in.Account)
}

func (s *State) forwardingRefusal(account string) string {
	p := s.Incident.Suspect(account)
	switch {
	case p == nil:
		return account + " is not marked as stolen; mark it in Look"
	case p.Mailbox == nil || !p.Mailbox.Forwarding.Known:
		return "the mailbox could not be read, so its forwarding is not known; look at it in SmarterMail"
	case len(p.Mailbox.Forwarding.Addresses) == 0:
		return account + " forwards to nobody"
	case p.Forwarding != incident.ForwardingOpen:
		return "that is decided already: " + p.Forwarding.String()
	}
	return ""
}

// lockOut sets new passwords for all suspects while mail runs, then stops mail whether that worked or not.
func (r *Runbook) lockOut(ctx context.Context) error {
	r.readMailboxes(ctx)
	var failed error
	inc := r.State().Incident
	for _, p := range inc.ResetsPending() {
		if err := r.makePassword(p.Account); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		failed = errors.Join(failed, r.setPassword(ctx, p.Account))
	}
	failed = errors.Join(failed, r.resetStep())
	if failed = errors.Join(failed, r.stopService(ctx)); failed == nil {
		now := r.State()
		r.say("the thief is locked out: " + now.passwordsText() + "; " + now.Incident.Steps[incident.Stop].Result)
	}
	return failed
}

// resetPassword makes a new password. While mail runs and the API answers it is set at once, else it is held.
func (r *Runbook) resetPassword(ctx context.Context, account string) error {
	if err := r.makePassword(account); err != nil {
		return err
	}
	s := r.State()
	if !s.canSet() {
		if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetHeld, Made: true}); err != nil {
			return err
		}
		return r.resetStep()
	}
	r.doing(&Doing{What: "set the new password"})
	if err := r.setPassword(ctx, account); err != nil {
		return errors.Join(err, r.resetStep())
	}
	return r.resetStep()
}

// makePassword makes one in memory, where it stays until delist ends.
func (r *Runbook) makePassword(account string) error {
	secret, err := r.hands.NewPassword()
	if err != nil {
		return fmt.Errorf("make a password: %w", err)
	}
	r.mu.Lock()
	r.secrets[account] = secret
	r.mu.Unlock()
	return nil
}

// known are the accounts whose new password can be shown. The caller holds mu.
func (r *Runbook) known() []string { return slices.Sorted(maps.Keys(r.secrets)) }

// setPassword sets the password that was made, proves it by logging in, and ends what is still connected with the old one.
func (r *Runbook) setPassword(ctx context.Context, account string) error {
	r.mu.Lock()
	secret := r.secrets[account]
	r.mu.Unlock()
	disable := false
	if p := r.suspect(account); p != nil {
		disable = p.Disable
	}
	began := r.hands.Clock()
	if err := r.beginReset(account, disable); err != nil {
		return err
	}
	if disable {
		r.now("disabling " + account)
		if err := r.hands.Mailboxes.Disable(ctx, account); err != nil {
			return r.resetFailed(account, "disable the account", err)
		}
	} else {
		r.now("setting the new password of " + account)
		if err := r.hands.Mailboxes.SetPassword(ctx, account, secret); err != nil {
			return r.resetFailed(account, "set the new password", err)
		}
		if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetSet, Made: !r.held(account)}); err != nil {
			return err
		}
		r.now("logging in as " + account + " to prove it")
		if err := r.hands.Mailboxes.Prove(ctx, account, secret); err != nil {
			return r.resetFailed(account, "prove the new password", err)
		}
	}
	detail := "set and proven in " + words.Span(r.hands.Clock().Sub(began))
	if disable {
		detail = "disabled"
	}
	endErr := r.hands.Mailboxes.EndSessions(ctx, account)
	if endErr != nil {
		detail += "; its open connections could not be ended: " + endErr.Error()
	} else {
		detail += ", open connections ended"
	}
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetDone, Disable: disable, Ended: endErr == nil, Detail: detail}); err != nil {
		return err
	}
	return nil
}

// beginReset writes down that the server is asked to change an account: a kill in the middle leaves it not known whether
// it did.
func (r *Runbook) beginReset(account string, disable bool) error {
	p, inc := r.suspect(account), r.State().Incident
	if p == nil || inc.Mode.DryRun {
		return nil
	}
	state := incident.ResetToDo
	if p.Reset == incident.ResetHeld {
		state = incident.ResetHeld
	}
	return r.record(incident.ResetChanged{Account: account, State: state, ByHand: p.ByHand, Disable: disable, Begun: true})
}

// resetFailed keeps why, and leaves the reset to do.
func (r *Runbook) resetFailed(account, what string, err error) error {
	err = fmt.Errorf("%s of %s: %w", what, account, err)
	return errors.Join(err, r.record(incident.ResetChanged{Account: account, State: incident.ResetToDo, Detail: err.Error()}))
}

func (r *Runbook) suspect(account string) *incident.Suspect {
	inc := r.State().Incident
	return inc.Suspect(account)
}

// resetByHand makes the password and leaves setting it to the operator.
func (r *Runbook) resetByHand(account string) error {
	if err := r.makePassword(account); err != nil {
		return err
	}
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetHeld, ByHand: true, Made: true}); err != nil {
		return err
	}
	return r.resetStep()
}

// confirmReset takes the operator's word for it.
func (r *Runbook) confirmReset(ctx context.Context, account string) error {
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetDone, ByHand: true, Ended: true, Detail: "saved, and its sessions ended, says the operator"}); err != nil {
		return err
	}
	if err := r.resetStep(); err != nil {
		return err
	}
	inc := r.State().Incident
	if inc.Steps[incident.Restart].State == incident.Running && inc.MailDown.IsZero() && inc.Watch.Until.IsZero() {
		return r.watchAfterStart(ctx)
	}
	return nil
}

// held says that the new password of an account is made, and not set.
func (r *Runbook) held(account string) bool {
	p := r.suspect(account)
	return p != nil && p.Reset == incident.ResetHeld
}

// disable disables the account, at once while mail runs, else at Restart.
func (r *Runbook) disable(ctx context.Context, account string) error {
	s := r.State()
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetHeld, Disable: true}); err != nil {
		return err
	}
	if s.canSet() {
		if err := r.setPassword(ctx, account); err != nil {
			return err
		}
	}
	return r.resetStep()
}

// removeForwarding plans it for Restart, or does it now.
func (r *Runbook) removeForwarding(ctx context.Context, account string) error {
	s := r.State()
	if s.canSet() {
		if err := r.emptyForwarding(ctx, account); err != nil {
			return err
		}
		return r.resetStep()
	}
	if err := r.record(incident.ForwardingChanged{Account: account, State: incident.ForwardingPlanned, Addresses: r.forwards(account)}); err != nil {
		return err
	}
	return r.resetStep()
}

// keepForwarding takes the operator's word that the rule is the owner's own.
func (r *Runbook) keepForwarding(account string) error {
	if err := r.record(incident.ForwardingChanged{Account: account, State: incident.ForwardingKept, Addresses: r.forwards(account)}); err != nil {
		return err
	}
	return r.resetStep()
}

func (r *Runbook) emptyForwarding(ctx context.Context, account string) error {
	if err := r.hands.Mailboxes.RemoveForwarding(ctx, account); err != nil {
		return fmt.Errorf("remove the forwarding of %s: %w", account, err)
	}
	return r.record(incident.ForwardingChanged{Account: account, State: incident.ForwardingRemoved, Addresses: r.forwards(account)})
}

func (r *Runbook) forwards(account string) []string {
	if p := r.suspect(account); p != nil && p.Mailbox != nil {
		return p.Mailbox.Forwarding.Addresses
	}
	return nil
}
