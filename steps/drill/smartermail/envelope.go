package smartermail

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hdrTime is how an HDR writes times: local, without a zone.
const hdrTime = "01/02/2006 15:04:05"

// The states of an HDR that the stand-in uses, as line 1 has them.
const (
	statusWriting = "Writing"
	statusWritten = "Written"
)

// envelope is what the HDR of a message says.
type envelope struct {
	status     string
	mailFrom   string // empty for a bounce
	recipients []string
	auth       string // the account that logged in; empty for mail from outside and for bounces
	retries    int
	nextTry    time.Time
	created    time.Time
	ip         string // empty for web mail
	helo       string
	session    string
}

// hdr is the file as current builds write it: CRLF, a space after the status, an empty line at the end.
func (e envelope) hdr() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("%s ", e.status)
	line("%s", e.mailFrom)
	line("%s", strings.Join(e.recipients, ","))
	line("retry: %d;%s", e.retries, e.nextTry.Format(hdrTime))
	line("from: %s", e.mailFrom)
	if e.auth != "" {
		line("auth: %s", e.auth)
		line("spamcheck: _DMARC=0,skipped - Authenticated")
	}
	line("creationdate: %s", e.created.Format(hdrTime))
	for _, to := range e.recipients {
		line("notify: %s=", to)
	}
	line("containsLocalDeliveries: %s", map[bool]string{true: "True", false: "False"}[e.local()])
	if e.ip != "" {
		line("connectedip: %s", e.ip)
		line("helo: %s", e.helo)
		line("connectedhostname: %s", hostName(e.ip))
		line("smtpSessionId: %s", e.session)
		line("dmarcResult: Skipped (Authenticated)")
	}
	line("")
	return b.Bytes()
}

// bounce says that this server made the message itself, to tell that another one came back.
func (e envelope) bounce() bool { return e.mailFrom == "" && e.auth == "" }

// forged says that the message was sent in another name than the account's own.
func (e envelope) forged() bool { return e.auth != "" && e.mailFrom != e.auth }

// local says that the message is for a mailbox of this server: a report that came back to its account.
func (e envelope) local() bool {
	return slices.ContainsFunc(domains, func(hosted hosting) bool { return strings.EqualFold(hosted.name, domainOf(e.recipients[0])) })
}

// kind is what a message is that leaves.
func (e envelope) kind() Kind {
	switch {
	case e.forged():
		return KindSpam
	case e.bounce():
		return KindBounce
	}
	return KindGood
}

// readEnvelope understands what hdr has written. It is the stand-in's own reader, not a tolerant one:
// a file that it does not understand is left alone.
func readEnvelope(b []byte, zone *time.Location) (envelope, error) {
	lines := strings.Split(string(b), "\r\n")
	if len(lines) < 5 {
		return envelope{}, fmt.Errorf("read hdr: only %d lines", len(lines))
	}
	e := envelope{status: strings.TrimRight(lines[0], " "), mailFrom: lines[1], recipients: strings.Split(lines[2], ",")}
	for _, line := range lines[3:] {
		key, value, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		value = strings.TrimSpace(value)
		var err error
		switch key {
		case "retry":
			count, at, _ := strings.Cut(value, ";")
			if e.retries, err = strconv.Atoi(count); err == nil {
				e.nextTry, err = time.ParseInLocation(hdrTime, at, zone)
			}
		case "creationdate":
			e.created, err = time.ParseInLocation(hdrTime, value, zone)
		case "auth":
			e.auth = value
		case "connectedip":
			e.ip = value
		case "helo":
			e.helo = value
		case "smtpSessionId":
			e.session = value
		}
		if err != nil {
			return envelope{}, fmt.Errorf("read hdr: line %q: %w", key, err)
		}
	}
	return e, nil
}
