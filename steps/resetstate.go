package steps

import (
	"fmt"
	"slices"

	"delist/steps/incident"
)

// resetStep gives the step the state that its suspects have.
func (r *Runbook) resetStep() error {
	inc := r.State().Incident
	return r.record(resetState(&inc))
}

// settleReset does so where something else than a password changed what the step rests on: a cause that was explained, or
// a run that was killed between the two.
func (r *Runbook) settleReset() error {
	inc := r.State().Incident
	now, due := inc.Steps[incident.Reset].State, resetState(&inc)
	if len(inc.Suspects)+len(inc.Causes)+len(inc.Strangers()) == 0 || now == due.State || now != incident.Held && now != incident.ToDo {
		return nil
	}
	return r.record(due)
}

// resetState is the state that the suspects give the step: done when every password is changed and what the thief left
// behind is looked at.
func resetState(inc *incident.Incident) incident.StepChanged {
	step := incident.StepChanged{Step: incident.Reset, State: incident.ToDo}
	pending := inc.ResetsPending()
	held := 0
	for _, p := range pending {
		if p.Reset == incident.ResetHeld {
			held++
		}
	}
	lost := slices.IndexFunc(inc.Suspects, func(p incident.Suspect) bool { return p.Lost })
	switch {
	case lost >= 0:
		step.Reason = "nobody knows the new password of " + inc.Suspects[lost].Account + ": make another one"
		return step
	case held < len(pending):
		step.Result = fmt.Sprintf("%d of %d to do", len(pending)-held, len(inc.Suspects))
		if held > 0 {
			step.Result += fmt.Sprintf(", %d held", held)
		}
		return step
	case len(pending) > 0:
		step.Result, step.State = "NOT CHANGED YET, held until mail runs", incident.Held
		if inc.MailDown.IsZero() && len(inc.Held(true)) == len(pending) {
			step.Result = "NOT CHANGED YET, to be set in SmarterMail now"
		}
	case inc.Mode.DryRun:
		step.Result, step.State = fmt.Sprintf("dry run: %d would be changed", len(inc.Suspects)), incident.Done
	default:
		step.Result, step.State = fmt.Sprintf("%d changed", len(inc.Suspects)), incident.Done
		if slices.ContainsFunc(inc.Suspects, func(p incident.Suspect) bool { return p.Forwarding == incident.ForwardingPlanned }) {
			step.Result += ", the forwarding goes once mail runs"
		}
	}
	if open := inc.OpenForwarding(); open != nil {
		step.Result, step.State = step.Result+"; the forwarding of "+open.Account+" is to be looked at", incident.ToDo
	}
	if len(inc.Suspects) == 0 {
		step.Result = "no account is marked as stolen"
	}
	open := false
	remedy := func(name, word string) {
		switch {
		case word != "":
			step.Result += "; " + name + " is put right, says the operator"
		case !open: // one at a time
			step.Result, step.State, open = step.Result+"; what is done about "+name+" is to be said", incident.ToDo, true
		}
	}
	for _, c := range inc.Causes {
		remedy(c.Name, c.Remedied)
	}
	for _, p := range inc.Strangers() {
		remedy(p.Key(), p.Remedied)
	}
	return step
}

// passwordsMade says that no new password is to make, and no forwarding to be looked at.
func passwordsMade(inc *incident.Incident) bool {
	open := func(p incident.Suspect) bool {
		return p.Lost || p.Reset != incident.ResetHeld && p.Reset != incident.ResetDone
	}
	return !slices.ContainsFunc(inc.Suspects, open) && inc.OpenForwarding() == nil
}
