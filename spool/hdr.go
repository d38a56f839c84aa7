package spool

import (
	"bytes"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"delist/spool/message"
)

// MaxHDR is how much of an HDR file is read, in bytes. One recipient more makes it some 60 bytes longer, so that this is
// for a quarter of a million of them.
const MaxHDR = 16 << 20

// HDR is an envelope file: who sent a message to whom, and the server's own notes. The notes of the client's address
// and login are the server's; the addresses are what the client claimed.
type HDR struct {
	Layout     Layout
	Status     Status   // unknown in an unknown layout, save that it is still Writing
	MailFrom   string   // without angle brackets; "" for the null sender, and in an unknown layout
	Recipients []string // in their order; in an unknown layout all addresses, whatever their part is
	From       string   // the "from" line, which need not agree with MailFrom
	Auth       []string // every "auth" line, in order; more than one is ambiguous
	Created    time.Time
	Retries    int
	NextTry    time.Time
	ClientIP   netip.Addr
	HELO       string
	HostName   string  // the client's reverse name
	Session    string  // the number of the session in the SMTP log
	Local      bool    // some of it is for mailboxes of this server, "containsLocalDeliveries"
	Fields     []Field // every "key: value" line in order, known, unknown and repeated
	Cut        bool    // the file goes on beyond MaxHDR: there may be more recipients, and fields that are not known
}

// Field is one "key: value" line of an HDR, the key as written.
type Field struct{ Key, Value string }

// ParseHDR reads an HDR file. Builds around 100.0.9742 write the status in line 1, MAIL FROM in line 2, the recipients in
// line 3, then "key: value"; Layout says how far a file is like that. CRLF, LF and CR end lines; keys are taken in any case.
// Times are read as if in UTC, since the file names no zone.
func ParseHDR(data []byte) HDR { return parseHDR(data, true) }

// FirstStatus reads the status of an HDR from its first bytes, whatever its layout is. UTF-16 may end in half a letter.
func FirstStatus(start []byte) Status {
	first, _, _ := strings.Cut(hdrText(start), "\n")
	return parseStatus(strings.TrimSpace(first))
}

// parseHDR leaves Fields out where nobody wants them: an index of a million messages would make gigabytes of them.
func parseHDR(data []byte, fields bool) HDR {
	cut := len(data) > MaxHDR
	if cut {
		data = wholeEntries(data[:MaxHDR])
	}
	text := hdrText(data)
	h, below := parseEnvelope(text)
	if h.Layout == LayoutUnknown {
		h.Recipients, below = message.Addresses(text), text
	}
	h.Cut = cut
	for line := range strings.SplitSeq(below, "\n") {
		if !isField(line) {
			if h.Layout == LayoutCurrent && strings.TrimSpace(line) != "" {
				h.Layout = LayoutAlike
			}
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		f := Field{Key: strings.TrimSpace(key), Value: strings.TrimSpace(value)}
		if fields {
			h.Fields = append(h.Fields, f)
		}
		h.set(f)
	}
	return h
}

// parseEnvelope reads what stands above the fields, and returns where they begin.
func parseEnvelope(text string) (h HDR, below string) {
	first, below, _ := strings.Cut(text, "\n")
	first = strings.TrimSpace(first)
	var few [4]string
	lines := few[:0]
	for below != "" {
		line, after, _ := strings.Cut(below, "\n")
		if isField(line) {
			break
		}
		lines, below = append(lines, strings.TrimSpace(line)), after
	}
	h.Status = parseStatus(first)
	if h.Layout = h.envelope(first, lines); h.Layout == LayoutUnknown && h.Status != StatusWriting {
		h.Status = StatusUnknown
	}
	return h, below
}

// set takes a known field. Of a repeated one the first counts: the server writes its own lines before a later program
// can add any.
func (h *HDR) set(f Field) {
	text := func(to *string) {
		if *to == "" {
			*to = f.Value
		}
	}
	switch strings.ToLower(f.Key) {
	case "auth":
		if f.Value != "" {
			h.Auth = append(h.Auth, f.Value)
		}
	case "from":
		text(&h.From)
	case "helo":
		text(&h.HELO)
	case "connectedhostname":
		text(&h.HostName)
	case "smtpsessionid":
		text(&h.Session)
	case "containslocaldeliveries":
		h.Local = h.Local || strings.EqualFold(f.Value, "true")
	case "connectedip":
		if ip, err := netip.ParseAddr(strings.Trim(f.Value, "[]")); err == nil && !h.ClientIP.IsValid() {
			h.ClientIP = ip.Unmap().WithZone("")
		}
	case "creationdate":
		if h.Created.IsZero() {
			h.Created = parseTime(f.Value)
		}
	case "retry":
		count, at, _ := strings.Cut(f.Value, ";")
		if n, err := strconv.ParseUint(strings.TrimSpace(count), 10, 15); err == nil && h.NextTry.IsZero() {
			h.Retries, h.NextTry = int(n), parseTime(at)
		}
	}
}

// widen puts, in an unknown layout, the addresses to which the message itself says that it goes before those of the HDR,
// which may have none.
func (h *HDR) widen(eml []byte) {
	if h.Layout != LayoutUnknown {
		return
	}
	all := message.Recipients(eml)
	seen := make(map[string]bool, len(all)+len(h.Recipients))
	h.Recipients = slices.DeleteFunc(append(all, h.Recipients...), func(to string) bool {
		before := seen[to]
		seen[to] = true
		return before
	})
}

// parseTime reads the vendor's form of a time; zero when it is none.
func parseTime(s string) time.Time {
	t, err := time.Parse("1/2/2006 15:04:05", strings.TrimSpace(s))
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		return time.Time{}
	}
	return t
}

// wholeEntries leaves out what may be half a recipient or half a line at the end.
func wholeEntries(data []byte) []byte {
	lines := data[:bytes.LastIndexByte(data, '\n')+1]
	if bytes.Count(lines, []byte("\n")) < 3 {
		return data[:max(len(lines), bytes.LastIndexAny(data, ",; ")+1)]
	}
	return lines
}
