package steps_test

import (
	"sync"
	"testing"
	"time"

	"delist/steps"
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
		{"it says that mail is down", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Neighboured{Beside: &down}}, true},
		{"a dry run stops nothing", incident.Mode{DryRun: true}, []incident.Fact{incident.Neighboured{Beside: &down}}, false},
		{"a look sees it run", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Neighboured{Beside: &down}, incident.MailStarted{}}, false},
		{"it was started there since", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Neighboured{Beside: &down}, incident.Neighboured{Beside: &up}}, false},
		{"it was closed since", incident.Mode{ReadOnly: true}, []incident.Fact{incident.Neighboured{Beside: &down}, incident.Neighboured{}}, false},
		{"this one stopped it itself", incident.Mode{}, []incident.Fact{incident.Neighboured{Beside: &up}, incident.MailStopped{ByHand: true}, incident.StepChanged{Step: incident.Stop, State: incident.Done}, incident.Neighboured{}}, true},
	} {
		inc := incident.Fold([]incident.Record{{At: start.Add(time.Minute), Fact: incident.Opened{ID: "AAAA", Mode: c.mode}}})
		for i, f := range c.facts {
			inc.Fold(incident.Record{At: start.Add(time.Duration(i+2) * time.Minute), Fact: f})
		}
		if got := !inc.MailDown.IsZero(); got != c.down {
			t.Errorf("%s: mail down is %v, want %v", c.name, got, c.down)
		}
		if own := inc.Steps[incident.Stop].State == incident.Done; len(inc.Outages) > 0 != own {
			t.Errorf("%s: %d outages are this incident's", c.name, len(inc.Outages))
		}
	}
}

// How the other incident stands is looked at all the time, and nothing of it is told as done here.
func TestAnIncidentBesideAnotherFollowsIt(t *testing.T) {
	w := newWorld(t)
	w.service.byHand = true
	w.mode.ReadOnly = true
	var mu sync.Mutex
	other := incident.Neighbour{ID: "BBBB", Step: incident.Stop, By: "maria@mail01"}
	w.beside = func() *incident.Neighbour {
		mu.Lock()
		defer mu.Unlock()
		now := other
		return &now
	}
	becomes := func(change func()) {
		mu.Lock()
		defer mu.Unlock()
		change()
	}
	rb := w.open()
	becomes(func() { other.Step, other.MailDown, other.Said = incident.Purge, time.Now(), true })
	w.until(rb, "MAIL DOWN", func(s steps.State) bool { return !s.Incident.MailDown.IsZero() })
	becomes(func() { other.Step, other.MailDown = incident.Verify, time.Time{} })
	w.until(rb, "mail", func(s steps.State) bool { return s.Incident.MailDown.IsZero() })
	if n := len(rb.State().Incident.Outages); n > 0 {
		t.Errorf("%d outages are told as this incident's", n)
	}
}
