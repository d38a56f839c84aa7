package message

import (
	"bytes"
	"net/mail"
	"net/netip"
	"strings"
	"time"
)

// How many bytes of an EML Scan wants: most headers end within ScanSize. Where one does not, it is read again up to
// ScanLimit: chains of forwarding servers and hundreds of names in To are ordinary.
const (
	ScanSize  = 8 << 10
	ScanLimit = 64 << 10
)

// Header is what the index needs of a message's header. From, Subject and Mailer are decoded, but not yet Printable.
type Header struct {
	From, Subject string

	// Authenticated is X-SmarterMail-Authenticated-As. Only a line above the first Received counts: everything below
	// came from the sender.
	Authenticated string
	MessageType   string     // X-SmarterMail-MessageType, "Bounce" for SmarterMail's own bounces
	ClientIP      netip.Addr // of the topmost Received, which the server wrote itself; invalid when hidden or unknown
	DateLine      string     // what the sender says; Date reads it
	Mailer        string     // X-Mailer or User-Agent
	BOM           bool       // the file starts with a byte order mark, as web mail makes it

	Marks  Marks
	Ended  bool   // the header ends within what Scan was given
	Unread Unread // what may be otherwise, since it was not read to its end
}

// Unread names what is not known of a header, since it was not read to its end. Of a text there may be more than is
// there; an address or an account is then left out, since half of one would be another.
type Unread uint8

// What may be unread.
const (
	UnreadFrom    Unread = 1 << iota
	UnreadSubject        // beyond what was read, or longer than is kept
	UnreadAccount        // Authenticated, which stands above the topmost Received
	UnreadClient         // ClientIP

	unreadAll = UnreadFrom | UnreadSubject | UnreadAccount | UnreadClient
)

// Scan reads the header of a message from the first bytes of its EML; whole says that these are all. It never fails: it
// is made for spam, and takes what it can get. A field that comes twice counts once, the first time.
func Scan(b []byte, whole bool) Header {
	h := Header{BOM: bytes.HasPrefix(b, bom), Ended: whole}
	var seen, last Unread // last is what the last field was read for: it may go on
	text := func(value []byte, part Unread) string {
		s, whole, understood := decode(value)
		seen, last = seen|part, part
		if !whole {
			h.Unread |= part
		}
		if !understood && part == UnreadSubject {
			h.Marks |= Undecoded
		}
		return s
	}
	if len(bytes.Trim(b, "\x00")) == 0 { // as after a power cut: what was in it, nobody knows
		h.Unread = unreadAll
		return h
	}
	date := false
	for name, value := range fields(b, &h.Ended) {
		last = 0
		h.Marks |= markOf(name, value)
		switch {
		case is(name, "received"):
			if seen&UnreadClient == 0 {
				h.ClientIP = clientIP(value)
				seen, last = seen|UnreadAccount|UnreadClient, UnreadClient
			}
		case is(name, "x-smartermail-authenticated-as"):
			if seen&UnreadAccount == 0 && len(value) > 0 {
				h.Authenticated = cut(toUTF8(value))
				seen, last = seen|UnreadAccount, UnreadAccount
			}
		case is(name, "x-smartermail-messagetype"):
			if h.MessageType == "" {
				h.MessageType = cut(toUTF8(value))
			}
		case is(name, "from"):
			if seen&UnreadFrom == 0 {
				h.From = text(value, UnreadFrom)
			}
		case is(name, "subject"):
			if seen&UnreadSubject == 0 {
				h.Subject = text(value, UnreadSubject)
			}
		case is(name, "date"):
			if !date {
				date, h.DateLine = true, string(value[:min(len(value), 100)])
			}
		case is(name, "x-mailer"), is(name, "user-agent"):
			if h.Mailer == "" {
				h.Mailer = Decode(value)
			}
		}
	}
	if !h.Ended {
		h.Unread |= unreadAll&^seen | last
	}
	if h.Unread&UnreadAccount != 0 {
		h.Authenticated = ""
	}
	if h.Unread&UnreadClient != 0 {
		h.ClientIP = netip.Addr{}
	}
	return h
}

// is compares a field name with one in lower case, without allocating.
func is(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// Date returns when the sender says the message was written; zero when that is unreadable. It takes longer to read than
// all the rest, and the index does without.
func (h Header) Date() time.Time {
	t, err := mail.ParseDate(h.DateLine)
	if err != nil {
		return time.Time{}
	}
	return t
}

// clientIP reads the client's address from a Received line as SmarterMail writes it:
//
//	from HELO (reverse name [203.0.113.34]) by mail.example.com with SMTP; date
//
// HELO is the client's own choice and may hold brackets and words: so the last address before the last " by " counts.
func clientIP(received []byte) netip.Addr {
	before := received
	if i := bytes.LastIndex(received, []byte(" by ")); i >= 0 {
		before = received[:i]
	}
	end := bytes.LastIndexByte(before, ']')
	if end < 0 {
		return netip.Addr{}
	}
	start := bytes.LastIndexByte(before[:end], '[')
	if start < 0 || end-start > 64 {
		return netip.Addr{}
	}
	text := string(before[start+1 : end])
	if len(text) > 5 && strings.EqualFold(text[:5], "ipv6:") { // RFC 5321, section 4.1.3
		text = text[5:]
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap().WithZone("")
}

// Address returns the bare address of a From line or an envelope line, in lower case: "Joe <joe@example.com>" gives
// "joe@example.com". It returns "" when there is none.
func Address(s string) string {
	if len(s) > maxValue {
		return ""
	}
	if a, err := mail.ParseAddress(s); err == nil {
		return strings.ToLower(a.Address)
	}
	if end := strings.LastIndexByte(s, '>'); end >= 0 {
		if start := strings.LastIndexByte(s[:end], '<'); start >= 0 {
			s = s[start+1 : end]
		}
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t,;<>\"()", r) }) {
		if strings.Contains(strings.Trim(word, "@"), "@") {
			return strings.ToLower(word)
		}
	}
	return ""
}

// Akin reports whether two domains belong together: they are one, or one is a part of the other, as the one that takes a
// newsletter's bounces is.
func Akin(a, b string) bool {
	return a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a)
}
