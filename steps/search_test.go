package steps_test

import (
	"testing"

	"delist/steps"
)

// searching begins a search that stands still until the world's release is closed.
func (w *world) searching(rb *steps.Runbook, query string) <-chan error {
	w.t.Helper()
	w.release = make(chan struct{})
	w.held.Store(true)
	ended := make(chan error, 1)
	go func() { ended <- rb.Do(w.t.Context(), steps.Search{Query: query}) }()
	w.until(rb, "the search", func(s steps.State) bool { return s.Live.Finding != nil })
	return ended
}

func (w *world) letGo() {
	w.held.Store(false)
	close(w.release)
}

func TestASearchCanBeStopped(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	ended := w.searching(rb, "text:Invoice")
	if rb.Cancel() {
		t.Error("a search is no act")
	}
	w.letGo()
	if err := <-ended; err == nil || err.Error() != "the search was stopped" {
		t.Errorf("the search ended with: %v", err)
	}
	if s := rb.State(); s.Live.Finding != nil || s.Live.Results != nil {
		t.Errorf("it left %v behind", s.Live.Results)
	}
	w.do(rb, steps.Search{Query: "account:" + stolen})
}

func TestTheNewestSearchCounts(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	first := w.searching(rb, "text:Invoice")
	second := make(chan error, 1)
	go func() { second <- rb.Do(t.Context(), steps.Search{Query: "account:" + stolen}) }()
	w.until(rb, "the second search", func(steps.State) bool { return rb.Searches() == 2 })
	w.letGo()
	for _, ended := range []<-chan error{first, second} {
		if err := <-ended; err != nil {
			t.Errorf("a search ended with: %v", err)
		}
	}
	if got := rb.State().Live.Results.Query.String(); got != "account:"+stolen {
		t.Errorf("the results are of %s", got)
	}
}
