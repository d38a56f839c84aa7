package ui

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"delist/spool/message"
)

// arrangement is how the operator wants the rows of a table: in the order of a column, and only some of them.
type arrangement struct {
	column int            // that orders them, counted from 1; 0 is their own order
	turned bool           // the other way round
	filter string         // what narrows the table, as it was typed; empty shows all rows
	match  func(Row) bool // the rows that the filter lets through
}

// plain says that all rows stand in their own order.
func (a arrangement) plain() bool { return a.column == 0 && a.filter == "" }

// numbered is a source with columns that hold no text: what stands for each in an order, and asText for the others.
type numbered interface {
	Numbers(i int) []float64
}

// asText stands for a column that is ordered as it reads.
func asText() float64 { return math.NaN() }

// moment is a time in the numbers of a row.
func moment(t time.Time) float64 { return float64(t.UnixMilli()) }

// still is a source that changes with its panel. Still is a copy that can be read beside the loop.
type still interface {
	Still() Source
}

// arrangedRows are some rows of a source, in another order than its own.
type arrangedRows struct {
	Source
	order []uint32
}

// Len implements Source.
func (a arrangedRows) Len() int { return len(a.order) }

// Row implements Source.
func (a arrangedRows) Row(i int) Row { return a.Source.Row(int(a.order[i])) }

// sortKey is what a row is compared by: a number, the largest first, or else a text.
type sortKey struct {
	number float64
	text   string
}

func keyOf(of Source, i, column int) sortKey {
	if n, ok := of.(numbered); ok {
		if number := n.Numbers(i)[column]; !math.IsNaN(number) {
			return sortKey{number: number}
		}
	}
	if cells := of.Row(i).Cells; column < len(cells) {
		return sortKey{text: message.Fold(cells[column])}
	}
	return sortKey{}
}

func (k sortKey) compare(o sortKey) int {
	return cmp.Or(cmp.Compare(o.number, k.number), cmp.Compare(k.text, o.text))
}

// order names the rows of a source in the order of the arrangement. It may take seconds for a million.
func (a arrangement) order(of Source) []uint32 {
	order := make([]uint32, 0, of.Len())
	for i := range of.Len() {
		if a.filter == "" || a.match(of.Row(i)) {
			order = append(order, uint32(i))
		}
	}
	if a.column == 0 {
		return order
	}
	keys := make([]sortKey, of.Len())
	for _, i := range order {
		keys[i] = keyOf(of, int(i), a.column-1)
	}
	slices.SortFunc(order, func(x, y uint32) int {
		by := keys[x].compare(keys[y])
		if a.turned {
			by = -by
		}
		return cmp.Or(by, cmp.Compare(x, y))
	})
	return order
}

// has lets through the rows that have a text in any of their cells.
func has(wanted string) func(Row) bool {
	wanted = message.Fold(wanted)
	return func(row Row) bool {
		return slices.ContainsFunc(row.Cells, func(cell string) bool { return strings.Contains(message.Fold(cell), wanted) })
	}
}

// arranged are the rows of a short source as the operator wants them.
func (t *Table) arranged(source Source) Source {
	if t.by.plain() || source.Len() > placesHeld {
		return source
	}
	return arrangedRows{source, t.by.order(source)}
}

// arrange shows the newest rows in another way, and says whether there are any to show. A long table takes its time: see
// Due.
func (t *Table) arrange(by arrangement) bool {
	if t.waiting != nil {
		t.whole, t.waiting, t.changed = t.waiting, nil, false
	}
	if by.filter != "" && t.whole.Len() <= placesHeld && len(by.order(t.whole)) == 0 {
		return false
	}
	t.by = by
	t.show(t.whole)
	t.Hold()
	return true
}

// arranging is an order that is worked out beside the loop.
type arranging struct {
	table      *Table
	generation int
	order      func() []uint32
}

// Due gives the order that a long table waits for, once. Until it is there the rows stay as they are.
func (t *Table) Due() (arranging, bool) {
	if !t.due {
		return arranging{}, false
	}
	t.due = false
	of, by := t.whole, t.by
	if s, ok := of.(still); ok {
		of = s.Still()
	}
	return arranging{t, t.generation, func() []uint32 { return by.order(of) }}, true
}

// Arrived takes an order that was worked out, unless another was asked for meanwhile. It says whether there are rows to
// show: where the filter left none, it goes.
func (t *Table) Arrived(generation int, order []uint32) bool {
	if generation != t.generation {
		return true
	}
	t.generation++
	t.ordering = false
	if len(order) == 0 && t.by.filter != "" {
		t.by.filter = ""
		t.show(t.whole)
		return false
	}
	t.put(arrangedRows{t.whole, order})
	return true
}

// put shows rows, with the cursor on the row that it was on, where that is one of them. A cursor that was never moved
// stays at the top.
func (t *Table) put(source Source) {
	id, index := t.id, t.cursor
	if a, ok := t.source.(arrangedRows); ok && t.cursor < len(a.order) {
		index = int(a.order[t.cursor])
	}
	t.source = source
	defer t.countHidden()
	if !t.inside {
		t.place(0)
		return
	}
	at := find(source, id, t.cursor)
	if a, ok := source.(arrangedRows); ok && at < 0 {
		at = slices.Index(a.order, uint32(index)) // in a long table there is no looking for an ID
	} else if at < 0 {
		at = index
	}
	switch {
	case at >= 0 && at < source.Len() && source.Row(at).ID == id:
		t.place(at)
	case t.by.filter != "":
		t.place(0)
	default:
		t.place(t.cursor)
	}
}

// countHidden counts the marks on rows that the filter hides. Space and * change none of them. Rows of a table that has
// both come unmarked.
func (t *Table) countHidden() {
	t.hidden = 0
	if t.Marks == nil || t.by.filter == "" {
		return
	}
	t.hidden = t.Marks.Count(t.whole.Len(), 0)
	for i := range t.source.Len() {
		if row := t.source.Row(i); t.Marks.Has(row.ID, row.Marked) {
			t.hidden--
		}
	}
}

// nextColumn is the column in sight that orders the rows after this one; 0 is their own order.
func (t *Table) nextColumn() int {
	for c := t.by.column + 1; c <= len(t.Columns); c++ {
		inSight := len(t.widths) < c || t.widths[c-1] > 0
		if column := t.Columns[c-1]; inSight && !column.Lazy && column.Title != "" {
			return c
		}
	}
	return 0
}
