package message

import (
	"bytes"
	"iter"
)

var bom = []byte("\xef\xbb\xbf")

// fields yields the header fields of a message in order, each with its folded lines joined by a blank (RFC 5322,
// section 2.2.3). It takes CRLF, LF and CR as line ends, skips lines that are no field, and stops at the empty line or
// where b ends. The slices are only good until the next field.
func fields(b []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		b = bytes.TrimPrefix(b, bom)
		var unfolded []byte
		for len(b) > 0 {
			line, rest := cutLine(b)
			if len(line) == 0 {
				return
			}
			if len(rest) > 0 && blank(rest[0]) {
				unfolded = append(unfolded[:0], line...)
				for len(rest) > 0 && blank(rest[0]) {
					line, rest = cutLine(rest)
					unfolded = append(unfolded, ' ')
					unfolded = append(unfolded, bytes.TrimLeft(line, " \t")...)
				}
				line = unfolded
			}
			b = rest
			name, value, found := bytes.Cut(line, []byte(":"))
			if name = bytes.TrimRight(name, " \t"); !found || len(name) == 0 {
				continue
			}
			if !yield(name, bytes.Trim(value, " \t")) {
				return
			}
		}
	}
}

// cutLine splits b behind its first line end. A run of CR before LF counts as one line end: broken senders make them.
func cutLine(b []byte) (line, rest []byte) {
	line = b
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		line, rest = b[:i], b[i+1:]
	}
	i := bytes.IndexByte(line, '\r')
	if i < 0 {
		return line, rest
	}
	if len(bytes.Trim(line[i:], "\r")) > 0 { // a lone CR in the middle ends a line, too
		return line[:i], b[i+1:]
	}
	return line[:i], rest
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// body returns what follows the header, and whether the end of the header was seen at all.
func body(b []byte) ([]byte, bool) {
	b = bytes.TrimPrefix(b, bom)
	for len(b) > 0 {
		line, rest := cutLine(b)
		if len(line) == 0 {
			return rest, true
		}
		b = rest
	}
	return nil, false
}
