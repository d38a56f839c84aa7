package traffic

import (
	"bytes"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"
)

// stamp is when a line was written, as far as the line itself says.
type stamp struct {
	clock time.Duration // since midnight
	date  string        // "2026.02.18" in an export, empty in a log
}

// cutDate takes the prefix of an export, "[2026.02.18] ", off a line.
func cutDate(b []byte) (date string, rest []byte) {
	const form = len("[2026.02.18] ")
	if len(b) < form || b[0] != '[' || b[5] != '.' || b[8] != '.' || b[11] != ']' || b[12] != ' ' {
		return "", b
	}
	return string(b[1:11]), b[form:]
}

// cutTime takes "23:59:57" or "23:59:57.727" off the beginning of a line.
func cutTime(b []byte) (clock time.Duration, rest []byte, ok bool) {
	const form = len("23:59:57")
	if len(b) < form || b[2] != ':' || b[5] != ':' {
		return 0, b, false
	}
	h, m, s := twoDigits(b), twoDigits(b[3:]), twoDigits(b[6:])
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60 { // 60: a leap second
		return 0, b, false
	}
	clock = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	rest = b[form:]
	if len(rest) > 0 && rest[0] == '.' {
		unit := time.Second / 10
		for rest = rest[1:]; len(rest) > 0 && isDigit(rest[0]); rest = rest[1:] {
			clock += time.Duration(rest[0]-'0') * unit
			unit /= 10
		}
	}
	return clock, rest, true
}

func twoDigits(b []byte) int {
	if !isDigit(b[0]) || !isDigit(b[1]) {
		return -1
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// cutStamp takes date and time off the beginning of a line, with the blank behind them.
func cutStamp(b []byte) (s stamp, rest []byte, ok bool) {
	s.date, b = cutDate(b)
	s.clock, b, ok = cutTime(b)
	if !ok || len(b) == 0 || b[0] != ' ' {
		return stamp{}, nil, false
	}
	return s, b[1:], true
}

// cutBracket takes "[text]" off the beginning of b.
func cutBracket(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '[' {
		return nil, b, false
	}
	end := bytes.IndexByte(b, ']')
	if end < 2 {
		return nil, b, false
	}
	return b[1:end], b[end+1:], true
}

// cutText takes the blank between the brackets and the text off; a line may have no text.
func cutText(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return nil, true
	}
	if b[0] != ' ' {
		return nil, false
	}
	return bytes.TrimRight(b[1:], " \t\r\n"), true
}

// address reads a client's address; the zero Addr where the text is none.
func address(text []byte) netip.Addr {
	ip, err := netip.ParseAddr(string(bytes.TrimSpace(text)))
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap().WithZone("")
}

// maxAccount is the longest mailbox name with a domain (RFC 5321, section 4.5.3.1), in bytes.
const maxAccount = 64 + 1 + 255

// accountName reads the first word of a text as the name of an account, in lower case like the spool's; "" where it is
// none. An envelope sender may stand in angle brackets.
func accountName(text []byte) string {
	if i := bytes.IndexAny(text, " \t"); i >= 0 {
		text = text[:i]
	}
	text = bytes.Trim(text, "<>[]\"',;")
	if len(text) == 0 || len(text) > maxAccount {
		return ""
	}
	for _, c := range text {
		if c <= ' ' || c == 0x7f || c == '<' || c == '>' {
			return ""
		}
	}
	return strings.ToLower(utf8Of(text))
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

// domainOf is what follows the last "@" of an account, "" where nothing does.
func domainOf(account string) string { return account[strings.LastIndexByte(account, '@')+1:] }
