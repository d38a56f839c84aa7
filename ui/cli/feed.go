package cli

import (
	"sync"

	"delist/steps"
)

// feed hands the runbook's events to whoever shows them. The runbook begins before there is a screen; what it tells until
// then is in its state and its records.
type feed struct {
	mu   sync.Mutex
	hear func(steps.Event)
}

// Hear implements the runbook's listener.
func (f *feed) Hear(e steps.Event) {
	f.mu.Lock()
	hear := f.hear
	f.mu.Unlock()
	if hear != nil {
		hear(e)
	}
}

// attach sends events to a listener from now on.
func (f *feed) attach(hear func(steps.Event)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hear = hear
}

// say tells passing news.
func (f *feed) say(text string) {
	f.Hear(steps.Event{Progress: &steps.Progress{What: text}})
}
