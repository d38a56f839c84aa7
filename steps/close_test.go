package steps_test

import (
	"strings"
	"testing"

	"delist/steps"
	"delist/steps/incident"
)

// What was passed over is still to be done by somebody, and the list says so, the worst first.
func TestWhatWasPassedOverIsStillToDo(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: false})
	w.do(rb, steps.FinishLook{})
	w.do(rb, steps.Skip{Step: incident.Stop, Reason: "I may not"})
	inc := rb.State().Incident
	todo := inc.StillToDo()
	for i, want := range []string{"stop the spam", "give " + stolen + " a new password"} {
		if len(todo) <= i || !strings.Contains(todo[i], want) {
			t.Fatalf("%d: %q, want %q", i, todo, want)
		}
	}
	if !strings.Contains(strings.Join(todo, "\n"), "to remove 203.0.113.25, once the server is quiet") {
		t.Errorf("no list is to be asked: %q", todo)
	}
}
