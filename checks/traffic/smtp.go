package traffic

import (
	"bytes"
	"net/netip"
	"strings"
)

// smtpLine is a line of the smtpLog: "time [client address][session] text"; some builds write a blank between the
// brackets. The log has every connection that comes in, submission included, at the level Detailed.
type smtpLine struct {
	stamp
	client  []byte // as written
	session []byte
	text    []byte
}

func parseSMTP(b []byte) (l smtpLine, ok bool) {
	if l.stamp, b, ok = cutStamp(b); !ok {
		return smtpLine{}, false
	}
	if l.client, b, ok = cutBracket(b); !ok {
		return smtpLine{}, false
	}
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	if l.session, b, ok = cutBracket(b); !ok {
		return smtpLine{}, false
	}
	l.text, ok = cutText(b)
	return l, ok
}

func (l smtpLine) ip() netip.Addr { return address(l.client) }

// The lines that say something. What a client says stands behind "cmd: " and cannot pass for one.
var (
	saysLogin    = []byte("Authenticated as ")
	saysWroteHDR = []byte("Successfully wrote to the HDR file")
	saysReceived = []byte("Data transfer succeeded")
	saysAccepted = []byte("Sender accepted")
	saysMailFrom = []byte("cmd: MAIL")
	saysQuit     = []byte("cmd: QUIT")
	writingTo    = []byte("writing mail to ")
)

// login is the account that the session has just logged in as, "" on any other line.
func (l smtpLine) login() string {
	name, ok := bytes.CutPrefix(l.text, saysLogin)
	if !ok {
		return ""
	}
	return accountName(name)
}

// begins says that another message of the session begins.
func (l smtpLine) begins() bool {
	return bytes.HasPrefix(l.text, saysAccepted) || bytes.HasPrefix(l.text, saysMailFrom)
}

func (l smtpLine) quits() bool { return bytes.HasPrefix(l.text, saysQuit) }

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
