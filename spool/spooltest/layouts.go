package spooltest

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"delist/spool"
)

// Envelope is what every layout of an HDR holds in its own way.
type Envelope struct {
	From string
	To   []string
	Auth string // "" where nobody logged in
}

// Layout is a way to lay out an HDR.
type Layout struct {
	Name string
	As   spool.Layout // how it is read
	HDR  func(Envelope) string
}

// Layouts are layouts of an HDR: today's, what older builds may have written, and what is in no way like it.
func Layouts() []Layout {
	lines := func(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }
	type e = Envelope
	to := func(e e, sep string) string { return strings.Join(e.To, sep) }
	today := func(status, separator, date, ip string, more ...string) func(e) string {
		return func(e e) string {
			all := []string{status, e.From, to(e, separator), "retry: 0;" + date, "from: " + e.From}
			if e.Auth != "" {
				all = append(all, "auth: "+e.Auth)
			}
			return lines(append(append(all, more...), "creationdate: "+date, ip+": 198.51.100.7", "helo: PC7", "")...)
		}
	}
	const us = "08/03/2015 20:53:43"
	current := today("Written ", ",", us, "connectedip")
	return []Layout{
		{"current", spool.LayoutCurrent, current},
		{"camel, no auth", spool.LayoutCurrent, func(e e) string {
			e.Auth = ""
			return today("Written ", ",", us, "connectedIP", "connectedPort: 4021")(e)
		}},
		{"three lines", spool.LayoutCurrent, func(e e) string { return lines("Written ", e.From, to(e, ",")) }},
		{"recipients by semicolon", spool.LayoutCurrent, today("Written ", ";", us, "connectedip")},
		{"padded status", spool.LayoutCurrent, today("Written"+strings.Repeat(" ", 40), ",", us, "connectedip")},
		{"unknown status", spool.LayoutCurrent, today("Delivering ", ",", us, "connectedip")},
		{"12-hour date", spool.LayoutCurrent, today("Written ", ",", "8/3/2015 8:53:43 PM", "connectedip")},
		{"European date", spool.LayoutCurrent, today("Written ", ",", "03.08.2015 20:53:43", "connectedip")},
		{"UTF-16", spool.LayoutCurrent, func(e e) string { return wide(binary.LittleEndian, "\ufeff"+current(e)) }},
		{"UTF-16, big end first", spool.LayoutCurrent, func(e e) string { return wide(binary.BigEndian, "\ufeff"+current(e)) }},
		{"UTF-16 without a mark", spool.LayoutCurrent, func(e e) string { return wide(binary.LittleEndian, current(e)) }},
		{"carriage returns alone", spool.LayoutCurrent, func(e e) string { return strings.ReplaceAll(current(e), "\r\n", "\r") }},
		{"brackets and blanks", spool.LayoutCurrent, func(e e) string { return lines("Written ", "<"+e.From+">", "<"+to(e, "> <")+">", "auth: "+e.Auth) }},

		{"recipient a line", spool.LayoutAlike, func(e e) string {
			return lines("Written ", e.From, to(e, "\r\n"), "retry: 0;"+us, "auth: "+e.Auth, "")
		}},
		{"status of two words", spool.LayoutAlike, today("Virus Checked", ",", us, "connectedip")},
		{"status is a number", spool.LayoutAlike, today("2", ",", us, "connectedip")},
		{"line without a colon", spool.LayoutAlike, today("Written ", ",", us, "connectedip", "local")},
		{"blank line before the recipients", spool.LayoutAlike, func(e e) string { return lines("Written ", e.From, "", to(e, ","), "auth: "+e.Auth) }},

		{"keys only", spool.LayoutUnknown, func(e e) string {
			return lines("status: Written", "from: "+e.From, "to: "+to(e, ","), "auth: "+e.Auth, "")
		}},
		{"keys without blanks", spool.LayoutUnknown, func(e e) string { return lines("Written", "from:"+e.From, "to:"+to(e, ","), "auth:"+e.Auth, "") }},
		{"INI file", spool.LayoutUnknown, func(e e) string { return lines("[Envelope]", "From="+e.From, "To="+to(e, ";"), "Auth="+e.Auth) }},
		{"keys with equals signs", spool.LayoutUnknown, func(e e) string { return lines("Written", "From="+e.From, "To="+to(e, ";"), "Auth="+e.Auth) }},
		{"no status", spool.LayoutUnknown, func(e e) string { return lines(e.From, to(e, ","), "retry: 0;"+us, "auth: "+e.Auth, "") }},
		{"recipients first", spool.LayoutUnknown, func(e e) string { return lines("Written ", to(e, ","), e.From, "auth: "+e.Auth, "") }},
		{"queue file of another server", spool.LayoutUnknown, func(e e) string {
			return lines(`QC:\SmarterMail\Spool\1.eml`, "Hmail01.example", "S<"+e.From+">", "R<"+to(e, ">\r\nR<")+">", "A"+e.Auth)
		}},
		{"XML", spool.LayoutUnknown, func(e e) string {
			return `<?xml version="1.0"?><envelope><from>` + e.From + "</from><to>" + to(e, "</to><to>") + "</to><auth>" + e.Auth + "</auth></envelope>"
		}},
		{"XML in lines", spool.LayoutUnknown, func(e e) string {
			return lines("<envelope>", "<from>"+e.From+"</from>", "<to>"+to(e, "</to>\r\n<to>")+"</to>", "</envelope>")
		}},
		{"JSON", spool.LayoutUnknown, func(e e) string {
			return `{"from":"` + e.From + `","to":["` + to(e, `","`) + `"],"auth":"` + e.Auth + `"}`
		}},
		{"binary", spool.LayoutUnknown, func(e e) string {
			return "\x00\x01\x00\x00\x0f" + e.From + "\x00" + to(e, "\x00") + "\x00" + e.Auth + "\x00\x00"
		}},
		{"binary, long", spool.LayoutUnknown, func(e e) string {
			return strings.Repeat("\x00\xff\x07", 5000) + e.From + "\x00" + to(e, "\x00") + "\x00" + e.Auth
		}},
		{"plain words", spool.LayoutUnknown, func(e e) string { return lines("this is", "no envelope", "at all", e.From, to(e, " ")) }},
		{"cut short", spool.LayoutUnknown, func(e e) string { return lines("Written ", e.From) }},
		{"zeros of a torn write", spool.LayoutUnknown, func(e e) string { return strings.Repeat("\x00", 4096) }},
		{"empty", spool.LayoutUnknown, func(e) string { return "" }},
	}
}

func wide(order binary.ByteOrder, s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, 0, 0)
		order.PutUint16(b[len(b)-2:], unit)
	}
	return string(b)
}

// The spool that WriteLayout writes.
const (
	LayoutSpam   = 60                  // of Thief, the body of every second one in base64
	LayoutMail   = 15                  // of others, bounces among them
	LayoutString = "pay.bad.test/now"  // in the bodies of those that are not encoded
	LayoutWord   = "parcel"            // in the subject of every message of the spam
	LayoutOwner  = "info@quay.example" // sends some of the rest
)

// WriteLayout writes a spool of 75 messages of one layout below root into a folder of their own; with named, their EML names
// who logged in. They are two hours old. It returns the spam.
func WriteLayout(t testing.TB, root, folder string, l Layout, named bool) (spam []spool.ID) {
	t.Helper()
	at := time.Now().Add(-2 * time.Hour)
	n := 0
	write := func(e Envelope, from, subject, body string) spool.ID {
		n++
		id := spool.NewID(folder, fmt.Sprint(70_000_000+n*37))
		head := ""
		if named && e.Auth != "" {
			head = "X-SmarterMail-Authenticated-As: " + e.Auth + "\r\n"
		}
		head += "Received: from PC7 (host-198-51-100-7.dsl.test [198.51.100.7]) by mail01.example with SMTP;\r\n   Mon, 3 Aug 2015 20:53:43 -0700\r\n" +
			"From: " + from + "\r\nTo: " + e.To[0] + "\r\nSubject: " + subject + "\r\nDate: Mon, 3 Aug 2015 20:53:40 -0700\r\nMIME-Version: 1.0\r\n"
		hdr := l.HDR(e)
		File(t, root, id.HDR(), []byte(hdr), at)
		File(t, root, id.EML(), []byte(head+body), at)
		return id
	}
	plain := func(s string) string { return "Content-Type: text/plain\r\n\r\n" + s + "\r\n" }
	for i := range LayoutSpam {
		from := Thief
		if i%3 == 0 {
			from = "desk@bank.test"
		}
		to := []string{fmt.Sprintf("v%d@shop%d.test", i, i%50), fmt.Sprintf("w%d@shop.test", i), fmt.Sprintf("x%d@shop.test", i)}
		body := fmt.Sprintf("Pay at http://%s/%d quickly", LayoutString, i)
		if i%2 == 0 {
			body = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(body)) + "\r\n"
		} else {
			body = plain(body)
		}
		spam = append(spam, write(Envelope{from, to, Thief}, `"Parcel" <`+from+">", fmt.Sprintf("Your parcel %d waits", i), body))
	}
	for i := range LayoutMail {
		if i < 10 {
			write(Envelope{LayoutOwner, []string{fmt.Sprintf("c%d@client.test", i)}, LayoutOwner}, LayoutOwner, fmt.Sprintf("Invoice %d", i), plain("Dear client, attached"))
			continue
		}
		write(Envelope{"", []string{Thief}, ""}, "postmaster@mail01.example", "Delivery Failure", plain("550 no such user"))
	}
	return spam
}
