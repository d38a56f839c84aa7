package message

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"
	"golang.org/x/net/html/charset"
)

const (
	maxParts     = 12   // parts with parts of their own: at its end, each within another doubles what enmime takes
	maxMediaType = 4096 // bytes of a Content-Type: enmime compares its parameters with one another
)

var (
	errNested    = fmt.Errorf("it has more than %d parts with parts of their own", maxParts)
	errMediaType = errors.New("the Content-Type of one of its parts is too long to be read to its end")
	errSkipped   = errors.New("one of its parts has no readable header")
)

// readParts reads the structure of a message, and ends at a time. The content of the parts stays as it was sent:
// partBytes and partText decode it, since enmime keeps an error for every byte of junk in it, and guesses at the
// character set. A tree that comes with an error holds what could be read, perhaps nothing. A panic in the parser becomes
// an error: the message was made by somebody who may have wanted it.
func readParts(raw []byte, until time.Time) (root *enmime.Part, err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case errLate:
			root, err = nil, errLate
		default:
			root, err = nil, fmt.Errorf("its structure cannot be read: %v", p)
		}
	}()
	types := mediaTypes{left: 2*maxParts + 3} // enmime asks twice about each, and twice more about the whole
	root, err = enmime.NewParser(
		enmime.RawContent(true),
		enmime.MaxStoredPartErrors(100),
		enmime.SkipMalformedParts(true),
		enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.SetCustomParseMediaType(types.parse),
	).ReadParts(&untilReader{r: bytes.NewReader(raw), until: until})
	switch {
	case err != nil:
		return nil, fmt.Errorf("its structure cannot be read: %w", err)
	case types.left <= 0:
		return root, errNested
	case types.cut:
		return root, errMediaType
	}
	for p := range parts(root) {
		for _, e := range p.Errors {
			if e.Name == enmime.ErrorMalformedChildPart {
				return root, errSkipped
			}
		}
	}
	return root, nil
}

// untilReader panics when its time has ended: enmime cannot be stopped otherwise, and tries again after any error.
type untilReader struct {
	r     io.Reader
	until time.Time
}

func (u *untilReader) Read(p []byte) (int, error) {
	if time.Now().After(u.until) {
		panic(errLate)
	}
	return u.r.Read(p)
}

// mediaTypes reads Content-Type and Content-Disposition, and gives out only so many boundaries.
type mediaTypes struct {
	left int
	cut  bool // a Content-Type goes on beyond maxMediaType: a boundary or a character set may stand there
}

func (m *mediaTypes) parse(line string) (kind string, params map[string]string, invalid []string, err error) {
	whole := len(line) <= maxMediaType
	line = line[:min(len(line), maxMediaType)]
	kind, params, invalid, err = mediatype.Parse(line)
	if err != nil { // RFC 2045, section 5.2: what cannot be read is plain text
		kind, _, _ = strings.Cut(line, ";")
		kind, params = strings.ToLower(strings.TrimSpace(kind)), nil
	}
	m.cut = m.cut || !whole && strings.Contains(kind, "/") // a Content-Disposition may: it only names a file
	if params["boundary"] != "" {
		if m.left--; m.left <= 0 {
			delete(params, "boundary")
		}
	}
	return kind, params, invalid, nil
}

// parts yields a part and all parts in it, in the order of the message.
func parts(p *enmime.Part) iter.Seq[*enmime.Part] {
	return func(yield func(*enmime.Part) bool) {
		if p != nil {
			eachPart(p, yield)
		}
	}
}

func eachPart(p *enmime.Part, yield func(*enmime.Part) bool) bool {
	if !yield(p) {
		return false
	}
	for child := p.FirstChild; child != nil; child = child.NextSibling {
		if !eachPart(child, yield) {
			return false
		}
	}
	return true
}

// partText makes UTF-8 of the content of a text part. Where no charset is declared, HTML may name one itself.
func partText(p *enmime.Part, content []byte) string {
	label := p.Charset
	if label == "" && isHTML(p) {
		_, label, _ = charset.DetermineEncoding(content, "")
	}
	return FromCharset(label, content)
}

func isHTML(p *enmime.Part) bool {
	return p.ContentType == "text/html" || p.ContentType == "application/xhtml+xml"
}

// partBytes undoes the Content-Transfer-Encoding of a part (RFC 2045, section 6), and reports whether it could: junk
// within is passed over as mail programs do, so that it cannot hide what follows.
func partBytes(p *enmime.Part) (content []byte, clean bool) {
	switch transferEncoding(p) {
	case "base64":
		return fromBase64(p.Content)
	case "quoted-printable":
		return fromQuotedPrintable(p.Content), true
	case "", "7bit", "8bit", "binary":
		return p.Content, true
	}
	return p.Content, false
}

// transferEncoding names a part's encoding, without comments (RFC 5322, section 3.2.2) and parameters.
func transferEncoding(p *enmime.Part) string {
	encoding := p.Header.Get("Content-Transfer-Encoding")
	if end := strings.IndexAny(encoding, ";("); end >= 0 {
		encoding = encoding[:end]
	}
	return strings.ToLower(strings.TrimSpace(encoding))
}

// knownEncoding says that a part's encoding can be undone.
func knownEncoding(p *enmime.Part) bool {
	return slices.Contains([]string{"", "7bit", "8bit", "binary", "base64", "quoted-printable"}, transferEncoding(p))
}

// fromBase64 decodes each stretch up to its padding: some programs encode piece by piece.
func fromBase64(b []byte) (decoded []byte, clean bool) {
	decoded, clean = make([]byte, 0, base64.StdEncoding.DecodedLen(len(b))), true
	var digits []byte
	for piece := range bytes.SplitSeq(b, []byte("=")) {
		digits = digits[:0]
		for _, c := range piece {
			switch {
			case isAlphanumeric(c) || c == '+' || c == '/':
				digits = append(digits, c)
			case c != '\r' && c != '\n' && !blank(c):
				clean = false
			}
		}
		if len(digits)%4 == 1 { // six bits are no byte: it was cut off
			digits, clean = digits[:len(digits)-1], false
		}
		decoded, _ = base64.RawStdEncoding.AppendDecode(decoded, digits)
	}
	return decoded, clean
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// fromQuotedPrintable decodes RFC 2045, section 6.7. An "=" that begins nothing stands for itself.
func fromQuotedPrintable(b []byte) []byte {
	decoded := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '=')
		if i < 0 {
			break
		}
		decoded, b = append(decoded, b[:i]...), b[i+1:]
		var octet [1]byte
		if len(b) >= 2 {
			if _, err := hex.Decode(octet[:], b[:2]); err == nil {
				decoded, b = append(decoded, octet[0]), b[2:]
				continue
			}
		}
		if line := bytes.TrimLeft(b, " \t"); len(line) == 0 || line[0] == '\r' || line[0] == '\n' { // a soft line break
			b = bytes.TrimPrefix(bytes.TrimPrefix(line, []byte("\r")), []byte("\n"))
			continue
		}
		decoded = append(decoded, '=')
	}
	return append(decoded, b...)
}
