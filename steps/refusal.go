package steps

import (
	"strings"

	"delist/steps/incident"
)

// Refusal says why an intent may not be carried out now, empty when it may. The actions show the same words in grey
// before anybody presses the key.
func (s *State) Refusal(in Intent) string {
	if !s.Incident.Closed.IsZero() && in.kind()&lasting == 0 {
		return "this incident is closed; start delist again for a new one"
	}
	if in.kind()&changes != 0 {
		if why := s.mayNotChange(); why != "" {
			return why
		}
	}
	if _, stop := in.(StopService); s.Live.Doing != nil && in.kind()&beside == 0 && !stop {
		return stillRuns(s.Live.Doing.What)
	}
	return in.refusal(s)
}

// stillRuns refuses what cannot be done beside an act.
func stillRuns(what string) string { return what + " is still running; wait for it, or stop it safely" }

// mayNotChange says why nothing may be changed at all.
func (s *State) mayNotChange() string {
	switch {
	case s.Incident.Mode.ReadOnly:
		return "delist runs read-only; start it without --read-only to change anything"
	case s.Incident.Permit == incident.MayNot:
		return "you said that you may not stop this server; hand the report to somebody who may"
	}
	return ""
}

// needsReason says what is missing of a reason. A y, typed by habit where other boxes ask yes or no, is none.
func needsReason(reason string) string {
	switch said := strings.ToLower(strings.Trim(reason, " .!")); {
	case strings.TrimSpace(reason) == "":
		return "this needs a reason, for the record"
	case len(said) < 3, said == "yes": // in bytes: one word of another script is more
		return "a yes or no is no reason; write in a few words why, since it stands in the record"
	}
	return ""
}
