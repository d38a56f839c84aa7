package steps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// A password that was changed in an earlier round was changed, though the next one is not.
func TestAPasswordOfAnEarlierRound(t *testing.T) {
	now := time.Date(2026, 11, 28, 15, 0, 0, 0, time.Local)
	s := steps.State{Now: now, Incident: incident.Incident{Round: 2, Suspects: []incident.Suspect{{Account: stolen, Changed: now.Add(-time.Hour)}}}}
	for state, want := range map[steps.ServiceState]string{
		steps.ServiceRunning: "NOT CHANGED AGAIN YET. Take the password of 14:00 for stolen, too: it works right now.",
		steps.ServiceStopped: "NOT CHANGED AGAIN YET. Take the password of 14:00 for stolen, too: it works again from the moment mail starts.",
	} {
		s.Live.Service.State = state
		page := s.Page(incident.Reset)
		if page.Alarm != want {
			t.Errorf("%s: %q", state, page.Alarm)
		}
		s.Incident.Suspects[0].Reset = incident.ResetHeld
		if facts := fmt.Sprint(s.Page(incident.Restart).Facts); !strings.Contains(facts, "held, not set yet; the one before was set 14:00") {
			t.Errorf("%s: %s", state, facts)
		}
	}
}
