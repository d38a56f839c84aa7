package steps_test

import (
	"context"
	"testing"

	"delist/steps"
	"delist/steps/incident"
)

// An act is what runs from the moment it is accepted, however long it prepares, and can be stopped from then on.
func TestAnActRunsFromTheBeginning(t *testing.T) {
	w := newWorld(t)
	w.mailboxes.hangs = true // reading the mailboxes comes before the lock-out
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	ended := make(chan error, 1)
	go func() { ended <- rb.Do(t.Context(), steps.LockOut{}) }()
	w.until(rb, "the lock-out", func(s steps.State) bool { return s.Live.Doing != nil })
	if what := rb.State().Live.Doing.What; what != steps.What(steps.LockOut{}) {
		t.Errorf("%q runs", what)
	}
	w.refused(rb, steps.AskLists{}, "lock the thief out is still running")
	if !rb.Cancel() {
		t.Error("nothing was stopped")
	}
	<-ended
	if d := rb.State().Live.Doing; d != nil {
		t.Errorf("%q still runs", d.What)
	}
}

// An intent that was stopped before the runbook came to it changes nothing, not even the record.
func TestAnActStoppedBeforeItBegan(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	before := len(rb.Records())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := rb.Do(ctx, steps.StopService{}); err == nil || err.Error() != "stopped by the operator before it began; nothing was changed" {
		t.Errorf("it says %v", err)
	}
	for _, r := range rb.Records()[before:] {
		if in, is := r.Fact.(incident.Intended); is {
			t.Errorf("%s was begun", in.Intent)
		}
	}
}

// A plan whose messages move is not dropped: the screen would say that nothing was moved.
func TestAPlanThatMovesIsNotDropped(t *testing.T) {
	s := steps.State{Live: steps.Live{Plan: &steps.PlanView{}}}
	if why := s.Refusal(steps.DropPlan{}); why != "" {
		t.Error(why)
	}
	s.Live.Doing = &steps.Doing{What: steps.What(steps.Quarantine{})}
	if s.Refusal(steps.DropPlan{}) == "" {
		t.Error("it is dropped")
	}
	for _, a := range s.Actions(incident.Purge) {
		if a.ID == steps.ActQuarantine || a.ID == steps.ActDropPlan {
			t.Errorf("%q is offered", a.Label)
		}
	}
}
