package smartermail

import (
	"encoding/base64"
	"fmt"
	"mime"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// subjects of ordinary mail. The encoded ones are what mail programs of other countries really write (RFC 2047).
var subjects = []string{
	"Minutes, Tuesday",
	"Quote for the west window",
	"Re: delivery on Thursday",
	"Your booking is confirmed",
	mime.BEncoding.Encode("UTF-8", "Rückfrage zum Angebot, Größe und Preis"),
	"Timesheets, week 47",
	"Lunch on Friday?",
	mime.QEncoding.Encode("ISO-8859-1", latin1("Réunion de mardi: présence demandée")),
	"Photos of the stairs",
	"Reminder: check-up next week",
	"Order confirmed, thank you",
	"=?KOI8-R?B?" + base64.StdEncoding.EncodeToString([]byte(koi8("Счёт за ноябрь"))) + "?=",
	"Re: keys for the boat shed",
	"Draft contract, two questions",
	"Rota for December",
	"Statement of account",
}

// paragraphs are what ordinary mail talks about.
var paragraphs = []string{
	"Thank you for your call this morning. I have put the two dates in the calendar and will let you know as soon as the others have answered.",
	"The drawings are with the workshop. They will need until Thursday, a day longer than I had hoped, because the glass comes from abroad.",
	"Could you send me the figures for October? I have the first half of the month, but nothing after the 15th.",
	"We can offer you the room upstairs, which is quieter, or the large one with the view. The price is the same.",
	"Please bring the signed copy with you. If you cannot come, the post is fine too, as long as it is here by Friday.",
	"I have looked at the boat shed: the lock works again, and there are three keys, one of them yours.",
}

// business is a message that an account's owner really sends.
func (a *author) business(from person, at time.Time) letter {
	env := envelope{
		status:     statusWritten,
		mailFrom:   from.address,
		recipients: a.outsiders(1 + a.rng.IntN(3)/2),
		auth:       from.address,
		created:    sameSecond(at),
		nextTry:    sameSecond(at),
		ip:         from.ip,
		helo:       from.helo,
		session:    a.session(),
	}
	subject := subjects[a.mailNow%len(subjects)]
	a.mailNow++
	return a.letter(env, message(append([]string{strings.TrimRight(received(env, true), "\r\n")}, a.headers(from, env, subject)...), a.chat(from)))
}

// webMail is the same written in web mail: no SMTP session, no client address, and a byte order mark in front.
func (a *author) webMail(from person, at time.Time) letter {
	l := a.business(from, at)
	l.env.ip, l.env.helo, l.env.session = "", "", ""
	l.text = append([]byte("\xef\xbb\xbf"), message(a.headers(from, l.env, "Notes from the meeting"), a.chat(from))...)
	return l
}

// headers are those a mail program writes itself.
func (a *author) headers(from person, env envelope, subject string) []string {
	return []string{
		fmt.Sprintf("From: %s <%s>", from.name, from.address),
		"To: " + strings.Join(env.recipients, ",\r\n\t"),
		"Subject: " + subject,
		"Date: " + env.created.Format(mailDate),
		fmt.Sprintf("Message-ID: <%016x@%s>", a.rng.Uint64(), domainOf(from.address)),
		"MIME-Version: 1.0",
		"Content-Type: text/plain; charset=utf-8",
		"X-Mailer: Microsoft Outlook 16.0",
	}
}

// chat is the text of an ordinary message.
func (a *author) chat(from person) string {
	var b strings.Builder
	b.WriteString("Hello,\n\n")
	for range 3 + a.rng.IntN(12) {
		b.WriteString(a.pick(paragraphs) + "\n\n")
	}
	return b.String() + "Kind regards\n" + from.name + "\n"
}

// latin1 and koi8 give the bytes of the text in the named character set; the texts above have no others.
func latin1(s string) string { return must(charmap.ISO8859_1.NewEncoder().String(s)) }
func koi8(s string) string   { return must(charmap.KOI8R.NewEncoder().String(s)) }

// must is for constants of this file only.
func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}
