package ui

import (
	"strings"

	"github.com/dustin/go-humanize"
)

// fact is a name and what is known of it.
type fact struct{ name, value string }

const factName = 14

// factLines draws facts below each other; those without a value are left out.
func factLines(w int, s Styles, facts ...fact) []string {
	var lines []string
	for _, f := range facts {
		if f.value == "" {
			continue
		}
		for i, part := range wrap(f.value, max(w-factName-2, 10)) {
			name := ""
			if i == 0 {
				name = f.name
			}
			lines = append(lines, " "+s.Column.Paint(fit(name, factName))+part)
		}
	}
	return lines
}

// paragraph is text of our own as lines with a margin.
func paragraph(w int, text string) []string {
	if text == "" {
		return nil
	}
	lines := wrap(text, max(w-2, 1))
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

// painted styles each of some lines.
func painted(s Style, lines []string) []string {
	styled := make([]string, len(lines))
	for i, line := range lines {
		styled[i] = s.Paint(line)
	}
	return styled
}

// textBlock is text that is cut, with a mark, where it has no room. What was cut stands
// in the help, or with the key that shows it.
func textBlock(drop int, lines []string) block {
	return block{
		min: len(lines), want: len(lines), drop: drop, soft: true,
		draw: func(h int) []string { return cutBlock(lines, h) },
	}
}

// size is a number of bytes as people say it.
func size(bytes int64) string { return humanize.Bytes(uint64(max(bytes, 0))) }

// joined puts what is there into one sentence part.
func joined(separator string, parts ...string) string {
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, part)
		}
	}
	return strings.Join(there, separator)
}

// plural is "1 message", "3,291 messages".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}
