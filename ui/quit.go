package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"
)

// interrupt is Ctrl+C: the first stops what runs, safely, after the item it is at; where
// nothing runs it asks about leaving. The second in a row leaves.
func (m *Model) interrupt() tea.Cmd {
	m.cancels++
	if m.cancels > 1 {
		return m.leave()
	}
	var runs *sent
	switch {
	case m.state.Live.Doing != nil:
		runs = m.sentAct()
		m.said = "Stopping safely, after the item it is at. Ctrl+C again leaves."
	case m.state.Live.Finding != nil || m.sentSearch() != nil:
		runs = m.sentSearch()
		m.said = "Stopping the search. Ctrl+C again leaves."
	default:
		return m.askLeave()
	}
	if runs != nil { // the runbook may not have begun it
		runs.stop(nil)
	}
	return m.run(func(context.Context) tea.Msg {
		m.runbook.Cancel()
		return nil
	})
}

// askLeave asks before the program ends, and says how to come back.
func (m *Model) askLeave() tea.Cmd {
	m.open(askYes("Leave delist?", m.leaveText(), "Leave", m.leave))
	return nil
}

// leaveText says what leaving means now.
func (m *Model) leaveText() string {
	text := "Everything so far is recorded."
	if m.state.Live.Doing != nil {
		text = "What runs now is stopped safely, after the item it is at: " + m.state.Live.Doing.What + ". " + text
	}
	text = joined(" ", text, m.state.Leaving())
	resume := m.options.Resume
	if resume == "" {
		resume = "delist"
	}
	return text + "\nTo go on later, start:  " + resume
}

// leave ends the program. What runs is stopped safely by whoever closes the runbook.
func (m *Model) leave() tea.Cmd {
	m.leaving = true
	return tea.Quit
}
