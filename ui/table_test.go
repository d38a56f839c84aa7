package ui

import (
	"strconv"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// rowsOf makes a source of rows by their IDs; each has its version in the second cell.
func rowsOf(version string, ids ...string) Source {
	rows := make(placedRows, len(ids))
	for i, id := range ids {
		rows[i] = Row{ID: id, Cells: []string{id, version}}
	}
	return rows
}

// numbers is a source of n rows that are made when they are asked for.
type numbers int

func (n numbers) Len() int { return int(n) }
func (n numbers) Row(i int) Row {
	id := strconv.Itoa(i)
	return Row{ID: id, Cells: []string{"SubSpool3/" + id, "sales@harbourlight.example", "Invoice " + id + " overdue", "1h 12m", "14 KB"}}
}

func newTestTable(source Source) *Table {
	t := &Table{Columns: []Column{{Title: "name", Min: 6, Flex: 1}, {Title: "v", Min: 2}}, Marks: &Marks{}}
	t.Reset(source)
	return t
}

func press(name string) tea.KeyMsg {
	types := map[string]tea.KeyType{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab,
		"backspace": tea.KeyBackspace, "ctrl+c": tea.KeyCtrlC, "ctrl+u": tea.KeyCtrlU,
	}
	if kind, ok := types[name]; ok {
		return tea.KeyMsg{Type: kind}
	}
	if name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func TestCursorMovesInAPageThatStandsStill(t *testing.T) {
	table := newTestTable(numbers(100))
	draw := func() string {
		return strings.Join(table.Draw(30, 12, true, ASCIIGlyphs(), NoStyles()), "\n")
	}
	first := draw()
	if !strings.Contains(first, "1-10 of 100") {
		t.Fatalf("no footer in:\n%s", first)
	}
	for range 9 {
		table.Move(press("down"))
		if got := draw(); !strings.Contains(got, "1-10 of 100") {
			t.Fatalf("the page moved with the cursor:\n%s", got)
		}
	}
	table.Move(press("down"))
	if got := draw(); !strings.Contains(got, "11-20 of 100") {
		t.Errorf("want the next page:\n%s", got)
	}
	for _, test := range []struct{ key, row string }{
		{"end", "99"}, {"pgup", "89"}, {"home", "0"}, {"up", "0"}, {"pgdown", "10"}, {"pgdown", "20"},
	} {
		table.Move(press(test.key))
		if row, _ := table.Current(); row.ID != test.row {
			t.Errorf("after %s the cursor is on %s, want %s", test.key, row.ID, test.row)
		}
	}
	if table.Move(press("x")) {
		t.Error("x moves the cursor")
	}
}

func TestLiveTableNeverMovesTheRowUnderTheCursor(t *testing.T) {
	table := newTestTable(rowsOf("1", "a", "b", "c"))
	table.Set(rowsOf("2", "c", "a", "b"))
	if row, _ := table.Current(); row.ID != "c" {
		t.Errorf("a list that nobody is in follows its order: cursor on %s", row.ID)
	}
	table.Move(press("down")) // on a: the operator is in the list now
	table.Set(rowsOf("3", "b", "x", "a"))
	row, _ := table.Current()
	if row.ID != "a" || row.Cells[1] != "3" {
		t.Errorf("under the cursor is %v, want a with its new number", row)
	}
	frame := strings.Join(table.Draw(40, 8, true, ASCIIGlyphs(), NoStyles()), "\n")
	if !strings.Contains(frame, "data changed, r refreshes") || strings.Contains(frame, "x ") {
		t.Errorf("new rows have to wait, and the table has to say so:\n%s", frame)
	}
	if !strings.Contains(frame, "  - c") {
		t.Errorf("the row that went does not say so:\n%s", frame)
	}
	table.Refresh()
	if row, _ := table.Current(); row.ID != "a" || table.cursor != 2 || table.Changed() {
		t.Errorf("after the refresh: cursor on %s at %d, changed %v", row.ID, table.cursor, table.Changed())
	}
	table.Set(rowsOf("4", "b", "x", "a"))
	if table.Changed() {
		t.Error("the same rows in the same order are no change of data")
	}
}

func TestBigTableWaitsWhole(t *testing.T) {
	table := newTestTable(numbers(1_000_000))
	table.Move(press("end"))
	table.Set(numbers(900_000))
	if table.Len() != 1_000_000 || !table.Changed() {
		t.Errorf("%d rows, changed %v", table.Len(), table.Changed())
	}
	table.Refresh()
	if row, ok := table.Current(); !ok || row.ID != "899999" {
		t.Errorf("the cursor is on %q", row.ID)
	}
}

func TestEmptyTable(t *testing.T) {
	table := newTestTable(rowsOf("1"))
	for _, key := range []string{"up", "down", "end", "pgdown", "home"} {
		table.Move(press(key))
	}
	if _, ok := table.Current(); ok {
		t.Error("an empty table has a row")
	}
	if lines := table.Draw(20, 5, true, ASCIIGlyphs(), NoStyles()); len(lines) != 1 {
		t.Errorf("an empty table draws %q", lines)
	}
	table.Set(rowsOf("1", "a"))
	if row, ok := table.Current(); !ok || row.ID != "a" {
		t.Error("the first row has no cursor")
	}
}

func TestColumnsGoWhenTheWindowIsNarrow(t *testing.T) {
	table := &Table{Columns: []Column{
		{Title: "account", Min: 10, Flex: 1}, {Title: "queued", Min: 6, Right: true}, {Title: "size", Min: 6, Right: true, Drop: 2}, {Title: "IPs", Min: 4, Right: true, Drop: 1},
	}}
	table.Reset(placedRows{{ID: "1", Cells: []string{"sales@harbourlight.example", "3,310", "48 MB", "61"}}})
	for _, test := range []struct {
		w    int
		want string
	}{
		{60, "account queued size IPs"}, {32, "account queued IPs"}, {24, "account queued"}, {13, "account"},
	} {
		lines := table.Draw(test.w, 3, true, ASCIIGlyphs(), NoStyles())
		if got := strings.Join(strings.Fields(cut(lines[0], test.w)), " "); got != test.want {
			t.Errorf("at %d cells: %q, want %q", test.w, got, test.want)
		}
	}
}

// BenchmarkTableKey is a key in a table of a million rows, in another order than their own: at most 1 ms and 64 KB.
func BenchmarkTableKey(b *testing.B) {
	table := &Table{Columns: []Column{
		{Title: "id", Min: 16}, {Title: "account", Min: 20, Flex: 1}, {Title: "subject", Min: 20, Flex: 2}, {Title: "queued", Min: 8, Right: true}, {Title: "size", Min: 8, Right: true},
	}, Marks: &Marks{}}
	table.Reset(numbers(1_000_000))
	table.arrange(arrangement{column: 3, turned: true})
	order := make([]uint32, table.Len())
	for i := range order {
		order[i] = uint32(len(order) - 1 - i)
	}
	table.Arrived(table.generation, order)
	styles := NewStyles(true)
	b.ReportAllocs()
	for b.Loop() {
		table.Move(press("down"))
		frame(table.Draw(120, 38, true, LineGlyphs(), styles), 120, 40)
	}
}

func TestTableKeyIsCheap(t *testing.T) {
	result := testing.Benchmark(BenchmarkTableKey)
	if result.AllocedBytesPerOp() > 64<<10 {
		t.Errorf("a key makes %d bytes of garbage, want at most 64 KB", result.AllocedBytesPerOp())
	}
	if result.NsPerOp() > 5e6 { // the bar is 1 ms; a busy machine gets some slack here
		t.Errorf("a key takes %d ns", result.NsPerOp())
	}
}
