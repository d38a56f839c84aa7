package steps

import (
	"context"
	"errors"
	"time"

	"delist/checks/traffic"
	"delist/steps/incident"
)

// ServiceState is what the mail service is seen to be doing.
type ServiceState uint8

// The states a mail service goes through. Unknown is never taken for stopped.
const (
	ServiceUnknown ServiceState = iota
	ServiceRunning
	ServiceStarting
	ServiceStopping
	ServiceStopped
)

// String is the state as the screen says it.
func (s ServiceState) String() string {
	switch s {
	case ServiceRunning:
		return "running"
	case ServiceStarting:
		return "starting"
	case ServiceStopping:
		return "stopping"
	case ServiceStopped:
		return "stopped"
	}
	return "unknown"
}

// ServiceReport is one look at the mail service.
type ServiceReport struct {
	State  ServiceState
	PID    int       // 0 when it has no process or when that is not known
	Detail string    // one sentence for the operator, empty when the state says all
	Open   []string  // mail ports that answer here, where the service is by hand
	At     time.Time // when the look was taken
}

// Contradicts says that the look speaks against a word that the service is in a state.
func (r ServiceReport) Contradicts(word ServiceState) bool {
	return word == ServiceStopped && len(r.Open) > 0
}

// wordOnly says that nothing shows the state of a service: there is the operator's word for it.
func (r ServiceReport) wordOnly(c Control) bool { return c == ByHand && len(r.Open) == 0 }

// Control is how the runbook can turn the mail service off and on. It is a property of the service, never a state.
type Control uint8

// The ways.
const (
	Controlled Control = iota // by delist
	ByHand                    // by the operator, who says so
	NoService                 // nothing here writes to the spool: there is none to turn off
)

// control asks a service how it is controlled.
func control(s Service) Control {
	if none, ok := s.(interface{ Nothing() bool }); ok && none.Nothing() {
		return NoService
	}
	if s.ByHand() {
		return ByHand
	}
	return Controlled
}

// Service is the mail service of this server, as far as the runbook can turn it off and on.
type Service interface {
	// Name is what the operator knows it by.
	Name() string
	// ByHand says that the operator does what is asked, and confirms it.
	ByHand() bool
	// Look asks what the service is doing now.
	Look(ctx context.Context) (ServiceReport, error)
	// Stop returns when the service is seen stopped, or with an error that says what to look at.
	Stop(ctx context.Context, say func(string)) error
	// Start returns when the service is seen running, or with an error that says what to look at.
	Start(ctx context.Context, say func(string)) error
}

// Word is what the operator says of a service.
type Word struct {
	State  ServiceState
	Said   time.Time // when it was said; zero where nothing is said that was not before
	Others []string  // mail ports that answer and belong to another program
	Seen   bool      // nobody said it: it was seen
}

// Confirmer is a Service that takes the operator's word for its state, and looks whether anything speaks against it.
type Confirmer interface {
	Confirm(Word)
}

// Traffic reads the mail server's logs.
type Traffic interface {
	// Read says what the logs tell by now; it reads only what is new since the last call, and goes on where it stopped
	// when ctx ended. It is called by one goroutine.
	Read(ctx context.Context) (*traffic.Report, error)
}

// ErrLogin says that the way to the mailboxes does not let somebody in with this password: to try again changes nothing,
// and counts as an attack.
var ErrLogin = errors.New("login refused")

// Mailboxes changes the accounts of this server.
type Mailboxes interface {
	// Name is the way in, as the operator knows it: "SmarterMail's API at http://127.0.0.1:17017".
	Name() string
	// ByHand says that the operator does what is asked, and confirms it.
	ByHand() bool
	// Ready returns nil once the way in answers and lets the administrator in, and ErrLogin where it answers and does not.
	Ready(ctx context.Context) error
	// Read says what the server knows about the account.
	Read(ctx context.Context, account string) (incident.Mailbox, error)
	// SetPassword gives the account a new password.
	SetPassword(ctx context.Context, account string, password Secret) error
	// Prove logs in as the account with the password.
	Prove(ctx context.Context, account string, password Secret) error
	// EndSessions ends the account's web sessions and its SMTP, IMAP and POP connections.
	EndSessions(ctx context.Context, account string) error
	// Disable keeps the account from logging in at all.
	Disable(ctx context.Context, account string) error
	// RemoveForwarding empties the account's forwarding rule.
	RemoveForwarding(ctx context.Context, account string) error
}
