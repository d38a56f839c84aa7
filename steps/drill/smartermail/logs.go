package smartermail

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The logs that the stand-in writes, as their file names have them.
const (
	logSMTP     = "smtpLog"
	logDelivery = "delivery"
	logAdmin    = "administrative"
)

// logTime is how a line begins: local time, no date.
const logTime = "15:04:05.000"

// logLine is one line and the log it belongs to.
type logLine struct {
	kind string
	at   time.Time
	text string
}

// smtpLines is what the smtpLog says of a message's session: the greeting, the login, the message.
// They end when the message has been received.
func (l letter) smtpLines(spool string) []logLine {
	e := l.env
	at := e.created.Add(-1600 * time.Millisecond)
	s := session{ip: e.ip, id: e.session, account: e.auth}
	return append(s.greeting(at, e.helo), l.dataLines(spool)...)
}

// greeting is a session's beginning, up to the login.
func (s session) greeting(at time.Time, helo string) []logLine {
	return s.lines(at,
		"cmd: EHLO "+helo,
		"rsp: 250-"+ServerName+" Hello ["+s.ip+"]",
		"cmd: AUTH LOGIN",
		"rsp: 334 VXNlcm5hbWU6",
		"rsp: 334 UGFzc3dvcmQ6",
		"rsp: 235 Authentication successful",
		"Authenticated as "+s.account)
}

// refusal is a session whose login failed.
func (s session) refusal(at time.Time) []logLine {
	return s.lines(at,
		"cmd: EHLO ["+s.ip+"]",
		"cmd: AUTH LOGIN",
		"rsp: 334 VXNlcm5hbWU6",
		"rsp: 334 UGFzc3dvcmQ6",
		"rsp: 535 Authentication failed",
		"cmd: QUIT")
}

// dataLines is what the smtpLog says of one message within its session.
func (l letter) dataLines(spool string) []logLine {
	e := l.env
	s := session{ip: e.ip, id: e.session}
	say := []string{"cmd: MAIL FROM:<" + e.mailFrom + ">", "Sender accepted. Weight: 0", "rsp: 250 OK"}
	for _, to := range e.recipients {
		say = append(say, "cmd: RCPT TO:<"+to+">", "rsp: 250 OK <"+to+"> Recipient ok")
	}
	say = append(say, "cmd: DATA", "rsp: 354 Start mail input; end with <CRLF>.<CRLF>", "rsp: 250 OK",
		fmt.Sprintf("Received message size: %d bytes", len(l.text)),
		fmt.Sprintf("Successfully wrote to the HDR file. (%s.hdr)", filepath.ToSlash(l.base(spool))),
		fmt.Sprintf("Data transfer succeeded, writing mail to %s.eml", l.id))
	return s.lines(e.created, say...)
}

// lines are those of one session in the smtpLog, some milliseconds apart.
func (s session) lines(at time.Time, texts ...string) []logLine {
	out := make([]logLine, len(texts))
	for i, text := range texts {
		out[i] = logLine{logSMTP, at.Add(time.Duration(3*i) * time.Millisecond), fmt.Sprintf("[%s][%s] %s", s.ip, s.id, text)}
	}
	return out
}

// delivered is what the delivery log says of a message that left.
func (l letter) delivered(at time.Time) []logLine {
	_, domain, _ := strings.Cut(l.env.recipients[0], "@")
	say := []string{"Delivery started for " + l.sender(), "RSP: 220 mx." + domain + " ESMTP", "CMD: DATA", "RSP: 354 send message; end with dot", "RSP: 250 2.0.0 accepted"}
	if l.env.local() {
		say = []string{"Delivery started for " + l.sender(), "Starting local delivery to " + l.env.recipients[0]}
	}
	for _, to := range l.env.recipients {
		say = append(say, fmt.Sprintf("Delivery for %s to %s has completed (Delivered)", l.sender(), to))
	}
	say = append(say,
		fmt.Sprintf("Delivery finished for %s at %s\t[id:%s]", l.sender(), at.Format("3:04:05 PM"), l.id),
		"Removing Spool message: Killed: False, Failed: False, Finished: True")
	return l.deliveryLines(at, say...)
}

// deferred is what the delivery log says of a message that the other side did not want yet.
func (l letter) deferred(at time.Time, reply string) []logLine {
	return l.deliveryLines(at,
		"Delivery started for "+l.sender(),
		"CMD: MAIL FROM:<"+l.env.mailFrom+">",
		"RSP: "+reply)
}

func (l letter) deliveryLines(at time.Time, texts ...string) []logLine {
	out := make([]logLine, len(texts))
	for i, text := range texts {
		out[i] = logLine{logDelivery, at.Add(time.Duration(5*i) * time.Millisecond), fmt.Sprintf("[%s] %s", l.deliveryID(), text)}
	}
	return out
}

// sender is how the delivery log names who sent it.
func (l letter) sender() string { return cmp.Or(l.env.mailFrom, "<>") }

// adminLine is a line of the administrative log: logins, and what administrators do.
func adminLine(at time.Time, ip, text string) logLine {
	return logLine{logAdmin, at, fmt.Sprintf("[%s] %s", ip, text)}
}

// appendLogs writes the lines to the files of their days, in the order of their times.
func appendLogs(dir string, lines []logLine) error {
	slices.SortStableFunc(lines, func(a, b logLine) int { return a.at.Compare(b.at) })
	texts := map[string]*bufio.Writer{}
	var files []*os.File
	var errs []error
	for _, line := range lines {
		name := line.at.Format("2006.01.02") + "-" + line.kind + ".log"
		w := texts[name]
		if w == nil {
			f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o640)
			if err != nil {
				errs = append(errs, fmt.Errorf("write log: %w", err))
				break
			}
			files = append(files, f)
			w = bufio.NewWriterSize(f, 64<<10)
			texts[name] = w
		}
		w.WriteString(line.at.Format(logTime) + " " + line.text + "\r\n") // an error shows at Flush
	}
	for _, w := range texts {
		errs = append(errs, w.Flush())
	}
	for _, f := range files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
