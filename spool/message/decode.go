package message

import (
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// maxValue bounds a decoded header value, in bytes. A line of a message has at most 998 (RFC 5322, section 2.1.1).
const maxValue = 1024

// Decode returns a header value as UTF-8: encoded words (RFC 2047) decoded, raw 8-bit text taken as UTF-8 or else as
// Windows-1252. It never fails: what cannot be decoded stays as it is. The result is not yet Printable.
func Decode(value []byte) string {
	if len(value) > maxValue*4 {
		value = value[:maxValue*4]
	}
	s := toUTF8(value)
	if !strings.Contains(s, "=?") {
		return cut(s)
	}
	words := mime.WordDecoder{CharsetReader: charsetReader}
	decoded, err := words.DecodeHeader(s)
	if err != nil {
		return cut(s)
	}
	return cut(strings.ToValidUTF8(decoded, "\ufffd")) // a word in UTF-8 is not looked at by the decoder
}

func toUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return string(s)
}

// charsetReader reads the character sets that browsers know, and all others as Windows-1252: a wrong letter in a
// subject is better than an unreadable one.
func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231, section 5: a language may follow
	enc, err := htmlindex.Get(charset)
	if err != nil {
		enc = charmap.Windows1252
	}
	return enc.NewDecoder().Reader(r), nil
}

// cut shortens s to maxValue bytes without splitting a rune.
func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	end := maxValue
	for end > maxValue-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.Clone(s[:end])
}
