package traffic

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"delist/spool/message"
)

// tally counts the lines of a file, and those of them that are understood.
type tally struct {
	extent
	lines, understood int
	run               int    // lines in a row that go on with the one before
	strange           int    // lines at its end that are not understood, in a row
	sample            string // the first line that is not understood, made safe
}

// maxRun is how many lines may go on with one before them: the answer of another server, or what was counted of attacks.
const maxRun = 40

// count takes a line in. One that holds others, since its ends are not where they should be, is not understood.
func (t *tally) count(kind Kind, b []byte, understood bool) {
	understood = understood && len(b) < maxLine && bytes.IndexByte(b, '\r') < 0
	switch {
	case understood:
		t.run, t.strange = 0, 0
		t.understood++
	case len(bytes.Trim(b, " \t\r\n\x00")) == 0: // also what a crash leaves
		return
	case t.understood > 0 && t.run < maxRun && goesOn(kind, b):
		t.run++
		return
	default:
		if t.strange++; t.sample == "" || t.strange == manyStrange {
			t.sample = sampleOf(b)
		}
	}
	t.lines++
}

// manyStrange is how many lines in a row at the end of a file mean that it goes on in another form: after an update, say.
const manyStrange = 20

// goesOn says that a line has no head of its own, so that it goes on with the one before: it begins with a blank, or it is
// a line of another server's answer in the delivery log.
func goesOn(kind Kind, b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if b[0] == ' ' || b[0] == '\t' {
		return true
	}
	return kind == Delivery && b[0] != '[' && !showsTime(b)
}

// showsTime says that a line has something like a time near its beginning, or a number as long as one.
func showsTime(b []byte) bool {
	const near, long = 40, 10
	b = b[:min(len(b), near)]
	digits := 0
	for i, c := range b {
		switch {
		case isDigit(c):
			if digits++; digits == long && i < long {
				return true
			}
		case c == ':' && digits > 0 && i+2 < len(b) && isDigit(b[i+1]) && isDigit(b[i+2]):
			return true
		default:
			digits = 0
		}
	}
	return false
}

// sampleOf is the beginning of a line, made safe; nothing of one that may hold a password.
func sampleOf(b []byte) string {
	const most = 60
	s := strings.TrimSpace(message.Printable(utf8Of(b[:min(len(b), 4*most)])))
	lower := strings.ToLower(s)
	for _, word := range []string{"auth", "pass", "login", "334"} {
		if strings.Contains(lower, word) {
			return ""
		}
	}
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-2]) + ".."
	}
	return s
}

// poor says that so little is understood that what the file tells may be wrong: fewer than nine in ten lines, or none of
// the newest, or more than a tenth of it is lost.
func (t *tally) poor() bool {
	return t.understood*10 < t.lines*9 || t.strange >= manyStrange || t.lost()
}

// lost says that zeros stand in the place of many lines, as after a crash.
func (t *tally) lost() bool { return t.zeros*10 > t.bytes }

// says is what the counts come to, in words.
func (t *tally) says() string {
	text := fmt.Sprintf("only %s of its %s lines are understood", humanize.Comma(int64(t.understood)), humanize.Comma(int64(t.lines)))
	switch {
	case t.lost():
		return fmt.Sprintf("%s of its %s bytes are zero, as a crash leaves them: the lines that stood there are lost", humanize.Comma(t.zeros), humanize.Comma(t.bytes))
	case t.understood == 0 && t.lines == 1:
		text = "its one line is not understood"
	case t.understood == 0:
		text = fmt.Sprintf("none of its %s lines is understood", humanize.Comma(int64(t.lines)))
	case t.strange >= manyStrange && t.understood*10 >= t.lines*9:
		text = fmt.Sprintf("its newest %s lines are not understood", humanize.Comma(int64(t.strange)))
	}
	if t.sample != "" {
		text += fmt.Sprintf("; this one is not: %q", t.sample)
	}
	return text
}
