package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

// Bounds of a View: what a preview can show, and what a hostile message may cost.
const (
	maxRead        = 8 << 20   // bytes of a message, whatever the caller allows
	maxText        = 256 << 10 // bytes of text
	maxFields      = 200
	maxAttachments = 200
)

// View is a message as a preview shows it. Nothing in it is Printable yet.
type View struct {
	Headers     []Field      // in their order, decoded; at most 200
	Text        string       // the plain text, or the HTML made text
	Attachments []Attachment // at most 200
	BOM         bool         // it starts with a byte order mark, as mail written in web mail may
	Truncated   bool         // the message, its headers, its text or its attachments went beyond a bound
}

// Field is one header field.
type Field struct{ Name, Value string }

// Attachment is a part of a message that is not its text. Size is in bytes, decoded.
type Attachment struct {
	Name, Type string
	Size       int64
}

// Read reads a message for a preview, at most limit bytes of it. When its structure cannot be read, the View still has
// the headers and the raw text, and the error says what is wrong.
func Read(r io.Reader, limit int64) (View, error) {
	limit = min(limit, maxRead)
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return View{}, fmt.Errorf("read message: %w", err)
	}
	var v View
	if int64(len(raw)) > limit {
		raw, v.Truncated = raw[:limit], true
	}
	raw, v.BOM = bytes.CutPrefix(raw, bom)
	for name, value := range fields(raw, new(bool)) {
		if len(v.Headers) == maxFields {
			v.Truncated = true
			break
		}
		text, whole, _ := decode(value)
		v.Headers = append(v.Headers, Field{Name: cut(toUTF8(name)), Value: text})
		v.Truncated = v.Truncated || !whole
	}
	err = v.readParts(raw)
	if err != nil {
		text := body(raw)
		v.setText(toUTF8(text[:min(len(text), maxText+1)]))
		return v, fmt.Errorf("read message: %w", err)
	}
	return v, nil
}

// readParts takes text and attachments from the MIME structure. A panic becomes an error, as in readParts.
func (v *View) readParts(raw []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			v.Attachments, err = nil, fmt.Errorf("its structure cannot be read: %v", p)
		}
	}()
	root, err := readParts(raw, time.Now().Add(maxParsing))
	v.Truncated = v.Truncated || errors.Is(err, errMediaType)
	if err != nil && !errors.Is(err, errSkipped) && !errors.Is(err, errMediaType) {
		return err
	}
	for p := range parts(root) {
		if strings.HasPrefix(p.ContentType, "text/") {
			content, _ := partBytes(p)
			p.Content = []byte(partText(p, content))
		} else {
			p.Content, _ = partBytes(p)
		}
	}
	parser := enmime.NewParser(enmime.MultipartWOBoundaryAsSinglePart(true), enmime.DisableTextConversion(true)) // htmlText is linear, whatever it is given
	env, err := parser.EnvelopeFromPart(root)
	if err != nil {
		return fmt.Errorf("its structure cannot be read: %w", err)
	}
	text := env.Text
	if strings.TrimSpace(text) == "" {
		text = v.fromHTML(root)
	}
	v.setText(text)
	for _, parts := range [][]*enmime.Part{env.Attachments, env.Inlines, env.OtherParts} {
		for _, p := range parts {
			if len(v.Attachments) == maxAttachments {
				v.Truncated = true
				return nil
			}
			v.Attachments = append(v.Attachments, Attachment{
				Name: cut(p.FileName), Type: cut(p.ContentType), Size: int64(len(p.Content)),
			})
		}
	}
	return nil
}

// fromHTML makes text of the first HTML part that is not attached.
func (v *View) fromHTML(root *enmime.Part) string {
	for p := range parts(root) {
		if isHTML(p) && p.Disposition != "attachment" {
			html := string(p.Content)
			if len(html) > 4*maxText {
				html, v.Truncated = html[:4*maxText], true
			}
			return htmlText(html)
		}
	}
	return ""
}

func (v *View) setText(s string) {
	if len(s) > maxText {
		s, v.Truncated = s[:maxText], true
	}
	v.Text = strings.ToValidUTF8(s, "")
}
