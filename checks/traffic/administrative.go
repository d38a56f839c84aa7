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
	var h head
	if !h.cut(b) {
		if l, ok = parseTrailing(b); ok {
			return l, true
		}
		return parseWithoutClient(b)
	}
	return administrativeLine{stamp: h.stamp, client: h.groups[h.addressed()], text: h.text}, true
}

// parseWithoutClient reads a log-in without a client's address, as web mail and phones may have it.
func parseWithoutClient(b []byte) (l administrativeLine, ok bool) {
	if l.stamp, l.text, ok = cutStamp(b); !ok {
		return administrativeLine{}, false
	}
	l.text = trimBlanks(l.text)
	_, _, ok = loggedIn(l.text)
	return l, ok
}

// parseTrailing reads the form that ends with the time.
func parseTrailing(b []byte) (l administrativeLine, ok bool) {
	if inner, open := cutByte(b, '['); open {
		if date, rest, dated := cutDate(inner); dated && bytes.HasPrefix(rest, []byte("] ")) {
			l.date, b = date, rest[2:]
		}
	}
	if l.client, b, ok = cutBracket(b); !ok {
		return administrativeLine{}, false
	}
	b = bytes.TrimRight(b, " \t\r\n")
	last := bytes.LastIndexAny(b, " \t")
	if last > 0 && last == len(b)-len(" AM") {
		last = bytes.LastIndexAny(b[:last], " \t")
	}
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

// login says that somebody got in, by which protocol, and as which account; "" where the line does not name it.
func (l administrativeLine) login() (protocol, account string, ok bool) {
	protocol, account, ok = loggedIn(l.text)
	if ok && protocol == "" {
		protocol = unnamed
	}
	return protocol, account, ok
}

// unnamed stands for the protocol of a login where the line does not name it.
const unnamed = "unnamed"
