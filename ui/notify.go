package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
	"delist/steps/incident"
)

// notifyPanel shows the letter to the owner.
type notifyPanel struct{ noTable }

func (*notifyPanel) binds(m *Model) []Bind {
	binds := []Bind{bind("t", "read the letter", func() tea.Cmd {
		m.open(m.textWithCopy("Letter to the owner", steps.Letter(&m.state.Incident)))
		return nil
	})}
	for i := range m.state.Incident.Suspects {
		if s := &m.state.Incident.Suspects[i]; s.Reset == incident.ResetDone {
			return append(binds, m.passwordBinds(s)...)
		}
	}
	return binds
}

func (*notifyPanel) blocks(m *Model, w int) []block {
	told := m.state.Incident.Told
	if told == "" {
		told = "not yet"
	}
	letter := textBlock(2, paragraph(w, steps.Letter(&m.state.Incident)))
	letter.min = min(letter.min, 4)
	return []block{
		gapped(textBlock(0, factLines(w, m.styles, fact{"accounts", m.passwordsText()}, fact{"owner told", told}))),
		gapped(textBlock(1, paragraph(w, "Call the owner: the new password goes by phone, never by mail. The computer that knows the old one has to be cleaned first, "+
			"or the new password is stolen as well. t shows the letter with all of it."))),
		gapped(letter),
	}
}

// textWithCopy shows a text that can be copied.
func (m *Model) textWithCopy(title, text string) *viewer {
	box := view(title, text)
	if m.options.Copy != nil {
		box.binds = []Bind{m.away(box, "c", "copy", func(ctx context.Context) (string, error) {
			where, err := m.options.Copy(ctx, text)
			return "Copied to " + where + ".", err
		})}
	}
	return box
}
