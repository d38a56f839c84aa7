package steps

import (
	"context"
	"errors"

	"delist/steps/words"
)

// What says what an intent does while it runs; empty for what takes no time.
func What(in Intent) string {
	switch in.(type) {
	case LockOut:
		return "lock the thief out"
	case StopService:
		return "stop mail"
	case ConfirmStopped:
		return "see whether mail is stopped"
	case PlanPurge:
		return "plan the move"
	case Quarantine:
		return "move messages into the quarantine"
	case Restore:
		return "put messages back into the spool"
	case DeleteQuarantined:
		return "delete what is in quarantine"
	case SetAside:
		return "set the spool aside"
	case PutGoodBack:
		return "put good messages back into the spool"
	case ResetPassword:
		return "make a new password"
	case DisableAccount:
		return "disable the account"
	case RemoveForwarding:
		return "remove the forwarding"
	case StartService:
		return "start mail"
	case ConfirmStarted:
		return "see whether mail runs"
	case CloseIncident:
		return "write the report"
	}
	return ""
}

// doing shows the act that runs now, or how far it is; nil when it is over. What it has no word for stays as it was.
func (r *Runbook) doing(d *Doing) {
	r.see(func(l *Live) {
		if d != nil && l.Doing != nil && d.What == "" {
			d.What, d.Since = l.Doing.What, l.Doing.Since
		}
		if d != nil && d.Since.IsZero() {
			d.Since = r.hands.Clock()
		}
		l.Doing = d
	})
}

// now tells what the running act does at the moment.
func (r *Runbook) now(what string) {
	r.mu.Lock()
	if r.live.Doing != nil {
		d := *r.live.Doing
		d.Now = what
		r.live.Doing = &d
	}
	r.mu.Unlock()
	r.say(what)
}

func (r *Runbook) doingWhat() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live.Doing == nil {
		return "something"
	}
	return r.live.Doing.What
}

// ErrClosed is the cause of a context that ends because the program has to: nobody pressed a key for it.
var ErrClosed = errors.New("the window was closed, or delist was ended from outside")

// errStopped is what an act came to that was stopped, in words for the record, which knows no contexts.
var errStopped error = stoppedError{}

type stoppedError struct{}

func (stoppedError) Error() string        { return "it was stopped" }
func (stoppedError) Is(target error) bool { return target == context.Canceled }

// brokenOff says why an act ended before its end, and of a move how far it came.
func (r *Runbook) brokenOff(ctx context.Context, in Intent) string {
	why := "stopped by the operator"
	if errors.Is(context.Cause(ctx), ErrClosed) {
		why = ErrClosed.Error()
	}
	if move, is := in.(Quarantine); is {
		moved := 0
		for _, p := range r.State().Incident.Purges {
			if p.PlanID == move.PlanID {
				moved = p.Moved
			}
		}
		return words.Number(moved) + " moved; " + why
	}
	return why + "; what was done is recorded, and it can be done again"
}
