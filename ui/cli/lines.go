package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// lines writes text within the width of a terminal: longer lines are broken between words, and go on further in.
type lines struct {
	w     io.Writer
	width int // 0: lines are as long as they are, for another program to read
}

// hang is how much further in a broken line goes on.
const hang = 4

// put writes a line.
func (l lines) put(format string, args ...any) { l.line(hang, fmt.Sprintf(format, args...)) }

// line writes a text that goes on at a column where it is broken.
func (l lines) line(column int, text string) {
	if l.width <= column+hang || ansi.StringWidth(text) < l.width { // a line as wide as the terminal is broken by some
		fmt.Fprintln(l.w, text)
		return
	}
	room, rest := l.width-1, text
	for at := ""; rest != ""; at = strings.Repeat(" ", column) {
		first, _, _ := strings.Cut(ansi.Wrap(rest, room-len(at), " "), "\n")
		fmt.Fprintln(l.w, at+strings.TrimRight(first, " "))
		rest = strings.TrimLeft(rest[min(len(first), len(rest)):], " ")
	}
}

// table writes rows in columns. The last column takes the rest of the line.
func (l lines) table(rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	for _, row := range rows {
		text, column := "  ", 2
		for i, cell := range row[:len(row)-1] {
			text += cell + strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)+2)
			column += widths[i] + 2
		}
		if column > l.width/2 {
			column = hang
		}
		l.line(column, text+row[len(row)-1])
	}
}
