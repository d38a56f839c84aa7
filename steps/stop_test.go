package steps_test

import (
	"slices"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// A stop waits for nothing: not for an API that does not answer, nor for the evidence, which is kept all the same.
func TestStopDoesNotWaitForASickAPI(t *testing.T) {
	w := newWorld(t)
	w.mailboxes.hangs = true
	rb := w.open()
	began := time.Now()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the stop took %s", took)
	}
	kept := slices.ContainsFunc(rb.Records(), func(r incident.Record) bool { _, is := r.Fact.(incident.EvidenceTaken); return is })
	if !kept {
		t.Error("no evidence was kept")
	}
}

// The suspects' mailboxes are read in Look, while the API can be asked, each once.
func TestMailboxesAreReadInLook(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.until(rb, "the suspect's mailbox", func(s steps.State) bool {
		p := s.Incident.Suspect(stolen)
		return p != nil && p.Mailbox != nil && p.Mailbox.Forwarding.Known
	})
	time.Sleep(100 * time.Millisecond) // ten more rounds
	read := 0
	for _, r := range rb.Records() {
		if _, is := r.Fact.(incident.MailboxRead); is {
			read++
		}
	}
	if read != 1 {
		t.Errorf("read %d times", read)
	}
}

// A look that began before mail was stopped and is answered after it tells of what was.
func TestALateLookDoesNotSayThatMailRuns(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	before, after := make(chan struct{}), make(chan struct{})
	w.service.late.Store(&before)
	time.Sleep(100 * time.Millisecond) // some rounds
	w.service.late.Store(nil)
	w.do(rb, steps.StopService{})
	w.service.late.Store(&after)
	close(before)
	defer close(after)
	time.Sleep(100 * time.Millisecond)
	s := rb.State()
	if why := s.Refusal(steps.SetAside{Count: 160}); why != "" {
		t.Error(why)
	}
}
