// Package message says what a message says: its headers for the index, its text for a preview, and any of it made safe
// to print. Messages are hostile: nothing here fails on them, and everything is bounded.
package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns s as one line that is safe for terminals and reports. Tabs and line ends become a blank; control
// characters, direction marks, invisible characters and invalid UTF-8 are dropped.
func Printable(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\r' || r == '\n' {
			return ' '
		}
		return visible(r)
	}, dropInvalid(s))
}

// PrintableBlock is Printable for text of several lines: line feeds stay, a tab becomes four blanks.
func PrintableBlock(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\t", "    ")
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return visible(r)
	}, dropInvalid(s))
}

// plain reports the common case: nothing but printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// dropInvalid removes bytes that are no UTF-8. It does so before strings.Map, which would turn them into U+FFFD.
func dropInvalid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "")
}

// visible returns r, or -1 when r must not reach a terminal.
func visible(r rune) rune {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f: // C0, DEL, C1: escape sequences start here
		return -1
	case r == 0x00ad, r == 0x034f, r == 0x061c, r == 0x3164, r == 0xffa0: // soft hyphen, joiner, Arabic mark, Hangul fillers
		return -1
	case r == 0x115f, r == 0x1160, r >= 0x17b4 && r <= 0x17b5, r >= 0x180b && r <= 0x180f: // more invisible fillers
		return -1
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f: // zero width, bidi, separators
		return -1
	case r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r >= 0xfff0 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff:
		return -1 // variation selectors, byte order mark, interlinear marks, tags
	case unicode.Is(unicode.Co, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return -1
	}
	return r
}
