package spool

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxHDR is how much of an HDR file is read, in bytes. One recipient more makes it some 60 bytes longer, so that this is
// for a quarter of a million of them.
const MaxHDR = 16 << 20

// ErrLayout says that a file is not an HDR as current builds write it: cut short, or of an old version whose layout is
// not known. Such a message is reported and never touched.
var ErrLayout = errors.New("not the layout of a current HDR file")

// HDR is an envelope file: who sent a message to whom, and the server's own notes. The notes of the client's address
// and login are the server's; the addresses are what the client claimed.
type HDR struct {
	Status     Status
	MailFrom   string   // without angle brackets; "" for the null sender
	Recipients []string // in their order, empty entries left out
	From       string   // the "from" line, which need not agree with MailFrom
	Auth       []string // every "auth" line, in order; more than one is ambiguous
	Created    time.Time
	Retries    int
	NextTry    time.Time
	ClientIP   netip.Addr
	HELO       string
	HostName   string  // the client's reverse name
	Session    string  // the number of the session in the SMTP log
	Fields     []Field // every "key: value" line in order, known, unknown and repeated
	Cut        bool    // the file goes on beyond MaxHDR: there may be more recipients, and fields that are not known
}

// Field is one "key: value" line of an HDR, the key as written.
type Field struct{ Key, Value string }

// ParseHDR reads an HDR file as builds around 100.0.9742 write it: line 1 the status, line 2 MAIL FROM, line 3 the
// recipients, then "key: value". It is tolerant: CRLF or LF, a byte order mark, Latin-1, no final blank line, keys in
// any case, lines without a colon skipped. Times are read as if in UTC, since the file names no zone. An error wraps
// ErrLayout.
func ParseHDR(data []byte) (HDR, error) { return parseHDR(data, true) }

// parseHDR leaves Fields out where nobody wants them: an index of a million messages would make gigabytes of them.
func parseHDR(data []byte, fields bool) (HDR, error) {
	cut := len(data) > MaxHDR
	if cut {
		data = wholeEntries(data[:MaxHDR])
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		data = latin1(data)
	}
	text := string(data)
	var first [3]string
	for i := range first {
		line, rest, found := strings.Cut(text, "\n")
		if !found && line == "" {
			return HDR{}, fmt.Errorf("%w: it has %d lines", ErrLayout, i)
		}
		first[i], text = strings.TrimSpace(line), rest
	}
	h := HDR{Status: parseStatus(first[0]), MailFrom: unbracket(first[1]), Cut: cut}
	if err := plausible(first); err != nil {
		return HDR{}, err
	}
	for to := range strings.SplitSeq(first[2], ",") {
		if to = unbracket(strings.TrimSpace(to)); to != "" {
			h.Recipients = append(h.Recipients, to)
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		key, value, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		f := Field{Key: strings.TrimSpace(key), Value: strings.TrimSpace(value)}
		if fields {
			h.Fields = append(h.Fields, f)
		}
		h.set(f)
	}
	return h, nil
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

// plausible refuses files whose first lines cannot be what a current build writes, so that nothing is purged by guess.
func plausible(first [3]string) error {
	status, from, to := first[0], first[1], first[2]
	if status == "" || len(status) > 32 || strings.ContainsFunc(status, notLetter) {
		return fmt.Errorf("%w: line 1 is no status", ErrLayout)
	}
	if looksLikeField(from) || len(from) > 1024 {
		return fmt.Errorf("%w: line 2 is no sender", ErrLayout)
	}
	if looksLikeField(to) {
		return fmt.Errorf("%w: line 3 is no list of recipients", ErrLayout)
	}
	return nil
}

func notLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }

// looksLikeField reports whether a line looks like "key: value" and not like an address.
func looksLikeField(line string) bool {
	key, _, found := strings.Cut(line, ": ")
	return found && !strings.ContainsAny(key, "@<>\"")
}

// wholeEntries leaves out what may be half a recipient or half a line at the end.
func wholeEntries(data []byte) []byte {
	lines := data[:bytes.LastIndexByte(data, '\n')+1]
	if bytes.Count(lines, []byte("\n")) < 3 {
		return data[:max(len(lines), bytes.LastIndexByte(data, ',')+1)]
	}
	return lines
}

func unbracket(address string) string {
	if len(address) >= 2 && address[0] == '<' && address[len(address)-1] == '>' {
		return strings.TrimSpace(address[1 : len(address)-1])
	}
	return address
}

// parseTime reads the vendor's form of a time; zero when it is none.
func parseTime(s string) time.Time {
	t, err := time.Parse("1/2/2006 15:04:05", strings.TrimSpace(s))
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		return time.Time{}
	}
	return t
}

// latin1 turns ISO 8859-1 into UTF-8, byte by byte: each byte is the number of its character.
func latin1(data []byte) []byte {
	runes := make([]rune, len(data))
	for i, c := range data {
		runes[i] = rune(c)
	}
	return []byte(string(runes))
}
