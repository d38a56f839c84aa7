package ui

import (
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
	"delist/steps/incident"
)

// doneMsg ends an intent.
type doneMsg struct {
	sent   *sent
	in     steps.Intent
	err    error
	before steps.State // as it was when the intent was given
	state  steps.State
}

// ended shows what an intent led to.
func (m *Model) ended(msg doneMsg) tea.Cmd {
	m.arrivedBack(msg.sent)
	cmd := m.take(msg.state)
	if before, now := msg.before.Incident.Current(), msg.state.Incident.Current(); msg.err == nil && (before != now || stops(msg.in)) {
		m.goTo(now)
	}
	if m.cancels > 0 { // what was said to be stopping has stopped, or was done before
		m.said = ""
	}
	_, read := msg.in.(steps.ReadBounce)
	switch known := len(msg.before.Incident.Bounces); {
	case msg.err != nil && !m.reopenSearch(msg):
		m.said = sentence(msg.err.Error())
	case msg.err == nil && read && known <= len(msg.state.Incident.Bounces):
		m.showBounce(msg.state.Incident.Bounces[known:])
	}
	return cmd
}

// stops says that an intent has to do with mail being down: the screen then shows what is due.
func stops(in steps.Intent) bool {
	switch in.(type) {
	case steps.StopService, steps.ConfirmStopped, steps.StartService, steps.ConfirmStarted, steps.SetAside, steps.LockOut:
		return true
	}
	return false
}

// reopenSearch shows the search box again where its text was refused: with the text, which is mostly right, and all of
// the reason. Whoever went elsewhere meanwhile, or stopped the search, is not called back.
func (m *Model) reopenSearch(msg doneMsg) bool {
	search, ok := msg.in.(steps.Search)
	var refusal *steps.Refusal
	if !ok || !errors.As(msg.err, &refusal) || m.step != incident.Purge || m.popup != nil || m.cancels > 0 {
		return false
	}
	for _, a := range m.state.Actions(incident.Purge) {
		if a.ID == steps.ActSearch {
			a.Default = search.Query
			box := m.textPrompt(a, steps.Answer{})
			box.complaint = sentence(refusal.Reason)
			m.open(box)
			return true
		}
	}
	return false
}
