package steps_test

import (
	"testing"

	"delist/steps"
	"delist/steps/incident"
)

// What is still to do does not count what is held: nobody has to come back to that account.
func TestResetCountsWhatIsToDo(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	accounts := []string{stolen, "user1@quayside.example", "user2@quayside.example"}
	for _, account := range accounts[1:] {
		w.do(rb, steps.MarkSuspect{Account: account})
	}
	w.do(rb, steps.KeepForwarding{Account: stolen})
	w.do(rb, steps.StopService{})
	for i, want := range []string{"2 of 3 to do, 1 held", "1 of 3 to do, 2 held", "NOT CHANGED YET, held until mail runs"} {
		w.do(rb, steps.ResetPassword{Account: accounts[i]})
		if got := rb.State().Incident.Steps[incident.Reset].Result; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
