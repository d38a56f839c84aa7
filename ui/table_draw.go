package ui

import "strings"

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
	titles := t.titles(widths, g)
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
	return rows >= lowTable && (t.Len() > rows || t.by.filter != "" || t.changed && !t.Headed)
}

// isLow says that not all rows have room, and that there is no line to say so.
func (t *Table) isLow(rows int) bool {
	return rows < lowTable && (t.Len() > rows || t.by.filter != "")
}

// wants is how many lines the table has a use for.
func (t *Table) wants() int {
	if t.by.filter != "" {
		return max(t.Len(), lowTable) + 2 // the last says what is hidden
	}
	return t.Len() + 1
}

// inSight are the rows of the cursor's page.
func (t *Table) inSight(rows int) (top, end int) {
	top = t.cursor - t.cursor%max(rows, 1)
	return top, min(top+rows, t.Len())
}

// where says which rows are in sight: "1-11 of 3,310", "1-11 of 3,310 (filter "invo": 12)".
func (t *Table) where(top, end int) string {
	text := count(min(top+1, end)) + "-" + count(end) + " of " + count(t.Len())
	if t.ordering {
		return "being arranged ..   " + text
	}
	if t.by.filter != "" {
		text = strings.TrimSuffix(text, count(t.Len())) + count(t.whole.Len()) + ` (filter "` + clip(t.by.filter, 20) + `": ` + count(t.Len()) + ")"
	}
	return text
}

// footer is the last line: which rows are in sight, and that data changed where no title line says it.
func (t *Table) footer(top, end int) string {
	if t.changed && !t.Headed {
		return dataChanged + "   " + t.where(top, end)
	}
	return t.where(top, end)
}

// titles is the head line. A sign at the title of the column that orders the rows says which way.
func (t *Table) titles(widths []int, g Glyphs) string {
	var b strings.Builder
	gap := gutter
	for i, c := range t.Columns {
		w, title := widths[i], c.Title
		if w == 0 {
			continue
		}
		sign := g.Down
		if t.by.turned {
			sign = g.Up
		}
		switch sorted := t.by.column == i+1; {
		case sorted && c.Right:
			title = sign + title
			if width(title) > w { // the gap before it has room
				gap, w = gap-1, w+1
			}
		case sorted:
			title = clip(title, w-1) + sign
		}
		b.WriteString(spaces(gap))
		writeCell(&b, title, w, c.Right)
		gap = columnGap
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
