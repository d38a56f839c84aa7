package ui

import (
	"strings"

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
}

// Table is a list with a cursor, in pages: the cursor moves within a page that stands
// still, so that a key rewrites two lines and not the screen. The cursor holds a row's
// ID, not its place.
type Table struct {
	Columns []Column
	Marks   *Marks // nil where rows cannot be marked
	Headed  bool   // a title line above it has room for what its own lines have not: see headLine

	source  Source
	waiting Source // newer data that would move rows under the cursor
	changed bool   // rows came, went or would move; Refresh shows it
	cursor  int
	id      string // of the row under the cursor
	inside  bool   // the operator has moved into the list: rows keep their places
	page    int    // rows of a page, as last drawn

	widths    []int
	widthsFor int
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
	t.source, t.waiting, t.changed, t.inside = source, nil, false, false
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
	held, same := holdPlaces(t.source, source)
	t.source, t.changed = held, !same
	if same {
		t.waiting = nil
	}
}

// show takes over a source and finds the row of the cursor in it. A cursor that was
// never moved stays at the top.
func (t *Table) show(source Source) {
	id := t.id
	t.source = source
	if !t.inside {
		t.place(0)
		return
	}
	if at := find(source, id, t.cursor); at >= 0 {
		t.place(at)
		return
	}
	t.place(t.cursor)
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

// Draw gives the table h lines of w cells: titles, rows, and, where not all rows are in
// sight or data changed, a last line that says so. focused draws the cursor.
func (t *Table) Draw(w, h int, focused bool, g Glyphs, s Styles) []string {
	if h < 1 || w < 1 {
		return nil
	}
	widths := t.fitColumns(w)
	rows := h - 1
	foot := t.hasFoot(rows)
	if foot {
		rows--
	}
	lines := make([]string, 1, h)
	t.page = max(rows, 1)
	top, end := t.inSight(rows)
	for i := top; i < end; i++ {
		lines = append(lines, t.line(t.source.Row(i), w, widths, focused && i == t.cursor, g, s))
	}
	titles := t.titles(widths)
	if t.isLow(rows) && !foot && !t.Headed { // no line to spare: which rows they are stands beside the titles
		place := t.where(top, end)
		titles = fit(titles, w-width(place)-1) + " " + place
	}
	lines[0] = s.Column.Paint(titles)
	if foot {
		for len(lines) < h-1 {
			lines = append(lines, "")
		}
		lines = append(lines, s.Faint.Paint(fitRight(t.footer(top, end), w)))
	}
	return lines
}

// hasFoot says whether a table with room for some rows gives the last of it to a footer.
func (t *Table) hasFoot(rows int) bool {
	return rows >= lowTable && (t.Len() > rows || t.changed && !t.Headed)
}

// isLow says that not all rows have room, and that there is no line to say so.
func (t *Table) isLow(rows int) bool { return rows < lowTable && t.Len() > rows }

// inSight are the rows of the cursor's page.
func (t *Table) inSight(rows int) (top, end int) {
	top = t.cursor - t.cursor%max(rows, 1)
	return top, min(top+rows, t.Len())
}

// where says which rows are in sight: "1-11 of 3,310".
func (t *Table) where(top, end int) string {
	return count(min(top+1, end)) + "-" + count(end) + " of " + count(t.Len())
}

// footer is the last line: which rows are in sight, and that data changed where no title line says it.
func (t *Table) footer(top, end int) string {
	if t.changed && !t.Headed {
		return dataChanged + "   " + t.where(top, end)
	}
	return t.where(top, end)
}

// titles is the head line.
func (t *Table) titles(widths []int) string {
	var b strings.Builder
	b.WriteString(spaces(gutter))
	for i, c := range t.Columns {
		if widths[i] == 0 {
			continue
		}
		writeCell(&b, c.Title, widths[i], c.Right)
		b.WriteString(spaces(columnGap))
	}
	return strings.TrimRight(b.String(), " ")
}

// line draws one row.
func (t *Table) line(row Row, w int, widths []int, here bool, g Glyphs, s Styles) string {
	var b strings.Builder
	b.Grow(w + 8) // a glyph has up to three bytes
	switch {
	case here:
		b.WriteString(" " + g.Here)
	default:
		b.WriteString("  ")
	}
	marked := row.Marked
	if t.Marks != nil {
		marked = t.Marks.Has(row.ID, row.Marked)
	}
	switch {
	case row.Gone:
		b.WriteString(g.Left)
	case marked:
		b.WriteString(g.Done)
	default:
		b.WriteByte(' ')
	}
	b.WriteByte(' ')
	for i, c := range t.Columns {
		if widths[i] == 0 {
			continue
		}
		text := ""
		if i < len(row.Cells) {
			text = row.Cells[i]
		}
		writeCell(&b, text, widths[i], c.Right)
		b.WriteString(spaces(columnGap))
	}
	line := strings.TrimRight(b.String(), " ")
	switch {
	case here:
		return s.Cursor.Paint(line)
	case row.Tone == ToneBad:
		return s.Bad.Paint(line)
	case row.Tone == ToneGood:
		return s.Good.Paint(line)
	case row.Tone == ToneFaint || row.Gone:
		return s.Faint.Paint(line)
	}
	return line
}

// writeCell writes foreign text in exactly w cells, without making a string of it.
func writeCell(b *strings.Builder, text string, w int, right bool) {
	text = clip(text, w)
	if right {
		b.WriteString(spaces(w - width(text)))
	}
	b.WriteString(text)
	if !right {
		b.WriteString(spaces(w - width(text)))
	}
}

// lowTable is how many rows a table has to have for a line of its own for the footer.
const lowTable = 4

const (
	gutter    = 4 // cursor, mark, and a space behind it
	columnGap = 2
)

// fitColumns gives each column its width in a table of width w; 0 leaves it out.
func (t *Table) fitColumns(w int) []int {
	if t.widthsFor == w && len(t.widths) == len(t.Columns) {
		return t.widths
	}
	widths := make([]int, len(t.Columns))
	need := gutter
	for i, c := range t.Columns {
		widths[i] = c.Min
		need += c.Min + columnGap
	}
	need -= columnGap
	for need > w {
		last := -1
		for i, c := range t.Columns {
			if widths[i] > 0 && c.Drop > 0 && (last < 0 || c.Drop > t.Columns[last].Drop) {
				last = i
			}
		}
		if last < 0 {
			break
		}
		need -= widths[last] + columnGap
		widths[last] = 0
	}
	parts := 0
	for i, c := range t.Columns {
		if widths[i] > 0 {
			parts += c.Flex
		}
	}
	for i, c := range t.Columns {
		if widths[i] > 0 && c.Flex > 0 && need < w {
			more := (w - need) * c.Flex / parts
			widths[i] += more
			need += more
			parts -= c.Flex
		}
	}
	t.widths, t.widthsFor = widths, w
	return widths
}
