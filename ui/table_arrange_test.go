package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sizes are rows of a name and a number that is no text: "9 kB" is less than "10 kB".
type sizes []int

func (s sizes) Len() int { return len(s) }
func (s sizes) Row(i int) Row {
	name := string(rune('a' + i%26))
	return Row{ID: fmt.Sprint(name, s[i]), Cells: []string{name, fmt.Sprint(s[i], " kB")}}
}
func (s sizes) Numbers(i int) []float64 { return []float64{asText(), float64(s[i])} }

// shown are the IDs of the rows as they stand.
func shown(t *Table) string {
	var ids []string
	for i := range t.Len() {
		ids = append(ids, t.source.Row(i).ID)
	}
	return strings.Join(ids, " ")
}

func TestOrderOfAColumn(t *testing.T) {
	for _, test := range []struct {
		by   arrangement
		want string
	}{
		{arrangement{}, "a9 b100 c10 d9"},
		{arrangement{column: 2}, "b100 c10 a9 d9"}, // the largest first, and equal ones as they were
		{arrangement{column: 2, turned: true}, "a9 d9 c10 b100"},
		{arrangement{column: 1, turned: true}, "d9 c10 b100 a9"},
		{arrangement{column: 2, filter: "9 KB", match: has("9 KB")}, "a9 d9"},
	} {
		table := newTestTable(sizes{9, 100, 10, 9})
		table.arrange(test.by)
		if got := shown(table); got != test.want {
			t.Errorf("by column %d, turned %v, filter %q: %s, want %s", test.by.column, test.by.turned, test.by.filter, got, test.want)
		}
	}
}

func TestTheTitleShowsTheOrder(t *testing.T) {
	for _, g := range []Glyphs{LineGlyphs(), ASCIIGlyphs()} {
		table := &Table{Columns: []Column{{Title: "name", Min: 6}, {Title: "queued", Min: 6, Right: true}}}
		table.Reset(sizes{1, 2})
		for column, want := range map[int]string{0: "    name    queued", 1: "    name" + g.Down + "   queued", 2: "    name   " + g.Down + "queued"} {
			table.arrange(arrangement{column: column})
			if got := table.Draw(18, 3, true, g, NoStyles())[0]; got != want {
				t.Errorf("ordered by column %d: %q, want %q", column, got, want)
			}
		}
	}
}

func TestOrderedTableKeepsItsRowsUntilTheRefresh(t *testing.T) {
	table := newTestTable(sizes{9, 100, 10})
	table.arrange(arrangement{column: 2})
	table.Move(press("down")) // on c10
	table.Set(sizes{9, 100, 10})
	if table.Changed() {
		t.Error("the same rows in the same order are no change of data")
	}
	table.Set(sizes{900, 100, 10}) // a900 is a row that came, a9 one that went
	if got := shown(table); got != "b100 c10 a9" || !table.Changed() {
		t.Errorf("the rows stand as %s, changed %v", got, table.Changed())
	}
	table.Refresh()
	if row, _ := table.Current(); shown(table) != "a900 b100 c10" || row.ID != "c10" {
		t.Errorf("after the refresh: %s, cursor on %s", shown(table), row.ID)
	}
}

func TestFilterSaysWhatItHides(t *testing.T) {
	table := newTestTable(rowsOf("1", "invoice a", "minutes", "invoice b", "parcel"))
	table.Marks.Toggle("minutes", false)
	table.Marks.Toggle("invoice a", false)
	if table.arrange(arrangement{filter: "nobody", match: has("nobody")}) || table.Len() != 4 {
		t.Error("a filter that leaves nothing is no filter")
	}
	table.arrange(arrangement{filter: "INVO", match: has("INVO")})
	if frame := strings.Join(table.Draw(50, 8, true, ASCIIGlyphs(), NoStyles()), "\n"); !strings.Contains(frame, `1-2 of 4 (filter "INVO": 2)`) {
		t.Errorf("the table does not say what it hides:\n%s", frame)
	}
	if table.hidden != 1 {
		t.Errorf("%d marks hidden, want 1", table.hidden)
	}
	table.markAll(0)
	table.arrange(arrangement{})
	var marked []string
	for _, id := range []string{"invoice a", "minutes", "invoice b", "parcel"} {
		if table.Marks.Has(id, false) {
			marked = append(marked, id)
		}
	}
	if want := []string{"invoice a", "minutes", "invoice b"}; !slices.Equal(marked, want) || table.hidden != 0 {
		t.Errorf("marked %q, want %q; %d hidden", marked, want, table.hidden)
	}
}

func TestLongTableStandsStillUntilItsOrderIsThere(t *testing.T) {
	many := make(sizes, placesHeld+1)
	for i := range many {
		many[i] = i
	}
	table := newTestTable(many)
	table.Move(press("down")) // on b1
	table.arrange(arrangement{column: 2})
	old, ok := table.Due()
	if _, again := table.Due(); !ok || again || table.source.Row(0).ID != "a0" {
		t.Fatalf("due %v, again %v, on top %s", ok, again, table.source.Row(0).ID)
	}
	table.arrange(arrangement{column: 2, turned: true, filter: "1", match: has("1")})
	late, _ := table.Due()
	table.Arrived(old.generation, old.order())
	if table.source.Row(0).ID != "a0" {
		t.Error("an order that nobody wants any more is taken")
	}
	table.Arrived(late.generation, late.order())
	if row, _ := table.Current(); row.ID != "b1" || table.cursor != 0 || table.Len() >= placesHeld {
		t.Errorf("cursor on %s at %d of %d", row.ID, table.cursor, table.Len())
	}
	table.arrange(arrangement{filter: "nobody", match: has("nobody")})
	none, _ := table.Due()
	if table.Arrived(none.generation, none.order()) || table.Len() != len(many) {
		t.Errorf("a filter that leaves nothing leaves %d rows", table.Len())
	}
}

// BenchmarkOrder is what orders a million rows by their text, beside the loop.
func BenchmarkOrder(b *testing.B) {
	for b.Loop() {
		arrangement{column: 3}.order(numbers(1_000_000))
	}
}
