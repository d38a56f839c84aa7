package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// pair is one message on disk, as SmarterMail 16 and later keep it: an envelope in .hdr, the text in .eml.
type pair struct {
	auth, mailFrom, from, subject, client, helo, extra string
	to                                                 []string
	created                                            time.Time
}

// The server that the spool comes from; none of the drill's names.
const (
	ownDomain = "quayworks.example"
	stolen    = "billing@" + ownDomain
	relay     = "192.0.2.200"
)

// makeSpool writes a spool: 60 ordinary messages, and the spam of one stolen account with the bounces that came back; or,
// for a relay, the spam of one client that never logged in.
func makeSpool(dir string, fromRelay bool, now time.Time) error {
	n := 0
	add := func(p pair) error {
		n++
		return p.write(dir, n)
	}
	for i := range 60 {
		account := fmt.Sprintf("%s@%s", []string{"anna", "office", "jobs", "piet", "yard"}[i%5], ownDomain)
		err := add(pair{auth: account, mailFrom: account, from: account, subject: fmt.Sprintf("Offer %d for the quay", 400+i), client: "192.0.2.8", helo: "OFFICE-PC",
			to: []string{fmt.Sprintf("customer%d@client%d.test", i, i%11)}, created: now.Add(-time.Duration(5+i) * time.Minute)})
		if err != nil {
			return err
		}
	}
	if fromRelay {
		return addAll(300, add, func(i int) pair {
			return pair{mailFrom: forged(i), from: forged(i), subject: spamSubject(i), client: relay, helo: "localhost",
				to: victims(i), created: now.Add(-time.Duration(3+i/10) * time.Minute)}
		})
	}
	err := addAll(200, add, func(i int) pair {
		return pair{auth: stolen, mailFrom: forged(i), from: forged(i), subject: spamSubject(i),
			client: fmt.Sprintf("198.51.100.%d", 1+i%97), helo: fmt.Sprintf("host%d", i%97), to: victims(i), created: now.Add(-time.Duration(3+i/10) * time.Minute)}
	})
	if err != nil {
		return err
	}
	return addAll(8, add, func(i int) pair {
		return pair{from: "postmaster@" + ownDomain, subject: "Delivery Failure", to: []string{stolen}, created: now.Add(-time.Duration(4+i) * time.Minute),
			extra: "Return-Path: <>\r\nX-SmarterMail-MessageType: Bounce\r\n"}
	})
}

func addAll(count int, add func(pair) error, make func(int) pair) error {
	for i := range count {
		if err := add(make(i)); err != nil {
			return err
		}
	}
	return nil
}

func forged(i int) string      { return fmt.Sprintf("pay%d@bank%d.test", i%40, i%7) }
func spamSubject(i int) string { return fmt.Sprintf("Your account is limited, case %d", 70_000+i) }

func victims(i int) []string {
	return []string{fmt.Sprintf("m%d@freemail%d.test", i, i%9), fmt.Sprintf("k%d@webmail%d.test", i, i%5)}
}

// write writes the text first and the envelope last, as SmarterMail does, over the subfolders of the spool.
func (p pair) write(dir string, n int) error {
	const stamp = "01/02/2006 15:04:05"
	folder := filepath.Join(dir, fmt.Sprintf("SubSpool%d", n%10))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the spool: %w", err)
	}
	base := filepath.Join(folder, fmt.Sprint(706_173_250_000+n))
	text := p.extra
	if p.client != "" {
		text += fmt.Sprintf("Received: from %s (%s [%s]) by mail.%s with SMTP;\r\n   %s\r\n", p.helo, p.helo, p.client, ownDomain, p.created.Format(time.RFC1123Z))
	}
	text += fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@%s>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGood day.\r\n",
		p.from, strings.Join(p.to, ", "), p.subject, p.created.Format(time.RFC1123Z), n, ownDomain)
	head := []string{"Written ", p.mailFrom, strings.Join(p.to, ","), "retry: 0;" + p.created.Format(stamp), "from: " + p.from}
	if p.auth != "" {
		head = append(head, "auth: "+p.auth, "spamcheck: _DMARC=0,skipped - Authenticated")
	}
	head = append(head, "creationdate: "+p.created.Format(stamp))
	for _, to := range p.to {
		head = append(head, "notify: "+to+"=")
	}
	head = append(head, "containsLocalDeliveries: False")
	if p.client != "" {
		head = append(head, "connectedip: "+p.client, "helo: "+p.helo, fmt.Sprintf("smtpSessionId: %d", 41_000_000+n))
	}
	if err := writeAt(base+".eml", text, p.created); err != nil {
		return err
	}
	return writeAt(base+".hdr", strings.Join(head, "\r\n")+"\r\n\r\n", p.created)
}

func writeAt(path, data string, at time.Time) error {
	if err := os.WriteFile(path, []byte(data), 0o640); err != nil {
		return fmt.Errorf("write the spool: %w", err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		return fmt.Errorf("date the spool: %w", err)
	}
	return nil
}
