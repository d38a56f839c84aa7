package message

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/text/unicode/norm"
)

// Bounds of Decoded: what a hostile message may cost.
const (
	maxDecoded = 8 << 20          // bytes of text: more is a table or a log, not a letter
	maxHeader  = 1 << 20          // bytes of a header
	maxWords   = 64 << 10         // bytes of a header field
	maxLetters = 100              // messages, with those inside
	maxInside  = 5                // how deep they lie in one another
	maxParsing = 20 * time.Second // a message of 30 MB took 3 s on two busy cores
)

var (
	errTooLong = fmt.Errorf("only the first %d MB of its text were searched", maxDecoded>>20)
	errHeader  = errors.New("its header is too long to be searched to its end")
	errCharset = errors.New("a part of it is written in a way that delist does not know")
	errLetters = fmt.Errorf("it has more than %d messages in it, or more than %d within one another", maxLetters, maxInside)
	errLate    = fmt.Errorf("it could not be read to its end within %v", maxParsing)
)

// apart stands between the fields and parts of a decoded message, so that no phrase runs on from one into the next.
const apart = "\x00"

// Decoded returns what the reader of a message reads, as Fold folds it: Subject, From, Sender, Reply-To, To and Cc with
// their encoded words decoded (RFC 2047), and all text of all its parts, and of messages within it, with their transfer
// encoding (RFC 2045, section 6) and character set decoded and HTML made text. What cannot be decoded is there as it was
// sent. An error says that there may be more than the text that comes with it: whoever does not find a word there does
// not know.
func Decoded(raw []byte) (text string, err error) {
	if bytes.IndexByte(raw, '\n') < 0 { // its lines end as on an old Mac, if it has any
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	d := decoding{until: time.Now().Add(maxParsing)}
	defer func() { // the message was made by somebody who may have wanted it
		if p := recover(); p != nil {
			d.undecoded(raw, fmt.Errorf("it cannot be decoded: %v", p))
		}
		text, err = d.text.String(), d.err
	}()
	d.message(raw, 0)
	return
}

// decoding collects the text of one message.
type decoding struct {
	text    strings.Builder
	until   time.Time
	letters int
	err     error // the first reason why there may be more
}

// message adds a message that lies inside so many others.
func (d *decoding) message(raw []byte, inside int) {
	if d.letters++; d.letters > maxLetters || inside > maxInside {
		d.undecoded(raw, errLetters)
		return
	}
	d.header(raw)
	root, err := readParts(raw, d.until)
	if err != nil {
		d.undecoded(raw, err)
	}
	for p := range parts(root) {
		if d.full() {
			return
		}
		switch {
		case p.FirstChild != nil:
			d.add(toUTF8(p.Epilogue)) // behind a boundary that a mail program may not have taken for the last
		case p.Boundary != "" && len(p.Content) == 0: // none of its parts was found
			d.undecoded(raw, nil)
		default:
			d.part(p, inside)
		}
	}
}

// header adds the fields that a reader sees.
func (d *decoding) header(raw []byte) {
	ended := len(raw) <= maxHeader
	for name, value := range fields(raw[:min(len(raw), maxHeader)], &ended) {
		if d.full() {
			return
		}
		if !slices.ContainsFunc(seenFields, func(seen string) bool { return is(name, seen) }) {
			continue
		}
		words := value[:min(len(value), maxWords)] // a decoder of more could take too long
		if len(words) < len(value) {
			d.fail(errHeader)
		}
		text, understood := understoodWords(words)
		if !understood {
			d.fail(errCharset)
		}
		d.add(text + toUTF8(value[len(words):]))
	}
	if !ended {
		d.fail(errHeader)
	}
}

var seenFields = []string{"subject", "from", "sender", "reply-to", "to", "cc"}

// part adds a part without parts of its own, if it is text or a message.
func (d *decoding) part(p *enmime.Part, inside int) {
	kind := p.ContentType
	if kind == "" && p.Parent != nil && p.Parent.ContentType == "multipart/digest" { // RFC 2046, section 5.1.5
		kind = "message/rfc822"
	}
	content, clean := partBytes(p)
	letter := kind == "message/rfc822" || kind == "message/global"
	switch {
	case letter:
		d.message(content, inside+1)
	case isHTML(p):
		d.add(htmlWords(partText(p, content)))
	case strings.HasPrefix(kind, "text/"), strings.HasPrefix(kind, "message/"), strings.HasPrefix(kind, "multipart/"), !strings.Contains(kind, "/"):
		d.add(partText(p, content))
	default:
		return
	}
	if !knownEncoding(p) || !letter && !knownCharset(p.Charset) || strings.HasPrefix(kind, "multipart/") && p.Boundary == "" {
		d.fail(errCharset)
	}
	if !clean {
		d.undecoded(p.Content, nil)
	}
}

// undecoded adds what was sent, where err or what comes of decoding says that there may be more to it.
func (d *decoding) undecoded(raw []byte, err error) {
	if err != nil {
		d.fail(err)
	}
	d.add(toUTF8(raw[:min(len(raw), maxDecoded+1)]))
}

func (d *decoding) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *decoding) add(s string) {
	if room := maxDecoded - d.text.Len(); len(s) > room {
		s = s[:max(room, 0)]
		d.fail(errTooLong)
	}
	d.text.WriteString(Fold(s) + apart)
}

// full reports whether a bound is reached.
func (d *decoding) full() bool {
	if time.Now().After(d.until) {
		d.fail(errLate)
		return true
	}
	if d.text.Len() > maxDecoded {
		d.fail(errTooLong)
		return true
	}
	return false
}

// Fold returns text as a search compares it: in lower case, each run of blanks and line ends as one blank, none at the
// ends; letters that only look different (wide, bold, as ligatures) as the plain ones (Unicode's form NFKC), and without
// what nobody sees, such as soft hyphens and zero width joiners. Spam uses both to hide its words.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range norm.NFKC.String(s) {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
		case unicode.Is(unicode.Cf, r):
		default:
			if gap {
				b.WriteByte(' ')
				gap = false
			}
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
