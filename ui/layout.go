package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The smallest window that shows the wizard, and the narrowest that has room for the
// steps in a column of their own.
const (
	minWidth  = 60
	minHeight = 15
	sideFrom  = 100
	lineFrom  = 80 // under this the step line shows only the current step
	wideFrom  = 110
)

// Rect is a part of the window, in cells.
type Rect struct{ X, Y, W, H int }

// Layout says where each part of a screen stands. It is made anew for each size and for
// each number of lines that purpose, status and keys need.
type Layout struct {
	W, H     int
	TooSmall bool
	Side     bool // the steps stand in a column at the left
	Compact  bool // the step line shows the current step only
	Head     Rect
	Steps    Rect
	Rule     Rect
	Purpose  Rect
	Body     Rect
	Status   Rect
	Keys     Rect
}

// newLayout cuts a window into its parts, top to bottom: who and where, the steps, the
// step's purpose, its panel, what is happening, the keys.
func newLayout(w, h, purposeLines, statusLines, keyLines int) Layout {
	l := Layout{W: w, H: h}
	if w < minWidth || h < minHeight {
		l.TooSmall = true
		return l
	}
	l.Side, l.Compact = w >= sideFrom, w < lineFrom
	x, y := 0, 0
	take := func(rows int) Rect {
		r := Rect{x, y, w - x, rows}
		y += rows
		return r
	}
	l.Head = take(1)
	if l.Side {
		l.Rule = take(1)
		l.Steps = Rect{0, y, sideWidth(w), h - y}
		x = sideWidth(w) + 1 // a line stands between
	} else {
		l.Steps = take(1)
		l.Rule = take(1)
	}
	l.Purpose = take(purposeLines)
	l.Body = take(h - y - statusLines - keyLines)
	l.Status = take(statusLines)
	l.Keys = take(keyLines)
	return l
}

// sideWidth is the width of the steps' column.
func sideWidth(w int) int {
	if w >= wideFrom {
		return 30
	}
	return 24
}

// panelWidth is the width that purpose, panel and keys will have in a window of width w.
func panelWidth(w int) int {
	if w >= sideFrom {
		return w - sideWidth(w) - 1
	}
	return w
}

// frame joins lines to exactly h lines of at most w cells, the last word on what the
// terminal gets: a longer frame would lose its top lines, a wider line its end.
func frame(lines []string, w, h int) string {
	w, h = max(w, 1), max(h, 1)
	bytes := h
	for _, line := range lines[:min(len(lines), h)] {
		bytes += len(line)
	}
	var b strings.Builder
	b.Grow(bytes)
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i < len(lines) {
			b.WriteString(cut(lines[i], w))
		}
	}
	return b.String()
}

// cut shortens a line that may be styled to w cells, and keeps it one line.
func cut(line string, w int) string {
	if printableASCII(line) {
		if len(line) > w {
			return line[:max(w, 0)]
		}
		return line
	}
	if strings.ContainsAny(line, "\n\r") {
		line = strings.NewReplacer("\n", " ", "\r", " ").Replace(line)
	}
	if ansi.StringWidth(line) <= w {
		return line
	}
	return ansi.Truncate(line, w, "")
}

// pad makes a line that may be styled exactly w cells wide.
func pad(line string, w int) string {
	line = cut(line, w)
	return line + spaces(w-ansi.StringWidth(line))
}

// beside puts two blocks next to each other, with a line between them.
func beside(left []string, leftWidth int, line string, right []string, h int) []string {
	joined := make([]string, h)
	for i := range joined {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		joined[i] = pad(l, leftWidth) + line + r
	}
	return joined
}

// over draws a box in the middle of a screen, which fades behind it.
func over(screen, box []string, w, h int, faint Style) []string {
	top := max((h-len(box))/2, 0)
	boxWidth := 0
	for _, line := range box {
		boxWidth = max(boxWidth, ansi.StringWidth(line))
	}
	left := max((w-boxWidth)/2, 0)
	drawn := make([]string, h)
	for i := range drawn {
		behind := ""
		if i < len(screen) {
			behind = ansi.Strip(screen[i])
		}
		if i < top || i >= top+len(box) {
			drawn[i] = faint.Paint(behind)
			continue
		}
		line := box[i-top]
		right := ansi.TruncateLeft(behind, left+boxWidth+1, "")
		drawn[i] = faint.Paint(pad(ansi.Truncate(behind, max(left-1, 0), ""), left)) +
			pad(line, boxWidth) + faint.Paint(" "+right)
	}
	return drawn
}
