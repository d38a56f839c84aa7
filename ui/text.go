package ui

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"delist/spool/message"
)

// cutMark ends a text that had to be cut.
const cutMark = ".."

// plain makes foreign text fit for the terminal: one line, nothing that is not seen.
// Text of our own passes unchanged and without a copy.
func plain(s string) string { return message.Printable(s) }

// printableASCII says that every byte of s is a visible character or a space, one cell wide.
func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// fit makes foreign text exactly w cells wide: cleaned, cut with a mark, or padded.
func fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s = clip(s, w)
	return s + spaces(w-width(s))
}

// fitRight is fit with the text at the right edge.
func fitRight(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s = clip(s, w)
	return spaces(w-width(s)) + s
}

// clip cleans foreign text and cuts it, with a mark, to at most w cells.
func clip(s string, w int) string {
	if w <= 0 {
		return ""
	}
	mark := cutMark
	if w < 6 {
		mark = ""
	}
	if printableASCII(s) {
		if len(s) <= w {
			return s
		}
		return s[:w-len(mark)] + mark
	}
	// A hostile subject may be long; what is shown is decided by its first bytes.
	if limit := 16 * w; len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return ansi.Truncate(plain(s), w, mark)
}

// width is the number of cells that a text takes, styles not counted.
func width(s string) int {
	if printableASCII(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

const blank = "                                                                                                    "

// spaces is n spaces, without garbage for the usual widths.
func spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blank):
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// wrap breaks text of our own into lines of at most w cells, at spaces. Line breaks in
// the text are kept; a word longer than a line is broken.
func wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		lines = append(lines, wrapParagraph(plain(paragraph), w)...)
	}
	return lines
}

func wrapParagraph(s string, w int) []string {
	indent := s[:len(s)-len(strings.TrimLeft(s, " "))]
	if len(indent) > w/2 {
		indent = ""
	}
	var lines []string
	line := indent
	empty := true
	for word := range strings.FieldsSeq(s) {
		for !empty && width(line)+1+width(word) > w || empty && width(line)+width(word) > w {
			if empty {
				head := ansi.Truncate(word, max(w-width(line), 1), "")
				if head == "" { // a wide character in a line one cell wide
					return append(lines, line)
				}
				lines = append(lines, line+head)
				word = word[len(head):]
				line = indent
				continue
			}
			lines = append(lines, line)
			line, empty = indent, true
		}
		if word == "" {
			continue
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	if !empty || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// count writes a number as people read it: 3,310.
func count(n int) string {
	if n < 0 {
		return "-" + count(-n)
	}
	if n < 1000 {
		return strconv.Itoa(n)
	}
	rest := strconv.Itoa(n % 1000)
	return count(n/1000) + "," + "000"[len(rest):] + rest
}
