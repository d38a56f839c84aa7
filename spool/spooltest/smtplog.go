package spooltest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"delist/spool"
)

// LogForm is how a build writes its SMTP log.
type LogForm struct {
	Name        string
	head, wrote string // of a line, and what it says of a message that came in
}

// LogForms are the forms that are known.
func LogForms() []LogForm {
	return []LogForm{
		{"by the envelope's path", "%s [%s][%d] ", "Successfully wrote to the HDR file. (C:/SmarterMail/Domains/Spool/SubSpool3/%s.hdr)"},
		{"by the message's name", "%s [%s] [%d] ", "Data transfer succeeded, writing mail to %s.eml (MessageID: <20260424070547@example.com>)"},
	}
}

// WithoutAuth leaves out of a layout who logged in.
func (l Layout) WithoutAuth() Layout {
	hdr := l.HDR
	l.HDR = func(e Envelope) string {
		e.Auth = ""
		return hdr(e)
	}
	return l
}

// WriteSMTPLog writes an SMTP log into a folder, in which an account sent messages at a time, eight in a session.
func WriteSMTPLog(t testing.TB, dir string, form LogForm, account string, at time.Time, ids []spool.ID) {
	t.Helper()
	var b strings.Builder
	for i, id := range ids {
		head := fmt.Sprintf(form.head, at.Format("15:04:05.000"), fmt.Sprintf("198.51.100.%d", 1+i/8), 30216663+i/8)
		if i%8 == 0 {
			fmt.Fprintf(&b, "%sAuthenticated as %s\r\n", head, account)
		}
		fmt.Fprintf(&b, "%s"+form.wrote+"\r\n", head, id.Base())
	}
	File(t, dir, at.Format("2006.01.02")+"-smtpLog.log", []byte(b.String()), at)
}
