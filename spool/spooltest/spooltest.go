// Package spooltest writes message pairs for tests, laid out as SmarterMail (build 9742) was seen to write them.
package spooltest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool"
)

// Pair describes one message. What is left empty gets an ordinary value; "-" leaves the line or header out.
type Pair struct {
	ID       spool.ID // "SubSpool3/67518204"; its folder is made
	Status   string   // "Written"
	MailFrom string   // the Auth account; "<>" for the null sender
	To       []string // one recipient
	Auth     string   // "joe@example.com"
	IP       string   // "203.0.113.42"
	HELO     string   // "JOEPC"
	Session  string   // "41107744"
	Created  time.Time
	Retries  int

	From    string // the MailFrom; the header as it stands on the wire
	Subject string // "Hello"; the header as it stands on the wire
	Headers string // further header lines, each with its line end, put above the others
	Body    string // "Good morning."

	HDR string // when not empty, the whole HDR file
	EML string // when not empty, the whole EML file
}

// Default times are fixed, so that a test sees the same files every time.
var created = time.Date(2026, 8, 30, 22, 43, 20, 0, time.UTC)

func (p Pair) filled() Pair {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set((*string)(&p.ID), "SubSpool3/67518204")
	set(&p.Status, "Written")
	set(&p.Auth, "joe@example.com")
	set(&p.IP, "203.0.113.42")
	set(&p.HELO, "JOEPC")
	set(&p.Session, "41107744")
	set(&p.Subject, "Hello")
	set(&p.Body, "Good morning.\r\n")
	if p.MailFrom == "" && p.Auth != "-" {
		p.MailFrom = p.Auth
	}
	if p.From == "" {
		p.From = strings.Trim(p.MailFrom, "<>")
		set(&p.From, "postmaster@mail.example.com")
	}
	if len(p.To) == 0 {
		p.To = []string{"alice@example.net"}
	}
	if p.Created.IsZero() {
		p.Created = created
	}
	return p
}

// HDRBytes returns the HDR file of p.
func (p Pair) HDRBytes() []byte {
	p = p.filled()
	if p.HDR != "" {
		return []byte(p.HDR)
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	optional := func(key, value string) {
		if value != "-" {
			line("%s: %s", key, value)
		}
	}
	at := p.Created.Format("01/02/2006 15:04:05")
	line("%s ", p.Status)
	line("%s", p.MailFrom)
	line("%s", strings.Join(p.To, ","))
	line("retry: %d;%s", p.Retries, at)
	line("from: %s", strings.Trim(p.MailFrom, "<>"))
	optional("auth", p.Auth)
	line("spamcheck: _DMARC=0,skipped - Authenticated")
	line("creationdate: %s", at)
	for _, to := range p.To {
		line("notify: %s=", to)
	}
	line("containsLocalDeliveries: False")
	optional("connectedip", p.IP)
	optional("helo", p.HELO)
	line("connectedhostname: host.example.net")
	optional("smtpSessionId", p.Session)
	line("dmarcResult: Skipped (Authenticated)")
	line("")
	return []byte(b.String())
}

// EMLBytes returns the EML file of p.
func (p Pair) EMLBytes() []byte {
	p = p.filled()
	if p.EML != "" {
		return []byte(p.EML)
	}
	var b strings.Builder
	b.WriteString(p.Headers)
	if p.IP != "-" {
		fmt.Fprintf(&b, "Received: from %s (host.example.net [%s]) by mail.example.com with SMTP\r\n"+
			"    (version=Tls12\r\n    cipher=Aes256 bits=256);\r\n   %s\r\n", p.HELO, p.IP, p.Created.Format(time.RFC1123Z))
	}
	optional := func(key, value string) {
		if value != "-" {
			fmt.Fprintf(&b, "%s: %s\r\n", key, value)
		}
	}
	optional("From", p.From)
	optional("To", strings.Join(p.To, ", "))
	optional("Subject", p.Subject)
	optional("Date", p.Created.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Message-ID: <%s@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s",
		p.ID.Base(), p.Body)
	return []byte(b.String())
}

// Write writes both files of p below root, with the times of p.Created, and returns the name of the message.
func Write(t testing.TB, root string, p Pair) spool.ID {
	t.Helper()
	p = p.filled()
	File(t, root, p.ID.HDR(), p.HDRBytes(), p.Created)
	File(t, root, p.ID.EML(), p.EMLBytes(), p.Created)
	return p.ID
}

// File writes one file below root (name slash separated), making its folder, and sets its time unless that is zero.
func File(t testing.TB, root, name string, data []byte, at time.Time) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if at.IsZero() {
		return
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}
