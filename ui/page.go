package ui

import (
	"strings"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// page is what the step on the screen says.
func (m *Model) page() steps.Page { return m.state.Page(m.step) }

// pageFacts draws the facts of a page.
func (m *Model) pageFacts(w int, p steps.Page) block {
	facts := make([]fact, len(p.Facts))
	for i, f := range p.Facts {
		facts[i] = fact{f.Name, f.Value}
	}
	return gapped(textBlock(0, factLines(w, m.styles, facts...)))
}

// pageAlarm draws what must not be overlooked, which may be nothing.
func (m *Model) pageAlarm(w int, p steps.Page) []block {
	if p.Alarm == "" {
		return nil
	}
	return []block{gapped(textBlock(0, painted(m.styles.Alarm, paragraph(w, p.Alarm))))}
}

// pageAdvice draws the paragraphs of a page; where there is little room the last are cut, and the help has them whole.
func pageAdvice(drop, w int, p steps.Page) block {
	return gapped(textBlock(drop, paragraph(w, strings.Join(p.Advice, "\n"))))
}

// pageBlocks draws a page that has no table.
func (m *Model) pageBlocks(w int, p steps.Page) []block {
	blocks := append(m.pageAlarm(w, p), m.pageFacts(w, p), pageAdvice(1, w, p))
	for _, list := range p.Lists {
		blocks = append(blocks, gapped(textBlock(1, append([]string{m.styles.Title.Paint(" " + list.Title)}, bullets(w, list.Items)...))))
	}
	return blocks
}

// pageText is a page as the help has it.
func pageText(p steps.Page) string {
	var lines []string
	if p.Alarm != "" {
		lines = append(lines, p.Alarm)
	}
	for _, f := range p.Facts {
		lines = append(lines, joined(": ", f.Name, f.Value))
	}
	return strings.Join(append(lines, p.Advice...), "\n")
}

// bullets is a list of sentences, each with a dash.
func bullets(w int, texts []string) []string {
	if len(texts) == 0 {
		return []string{" nothing so far"}
	}
	var lines []string
	for _, text := range texts {
		for i, part := range wrap(text, max(w-4, 1)) {
			mark := " - "
			if i > 0 {
				mark = "   "
			}
			lines = append(lines, mark+strings.TrimSpace(part))
		}
	}
	return lines
}

// closePanel shows what was done, what is still to do, and where the record is.
type closePanel struct{ noTable }

func (*closePanel) blocks(m *Model, w int) []block {
	p := m.page()
	blocks := m.pageBlocks(w, p)
	if m.state.Incident.Closed.IsZero() {
		blocks[len(blocks)-3].drop = 2 // what is still to do matters more than what was done
	}
	return blocks
}

// watchPanel shows the service coming back, or the waiting time, and who sends meanwhile.
type watchPanel struct {
	noMarks
	step    incident.Step
	senders *Table
	glyphs  Glyphs
}

func newWatchPanel(step incident.Step, g Glyphs) *watchPanel {
	p := &watchPanel{step: step, senders: &Table{Columns: senderColumns(), Headed: true}, glyphs: g}
	p.senders.Reset(senderRows{})
	return p
}

func (p *watchPanel) update(s *steps.State) {
	p.senders.Set(senderRows{s.Live.Senders, p.glyphs, s.Now})
}
func (p *watchPanel) table() *Table { return p.senders }

// answer is the row under the cursor: it can be marked, or explained, while it is watched.
func (p *watchPanel) answer() steps.Answer { return rowAnswer(p.senders) }

func (p *watchPanel) binds(m *Model) []Bind {
	if p.step == incident.Restart {
		return m.passwordBinds(steps.Answer{})
	}
	return nil
}

func (p *watchPanel) blocks(m *Model, w int) []block {
	page := m.page()
	facts := m.pageFacts(w, page)
	if bar := m.watchBar(w, p.step); bar != "" {
		facts = gapped(textBlock(0, append(facts.draw(facts.want), bar)))
	}
	drop := 1 // before the advice while the step is to do, after it while the operator watches
	if m.state.Incident.Steps[p.step].State == incident.ToDo {
		drop = 3
	}
	return append(m.pageAlarm(w, page), facts, pageAdvice(2, w, page), dropped(drop, sendersBlock(m, p.senders, w, 2, 12, true)))
}

// watchBar draws how far the waiting time is; empty while nothing is watched.
func (m *Model) watchBar(w int, step incident.Step) string {
	watched := m.state.Live.Watched
	if watched == nil || watched.Step != step {
		return ""
	}
	total, gone := watched.Until.Sub(watched.Since), m.state.Now.Sub(watched.Since)
	if total <= 0 {
		return ""
	}
	cells := min(max(w-factName-8, 10), 50)
	full := min(max(int(int64(cells)*int64(gone)/int64(total)), 0), cells)
	return " " + spaces(factName) + strings.Repeat(m.glyphs.Bar, full) + strings.Repeat(m.glyphs.BarRest, cells-full)
}

// dropped gives a block another place in the order of what goes.
func dropped(drop int, b block) block {
	b.drop = drop
	return b
}

// stopPanel shows the service, and what stopping means.
type stopPanel struct{ noTable }

func (*stopPanel) blocks(m *Model, w int) []block {
	p := m.page()
	return append(m.pageAlarm(w, p), m.pageFacts(w, p), pageAdvice(1, w, p), gapped(fixed(3, spoolLine(m, w, nil, 0))))
}

// noTable is a panel without a list and without keys of its own.
type noTable struct{ noMarks }

// noMarks is a panel in which no messages can be marked.
type noMarks struct{}

func (noMarks) marked() int     { return 0 }
func (noMarks) ids() []spool.ID { return nil }

func (noTable) update(*steps.State)  {}
func (noTable) table() *Table        { return nil }
func (noTable) answer() steps.Answer { return steps.Answer{} }
func (noTable) binds(*Model) []Bind  { return nil }
