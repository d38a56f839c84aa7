package ui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
)

// sent is an intent on its way: what the operator confirmed runs from then on, whatever the runbook has said of it yet.
type sent struct {
	in   steps.Intent
	stop context.CancelCauseFunc
}

// do gives the runbook an intent.
func (m *Model) do(in steps.Intent) tea.Cmd {
	ctx, stop := context.WithCancelCause(m.ctx)
	s := &sent{in, stop}
	m.sent = append(m.sent, s)
	m.showSent()
	return m.run(func(context.Context) tea.Msg {
		before := m.runbook.State()
		err := m.runbook.Do(ctx, in)
		return doneMsg{s, in, err, before, m.runbook.State()}
	})
}

// showSent shows the oldest act that was sent as what runs, until the runbook tells more of it.
func (m *Model) showSent() {
	if m.state.Live.Doing != nil {
		return
	}
	if act := m.sentAct(); act != nil {
		m.state.Live.Doing = &steps.Doing{What: steps.What(act.in)}
	}
}

// sentAct is the oldest of what was sent that takes time, nil where there is none.
func (m *Model) sentAct() *sent {
	if i := slices.IndexFunc(m.sent, func(s *sent) bool { return steps.What(s.in) != "" }); i >= 0 {
		return m.sent[i]
	}
	return nil
}

// sentSearch is the search that runs, nil where none does.
func (m *Model) sentSearch() *sent {
	for _, s := range slices.Backward(m.sent) {
		if _, ok := s.in.(steps.Search); ok {
			return s
		}
	}
	return nil
}

// arrivedBack forgets an intent that has ended.
func (m *Model) arrivedBack(s *sent) {
	s.stop(nil)
	m.sent = slices.DeleteFunc(m.sent, func(other *sent) bool { return other == s })
}
