package bounce

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/url"
	"regexp"
	"strings"

	"delist/spool/message"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Bounds on what is read of a report.
const (
	maxInput = 1 << 20
	maxDepth = 4
	maxParts = 30
)

// reading is a report being read: how many parts may still be, and whether something of it was left unread.
type reading struct {
	parts int
	cut   bool
}

// reportText gives the words of the report itself, with line ends made "\n":
// of a message its text and delivery-status parts, never the returned
// original, whose own words prove nothing.
func (r *reading) reportText(data []byte) string {
	if narrow, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data); err == nil { // PowerShell writes a file in UTF-16
		data = narrow
	}
	if bytes.HasPrefix(data, []byte("From ")) { // an mbox's separator
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	text := ""
	if looksLikeMessage(data) {
		if m, err := mail.ReadMessage(bytes.NewReader(data)); err == nil {
			text = r.partText(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body, maxDepth)
		}
	}
	if text == "" {
		text = string(data)
		if strings.Contains(text, "=3D") { // quoted-printable, pasted as it stands
			text = softBreak.ReplaceAllString(text, "")
			text = strings.ReplaceAll(text, "=3D", "=")
		}
		if htmlTag.MatchString(text) {
			text = htmlText(text)
		}
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if at := original.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	return text
}

var (
	softBreak = regexp.MustCompile(`=\r?\n`)
	htmlTag   = regexp.MustCompile(`(?i)<(html|body|table|p|div)[ >]`)
	tag       = regexp.MustCompile(`(?s)<(?:[a-zA-Z/!][^<>]*)>`)
	hidden    = regexp.MustCompile(`(?is)<(?:style|script|head)\b.*?</(?:style|script|head)\s*>`)
	block     = regexp.MustCompile(`(?i)<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>`)
	link      = regexp.MustCompile(`(?i)<a\b[^<>]*?href\s*=\s*["']?([^"'\s<>]+)[^<>]*>`)
	safelink  = regexp.MustCompile(`https://[a-z0-9.]*safelinks\.protection\.outlook\.com/\S*?[?&]url=([^&\s"'<>]+)\S*`)

	// original is where the returned message begins in reports that are one text.
	original = regexp.MustCompile(`(?im)^[ \t]*-*[ \t]*(?:below this line is a copy of the message|this is a copy of (?:the|your) message|original message(?: headers?| follows)?|returned message|message headers? follows?|the headers? of the original message|original message headers:|reporting-original)\b.*$`)
)

// looksLikeMessage tells a message with headers from a pasted text.
func looksLikeMessage(data []byte) bool {
	head, _, found := bytes.Cut(bytes.ReplaceAll(data[:min(len(data), 64<<10)], []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	return found && messageHead.Match(head)
}

var messageHead = regexp.MustCompile(`(?im)^(content-type|mime-version|received|return-path|message-id):`)

// partText gives the words of one MIME part and those within it.
func (r *reading) partText(contentType, encoding string, body io.Reader, depth int) string {
	if depth == 0 || r.parts <= 0 {
		r.cut = true
		return ""
	}
	r.parts--
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		return r.multipartText(body, params["boundary"], depth)
	}
	switch kind {
	case "text/plain", "text/html", "message/delivery-status", "message/global-delivery-status":
	default: // message/rfc822 and text/rfc822-headers are the returned original
		return ""
	}
	if strings.EqualFold(encoding, "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(io.LimitReader(body, maxInput)) // what came before an error counts
	r.cut = r.cut || err != nil
	if strings.EqualFold(encoding, "quoted-printable") { // at the top; within a multipart it is decoded already
		data = []byte(quotedPrintable(string(data)))
	}
	text := message.FromCharset(params["charset"], data)
	if kind == "text/html" {
		text = htmlText(text)
	}
	return text + "\n\n"
}

func (r *reading) multipartText(body io.Reader, boundary string, depth int) string {
	if boundary == "" {
		return ""
	}
	var b strings.Builder
	for mixed := multipart.NewReader(body, boundary); ; {
		p, err := mixed.NextPart()
		if err != nil { // the end; where the end boundary is missing, another
			r.cut = r.cut || err != io.EOF
			return b.String()
		}
		b.WriteString(r.partText(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, depth-1))
	}
}

// htmlText gives the words of HTML, with the addresses of its links.
func htmlText(s string) string {
	s = hidden.ReplaceAllString(s, " ")
	s = link.ReplaceAllString(s, " $1 ")
	s = block.ReplaceAllString(s, "\n")
	s = html.UnescapeString(tag.ReplaceAllString(s, " "))
	return safelink.ReplaceAllStringFunc(s, func(wrapped string) string {
		inner, err := url.QueryUnescape(safelink.FindStringSubmatch(wrapped)[1])
		if err != nil {
			return wrapped
		}
		return inner
	})
}
