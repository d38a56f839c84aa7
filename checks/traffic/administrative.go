package traffic

import (
	"bytes"
	"net/netip"
)

// administrativeLine is a line of the administrative log: "time [client address] text", in a rare form
// "[client address] text time".
type administrativeLine struct {
	stamp
	client []byte
	text   []byte
}

func parseAdministrative(b []byte) (l administrativeLine, ok bool) {
	rest := b
	if l.stamp, rest, ok = cutStamp(b); !ok {
		return parseTrailing(b)
	}
	if l.client, rest, ok = cutBracket(rest); !ok {
		return administrativeLine{}, false
	}
	l.text, ok = cutText(rest)
	return l, ok
}

// parseTrailing reads the form that ends with the time.
func parseTrailing(b []byte) (l administrativeLine, ok bool) {
	l.date, b = cutDate(b)
	if l.client, b, ok = cutBracket(b); !ok {
		return administrativeLine{}, false
	}
	b = bytes.TrimRight(b, " \t\r\n")
	last := bytes.LastIndexAny(b, " \t")
	if last < 0 || b[0] != ' ' && b[0] != '\t' {
		return administrativeLine{}, false
	}
	var rest []byte
	if l.clock, rest, ok = cutTime(b[last+1:]); !ok || len(rest) > 0 {
		return administrativeLine{}, false
	}
	l.text = bytes.TrimSpace(b[:last])
	return l, true
}

func (l administrativeLine) ip() netip.Addr { return address(l.client) }

var (
	saysSuccess = []byte(" Login successful")
	saysUser    = [][]byte{[]byte("user "), []byte("User ")}
)

// maxProtocol bounds the word in front of "Login successful": Webmail, IMAP, POP, ActiveSync.
const maxProtocol = 20

// login says that somebody got in, by which protocol, and as which account; "" where the line does not name it.
func (l administrativeLine) login() (protocol, account string, ok bool) {
	at := bytes.Index(l.text, saysSuccess)
	if at < 1 || at > maxProtocol || bytes.IndexByte(l.text[:at], ' ') >= 0 {
		return "", "", false
	}
	after := l.text[at+len(saysSuccess):]
	for _, says := range saysUser {
		if _, name, found := bytes.Cut(after, says); found {
			account = accountName(name)
			break
		}
	}
	return string(l.text[:at]), account, true
}
