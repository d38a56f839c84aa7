package steps_test

import (
	"strings"
	"testing"

	"delist/steps"
)

// What arrived between the preview and the move was not agreed to: it stays, and Purge says so and is not done.
func TestWhatArrivedSinceThePlanIsSaidToBeLeft(t *testing.T) {
	w, rb := stoppedWorld(t)
	in := w.planAll(rb)
	late := w.spam(3)
	w.do(rb, in)
	s := rb.State()
	if purge := s.Incident.Steps[steps.Purge]; purge.State.Passed() || !strings.Contains(purge.Result, "120 messages moved, 3 that match are left") {
		t.Errorf("Purge: %+v", purge)
	}
	for _, id := range late {
		if _, ok := s.Live.Spool.Find(id); !ok {
			t.Errorf("%s was moved", id)
		}
	}
}
