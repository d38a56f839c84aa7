package steps

import (
	"slices"

	"delist/steps/incident"
)

// nextReset is the first suspect whose password is to make or to set, else the first that is not done, nil when all are.
func (s *State) nextReset() *incident.Suspect {
	for _, open := range []func(*incident.Suspect) bool{
		func(p *incident.Suspect) bool {
			return p.Reset == incident.ResetToDo || p.Reset == incident.ResetSet || p.Lost
		},
		func(p *incident.Suspect) bool { return p.Reset != incident.ResetDone },
	} {
		for i := range s.Incident.Suspects {
			if p := &s.Incident.Suspects[i]; open(p) {
				return p
			}
		}
	}
	return nil
}

// resetSubject is the suspect that Reset is about: the one under the cursor, else the next that something is to do about;
// nil where there is none.
func (s *State) resetSubject(about Answer) *incident.Suspect {
	if under := s.Incident.Suspect(about.Account); under != nil {
		return under
	}
	suspect := s.nextReset()
	if suspect == nil || suspect.Reset == incident.ResetHeld && (!suspect.ByHand || suspect.Shown && s.Live.Service.State == ServiceStopped) {
		if open := s.Incident.OpenForwarding(); open != nil {
			return open
		}
	}
	if suspect == nil && len(s.Incident.Suspects) > 0 {
		return &s.Incident.Suspects[0]
	}
	return suspect
}

// Passwords are the accounts whose new passwords a step is about, as far as they are kept here: in Reset and Restart the
// one that is to be set now, where there is one, else all that their owners have to be told.
func (s *State) Passwords(step incident.Step, about Answer) []string {
	var accounts []string
	held := s.Incident.Held(true)
	switch subject := s.resetSubject(about); {
	case subject == nil:
	case step == incident.Reset:
		accounts = []string{subject.Account}
	case step == incident.Restart && len(held) > 0:
		accounts = []string{held[0].Account}
	default:
		for _, p := range s.Incident.Suspects {
			accounts = append(accounts, p.Account)
		}
	}
	return slices.DeleteFunc(accounts, func(account string) bool {
		return s.Incident.Suspect(account).Disable || !slices.Contains(s.Live.Known, account)
	})
}

// NextReset is the first suspect but the named one that something is to do about, nil where there is none, and how many
// of them there are.
func (s *State) NextReset(but string) (next *incident.Suspect, left int) {
	for i := range s.Incident.Suspects {
		p := &s.Incident.Suspects[i]
		if p.Account == but || !s.resetDue(p) {
			continue
		}
		if left++; next == nil {
			next = p
		}
	}
	return next, left
}

// resetDue says that a suspect waits for the operator: for a password to be made, seen or set, or for a word on its forwarding.
func (s *State) resetDue(p *incident.Suspect) bool {
	if open := s.Incident.OpenForwarding(); open != nil && open.Account == p.Account {
		return true
	}
	switch {
	case p.Lost || p.Reset == incident.ResetToDo || p.Reset == incident.ResetSet:
		return true
	case p.Reset != incident.ResetHeld:
		return false
	case p.ByHand:
		return !p.Shown || s.Live.Service.State != ServiceStopped || s.Live.Control == NoService
	}
	return !s.waitsForStart()
}
