package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// ASCII makes question marks of all that is not ASCII, one for each cell that it takes. It is for terminals whose letters
// are not UTF-8: they take the bytes of such a letter for others, and some of these are control characters.
func ASCII(s string) string {
	at := strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; at >= 0; at = strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		b.WriteString(s[:at])
		s = s[at:]
		if r, size := utf8.DecodeRuneInString(s); size == 1 || unicode.Is(unicode.Mn, r) { // no letter, or a mark on the one before
			b.WriteString(strings.Repeat("?", ansi.StringWidth(s[:size])))
			s = s[size:]
			continue
		}
		letter, cells := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		b.WriteString(strings.Repeat("?", cells))
		s = s[len(letter):]
	}
	b.WriteString(s)
	return b.String()
}
