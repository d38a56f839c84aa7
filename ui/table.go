package ui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Source is what a table shows. Rows are made only for the page in sight, so that a
// million of them cost no more than forty.
type Source interface {
	Len() int
	Row(i int) Row
}

// Row is one line of a table.
type Row struct {
	ID     string // stable: the same thing keeps it when the order changes
	Cells  []string
	Tone   Tone
	Marked bool // chosen already; the table's Marks may change that
	Gone   bool // no longer there: it keeps its place until the table is refreshed
}

// Tone is how a row stands out. It repeats what its words say.
type Tone uint8

// The tones of a row.
const (
	ToneText Tone = iota
	ToneBad
	ToneGood
	ToneFaint
)

// Column is one column of a table.
type Column struct {
	Title string
	Min   int  // cells it needs at least
	Flex  int  // its part of what is left over; 0 keeps it at Min
	Right bool // numbers stand at the right
	Drop  int  // when the window is narrow the highest goes first; 0 always stays
	Lazy  bool // read for the rows in sight only, so that it cannot order them
}

// Table is a list with a cursor, in pages: the cursor moves within a page that stands
// still, so that a key rewrites two lines and not the screen. The cursor holds a row's
// ID, not its place.
type Table struct {
	Columns []Column
	Marks   *Marks // nil where rows cannot be marked
	Headed  bool   // a title line above it has room for what its own lines have not: see headLine

	whole   Source // all rows, in their own order
	source  Source // the rows as they are shown
	waiting Source // newer data that would move rows under the cursor
	changed bool   // rows came, went or would move; Refresh shows it
	by      arrangement
	hidden  int // marks on rows that the filter hides
	cursor  int
	id      string // of the row under the cursor
	inside  bool   // the operator has moved into the list: rows keep their places
	page    int    // rows of a page, as last drawn

	generation int  // of the rows: an order that was worked out for other ones is none
	due        bool // an order has to be worked out
	ordering   bool // and is not there yet

	widths    []int
	widthsFor int
}

// widen gives a column another least width.
func (t *Table) widen(column, least int) {
	if c := &t.Columns[column]; c.Min != least {
		c.Min, t.widths = least, nil
	}
}

// Len is the number of rows.
func (t *Table) Len() int {
	if t.source == nil {
		return 0
	}
	return t.source.Len()
}

// Current is the row under the cursor, and false in an empty table.
func (t *Table) Current() (Row, bool) {
	if t.cursor < 0 || t.cursor >= t.Len() {
		return Row{}, false
	}
	return t.source.Row(t.cursor), true
}

// Hold keeps rows at their places from now on: an action concerns the row under the cursor.
func (t *Table) Hold() { t.inside = t.Len() > 0 }

// Go puts the cursor on a row, if it is there.
func (t *Table) Go(id string) {
	if i := find(t.source, id, t.cursor); i >= 0 {
		t.Hold()
		t.place(i)
	}
}

// Changed says that newer data waits for Refresh.
func (t *Table) Changed() bool { return t.changed }

// Refresh shows the newest data in its own order.
func (t *Table) Refresh() {
	if t.waiting == nil {
		return
	}
	t.show(t.waiting)
	t.waiting, t.changed = nil, false
}

// Reset shows other data, from the top: another search, another step.
func (t *Table) Reset(source Source) {
	t.whole, t.source, t.waiting, t.changed, t.inside = source, source, nil, false, false
	t.by, t.hidden, t.due, t.ordering = arrangement{}, 0, false, false
	t.generation++
	t.place(0)
	if t.Marks != nil {
		t.Marks.Clear()
	}
}

// Set gives newer data of the same kind. While the operator is in the list its rows keep
// their places: numbers change where they stand, rows that went stay and say so, and
// what came waits for Refresh.
func (t *Table) Set(source Source) {
	if !t.inside || t.source == nil {
		t.show(source)
		return
	}
	t.waiting = source
	held, same := holdPlaces(t.source, t.arranged(source))
	t.source, t.changed = held, !same
	if same {
		t.whole, t.waiting = source, nil
	}
}

// show takes over a source, arranged as the operator wants it. A filter that leaves no row of it goes.
func (t *Table) show(source Source) {
	t.whole = source
	t.generation++
	t.due = !t.by.plain() && source.Len() > placesHeld
	if t.ordering = t.due; t.due {
		return
	}
	shown := t.arranged(source)
	if shown.Len() == 0 && t.by.filter != "" {
		t.by.filter = ""
		shown = t.arranged(source)
	}
	t.put(shown)
}

// find looks for a row by its ID, first where it was. Only that and small tables are
// searched: a big one keeps its place instead.
func find(source Source, id string, near int) int {
	n := source.Len()
	if near < n && near >= 0 && source.Row(near).ID == id {
		return near
	}
	if n > placesHeld {
		return -1
	}
	for i := range n {
		if source.Row(i).ID == id {
			return i
		}
	}
	return -1
}

// place puts the cursor on row i, or the nearest there is.
func (t *Table) place(i int) {
	t.cursor = max(min(i, t.Len()-1), 0)
	t.id = ""
	if row, ok := t.Current(); ok {
		t.id = row.ID
	}
}

// The keys that move within a table.
var (
	keyUp       = key.NewBinding(key.WithKeys("up"), key.WithHelp("Up", "row up"))
	keyDown     = key.NewBinding(key.WithKeys("down"), key.WithHelp("Down", "row down"))
	keyPageUp   = key.NewBinding(key.WithKeys("pgup"), key.WithHelp("PgUp", "page up"))
	keyPageDown = key.NewBinding(key.WithKeys("pgdown"), key.WithHelp("PgDn", "page down"))
	keyTop      = key.NewBinding(key.WithKeys("home"), key.WithHelp("Home", "first row"))
	keyBottom   = key.NewBinding(key.WithKeys("end"), key.WithHelp("End", "last row"))
)

// tableKeys are the keys that move within a table, for the help.
func tableKeys() []key.Binding {
	return []key.Binding{keyUp, keyDown, keyPageUp, keyPageDown, keyTop, keyBottom}
}

// Move acts on a key that moves the cursor, and says whether it was one.
func (t *Table) Move(msg tea.KeyMsg) bool {
	page := max(t.page, 1)
	to := t.cursor
	switch {
	case key.Matches(msg, keyUp):
		to--
	case key.Matches(msg, keyDown):
		to++
	case key.Matches(msg, keyPageUp):
		to -= page
	case key.Matches(msg, keyPageDown):
		to += page
	case key.Matches(msg, keyTop):
		to = 0
	case key.Matches(msg, keyBottom):
		to = t.Len() - 1
	default:
		return false
	}
	t.Hold()
	t.place(to)
	return true
}
