package ui

import "strings"

// What says that newer data waits, in full and where there is little room. The key itself is always among the hints.
const (
	dataChanged      = "data changed, r refreshes"
	dataChangedShort = "r refreshes"
)

// headLine is the title line of a Headed table that gets h lines: what it is, which of its rows are in sight where the
// table has no line for that, that its data changed, and how old it is. parts are what it is; where it is narrow the last
// goes first, and the first is cut. That data changed takes free room only: it hides nothing.
func headLine(m *Model, w int, parts []string, t *Table, h int, age string) string {
	const gap = 2
	text := strings.Join(parts, "")
	right := age
	if rows := h - 1; t != nil && t.Headed && t.isLow(rows) {
		right = joined(spaces(gap), t.where(t.inSight(rows)), age)
	}
	room := func() int { return w - 2 - gap - width(right) }
	for len(parts) > 1 && width(text) > room() {
		parts = parts[:len(parts)-1]
		text = strings.Join(parts, "")
	}
	if t != nil && t.changed {
		for _, notice := range []string{dataChanged, dataChangedShort} {
			if width(text)+gap+width(notice) <= room() {
				right = joined(spaces(gap), notice, right)
				break
			}
		}
	}
	if right == "" {
		return m.styles.Title.Paint(" " + clip(text, w-2))
	}
	return m.styles.Title.Paint(" " + fit(text, max(room(), 0)) + spaces(gap) + right)
}
