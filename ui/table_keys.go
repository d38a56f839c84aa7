package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps/incident"
)

// arrangedMsg brings the order that a long table waits for.
type arrangedMsg struct {
	arranging
	rows []uint32
}

// arrange works out, beside the loop, the order that the table on the screen waits for.
func (m *Model) arrange() tea.Cmd {
	t := m.panels[m.step].table()
	if t == nil {
		return nil
	}
	due, ok := t.Due()
	if !ok {
		return nil
	}
	return m.run(func(context.Context) tea.Msg { return arrangedMsg{due, due.order()} })
}

// arrived shows the order that was worked out.
func (m *Model) arrived(msg arrangedMsg) {
	if filter := msg.table.by.filter; !msg.table.Arrived(msg.generation, msg.rows) {
		m.said = noRowHas(filter)
	}
}

func noRowHas(filter string) string { return "No row has " + filter + "." }

// tableBinds are the keys that change what a table shows of its rows. In Purge / searches instead.
func (m *Model) tableBinds() []Bind {
	t := m.panels[m.step].table()
	if t == nil || t.Len() == 0 {
		return nil
	}
	binds := make([]Bind, 0, 5) // it is asked for each frame
	add := func(keyName, words, about string, do func() tea.Cmd) {
		b := bind(keyName, words, do)
		b.About, b.Quiet, b.Place = about, true, placeTable
		binds = append(binds, b)
	}
	if t.by.filter != "" {
		all := bind("esc", "show all rows", func() tea.Cmd { m.narrow(t, "", nil); return nil })
		all.Place = placeRow
		binds = append(binds, all)
	}
	add(">", "order by the next column", "After the last column the rows stand in their usual order again.", func() tea.Cmd { m.sortBy(t, t.nextColumn(), false); return nil })
	if t.by.column > 0 {
		add("<", "turn the order round", "", func() tea.Cmd { m.sortBy(t, t.by.column, !t.by.turned); return nil })
	}
	if m.step != incident.Purge {
		add("/", "show only some rows", "It asks for a text that the rows have.", func() tea.Cmd { m.askFilter(t); return nil })
	}
	add("C", "copy the row", "The row under the cursor goes to the clipboard.", func() tea.Cmd { return m.copyRow(t) })
	return binds
}

// sortBy orders the rows of a table by a column.
func (m *Model) sortBy(t *Table, column int, turned bool) {
	by := t.by
	by.column, by.turned = column, turned
	t.arrange(by)
	m.said = "The rows stand in their usual order."
	if column > 0 {
		m.said = "Ordered by " + t.Columns[column-1].Title + ". <: the other way round, >: by the next column."
	}
}

// narrow shows only the rows that match; an empty filter shows all.
func (m *Model) narrow(t *Table, filter string, match func(Row) bool) {
	by := t.by
	by.filter, by.match = filter, match
	if !t.arrange(by) {
		m.said = noRowHas(filter)
	}
}

// askFilter asks for a text that the rows to show have.
func (m *Model) askFilter(t *Table) {
	m.open(askText("Show only some rows", "Only rows that have this text are shown. Nothing is changed. An empty text shows all rows.",
		"Text:", t.by.filter, false, m.styles, func(filter string) tea.Cmd { m.narrow(t, filter, has(filter)); return nil }))
}

// copyRow puts the row under the cursor on the clipboard, its cells with tabs between them.
func (m *Model) copyRow(t *Table) tea.Cmd {
	row, ok := t.Current()
	switch {
	case !ok:
		return nil
	case m.options.Copy == nil:
		m.said = "This terminal has no clipboard that delist can reach."
		return nil
	}
	cells := make([]string, len(row.Cells))
	for i, cell := range row.Cells {
		cells[i] = plain(cell)
	}
	return m.run(func(ctx context.Context) tea.Msg {
		where, err := m.options.Copy(ctx, strings.Join(cells, "\t"))
		if err != nil {
			return saidMsg{text: sentence("the row could not be copied: " + err.Error())}
		}
		return saidMsg{text: "The row is copied to " + where + "."}
	})
}
