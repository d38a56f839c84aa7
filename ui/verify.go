package ui

import (
	"strings"

	"delist/steps"
	"delist/steps/incident"
)

// verifyPanel shows the waiting time, and who sends meanwhile.
type verifyPanel struct {
	noMarks
	senders *Table
	glyphs  Glyphs
}

func newVerifyPanel(g Glyphs) *verifyPanel {
	p := &verifyPanel{senders: &Table{Columns: senderColumns(), Headed: true}, glyphs: g}
	p.senders.Reset(senderRows{})
	return p
}

func (p *verifyPanel) update(s *steps.State) { p.senders.Set(senderRows{s.Live.Senders, p.glyphs}) }
func (p *verifyPanel) table() *Table         { return p.senders }
func (p *verifyPanel) answer() steps.Answer  { return steps.Answer{} }
func (p *verifyPanel) binds(*Model) []Bind   { return nil }

func (p *verifyPanel) blocks(m *Model, w int) []block {
	return []block{
		gapped(textBlock(0, factLines(w, m.styles, m.watchFacts(w)...))),
		gapped(textBlock(2, paragraph(w, m.verifyAdvice()))),
		dropped(1, sendersBlock(m, p.senders, w, 2, 20, true)),
	}
}

// watchFacts say how long it has been quiet, how long it has to be, and what the logs say meanwhile.
func (m *Model) watchFacts(w int) []fact {
	watch, logs := m.state.Incident.Watch, fact{"logs", m.state.LogsSay()}
	if watch.Until.IsZero() {
		return []fact{{"waiting time", span(m.state.Settings.VerifyWait) + ", begins when Restart is done"}}
	}
	total, gone := watch.Until.Sub(watch.Since), m.state.Now.Sub(watch.Since)
	facts := []fact{
		{"quiet since", clock(watch.Since) + ", " + span(gone)},
		{"enough at", until(m.state.Now, watch.Until)},
	}
	if watch.Judged != "" {
		return append(facts, fact{"judged", watch.Judged}, logs)
	}
	if total > 0 {
		cells := min(max(w-factName-8, 10), 50)
		full := min(max(int(int64(cells)*int64(gone)/int64(total)), 0), cells)
		facts = append(facts, fact{"", strings.Repeat(m.glyphs.Bar, full) + strings.Repeat(m.glyphs.BarRest, cells-full)})
	}
	return append(facts, logs)
}

// verifyAdvice says what is watched, and what a list does to those who ask early.
func (m *Model) verifyAdvice() string {
	text := "Watched: does any account send far above its usual rate, does anything like the spam appear, can the spool be read. " +
		"If the spam comes back, the runbook goes back to Stop. There is nothing to do but wait; look at the accounts below. " +
		"A list that is asked too early puts the address back, some for a month."
	if m.state.Incident.Mode.Drill {
		text += " In a drill the waiting time is shortened."
	}
	return joined(" ", m.stepText(incident.Verify), text)
}
