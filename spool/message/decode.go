package message

import (
	"bytes"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxValue bounds a decoded header value, in bytes. A line of a message has at most 998 (RFC 5322, section 2.1.1).
const maxValue = 1024

// Decode returns a header value as UTF-8: encoded words (RFC 2047) decoded, raw 8-bit text taken as UTF-8 or else as
// Windows-1252. It never fails: what cannot be decoded stays as it is. The result is not yet Printable.
func Decode(value []byte) string {
	text, _, _ := decode(value)
	return text
}

// decode is Decode, and says whether what it returns is the whole value, and whether all of it could be decoded.
func decode(value []byte) (text string, whole, understood bool) {
	most := min(len(value), maxValue*4)
	all, understood := understoodWords(value[:most])
	text = cut(all)
	return text, most == len(value) && len(text) == len(all), understood
}

// decodeWords is Decode without a bound.
func decodeWords(value []byte) string {
	text, _ := understoodWords(value)
	return text
}

// encodedWord is what is left of a word that could not be decoded.
var encodedWord = regexp.MustCompile(`=\?[^?\s]+\?[BbQq]\?[^?]*\?=`)

// understoodWords is decodeWords, and says whether every encoded word could be decoded, from a character set that is known.
func understoodWords(value []byte) (text string, understood bool) {
	s := toUTF8(value)
	if !strings.Contains(s, "=?") {
		return s, true
	}
	understood = true
	words := mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) {
		understood = understood && knownCharset(charset)
		return charsetReader(charset, r)
	}}
	decoded, err := words.DecodeHeader(s)
	if err != nil {
		return s, false
	}
	return strings.ToValidUTF8(decoded, "\ufffd"), understood && !encodedWord.MatchString(decoded) // a word in UTF-8 is not looked at by the decoder
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
	return encodingOf(charset).NewDecoder().Reader(r), nil
}

// knownCharset says that text in a character set can be read, as far as that is declared.
func knownCharset(charset string) bool {
	charset, _, _ = strings.Cut(charset, "*")
	enc, err := htmlindex.Get(strings.TrimSpace(charset))
	return strings.TrimSpace(charset) == "" || err == nil && enc != encoding.Replacement
}

func encodingOf(charset string) encoding.Encoding {
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231, section 5: a language may follow
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return charmap.Windows1252
	}
	return enc
}

// FromCharset reads text whose character set was declared. Senders that know none, or only Western ones, often send UTF-8
// all the same. A byte order mark decides.
func FromCharset(charset string, b []byte) string {
	enc := encodingOf(charset)
	if (enc == charmap.Windows1252 || enc == unicode.UTF8) && !bytes.HasPrefix(b, []byte("\xff\xfe")) && !bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return toUTF8(bytes.TrimPrefix(b, bom))
	}
	s, _, err := transform.Bytes(unicode.BOMOverride(enc.NewDecoder()), b)
	if err != nil {
		return toUTF8(b)
	}
	return strings.ToValidUTF8(string(s), "\ufffd")
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
