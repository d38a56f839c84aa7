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

// resetActions work on one suspect at a time: the one under the cursor, or the first that is to do.
func (s *State) resetActions() []Action {
	suspect := s.nextReset()
	if suspect == nil || suspect.Reset == incident.ResetHeld && !suspect.ByHand {
		if open := s.Incident.OpenForwarding(); open != nil {
			suspect = open
		}
	}
	account := ""
	if suspect != nil {
		account = suspect.Account
	}
	pick := func(a Answer) string {
		if a.Account != "" {
			return a.Account
		}
		return account
	}
	reset := Action{
		ID: ActReset, Label: "set a new password", Ask: AskYes, Refused: s.refusal(ResetPassword{account}),
		About:  account + " gets a new random password now, and its open connections are ended. The old password is gone for good.",
		Intent: func(a Answer) Intent { return ResetPassword{pick(a)} },
	}
	if s.Live.Service.State != ServiceRunning {
		reset.Label, reset.Ask = "hold a new password, go on to Restart", AskNothing
		reset.About = "The new password is made now and set the moment mail runs again. Until then nothing is changed."
	}
	byHand := Action{
		ID: ActResetByHand, Label: "by hand", Refused: s.refusal(ResetByHand{account}), Ask: AskYes,
		About:  "delist makes the password, you set it in SmarterMail's own screen once mail runs, and say so here.",
		Intent: func(a Answer) Intent { return ResetByHand{pick(a)} },
	}
	disable := Action{
		ID: ActDisable, Label: "disable the account instead", Ask: AskYes, Refused: s.refusal(DisableAccount{account}),
		About:  account + " cannot log in at all until somebody enables it again in SmarterMail.",
		Intent: func(a Answer) Intent { return DisableAccount{pick(a)} },
	}
	forwarding := Action{
		ID: ActForwarding, Label: "remove the forwarding too", Refused: s.refusal(RemoveForwarding{account}), Ask: AskYes,
		About:  "The forwarding rule of " + account + " is emptied. Note the address first if the owner may have set it: " + s.forwardsTo(account),
		Intent: func(a Answer) Intent { return RemoveForwarding{pick(a)} },
	}
	keep := Action{
		ID: ActKeepForward, Label: "leave the forwarding, it is the owner's", Refused: s.refusal(KeepForwarding{account}), Ask: AskYes,
		About:  "Mail to " + account + " goes on to " + s.forwardsTo(account) + ". Leave it only when the owner says that they set it up.",
		Intent: func(a Answer) Intent { return KeepForwarding{pick(a)} },
	}
	confirm := Action{
		ID: ActResetDone, Label: "I have set it in SmarterMail", Ask: AskYes, Refused: s.confirmResetRefusal(account),
		Intent: func(a Answer) Intent { return ConfirmReset{pick(a)} },
	}
	actions := []Action{reset, forwarding, keep, byHand, disable, confirm}
	best := ActReset
	switch {
	case suspect != nil && suspect.ByHand && confirm.Refused == "":
		best = ActResetDone
	case suspect != nil && suspect.Reset == incident.ResetToDo:
	case forwarding.Refused == "":
		best = ActForwarding
	}
	if best == ActReset && s.Live.ByHand {
		best = ActResetByHand
	}
	for i := range actions {
		actions[i].Recommended = actions[i].ID == best && actions[i].Refused == ""
	}
	slices.SortStableFunc(actions, func(a, b Action) int { return order(b.Recommended) - order(a.Recommended) })
	return actions
}

// nextReset is the first suspect whose password is to do, else the first that is not done, nil when all are.
func (s *State) nextReset() *incident.Suspect {
	pending := s.Incident.ResetsPending()
	if i := slices.IndexFunc(pending, func(p incident.Suspect) bool { return p.Reset == incident.ResetToDo }); i >= 0 {
		return &pending[i]
	}
	if len(pending) > 0 {
		return &pending[0]
	}
	return nil
}

func (s *State) forwardsTo(account string) string {
	if p := s.Incident.Suspect(account); p != nil && p.Mailbox != nil {
		return strings.Join(p.Mailbox.Forwarding.Addresses, ", ")
	}
	return "(not read)"
}

func (s *State) resetRefusal(account string) string {
	p := s.Incident.Suspect(account)
	switch {
	case p == nil:
		return "no account is marked as stolen; mark it in Look"
	case p.Reset == incident.ResetDone:
		return "the password of " + account + " is changed already"
	case p.Mailbox != nil && p.Mailbox.Exists && !p.Mailbox.LocalPassword:
		return account + " takes its password from Active Directory; change it there, then skip this step with that reason"
	}
	return ""
}

// changeRefusal is for what delist does to an account by itself.
func (s *State) changeRefusal(account string) string {
	if s.Live.ByHand {
		return "delist has no way into SmarterMail here (start it with --api URL for one); do it by hand"
	}
	return s.resetRefusal(account)
}

func (s *State) confirmResetRefusal(account string) string {
	p := s.Incident.Suspect(account)
	switch {
	case p == nil || !p.ByHand:
		return "only for a password that you set yourself"
	case s.Live.Service.State == ServiceStopped:
		return "mail is stopped, so the password cannot be changed yet; do Restart first"
	}
	return ""
}

func (s *State) forwardingRefusal(account string) string {
	p := s.Incident.Suspect(account)
	switch {
	case p == nil:
		return "no account is marked as stolen; mark it in Look"
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
	r.doing(&Doing{What: "lock the thief out"})
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
	return errors.Join(failed, r.stopService(ctx))
}

// resetPassword makes a new password. While mail runs and the API answers it is set at once, else it is held.
func (r *Runbook) resetPassword(ctx context.Context, account string) error {
	if err := r.makePassword(account); err != nil {
		return err
	}
	s := r.State()
	if s.Live.Service.State != ServiceRunning || !s.Live.APIReady {
		if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetHeld}); err != nil {
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
	r.shown[account] = false
	r.mu.Unlock()
	return nil
}

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
		if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetSet}); err != nil {
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
	if err := r.hands.Mailboxes.EndSessions(ctx, account); err != nil {
		detail += "; its open connections could not be ended: " + err.Error()
	} else {
		detail += ", open connections ended"
	}
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetDone, Disable: disable, Detail: detail}); err != nil {
		return err
	}
	return nil
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
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetHeld, ByHand: true}); err != nil {
		return err
	}
	return r.resetStep()
}

// confirmReset takes the operator's word for it.
func (r *Runbook) confirmReset(ctx context.Context, account string) error {
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetDone, ByHand: true, Detail: "says the operator"}); err != nil {
		return err
	}
	if err := r.resetStep(); err != nil {
		return err
	}
	inc := r.State().Incident
	if inc.Steps[incident.Restart].State == incident.Running && len(inc.ResetsPending()) == 0 {
		return r.watchRestart(ctx)
	}
	return nil
}

// disable disables the account, at once while mail runs, else at Restart.
func (r *Runbook) disable(ctx context.Context, account string) error {
	s := r.State()
	if err := r.record(incident.ResetChanged{Account: account, State: incident.ResetHeld, Disable: true}); err != nil {
		return err
	}
	if s.Live.Service.State == ServiceRunning && s.Live.APIReady {
		if err := r.setPassword(ctx, account); err != nil {
			return err
		}
	}
	return r.resetStep()
}

// removeForwarding plans it for Restart, or does it now.
func (r *Runbook) removeForwarding(ctx context.Context, account string) error {
	s := r.State()
	if s.Live.Service.State == ServiceRunning && s.Live.APIReady {
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

// resetStep gives the step the state that its suspects have: done when every password is changed and what the thief left
// behind is looked at.
func (r *Runbook) resetStep() error {
	inc := r.State().Incident
	pending := inc.ResetsPending()
	if slices.ContainsFunc(pending, func(p incident.Suspect) bool { return p.Reset != incident.ResetHeld }) {
		return r.record(incident.StepChanged{Step: incident.Reset, State: incident.ToDo, Result: fmt.Sprintf("%d of %d to do", len(pending), len(inc.Suspects))})
	}
	result, state := fmt.Sprintf("%d changed", len(inc.Suspects)), incident.Done
	if inc.Mode.DryRun {
		result = fmt.Sprintf("dry run: %d would be changed", len(inc.Suspects))
	}
	if len(pending) > 0 {
		result, state = "NOT CHANGED YET, held until mail runs", incident.Held
	}
	if open := inc.OpenForwarding(); open != nil {
		result, state = result+"; the forwarding of "+open.Account+" is to be looked at", incident.ToDo
	}
	return r.record(incident.StepChanged{Step: incident.Reset, State: state, Result: result})
}

// readMailboxes reads what the server knows of the suspects, while it can still be asked. It is for information: what
// cannot be read is said and left.
func (r *Runbook) readMailboxes(ctx context.Context) {
	s := r.State()
	if !s.Live.APIReady || r.hands.Mailboxes.ByHand() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, p := range s.Incident.Suspects {
		box, err := r.hands.Mailboxes.Read(ctx, p.Account)
		if err != nil {
			r.say(fmt.Sprintf("the mailbox of %s could not be read: %v", p.Account, err))
			continue
		}
		box.Account = p.Account
		if err := r.record(incident.MailboxRead{Mailbox: box}); err != nil {
			return
		}
	}
}
