package steps

import (
	"context"
	"fmt"
	"time"

	"delist/steps/incident"
)

// readLimit bounds one reading of the suspects' mailboxes.
const readLimit = 20 * time.Second

// readPause lies between two tries to read a mailbox in Look: a sick API is not asked all the time.
const readPause = time.Minute

// readMailboxes reads what the server knows of the suspects, while it can still be asked. It is for information: what
// cannot be read is said and left.
func (r *Runbook) readMailboxes(ctx context.Context) {
	s := r.State()
	if !s.Live.APIReady || r.hands.Mailboxes.ByHand() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	for _, p := range s.Incident.Suspects {
		if err := r.readMailbox(ctx, p.Account); err != nil {
			r.say(err.Error())
		}
	}
}

// readMailbox reads what the server knows of one account into the record.
func (r *Runbook) readMailbox(ctx context.Context, account string) error {
	box, err := r.hands.Mailboxes.Read(ctx, account)
	if err != nil {
		return fmt.Errorf("the mailbox of %s could not be read: %w", account, err)
	}
	box.Account = account
	return r.record(incident.MailboxRead{Mailbox: box})
}

// mailboxLoop reads the mailboxes of suspects before mail is stopped, so that the stop never waits for the API.
func (r *Runbook) mailboxLoop(ctx context.Context) {
	if r.hands.Mailboxes.ByHand() {
		return
	}
	tick := time.NewTicker(r.settings.LookEvery)
	defer tick.Stop()
	tried := map[string]time.Time{}
	for {
		s := r.State()
		for _, p := range s.unread() {
			if t, ok := tried[p.Account]; ok && time.Since(t) < readPause {
				continue
			}
			tried[p.Account] = time.Now()
			if ctx.Err() != nil {
				return
			}
			limited, cancel := context.WithTimeout(ctx, readLimit)
			err := r.readMailbox(limited, p.Account)
			cancel()
			if after := r.State(); err != nil && after.beforeStop() { // a stop ends the API: no news
				r.say(err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// unread are the suspects whose mailboxes can still be read before mail is stopped.
func (s *State) unread() []incident.Suspect {
	if !s.beforeStop() || !s.Live.APIReady {
		return nil
	}
	var list []incident.Suspect
	for _, p := range s.Incident.Suspects {
		if p.Mailbox == nil {
			list = append(list, p)
		}
	}
	return list
}

// beforeStop says that mail runs, and a stop is still to do.
func (s *State) beforeStop() bool {
	return s.Incident.MailDown.IsZero() && s.Incident.Closed.IsZero() && !s.Incident.Steps[incident.Stop].State.Passed()
}
