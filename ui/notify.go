package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
)

// notifyPanel shows the letter to the owner.
type notifyPanel struct{ noTable }

func (*notifyPanel) binds(m *Model) []Bind {
	letter := bind("t", "read the letter", func() tea.Cmd {
		title := "Letter to the owner"
		switch n := len(m.state.Incident.Suspects); {
		case n == 0:
			title = "Letter"
		case n > 1:
			title = plural(n, "letter", "letters") + ", one to each owner"
		}
		m.open(m.textWithCopy(title, steps.Letter(&m.state.Incident)))
		return nil
	})
	letter.Place = placeRow
	return append([]Bind{letter}, m.passwordBinds(steps.Answer{})...)
}

func (*notifyPanel) blocks(m *Model, w int) []block {
	letter := textBlock(2, paragraph(w, strings.ReplaceAll(steps.Letter(&m.state.Incident), "\n\n", "\n"))) // t shows it as it is
	letter.min = min(letter.min, 4)
	p := m.page()
	return append(m.pageAlarm(w, p), m.pageFacts(w, p), pageAdvice(1, w, p), gapped(letter))
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
