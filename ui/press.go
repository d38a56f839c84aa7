package ui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps/incident"
	"delist/steps/words"
)

// keys acts on what the terminal reports as one key press, or as several.
func (m *Model) keys(msg tea.KeyMsg) tea.Cmd {
	var cmds []tea.Cmd
	now := m.options.Clock()
	for _, k := range keysAtTheDoor(msg) {
		if m.answers.drop(k, now) {
			continue
		}
		if cmd := m.press(k, now); cmd != nil {
			cmds = append(cmds, cmd)
		}
		m.lastKey = now
	}
	return tea.Batch(cmds...)
}

// press acts on one key: the dialog hears it first, and alone.
func (m *Model) press(msg tea.KeyMsg, now time.Time) tea.Cmd {
	quiet := now.Sub(m.lastKey)
	if msg.Type == tea.KeyCtrlC {
		return m.interrupt()
	}
	m.cancels = 0
	if newLayout(m.w, m.h, 1, 1, 1).TooSmall {
		return nil // what cannot be seen cannot be meant
	}
	if m.popup != nil {
		if !m.popup.hears(now, m.lastKey) {
			return nil
		}
		shown := m.popup
		open, cmd := m.popup.press(msg, quiet)
		if !open && m.popup == shown {
			m.popup = nil
		}
		if q, asks := shown.dialog.(interface{ left() string }); asks && !open && q.left() != "" {
			m.said = "Cancelled: nothing was done. It was about: " + words.LowerFirst(strings.TrimRight(q.left(), "?")) + "."
		}
		return tea.Batch(cmd, m.askPlan())
	}
	m.heard, m.said = m.said, ""
	if !m.gate.hears(now, m.lastKey) {
		return nil // the step changed by itself: this key was meant for the one before
	}
	if t := m.panels[m.step].table(); t != nil && t.Move(msg) {
		return nil // no key that moves ever acts
	}
	if b, ok := match(m.binds(), msg); ok {
		if b.Refused != "" {
			m.said = sentence(b.Refused)
			return nil
		}
		if b.Keys()[0] == "enter" && quiet < enterQuiet {
			m.said = "That came too fast to be meant. Press Enter once more."
			return nil
		}
		return b.Do()
	}
	return nil
}

// binds are all keys that act now: the runbook's, the screen's own, and those of every screen.
func (m *Model) binds() []Bind {
	if !m.begun() {
		return m.everywhere()
	}
	binds := m.actionBinds()
	if !m.state.Incident.Closed.IsZero() {
		binds = nil
	}
	own := slices.Concat(m.refreshBinds(), m.panels[m.step].binds(m), m.tableBinds())
	binds = slices.Grow(binds, len(own)+4) // of each frame
	var soon []Bind
	for _, b := range own {
		if b.Place == placeSoon {
			soon = append(soon, b)
		} else {
			binds = append(binds, b)
		}
	}
	binds = slices.Insert(binds, min(2, len(binds)), soon...)
	slices.SortStableFunc(binds, func(a, b Bind) int { return int(a.placed() - b.placed()) })
	return append(binds, m.everywhere()...)
}

// refreshBinds is the key that shows newer data, where some waits.
func (m *Model) refreshBinds() []Bind {
	changed := m.changedTables()
	if len(changed) == 0 {
		return nil
	}
	b := bind("r", "show what changed", func() tea.Cmd {
		for _, t := range changed {
			t.Refresh()
		}
		return nil
	})
	b.Place = placeSoon
	return []Bind{b}
}

// changedTables are those on the screen that newer data waits for, whichever has the cursor: the operator sees the word,
// not the cursor.
func (m *Model) changedTables() []*Table {
	shown := []*Table{m.panels[m.step].table()}
	if p, ok := m.panels[m.step].(*lookPanel); ok {
		shown = p.shown()
	}
	return slices.DeleteFunc(shown, func(t *Table) bool { return t == nil || !t.Changed() })
}

// everywhere are the keys that every screen has. The help stands last, where there is
// always room for it.
func (m *Model) everywhere() []Bind {
	quietly := func(b Bind) Bind { b.Quiet = true; return b }
	leave := bind("q", "leave, resume later", func() tea.Cmd { return m.askLeave() })
	leave.Short = "leave"
	if !m.state.Incident.Closed.IsZero() {
		leave = bind("enter", "leave", func() tea.Cmd { return m.leave() })
		leave.SetKeys("enter", "q")
	}
	return []Bind{
		quietly(bind("left", "look at the step before", func() tea.Cmd { return m.look(-1) })),
		quietly(bind("right", "look at the step after", func() tea.Cmd { return m.look(+1) })),
		leave,
		bind("?", "help", func() tea.Cmd { m.open(view("Help: "+m.step.String(), m.helpText())); return nil }),
	}
}

// look shows another step. Looking changes nothing.
func (m *Model) look(by int) tea.Cmd {
	to := int(m.step) + by
	if to >= int(incident.Look) && to <= int(incident.Close) {
		m.step = incident.Step(to)
	}
	return m.askPlan()
}
