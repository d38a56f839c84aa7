// Package keyboard takes from a terminal's input what the terminal says by itself, so that only what a person pressed
// is left.
//
// A terminal answers questions, whoever asked them and however late, among the keys: "\x1b]11;rgb:0000/0000/0000\x07".
// Bubble Tea knows a part of these answers, and only where they arrive in one piece; of the rest each letter is a key.
package keyboard

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// How long the rest of something may take to arrive.
const (
	// EscapeWait is how long an Esc may be the beginning of a longer key: a line that is slow tears them apart.
	EscapeWait = 100 * time.Millisecond

	// answerWait is how long the next byte of an answer may take. What comes after that is a key again, unless it can only
	// be the rest of the answer.
	answerWait = 2 * time.Second
)

// Filter sorts what a terminal sends into keys, which it passes on in Bubble Tea's spelling, and answers, which it
// drops. It takes the input in pieces of any size. The zero Filter is ready.
type Filter struct {
	state  state
	seq    []byte // of a key, a letter or a parameter that is not complete, without Esc
	alt    bool   // two Esc came: the first is a key by itself, or makes the key behind it one with Alt
	eat    int    // bytes of a mouse report still to come
	more   int    // bytes of a letter still to come, within an answer
	keys   [][]byte
	text   bool  // the last of keys is text, and may grow
	late   bool  // the rest of what is not complete was given up
	owed   state // the answer whose rest may still come, though a key came meanwhile
	pieces int   // in how many of the next pieces of input that is looked for
}

// state is where in the input the Filter stands.
type state uint8

const (
	inText      state = iota
	inEscape          // behind an Esc, which may be a key by itself
	wasLone           // behind an Esc that was passed on, since nothing came: it may have been torn off an answer
	inCSI             // behind Esc [
	inSS3             // behind Esc O: keys of the numeric pad, F1 to F4
	inLinuxF          // behind Esc [ [: F1 to F5 of the Linux console
	inMouse           // behind Esc [ M: three bytes follow
	inString          // behind Esc ] and others: text up to Esc \
	inStringEnd       // the same, behind an Esc
	inPaste           // everything up to Esc [ 2 0 1 ~ was pasted
)

const (
	esc      = 0x1b
	ctrlC    = 0x03
	bell     = 0x07
	cancel   = 0x18
	replace  = 0x1a
	endPaste = "\x1b[201~"

	// burst is how many letters at once no hand types.
	burst = 3

	// mostPieces is into how many more an answer may be torn, with pauses between: then a paste or a fast hand is heard.
	mostPieces = 4

	// maxSequence is longer than any key.
	maxSequence = 64
)

// Feed takes what the terminal sent.
func (f *Filter) Feed(in []byte) {
	if f.state == wasLone && !continues(in) {
		f.state = inText
	}
	switch {
	case f.late && !f.goesOn(in):
		if f.pieces == 0 {
			f.owed, f.pieces = f.state, mostPieces
		}
		f.end(false, "")
	case f.pieces > 0 && f.state == inText:
		f.pieces--
		if f.state = f.owed; !f.goesOn(in) || len(in) < 2 {
			f.state = inText
		}
	}
	f.late = false
	for _, b := range in {
		f.take(b)
	}
}

// continues reports whether input may go on from an Esc that came long before: an answer may be torn at any byte. None of
// these is a key of delist, and behind an Esc, which closes what was open, nobody types a text.
func continues(in []byte) bool {
	return len(in) > 0 && strings.IndexByte("[]PX^_O", in[0]) >= 0
}

// goesOn reports whether input goes on with what was given up. Of a key, or of a mouse's report, one to three bytes are
// missing; the rest of an answer has its end, or more of its signs than anybody presses at once.
func (f *Filter) goesOn(in []byte) bool {
	switch f.state {
	case inCSI:
		end := bytes.IndexFunc(in, func(r rune) bool { return r < ' ' || r > '?' })
		return end < 0 && len(in) > 1 || end >= 0 && in[end] >= '@' && in[end] < 0x7f
	case inStringEnd:
		return len(in) > 0 && in[0] == '\\'
	case inString:
		end := bytes.IndexAny(in, "\a\x1b")
		return bytes.HasSuffix(in, []byte{0x9c}) || end < 0 && len(in) >= burst && bytes.IndexFunc(in, func(r rune) bool { return r < ' ' }) < 0 ||
			end >= 0 && (in[end] == bell || bytes.HasPrefix(in[end:], []byte("\x1b\\")) || end > 0 && end == len(in)-1)
	}
	return true
}

// Next returns the next key, or some text; nil when there is none.
func (f *Filter) Next() []byte {
	if len(f.keys) == 0 {
		return nil
	}
	key := f.keys[0]
	f.keys, f.text = f.keys[1:], f.text && len(f.keys) > 1
	return key
}

// Wait says how long to wait for more before Late is to be called; 0 where nothing is unfinished.
func (f *Filter) Wait() time.Duration {
	switch {
	case f.late, f.state == inPaste, f.state == wasLone, f.state == inText && len(f.seq) == 0:
		return 0
	case f.state == inEscape, f.state == inText:
		return EscapeWait
	}
	return answerWait
}

// Late says that nothing more came in time.
func (f *Filter) Late() {
	switch f.state {
	case inPaste:
		return
	case inEscape:
		if f.alt {
			f.key("\x1b")
		}
		f.key("\x1b")
		f.reset(wasLone)
	case inText: // half a letter
		f.end(false, "")
	default:
		f.late = true
	}
}

func (f *Filter) reset(to state) { f.state, f.seq, f.alt, f.more = to, f.seq[:0], false, 0 }

func (f *Filter) take(b byte) {
	if b == ctrlC && f.state != inText { // always a way out
		if f.state == inPaste { // whose end was lost
			f.key(endPaste)
		}
		f.reset(inText)
	}
	switch f.state {
	case inText:
		f.takeText(b)
	case inEscape, wasLone:
		f.takeEscape(b)
	case inCSI:
		f.takeCSI(b)
	case inSS3:
		f.takeSS3(b)
	case inLinuxF:
		f.end(b >= 'A' && b <= 'E', "\x1b[["+string(rune(b)))
	case inMouse:
		if f.eat--; f.eat == 0 {
			f.reset(inText)
		}
	case inString, inStringEnd:
		f.takeString(b)
	case inPaste:
		f.takePaste(b)
	}
}

// takeText takes a key that is a letter, or the beginning of another.
func (f *Filter) takeText(b byte) {
	if len(f.seq) == 0 && b == esc {
		f.state = inEscape
		return
	}
	f.seq = append(f.seq, b)
	if !utf8.FullRune(f.seq) {
		return
	}
	r, size := utf8.DecodeRune(f.seq)
	rest := slices.Clone(f.seq[size:])
	if r == utf8.RuneError {
		r = rune(f.seq[0])
		size = 1
	} else if r < 0x80 || r >= 0xa0 {
		f.letter(f.seq[:size])
	}
	f.seq = f.seq[:0]
	if introduces := strings.IndexRune(c1Introducers, r); introduces >= 0 {
		f.state = inEscape
		f.takeEscape(byte(r - 0x40))
	}
	for _, b := range rest { // that made the letter an invalid one
		f.take(b)
	}
}

// c1Introducers are the control characters that stand for Esc and a letter, as one byte or as one character of UTF-8.
const c1Introducers = "\u008f\u0090\u0098\u009b\u009d\u009e\u009f"

// takeEscape takes what stands behind an Esc.
func (f *Filter) takeEscape(b byte) {
	lone := f.state == wasLone // the Esc is a key already
	f.state = inEscape
	switch {
	case b == '[':
		f.state = inCSI
	case b == 'O':
		f.state = inSS3
	case strings.IndexByte("]PX^_", b) >= 0:
		f.state = inString
	case b == '\\': // the end of an answer whose beginning is lost
		f.end(false, "")
	case b == esc && !lone:
		if f.alt {
			f.key("\x1b")
		}
		f.alt = true
	case b >= utf8.RuneSelf: // a letter with Alt, of which more is to come: the letter is what counts
		f.end(false, "")
		f.take(b)
	default:
		if f.alt {
			f.key("\x1b")
		}
		f.key("\x1b" + string(rune(b)))
		f.reset(inText)
	}
}

// end ends a sequence: it is a key, or it is dropped. An Esc before a key is Alt; before an answer it is a key itself.
func (f *Filter) end(isKey bool, key string) {
	switch {
	case isKey && f.alt:
		f.key("\x1b" + key)
	case isKey:
		f.key(key)
	case f.alt:
		f.key("\x1b")
	}
	f.reset(inText)
}

func (f *Filter) takeCSI(b byte) {
	switch {
	case b == esc:
		f.end(false, "")
		f.state = inEscape
	case b == cancel, b == replace:
		f.end(false, "")
	case b >= utf8.RuneSelf: // text: it was no sequence
		f.end(false, "")
		f.take(b)
	case b < 0x20: // a control character does not end a sequence
	case b == '[' && len(f.seq) == 0:
		f.state = inLinuxF
	case b == 'M' && len(f.seq) == 0:
		f.state, f.eat = inMouse, 3
	case b < 0x40:
		if len(f.seq) < maxSequence {
			f.seq = append(f.seq, b)
		}
	case b == '~' && string(f.seq) == "200":
		f.key("\x1b[200~")
		f.reset(inPaste)
	default:
		f.end(csiKey(string(f.seq), b), "\x1b["+string(f.seq)+string(rune(b)))
	}
}

// csiKey reports whether Esc [ with these parameters and this end is a key. A terminal's answers look otherwise, but for
// the place of the cursor: that is why F3 with Shift is none.
func csiKey(params string, end byte) bool {
	number, modifier, modified := strings.Cut(params, ";")
	if modified && (len(modifier) != 1 || modifier[0] < '2' || modifier[0] > '8') {
		return false
	}
	switch {
	case end == '~':
		n := len(number)
		return n == 1 && number[0] >= '1' && number[0] <= '8' || n == 2 && number >= "11" && number <= "34"
	case strings.IndexByte("ABCDHFPQS", end) >= 0:
		return params == "" || modified && number == "1"
	}
	return params == "" && (end == 'Z' || end == 'R')
}

// pad are the keys of the numeric pad where a program has asked for them to be told apart ("application mode").
const (
	padCodes = "IMXjklmnopqrstuvwxy "
	padKeys  = "\t\r=*+,-./0123456789 "
)

func (f *Filter) takeSS3(b byte) {
	switch at := strings.IndexByte(padCodes, b); {
	case b == 'H', b == 'F': // Bubble Tea knows Home and End by their other name alone
		f.end(true, "\x1b["+string(rune(b)))
	case b == esc:
		f.end(false, "")
		f.state = inEscape
	case b >= '0' && b <= '9', b == ';': // a modifier, as old terminals send it
	case at >= 0:
		f.letter([]byte{padKeys[at]})
		f.reset(inText)
	default:
		f.end(strings.IndexByte("ABCDPQRS", b) >= 0, "\x1bO"+string(rune(b)))
	}
}

// takeString takes the text of an answer. It may hold letters, of which a byte is no end of it.
func (f *Filter) takeString(b byte) {
	ended := f.state == inStringEnd
	f.state = inString
	if b&0xc0 != 0x80 {
		f.more = 0
	}
	switch {
	case f.more > 0:
		f.more--
		if f.more == 0 && len(f.seq) == 1 && f.seq[0] == 0xc2 && b == 0x9c {
			f.end(false, "")
		}
	case ended && b == '\\', b == bell, b == cancel, b == replace, b == 0x9c:
		f.end(false, "")
	case b == esc:
		f.state = inStringEnd
	default:
		f.seq = append(f.seq[:0], b)
		switch {
		case b >= 0xf0:
			f.more = 3
		case b >= 0xe0:
			f.more = 2
		case b >= 0xc0:
			f.more = 1
		}
	}
}

// takePaste passes on what was pasted as it is.
func (f *Filter) takePaste(b byte) {
	f.letter([]byte{b})
	if f.seq = append(f.seq, b); len(f.seq) > len(endPaste) {
		f.seq = append(f.seq[:0], f.seq[1:]...)
	}
	if bytes.HasSuffix(f.seq, []byte(endPaste)) {
		f.reset(inText)
		f.text = false
	}
}

// key passes on a key that Bubble Tea has to see as one.
func (f *Filter) key(key string) {
	f.keys, f.text = append(f.keys, []byte(key)), false
}

// letter passes on text.
func (f *Filter) letter(text []byte) {
	if last := len(f.keys) - 1; f.text && len(f.keys[last]) < maxText {
		f.keys[last] = append(f.keys[last], text...)
		return
	}
	f.keys, f.text = append(f.keys, slices.Clone(text)), true
}

// maxText is how much text is passed on at once: less than Bubble Tea reads, so that it never waits for more.
const maxText = 128
