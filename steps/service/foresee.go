package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"delist/spool/message"
	"delist/steps"
)

// What can be known of a stop before it is asked for, and of what would undo it.

// mayStop implements control. What polkit would say to a user who is not root is only known once systemd is asked.
func (u *systemdUnit) mayStop(ctx context.Context) (state steps.ReadyState, why, remedy string) {
	out, err := u.call(ctx, "show", "--no-pager", "--property=LoadState,RefuseManualStop", "--", u.unit)
	if err != nil {
		return steps.NotKnown, u.explain("ask systemd about", err).Error(), ""
	}
	p := properties(out)
	switch {
	case p["LoadState"] == "not-found":
		return steps.NotReady, fmt.Sprintf("systemd has no unit %s", u.unit),
			"See `systemctl list-units --type=service`, then give its name with --service."
	case p["LoadState"] == "":
		return steps.NotKnown, fmt.Sprintf("systemd said nothing about %s", u.unit), fmt.Sprintf("Try `systemctl show %s`, or use --service by-hand.", u.unit)
	case p["RefuseManualStop"] == "yes":
		return steps.NotReady, fmt.Sprintf("systemd lets nobody stop %s (RefuseManualStop=yes)", u.unit),
			fmt.Sprintf("Take that line out with `sudo systemctl edit --full %s`, or stop mail yourself with --service by-hand.", u.unit)
	case u.euid() != 0:
		return steps.NotKnown, fmt.Sprintf("you are not root, and systemd says only when it is asked whether you may stop %s", u.unit),
			"Leave, and run delist again with sudo; the incident goes on where it is."
	}
	return steps.Ready, "", ""
}

// watchdogs are programs that start services again, by their units.
var watchdogs = []string{"monit.service"}

// startsAgain implements control. Restart= is none of them: it does not apply to a unit that was asked to stop.
func (u *systemdUnit) startsAgain(ctx context.Context) ([]string, error) {
	out, err := u.call(ctx, "show", "--no-pager", "--property=TriggeredBy,UpheldBy", "--", u.unit)
	if err != nil {
		return nil, u.explain("ask systemd about", err)
	}
	p := properties(out)
	seen := append(strings.Fields(p["TriggeredBy"]), strings.Fields(p["UpheldBy"])...)
	for _, unit := range watchdogs {
		out, err := u.call(ctx, "show", "--no-pager", "--property=ActiveState", "--", unit)
		if err == nil && properties(out)["ActiveState"] == "active" {
			seen = append(seen, unit)
		}
	}
	for i := range seen {
		seen[i] = message.Printable(seen[i])
	}
	return seen, nil
}

// mayStop implements control: it opens the service with the right to stop it, and does not use it.
func (w *windowsService) mayStop(context.Context) (state steps.ReadyState, why, remedy string) {
	err := w.scm.mayStop(w.name)
	switch {
	case winCode(err) == errAccessDenied:
		return steps.NotReady, "Windows does not let this user stop " + w.name,
			"Leave, and start delist again by \"Run as administrator\"; the incident goes on where it is."
	case winCode(err) == errServiceDoesNotExist:
		return steps.NotReady, fmt.Sprintf("there is no service %s here", w.name),
			"See Services (services.msc) for its service name, then give it with --service."
	case err != nil:
		return steps.NotKnown, explainCode("ask to stop", w.name, err).Error(), ""
	}
	if needing, err := w.scm.dependents(w.name); err == nil && len(needing) > 0 {
		return steps.NotReady, fmt.Sprintf("Windows does not stop %s while services run that need it: %s", w.name, names(needing)),
			"Stop those first (net stop NAME)."
	}
	return steps.Ready, "", ""
}

// startsAgain implements control. Recovery actions apply to a service that ends with an error only where that is switched on.
func (w *windowsService) startsAgain(context.Context) ([]string, error) {
	restarts, err := w.scm.recovers(w.name)
	switch {
	case errors.Is(err, errAccessDenied):
		return nil, fmt.Errorf("its recovery actions cannot be read: %w", ErrRights)
	case err != nil:
		return nil, fmt.Errorf("its recovery actions cannot be read: %w", err)
	case restarts:
		return []string{"Windows itself, by the service's recovery actions, if it ends with an error"}, nil
	}
	return nil, nil
}
