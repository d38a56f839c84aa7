package traffic

import (
	"bytes"
	"net/netip"
	"strings"
)

// smtpLine is a line of the smtpLog: "time [client address][session] text"; some builds write a blank between the
// brackets, the client's port, or more in brackets. The log has every connection that comes in, submission included, at
// the level Detailed.
type smtpLine struct {
	stamp
	client  []byte // as written
	session []byte
	text    []byte
}

func parseSMTP(b []byte) (l smtpLine, ok bool) {
	var h head
	if !h.cut(b) || h.n < 2 {
		return smtpLine{}, false
	}
	client := h.addressed()
	session := client + 1
	for session < h.n && !isID(h.groups[session]) {
		session++
	}
	if session == h.n {
		session = (client + 1) % h.n // a thread's or a server's mark may stand there, or the session before its client
	}
	return smtpLine{stamp: h.stamp, client: h.groups[client], session: h.groups[session], text: h.text}, true
}

func (l smtpLine) ip() netip.Addr { return address(l.client) }

// The lines that say something. What a client says stands behind "cmd: " and cannot pass for one.
var (
	saysLogin    = []byte("Authenticated as")
	saysNamed    = []byte("User ")
	saysSMTP     = []byte("SMTP ")
	saysWroteHDR = []byte("Successfully wrote to the HDR file")
	saysReceived = []byte("Data transfer succeeded")
	saysAccepted = []byte("Sender accepted")
	saysMailFrom = []byte("cmd: MAIL")
	saysQuit     = []byte("cmd: QUIT")
	saysGreeting = []byte("rsp: 220")
	saysLetIn    = []byte("rsp: 235")
	writingTo    = []byte("writing mail to ")
)

// login is the account that the session has just logged in as, "" where the line does not name it; ok is false on any
// other line. The server's own 235 (RFC 4954, section 4) is a log-in in any build's words.
func (l smtpLine) login() (account string, ok bool) {
	if name, ok := bytes.CutPrefix(l.text, saysLogin); ok && (len(name) == 0 || name[0] == ' ') {
		return accountName(name), true
	}
	if l.said() {
		return "", bytes.HasPrefix(l.text, saysLetIn)
	}
	if len(l.text) > 0 && (l.text[0] == 'U' || l.text[0] == 'S') && (bytes.HasPrefix(l.text, saysNamed) || bytes.HasPrefix(l.text, saysSMTP)) {
		if _, account, ok = loggedIn(l.text); ok {
			return account, ok
		}
	}
	return inOtherWords(l.text)
}

// said says that the line is what one of the two said to the other.
func (l smtpLine) said() bool {
	start := l.text[:min(len(l.text), len(saysClient))]
	return bytes.EqualFold(start, saysClient) || bytes.EqualFold(start, saysServer)
}

// begins says that another message of the session begins.
func (l smtpLine) begins() bool {
	return bytes.HasPrefix(l.text, saysAccepted) || bytes.HasPrefix(l.text, saysMailFrom)
}

func (l smtpLine) quits() bool { return bytes.HasPrefix(l.text, saysQuit) }

// greets says that a session begins, or begins anew under TLS: nobody is logged in (RFC 3207, section 4.2). Its number may
// have been another one's that broke off.
func (l smtpLine) greets() bool { return bytes.HasPrefix(l.text, saysGreeting) }

// written says that a message was put into the spool, and under which name; "" where the line has none. Builds write
// one of two lines about it, or both.
func (l smtpLine) written() (id string, ok bool) {
	switch {
	case bytes.HasPrefix(l.text, saysWroteHDR):
		_, path, _ := bytes.Cut(l.text, []byte("("))
		return baseName(bytes.TrimRight(path, ")."), ".hdr"), true
	case bytes.HasPrefix(l.text, saysReceived):
		_, name, _ := bytes.Cut(l.text, writingTo)
		name, _, _ = bytes.Cut(name, []byte(" "))
		return baseName(name, ".eml"), true
	}
	return "", false
}

// maxBase bounds the name of a spool file; SmarterMail's have 8 or 12 digits, third parties add suffixes.
const maxBase = 64

// baseName is the last part of a path of either system without its extension; "" where it is not a spool file's.
func baseName(path []byte, ext string) string {
	name := path[bytes.LastIndexAny(path, `/\`)+1:]
	cut := len(name) - len(ext)
	if cut < 1 || cut > maxBase || !strings.EqualFold(string(name[cut:]), ext) {
		return ""
	}
	return string(name[:cut])
}
