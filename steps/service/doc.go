// Package service turns a mail service off and on and says what it is doing: through the Windows Service Control
// Manager, through systemd, or by the operator's hand. It also finds SmarterMail's service, spool and logs on this
// machine, each with the ground on which it is believed.
package service

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"delist/steps"
)

// What can stand in the way of turning a service off or on. The errors that wrap these are sentences for the operator
// and end with a next step.
var (
	// ErrRights says that this user may not control the service.
	ErrRights = errors.New("not permitted")
	// ErrMissing says that there is no such service here.
	ErrMissing = errors.New("no such service")
	// ErrSlow says that the service did not get there in time. It may still.
	ErrSlow = errors.New("not finished in time")
	// ErrNoManager says that this system has no service manager that delist can speak to.
	ErrNoManager = errors.New("no service manager")
	// ErrByHand says that the operator does this, not delist.
	ErrByHand = errors.New("done by hand")
)

// The names that --service takes besides a service's own.
const (
	NameByHand = "by-hand"
	NameNone   = "none"
)

// Options are the times of waiting for a service. Zero values stand for the defaults.
type Options struct {
	Poll  time.Duration // pause between two looks while waiting; 300 ms
	Limit time.Duration // how long a stop or a start may take; ten minutes, which a large spool may need
}

func (o Options) withDefaults() Options {
	if o.Poll <= 0 {
		o.Poll = 300 * time.Millisecond
	}
	if o.Limit <= 0 {
		o.Limit = 10 * time.Minute
	}
	return o
}

// New returns the service that --service names: "by-hand", "none", or the name of a Windows service or systemd unit.
// Whether that service exists is seen at the first Look.
func New(name string, o Options) (steps.Service, error) {
	switch name {
	case NameByHand:
		return NewByHand("the mail service", nil), nil
	case NameNone:
		return None{}, nil
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	c, err := systemControl(name)
	if err != nil {
		return nil, err
	}
	return newManaged(name, c, o), nil
}

// checkName refuses what no service manager takes as a name: it goes into a command's arguments and onto the screen.
func checkName(name string) error {
	bad := func(r rune) bool { return r < ' ' || r == 0x7f || r == '/' || r > '~' }
	if name == "" || len(name) > 256 || strings.HasPrefix(name, "-") || strings.ContainsFunc(name, bad) {
		return fmt.Errorf("%q cannot be the name of a service; give its short name, such as MailService or smartermail", name)
	}
	return nil
}
