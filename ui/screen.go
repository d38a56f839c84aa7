package ui

import (
	"slices"
	"strconv"
	"strings"

	"delist/steps"
	"delist/steps/incident"
)

// draw makes the frame: exactly the window's lines, none wider than the window.
func (m *Model) draw() string {
	w, h := m.w, m.h
	purpose := m.purpose(w)
	binds := m.binds()
	keys := hints(binds, panelWidth(w), m.keyLines(), m.styles)
	l := newLayout(w, h, len(purpose), m.statusLeast(), len(keys))
	if l.TooSmall {
		return frame([]string{
			"Please enlarge this window", "to " + strconv.Itoa(minWidth) + " by " + strconv.Itoa(minHeight) + " or more.", "Nothing is lost.",
		}, w, h)
	}
	panel := make([]string, 0, h)
	for _, line := range purpose[:l.Purpose.H] {
		panel = append(panel, m.styles.Title.Paint(" "+line))
	}
	panel = append(panel, m.bodyAndStatus(l.Body.W, l.Body.H+l.Status.H)...)
	if m.popup != nil { // no key acts but the dialog's, which names them
		keys = make([]string, len(keys))
	}
	panel = append(panel, keys...)

	screen := []string{m.head(w)}
	rule := strings.Repeat(m.glyphs.Horizontal, w)
	if l.Side {
		screen = append(screen, rule)
		screen = append(screen, beside(m.stepColumn(l.Steps.W, l.Steps.H), l.Steps.W, m.glyphs.Vertical, panel, l.Steps.H)...)
	} else {
		screen = append(screen, m.stepLine(w, l.Compact), rule)
		screen = append(screen, panel...)
	}
	if m.popup != nil {
		box := m.popup.draw(w, h-2, m.glyphs, m.styles)
		screen = over(screen, box, w, h, m.styles.Faint)
	}
	return frame(screen, w, h)
}

// purpose is what the step on the screen is for, and where the runbook is when it is elsewhere: the step line of a narrow
// window says that itself.
func (m *Model) purpose(w int) []string {
	room := max(panelWidth(w)-2, 1)
	lines := wrap(m.step.String()+": "+m.page().Purpose, room)
	lines = lines[:min(len(lines), 2)]
	if m.step == m.current || w < lineFrom {
		return lines
	}
	last := len(lines) - 1
	if elsewhere := m.elsewhere(); width(lines[last])+1+width(elsewhere) <= room {
		lines[last] += " " + elsewhere
		return lines
	}
	return append(lines, m.elsewhere())
}

// elsewhere says that the operator looks at another step than the runbook's.
func (m *Model) elsewhere() string { return "(the runbook is at " + m.current.String() + ")" }

// keyLines is how many lines the keys may take: a question's answers have to be in sight.
func (m *Model) keyLines() int {
	if m.h >= 30 || m.permitAsked() {
		return 3
	}
	return 2
}

// body is the step's panel in h lines.
func (m *Model) body(w, h int) []string {
	if !m.begun() {
		return stack(h, gapped(textBlock(0, paragraph(w, joined("\n", "One moment.", m.state.Live.Last)))))
	}
	blocks := m.panels[m.step].blocks(m, w)
	if warnings := m.state.Incident.About(); len(warnings) > 0 {
		lines := paragraph(w, strings.Join(warnings, "\n"))
		for i := range lines {
			lines[i] = m.styles.Alarm.Paint(lines[i])
		}
		blocks = append([]block{gapped(textBlock(4, lines))}, blocks...)
	}
	return stack(h, blocks...)
}

// head is the first line: who and where at the left; what must not be overlooked, the
// mode and the incident at the right.
func (m *Model) head(w int) string {
	head := m.state.Head()
	left, alarm, right := " "+head.Who, strings.Join(head.Alarms, "  "), head.Where
	room := w - width(right) - 2
	if alarm != "" {
		room -= width(alarm) + 2
	}
	line := m.styles.Head.Paint(fit(left, max(room, 0))) + "  "
	if alarm != "" {
		line += m.styles.Alarm.Paint(alarm) + "  "
	}
	return line + clip(right, w)
}

// glyphOf is a step's sign.
func (m *Model) glyphOf(step incident.Step) string {
	switch m.state.Incident.Steps[step].State {
	case incident.Done:
		return m.glyphs.Done
	case incident.Failed:
		return m.glyphs.Failed
	case incident.Held:
		return m.glyphs.Held
	case incident.Skipped, incident.NotNeeded:
		return m.glyphs.Left
	}
	if step == m.current {
		return m.glyphs.Here
	}
	return m.glyphs.Todo
}

// stepLine is the steps in one line; in a narrow window only the one on the screen.
func (m *Model) stepLine(w int, compact bool) string {
	if compact {
		status := m.state.Incident.Steps[m.step]
		text := " " + m.glyphOf(m.step) + " " + strconv.Itoa(int(m.step)+1) + "/" + strconv.Itoa(int(incident.Close)+1) + " " + m.step.String() + "  " + status.State.String()
		if m.step != m.current {
			text += "   " + m.elsewhere()
		}
		return m.styles.Head.Paint(clip(text, w))
	}
	var b strings.Builder
	for _, step := range incident.AllSteps() {
		b.WriteByte(' ')
		entry := m.glyphOf(step) + " " + step.String()
		if step == m.step {
			b.WriteString(m.styles.Cursor.Paint(entry))
		} else {
			b.WriteString(entry)
		}
	}
	return b.String()
}

// stepColumn is the steps one below the other, each with its time and result.
func (m *Model) stepColumn(w, h int) []string {
	all := incident.AllSteps()
	each := max(h/len(all), 1) // lines a step may take
	lines := make([]string, 0, h)
	for _, step := range all {
		status := m.state.Incident.Steps[step]
		line := " " + m.glyphOf(step) + " " + fit(step.String(), 8) + " "
		if status.State != incident.ToDo || step == m.current {
			line += status.State.String()
			if status.State.Passed() || status.State == incident.Failed {
				line += " " + clock(status.Since, m.state.Now)
			}
		}
		line = fit(line, w)
		switch {
		case step == m.step:
			line = m.styles.Cursor.Paint(line)
		case status.State == incident.Done:
			line = m.styles.Good.Paint(line)
		}
		lines = append(lines, line)
		text := status.Result
		if text == "" {
			text = status.Reason
		}
		if text == "" {
			continue
		}
		for _, part := range cutBlock(wrap("    "+text, w-1), min(each-1, 3)) {
			lines = append(lines, m.styles.Faint.Paint(part))
		}
	}
	return lines
}

// The lines of the status: two are kept for it in a high window, so that nothing moves when it needs them.
const (
	statusMost = 2
	statusFrom = 30
)

// statusLeast is how many lines the status has in any case.
func (m *Model) statusLeast() int {
	if m.h >= statusFrom {
		return statusMost
	}
	return 1
}

// bodyAndStatus are the step's panel and the status below it, in h lines. The status takes more than its least from the
// panel's empty lines only: no row goes for it.
func (m *Model) bodyAndStatus(w, h int) []string {
	least := m.statusLeast()
	body, status := m.body(w, h-least), m.status(w)
	for ; len(status) > least; least++ {
		empty := lastEmpty(body)
		if empty < 0 {
			break
		}
		body = slices.Delete(body, empty, empty+1)
	}
	status = cutBlock(status, least)
	for len(status) < least {
		status = append(status, "")
	}
	return append(body, status...)
}

// lastEmpty is the last of the empty lines, -1 where there is none.
func lastEmpty(lines []string) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] == "" {
			return i
		}
	}
	return -1
}

// status says what is happening now, or what happened last.
func (m *Model) status(w int) []string {
	style, text := Style{}, ""
	switch doing := m.state.Live.Doing; {
	case m.said != "":
		style, text = m.styles.Alarm, m.said
	case doing != nil:
		style, text = m.styles.Title, m.doingText(doing)
	case m.begun():
		text = lastText(m.state.Live.Last)
	}
	return painted(style, cutBlock(paragraph(w+1, text), statusMost)) // text has no margin at the right
}

// doingText says what runs, how far it is, and how to stop it.
func (m *Model) doingText(d *steps.Doing) string {
	text := capital(d.What)
	if d.Total > 0 {
		text += ", " + count(d.Done) + " of " + count(d.Total)
	}
	if left := d.Until.Sub(m.state.Now); !d.Until.IsZero() && left > 0 {
		text += ", " + span(left) + " to go"
	} else if took := m.state.Now.Sub(d.Since); !d.Since.IsZero() && took >= 10e9 {
		text += ", " + span(took)
	}
	if d.Now != "" {
		text += ": " + d.Now
	}
	return strings.TrimRight(text, ".") + ". Ctrl+C stops it safely."
}
