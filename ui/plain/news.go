package plain

import (
	"sync"

	"delist/steps"
	"delist/steps/incident"
)

// news keeps what the runbook tells until the session writes it.
type news struct {
	poke chan struct{} // holds one when something is new

	mu      sync.Mutex
	lines   []string
	passing bool // the last line is progress: a newer one takes its place
}

// hear takes in an event. What was asked for and what was refused is not repeated: the operator asked, and gets the
// reason as the answer.
func (n *news) hear(e steps.Event) {
	switch {
	case e.Record != nil:
		switch f := e.Record.Fact.(type) {
		case nil, incident.Intended, incident.Refused, incident.WatchSeen: // the page says how often it was looked
		default:
			n.add(f.Say(), false)
		}
	case e.Progress != nil && e.Progress.What != "":
		n.add(e.Progress.What, true)
	}
	select {
	case n.poke <- struct{}{}:
	default:
	}
}

func (n *news) add(line string, passing bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if passing && n.passing && len(n.lines) > 0 {
		n.lines = n.lines[:len(n.lines)-1]
	}
	n.lines, n.passing = append(n.lines, line), passing
}

// take gives what is new, and forgets it.
func (n *news) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines := n.lines
	n.lines, n.passing = nil, false
	return lines
}
