package spool

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Layout says how an HDR file is laid out, and so how much of what it says is known. Builds before the current ones wrote
// layouts that nobody here has seen: such a message is still a message, and can be found and moved.
type Layout uint8

// The layouts.
const (
	LayoutCurrent Layout = iota // as current builds write it
	LayoutAlike                 // like it, but not it: sender and recipients are read by guess
	LayoutUnknown               // not understood: known are the addresses in it, and what looks like a field of today
)

var layoutWords = [...]string{"current", "alike", "unknown"}

// String returns one word.
func (l Layout) String() string {
	if int(l) < len(layoutWords) {
		return layoutWords[l]
	}
	return layoutWords[LayoutUnknown]
}

// layouts counts messages by their layout.
type layouts [LayoutUnknown + 1]int

// say tells how many messages are not laid out as current builds do; empty where all are. Where they are most of all the
// server is of an older version.
func (l layouts) say() string {
	alike, unknown := l[LayoutAlike], l[LayoutUnknown]
	if alike+unknown == 0 {
		return ""
	}
	kind := "unknown"
	if alike+unknown > l[LayoutCurrent] {
		kind = "older"
	}
	text := fmt.Sprintf("%s of an %s layout", messages(alike+unknown), kind)
	switch {
	case unknown == 0:
		return text + ", read by guess"
	case alike == 0:
		return text + ", not understood"
	}
	return fmt.Sprintf("%s, %s read by guess, %s not understood", text, number(alike), number(unknown))
}

// envelope takes the first line of an HDR and those between it and its fields, and says of which layout they are. What is
// not understood leaves no trace.
func (h *HDR) envelope(first string, lines []string) Layout {
	if len(lines) < 2 || !alikeStatus(first) || isKeyed(lines[0]) && isKeyed(lines[1]) {
		return LayoutUnknown
	}
	from := unbracket(lines[0])
	if from != "" && !isAddress(from) {
		return LayoutUnknown
	}
	var to []string
	for _, line := range lines[1:] {
		var ok bool
		if to, ok = appendPaths(to, line); !ok {
			return LayoutUnknown
		}
	}
	if len(to) == 0 {
		return LayoutUnknown
	}
	h.MailFrom, h.Recipients = from, to
	if isWord(first) && lines[1] != "" && strings.Join(lines[2:], "") == "" {
		return LayoutCurrent
	}
	return LayoutAlike
}

// isWord reports whether a first line is a status as current builds write it.
func isWord(first string) bool {
	return first != "" && len(first) <= 32 && !strings.ContainsFunc(first, notLetter)
}

// maxStatus is how long the first line of a layout like today's may be, in bytes.
const maxStatus = 64

// alikeStatus reports whether a first line may be a status: words and numbers, and no part of a table or of markup.
func alikeStatus(first string) bool {
	return first != "" && len(first) <= maxStatus && !strings.ContainsFunc(first, func(r rune) bool {
		return notLetter(r) && (r < '0' || r > '9') && !strings.ContainsRune(" .-_()/", r)
	})
}

func notLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }

// isKeyed reports whether a line is "word=value", of which an address may be the value.
func isKeyed(line string) bool {
	key, _, found := strings.Cut(line, "=")
	return found && key != "" && !strings.ContainsFunc(key, notLetter)
}

// maxKey is how long the key of a field may be, in bytes.
const maxKey = 40

// isField reports whether a line looks like "key: value" and not like an address.
func isField(line string) bool {
	for i := range min(len(line), maxKey+1) {
		switch c := line[i]; {
		case c == ':':
			return i > 0
		case !isAlphanumeric(c) && c != '_' && c != '-' && c != ' ':
			return false
		}
	}
	return false
}

// appendPaths adds the recipients that a line names, apart by comma, semicolon or blanks, and reports whether each of them
// is an address.
func appendPaths(to []string, line string) ([]string, bool) {
	quoted, from := false, 0
	for i := 0; i <= len(line); i++ {
		if i < len(line) {
			c := line[i]
			if c == '"' {
				quoted = !quoted
			}
			if quoted || c != ',' && c != ';' && c != ' ' && c != '\t' {
				continue
			}
		}
		if address := unbracket(line[from:i]); address != "" {
			if !isAddress(address) {
				return to, false
			}
			to = append(to, address)
		}
		from = i + 1
	}
	return to, true
}

// maxAddress bounds an address in an envelope, in bytes. RFC 5321, section 4.5.3.1, allows fewer.
const maxAddress = 1024

// isAddress reports whether s is an address, without brackets around it: local part, "@" and domain, with what separates
// addresses nowhere but in quotes.
func isAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > maxAddress {
		return false
	}
	quoted := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '"' && i < at:
			quoted = !quoted
		case c < ' ' || c == 0x7f || i > at && strings.IndexByte("\"()=\\/", c) >= 0:
			return false
		case !quoted && (strings.IndexByte(" ,;<>", c) >= 0 || c == '@' && i < at):
			return false
		}
	}
	return !quoted
}

func unbracket(address string) string {
	if len(address) >= 2 && address[0] == '<' && address[len(address)-1] == '>' {
		return strings.TrimSpace(address[1 : len(address)-1])
	}
	return address
}

// hdrText is an HDR file as text with a line feed at the end of each line: it may be UTF-16, UTF-8, or else Windows-1252.
func hdrText(data []byte) string {
	if order := utf16Order(data); order != nil {
		units := make([]uint16, 0, len(data)/2)
		for ; len(data) >= 2; data = data[2:] {
			units = append(units, order.Uint16(data))
		}
		data = []byte(string(utf16.Decode(units)))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		if western, err := charmap.Windows1252.NewDecoder().Bytes(data); err == nil {
			data = western
		}
	}
	text := string(data)
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text
}

// utf16Order is the byte order of a file in UTF-16, nil where it is in anything else. Without a byte order mark, two plain
// letters at the start tell it.
func utf16Order(data []byte) binary.ByteOrder {
	if len(data) < 4 {
		return nil
	}
	a, b, c, d := data[0], data[1], data[2], data[3]
	switch {
	case a == 0xff && b == 0xfe, a != 0 && b == 0 && c != 0 && d == 0:
		return binary.LittleEndian
	case a == 0xfe && b == 0xff, a == 0 && b != 0 && c == 0 && d != 0:
		return binary.BigEndian
	}
	return nil
}
