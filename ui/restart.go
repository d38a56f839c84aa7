package ui

import (
	"strings"

	"delist/steps"
	"delist/steps/incident"
)

// restartPanel shows the service coming back, what is held, and whether the spam is.
type restartPanel struct {
	noMarks
	senders *Table
	glyphs  Glyphs
}

func newRestartPanel(g Glyphs) *restartPanel {
	p := &restartPanel{senders: &Table{Columns: senderColumns(), Headed: true}, glyphs: g}
	p.senders.Reset(senderRows{})
	return p
}

func (p *restartPanel) update(s *steps.State) { p.senders.Set(senderRows{s.Live.Senders, p.glyphs}) }
func (p *restartPanel) table() *Table         { return p.senders }
func (p *restartPanel) answer() steps.Answer  { return steps.Answer{} }

func (p *restartPanel) binds(m *Model) []Bind {
	for i := range m.state.Incident.Suspects {
		if s := &m.state.Incident.Suspects[i]; s.Reset == incident.ResetHeld || s.ByHand {
			return m.passwordBinds(s)
		}
	}
	return nil
}

func (p *restartPanel) blocks(m *Model, w int) []block {
	facts := append(m.serviceFacts(), fact{"passwords", m.passwordsText()})
	return []block{
		gapped(textBlock(0, factLines(w, m.styles, facts...))),
		gapped(textBlock(2, paragraph(w, m.restartAdvice()))),
		dropped(m.tableDrop(incident.Restart), sendersBlock(m, p.senders, w, 2, 8, true)),
	}
}

// tableDrop is when the senders table goes in a low window: before the advice while the
// step is to do, after it while the operator watches.
func (m *Model) tableDrop(step incident.Step) int {
	if m.state.Incident.Steps[step].State == incident.ToDo {
		return 3
	}
	return 1
}

// dropped gives a block another place in the order of what goes.
func dropped(drop int, b block) block {
	b.drop = drop
	return b
}

// passwordsText says how far the new passwords are.
func (m *Model) passwordsText() string {
	var parts []string
	for _, s := range m.state.Incident.Suspects {
		parts = append(parts, s.Account+": "+s.Password())
	}
	if len(parts) == 0 {
		return "no account was found to be stolen"
	}
	return strings.Join(parts, "; ")
}

// restartAdvice says what Restart will do, or what it saw.
func (m *Model) restartAdvice() string {
	status := m.state.Incident.Steps[incident.Restart]
	text := m.stepText(incident.Restart)
	switch {
	case m.state.Incident.Round > 1 && status.State == incident.ToDo:
		text = joined(" ", text, "The spam came back after the last restart, so this is another round: find who sends it now before mail starts again.")
	case status.State == incident.ToDo:
		switch {
		case m.heldPassword() && m.state.Live.ByHand:
			text = joined(" ", text, "Once mail runs, set the new password in SmarterMail yourself, at once: until then the stolen one works. v shows it.")
		case m.heldPassword():
			text = joined(" ", text, "Starting mail sets what is held the moment SmarterMail answers, proves it, and ends what is still connected.")
		}
		text = joined(" ", text, "After the start the spool is watched for "+span(m.state.Settings.WatchRestart)+". If the spam comes back, stop again: nothing is lost.")
	}
	return text
}
