package steps

import (
	"context"
	"strings"
	"sync"
	"time"
)

// DryService says what it would do to a service, and does nothing. It remembers what it was asked, so that the rest of
// the runbook can be walked through.
type DryService struct {
	Service
	mu    sync.Mutex
	state ServiceState // what would be; unknown until something was asked
}

// NewDryService wraps a service for a dry run.
func NewDryService(s Service) *DryService { return &DryService{Service: s} }

// ByHand implements Service: nobody has to do anything.
func (d *DryService) ByHand() bool { return false }

// Look implements Service.
func (d *DryService) Look(ctx context.Context) (ServiceReport, error) {
	report, err := d.Service.Look(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != ServiceUnknown {
		report.State, report.Detail, err = d.state, "dry run: it really is "+report.State.String(), nil
	}
	return report, err
}

// Stop implements Service.
func (d *DryService) Stop(_ context.Context, say func(string)) error {
	say("dry run: would stop " + d.Name())
	d.set(ServiceStopped)
	return nil
}

// Start implements Service.
func (d *DryService) Start(_ context.Context, say func(string)) error {
	say("dry run: would start " + d.Name())
	d.set(ServiceRunning)
	return nil
}

func (d *DryService) set(s ServiceState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state = s
}

// DryMailboxes reads what is, and only says what it would change.
type DryMailboxes struct {
	Mailboxes
	Say func(string)
}

// SetPassword implements Mailboxes.
func (d DryMailboxes) SetPassword(_ context.Context, account string, _ Secret) error {
	d.Say("dry run: would set a new password for " + account)
	return nil
}

// Prove implements Mailboxes.
func (d DryMailboxes) Prove(_ context.Context, account string, _ Secret) error {
	d.Say("dry run: would log in as " + account)
	return nil
}

// EndSessions implements Mailboxes.
func (d DryMailboxes) EndSessions(_ context.Context, account string) error {
	d.Say("dry run: would end the open connections of " + account)
	return nil
}

// Disable implements Mailboxes.
func (d DryMailboxes) Disable(_ context.Context, account string) error {
	d.Say("dry run: would disable " + account)
	return nil
}

// RemoveForwarding implements Mailboxes.
func (d DryMailboxes) RemoveForwarding(_ context.Context, account string) error {
	d.Say("dry run: would remove the forwarding of " + account)
	return nil
}

// rehearsed makes actions say first, in a dry run, that they change nothing.
func (s *State) rehearsed(actions []Action) []Action {
	if !s.Incident.Mode.DryRun {
		return actions
	}
	for i := range actions {
		if actions[i].Intent(Answer{}).kind()&changes != 0 {
			actions[i].About = strings.TrimSpace("Dry run: nothing is changed. " + actions[i].About)
		}
	}
	return actions
}

// notToBeSent heads what would be sent to others.
const notToBeSent = "DRY RUN, do not send this: nothing of it was done.\n\n"

// Paced scales the waiting times by a factor: a drill that waited an hour would teach patience only.
func (s Settings) Paced(factor float64) Settings {
	for _, d := range []*time.Duration{&s.RescanEvery, &s.LookEvery, &s.ListsEvery, &s.WatchRestart, &s.VerifyWait, &s.APIDeadline, &s.SuggestAside} {
		*d = time.Duration(float64(*d) * factor)
	}
	return s
}
