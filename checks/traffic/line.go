package traffic

import (
	"bytes"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// head is what stands in front of the text of a line of any log, with that text: the time, then what is in brackets.
type head struct {
	stamp
	groups [maxGroups][]byte // as many as there are
	n      int
	text   []byte
}

// maxGroups bounds the brackets of a line: a log has one or two, some builds one more.
const maxGroups = 4

// cut reads a line; ok says that it begins with a time and something in brackets.
func (h *head) cut(b []byte) (ok bool) {
	if h.stamp, b, ok = cutStamp(b); !ok {
		return false
	}
	b = h.cutGroups(b)
	if h.n == 0 || len(b) > 0 && b[0] != ' ' && b[0] != '\t' {
		return false
	}
	h.text = trimBlanks(b)
	return true
}

// trimBlanks is what b holds between blanks and line ends.
func trimBlanks(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// cutGroups takes the brackets off the beginning of b, with the blanks before and between them.
func (h *head) cutGroups(b []byte) (rest []byte) {
	for h.n < maxGroups {
		start := 0
		for start < len(b) && b[start] == ' ' {
			start++
		}
		group, after, ok := cutBracket(b[start:])
		if !ok {
			break
		}
		h.groups[h.n], b = group, after
		h.n++
		if len(b) > 1 && b[0] == ':' && isDigit(b[1]) { // the port of an address in brackets
			_, _, b = cutNumber(b[1:], 5)
		}
	}
	return b
}

// cutBracket takes "[text]" off the beginning of b; an address with a port may have brackets of its own, and where nobody
// connected there is nothing in them.
func cutBracket(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '[' {
		return nil, b, false
	}
	end := bytes.IndexByte(b, ']')
	if end >= 0 && len(b) > 1 && b[1] == '[' {
		more := bytes.IndexByte(b[end+1:], ']')
		if more < 0 {
			return nil, b, false
		}
		end += 1 + more
	}
	if end < 1 {
		return nil, b, false
	}
	return b[1:end], b[end+1:], true
}

// addressed is which of the brackets holds an address; the first one where none does.
func (h *head) addressed() int {
	for i := range h.n {
		if likeAddress(h.groups[i]) {
			return i
		}
	}
	return 0
}

// likeAddress says that a text is made of what addresses and their ports are made of. It is asked of every line.
func likeAddress(text []byte) bool {
	marks := 0
	for _, c := range text {
		switch {
		case c == '.' || c == ':':
			marks++
		case isDigit(c), c|0x20 >= 'a' && c|0x20 <= 'f', c == '[' || c == ']':
		default:
			return marks > 0 && c == '%' // a zone
		}
	}
	return marks > 1
}

// address reads a client's address, with or without a port; the zero Addr where the text is none.
func address(text []byte) netip.Addr {
	s := string(bytes.TrimSpace(text))
	ip, err := netip.ParseAddr(s)
	if err != nil {
		with, err := netip.ParseAddrPort(s)
		if err != nil {
			inner, ok := strings.CutPrefix(s, "[")
			if ip, err = netip.ParseAddr(strings.TrimSuffix(inner, "]")); err != nil || !ok {
				return netip.Addr{}
			}
		} else {
			ip = with.Addr()
		}
	}
	return ip.Unmap().WithZone("")
}

// maxAccount is the longest mailbox name with a domain (RFC 5321, section 4.5.3.1), in characters: a byte of
// Latin-1 is one, in UTF-8 too.
const maxAccount = 64 + 1 + 255

// accountName reads the first word of a text as the name of an account, in lower case like the spool's; "" where it is
// none. An envelope sender may stand in angle brackets.
func accountName(text []byte) string {
	text = bytes.TrimLeft(text, " \t")
	if i := bytes.IndexAny(text, " \t"); i >= 0 {
		text = text[:i]
	}
	text = bytes.Trim(text, "<>[]\"',;")
	if len(text) == 0 || len(text) > utf8.UTFMax*maxAccount {
		return ""
	}
	for _, c := range text {
		if c <= ' ' || c == 0x7f || c == '<' || c == '>' {
			return ""
		}
	}
	name := strings.ToLower(utf8Of(text))
	if utf8.RuneCountInString(name) > maxAccount || strings.ContainsFunc(name, unicode.IsSpace) {
		return ""
	}
	return name
}

// utf8Of is a text in UTF-8; other bytes are taken for Latin-1, as in the spool.
func utf8Of(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	runes := make([]rune, len(text))
	for i, c := range text {
		runes[i] = rune(c)
	}
	return string(runes)
}

// domainOf is what follows the last "@" of an account, the account itself where there is none.
func domainOf(account string) string { return account[strings.LastIndexByte(account, '@')+1:] }
