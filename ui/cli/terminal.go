package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"delist/ui"
)

// lineByLine says whether the wizard goes line by line instead of drawing screens, and why, where nobody asked for it.
func (p *program) lineByLine(o options) (yes bool, why string) {
	if o.plain || !p.env.Terminal {
		return true, ""
	}
	if name := p.env.get("TERM"); name == "dumb" || name == "unknown" {
		return true, fmt.Sprintf("This terminal (TERM is %s) only prints one line after the other, so the wizard does the same, as with --plain.", name)
	}
	if p.env.Escapes != nil {
		if err := p.env.Escapes(); err != nil {
			return true, fmt.Sprintf("This console cannot draw a screen (%v), so the wizard goes line by line, as with --plain.", err)
		}
	}
	return false, ""
}

// noLines says why this terminal cannot show lines and signs, so that screens use ASCII; empty where it can.
func (p *program) noLines() string {
	if p.env.CodePage != nil {
		if page := p.env.CodePage(); page != 0 && !drawsLines(page) {
			return fmt.Sprintf("code page %d has no lines of one cell", page)
		}
	}
	return p.otherLetters()
}

// otherLetters says by what the terminal's letters are not UTF-8; empty where they are, or nothing says otherwise.
func (p *program) otherLetters() string {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts (POSIX, 8.2)
		switch locale := p.env.get(name); {
		case locale == "":
		case isUTF8(locale):
			return ""
		default:
			return fmt.Sprintf("%s is %s, which is not UTF-8", name, locale)
		}
	}
	return ""
}

// asciiWriter passes text on as ASCII, to a terminal whose letters are not UTF-8.
type asciiWriter struct {
	to   io.Writer
	half []byte // of a letter whose rest is to come
}

// Write implements io.Writer.
func (w *asciiWriter) Write(p []byte) (int, error) {
	text := append(w.half, p...)
	end := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if b := text[len(text)-back]; utf8.RuneStart(b) {
			if !utf8.FullRune(text[len(text)-back:]) {
				end -= back
			}
			break
		}
	}
	w.half = bytes.Clone(text[end:])
	if _, err := io.WriteString(w.to, ui.ASCII(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func isUTF8(locale string) bool {
	_, charset, _ := strings.Cut(strings.ToLower(locale), ".")
	charset, _, _ = strings.Cut(charset, "@")
	return charset == "utf-8" || charset == "utf8"
}

// drawsLines says that the fonts of a console with this code page have the lines and signs of code page 437. Those of DOS
// and UTF-8 do; in the Japanese, Chinese and Korean ones lines are two cells wide, and those of Windows and ISO have none.
func drawsLines(page uint32) bool {
	switch page {
	case 437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 65001:
		return true
	}
	return false
}
