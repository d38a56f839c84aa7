package steps

import (
	"testing"
	"time"

	"delist/steps/incident"
)

// One service stands behind all the incidents on a spool: what one of them knows of mail, the others know, until a look says
// something else or that one is closed.
func TestAnIncidentBesideAnotherKnowsThatMailIsDown(t *testing.T) {
	start := time.Date(2026, 11, 28, 13, 0, 0, 0, time.UTC)
	down := incident.Neighbour{ID: "BBBB", Step: incident.Purge, MailDown: start, Said: true}
	up := incident.Neighbour{ID: "BBBB", Step: incident.Verify}
	for _, c := range []struct {
		name  string
		mode  incident.Mode
		facts []incident.Fact
		down  bool
	}{
		{"it says that mail is down", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Started{Beside: &down}}, true},
		{"a dry run stops nothing", incident.Mode{DryRun: true}, []incident.Fact{incident.Started{Beside: &down}}, false},
		{"a look sees it run", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Started{Beside: &down}, incident.MailStarted{}}, false},
		{"it was started there since", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Started{Beside: &down}, incident.Started{Beside: &up}}, false},
		{"it was closed since", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Started{Beside: &down}, incident.Started{}}, false},
		{"this one stopped it itself", incident.Mode{}, []incident.Fact{incident.Started{Beside: &up}, incident.MailStopped{}, incident.Started{}}, true},
	} {
		inc := incident.Fold([]incident.Record{{At: start.Add(time.Minute), Fact: incident.Opened{ID: "AAAA", Mode: c.mode}}})
		for i, f := range c.facts {
			inc.Fold(incident.Record{At: start.Add(time.Duration(i+2) * time.Minute), Fact: f})
		}
		if got := !inc.MailDown.IsZero(); got != c.down {
			t.Errorf("%s: mail down is %v, want %v", c.name, got, c.down)
		}
		if last := inc.Outages; len(last) > 0 && last[len(last)-1].To.IsZero() != c.down {
			t.Errorf("%s: the outage ends at %v", c.name, last[len(last)-1].To)
		}
	}
}
