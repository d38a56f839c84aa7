package message

import (
	"bytes"
	"iter"
)

var bom = []byte("\xef\xbb\xbf")

// fields yields the header fields of a message in order, each with its folded lines joined by a blank (RFC 5322,
// section 2.2.3). It takes CRLF, LF and CR as line ends, skips lines that are no field, and stops at the empty line, which
// sets ended, or where b ends. The slices are only good until the next field.
func fields(b []byte, ended *bool) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		b = bytes.TrimPrefix(b, bom)
		var unfolded []byte
		for len(b) > 0 {
			line, rest := cutLine(b)
			if len(line) == 0 {
				*ended = true
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
	i := lineEnd(b)
	if i < 0 {
		return b, nil
	}
	after := i
	for after < len(b) && b[after] == '\r' {
		after++
	}
	switch {
	case after == len(b):
		return b[:i], nil
	case b[after] == '\n':
		after++
	default: // a lone CR in the middle ends a line, too
		after = i + 1
	}
	return b[:i], b[after:]
}

// lineEnd returns where the first CR or LF is, or -1. It looks for an LF nearby first, which is fast, and never through
// all of b, which would take forever where lines end with CR alone.
func lineEnd(b []byte) int {
	near := b[:min(len(b), 1024)]
	end := bytes.IndexByte(near, '\n')
	if end >= 0 {
		near = near[:end]
	}
	if i := bytes.IndexByte(near, '\r'); i >= 0 {
		return i
	}
	if end >= 0 {
		return end
	}
	if i := bytes.IndexAny(b[len(near):], "\r\n"); i >= 0 {
		return len(near) + i
	}
	return -1
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// body returns what follows the header.
func body(b []byte) []byte {
	b = bytes.TrimPrefix(b, bom)
	for len(b) > 0 {
		line, rest := cutLine(b)
		if len(line) == 0 {
			return rest
		}
		b = rest
	}
	return nil
}
