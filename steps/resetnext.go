package steps

import "delist/steps/incident"

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
