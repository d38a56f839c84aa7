package traffic

import (
	"strings"
	"testing"
	"time"
)

// clockOf is a time of day.
func clockOf(h, m, s, ms int) time.Duration {
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(ms)*time.Millisecond
}

func TestSMTPLines(t *testing.T) {
	tests := []struct {
		in      string
		clock   time.Duration
		ip      string // empty: no line of the log
		session string
		login   string
		wrote   bool
		id      string
	}{
		{in: "23:59:56.065 [203.0.113.70][39603817] cmd: EHLO example.com", clock: clockOf(23, 59, 56, 65), ip: "203.0.113.70", session: "39603817"},
		{in: "05:01:30.507 [198.51.100.23][30216663] rsp: 334 VXNlcm5hbWU6", clock: clockOf(5, 1, 30, 507), ip: "198.51.100.23", session: "30216663"},
		{in: "08:01:50.534 [192.0.2.10][29742033] Authenticated as admin@example.com", clock: clockOf(8, 1, 50, 534), ip: "192.0.2.10", session: "29742033", login: "admin@example.com"},
		{in: "08:01:51.533 [192.0.2.10][29742033] Sender accepted. Weight: 0", clock: clockOf(8, 1, 51, 533), ip: "192.0.2.10", session: "29742033"},
		{in: "08:01:53.039 [192.0.2.10][29742033] rsp: 250 OK", clock: clockOf(8, 1, 53, 39), ip: "192.0.2.10", session: "29742033"},
		{in: "08:01:53.039 [192.0.2.10][29742033] Received message size: 228 bytes", clock: clockOf(8, 1, 53, 39), ip: "192.0.2.10", session: "29742033"},
		{in: "08:01:53.042 [192.0.2.10][29742033] Successfully wrote to the HDR file. (C:/SmarterMail/Domains/Spool/SubSpool3/706173251002.hdr)",
			clock: clockOf(8, 1, 53, 42), ip: "192.0.2.10", session: "29742033", wrote: true, id: "706173251002"},
		{in: "00:05:47.504 [203.0.113.55] [10059869] Data transfer succeeded, writing mail to 67518204.eml (MessageID: <20260424070547@example.com>)",
			clock: clockOf(0, 5, 47, 504), ip: "203.0.113.55", session: "10059869", wrote: true, id: "67518204"},

		{in: "[2026.02.18] 08:01:50 [192.0.2.10][29742033] Authenticated as Admin@Example.com\r", clock: clockOf(8, 1, 50, 0), ip: "192.0.2.10", session: "29742033", login: "admin@example.com"},
		{in: `08:01:53.042 [2001:db8::1][7] Successfully wrote to the HDR file. (C:\Program Files (x86)\SmarterMail\Spool\proc\-12ab.HDR)`,
			clock: clockOf(8, 1, 53, 42), ip: "2001:db8::1", session: "7", wrote: true, id: "-12ab"},
		{in: "08:01:53 [192.0.2.10][7] Data transfer succeeded", clock: clockOf(8, 1, 53, 0), ip: "192.0.2.10", session: "7", wrote: true},
		{in: "08:01:53 [192.0.2.10][7] cmd: Authenticated as boss@example.com", clock: clockOf(8, 1, 53, 0), ip: "192.0.2.10", session: "7"},
		{in: "08:01:53 [192.0.2.10][7] Authenticated as boss\x1b[31m@example.com", clock: clockOf(8, 1, 53, 0), ip: "192.0.2.10", session: "7"},
		{in: "08:01:53 [192.0.2.10][7] Authenticated as \xff\xfe@example.com", clock: clockOf(8, 1, 53, 0), ip: "192.0.2.10", session: "7", login: "ÿþ@example.com"},
		{in: "08:01:53 [192.0.2.10][7] Authenticated as " + strings.Repeat("a", 400), clock: clockOf(8, 1, 53, 0), ip: "192.0.2.10", session: "7"},
		{in: "08:01:53.042 [::ffff:192.0.2.10][7] x", clock: clockOf(8, 1, 53, 42), ip: "192.0.2.10", session: "7"},
		{in: "  and so on"},
		{in: "24:01:53 [192.0.2.10][7] cmd: QUIT"},
		{in: "08:01:53 [192.0.2.10] cmd: QUIT"},
		{in: "08:01:53 [192.0.2.10][7"},
		{in: "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
		{in: ""},
	}
	for _, tt := range tests {
		l, ok := parseSMTP([]byte(tt.in))
		if !ok {
			if tt.ip != "" {
				t.Errorf("%q is a line of the log", tt.in)
			}
			continue
		}
		id, wrote := l.written()
		login, _ := l.login()
		if l.ip().String() != tt.ip || l.clock != tt.clock || string(l.session) != tt.session || login != tt.login || wrote != tt.wrote || id != tt.id {
			t.Errorf("%q: %s %v %s, login %q, wrote %v %q", tt.in, l.ip(), l.clock, l.session, login, wrote, id)
		}
	}
}

func TestDeliveryLines(t *testing.T) {
	tests := []struct {
		in     string
		clock  time.Duration
		id     string // empty: no line of the log
		sender string
		local  string
	}{
		{"14:08:54.154 [313455-1] CMD: DATA", clockOf(14, 8, 54, 154), "313455-1", "", ""},
		{"14:08:54.185 [313455-1] RSP: 354 send message; end with dot", clockOf(14, 8, 54, 185), "313455-1", "", ""},
		{"14:08:54.232 [313455-1] RSP: 250 2.0.0 accepted", clockOf(14, 8, 54, 232), "313455-1", "", ""},
		{"14:08:54.267 [313455-1] Delivery for sender@example.com to rcpt@example.com has completed (Delivered)", clockOf(14, 8, 54, 267), "313455-1", "sender@example.com", ""},
		{"14:08:57.001 [313455-1] Delivery finished for sender@example.com at 2:08:57 PM\t[id:422405313455-1]", clockOf(14, 8, 57, 1), "313455-1", "sender@example.com", ""},
		{"23:59:59.117 [72495970] Starting local delivery to andy@example.com", clockOf(23, 59, 59, 117), "72495970", "", "andy@example.com"},
		{"00:00:02.200 [84012346] Delivery started for user@example.com", clockOf(0, 0, 2, 200), "84012346", "user@example.com", ""},
		{"00:05:58.836 [84012980] Blocked Sender Checks started.", clockOf(0, 5, 58, 836), "84012980", "", ""},
		{"00:06:07.424 [84012980] Removing Spool message: Killed: False, Failed: False, Finished: True", clockOf(0, 6, 7, 424), "84012980", "", ""},
		{"00:00:02.200 [84012346] Delivery started for <>", clockOf(0, 0, 2, 200), "84012346", "", ""},
		{"[2026.02.18] 00:00:02.200 [84012346] Delivery started for user@example.com\r", clockOf(0, 0, 2, 200), "84012346", "user@example.com", ""},
		{"250-SIZE 20000000", 0, "", "", ""},
		{"[84012346] Delivery started for user@example.com", 0, "", "", ""},
	}
	for _, tt := range tests {
		l, ok := parseDelivery([]byte(tt.in))
		if ok != (tt.id != "") || l.clock != tt.clock || string(l.id) != tt.id || ok && (l.sender() != tt.sender || l.local() != tt.local) {
			t.Errorf("%q: %v, %v %q from %q, local %q", tt.in, ok, l.clock, l.id, l.sender(), l.local())
		}
	}
}

func TestAdministrativeLines(t *testing.T) {
	tests := []struct {
		in       string
		clock    time.Duration
		ip       string // empty: no line of the log
		protocol string // of a login
		account  string
	}{
		{"23:59:57.727 [198.51.100.19] IMAP Login failed: User [204be204] not found", clockOf(23, 59, 57, 727), "198.51.100.19", "", ""},
		{"03:35:47.054 [192.0.2.6] Webmail Attempting to login user: admin", clockOf(3, 35, 47, 54), "192.0.2.6", "", ""},
		{"00:00:02.200 [192.0.2.7] Webmail Login successful: With user demo", clockOf(0, 0, 2, 200), "192.0.2.7", "Webmail", "demo"},
		{"[198.51.100.6] IMAP Login successful 00:00:03.300", clockOf(0, 0, 3, 300), "198.51.100.6", "IMAP", ""},
		{"[2026.02.18] [198.51.100.6] POP Login successful: User [Joe@Example.com] 00:00:03\r", clockOf(0, 0, 3, 0), "198.51.100.6", "POP", "joe@example.com"},
		{"00:00:02.200 [192.0.2.7] Webmail Login failed: With user x Login successful: With user y", clockOf(0, 0, 2, 200), "192.0.2.7", "", ""},
		{"[198.51.100.6]00:00:03.300", 0, "", "", ""},
		{"[198.51.100.6] nothing with a time", 0, "", "", ""},
	}
	for _, tt := range tests {
		l, ok := parseAdministrative([]byte(tt.in))
		if ok != (tt.ip != "") {
			t.Errorf("%q: a line of the log: %v", tt.in, ok)
			continue
		}
		protocol, account, _ := l.login()
		if ok && l.ip().String() != tt.ip || l.clock != tt.clock || protocol != tt.protocol || account != tt.account {
			t.Errorf("%q: %s %v, %q as %q", tt.in, l.ip(), l.clock, protocol, account)
		}
	}
}

// The last 8 characters join a delivery with its spool file.
func TestJoint(t *testing.T) {
	for base, delivery := range map[string]string{"422405313454": "05313454", "422405313455-1": "313455-1", "67518204": "67518204", "7": "7"} {
		if joint(base) != joint(delivery) {
			t.Errorf("%s is not delivery %s", base, delivery)
		}
	}
	if joint("67518204") == joint("67518205") {
		t.Error("two messages are one delivery")
	}
}

func TestClockPassesMidnight(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, berlin) }
	later := day(12, 24)
	tests := []struct {
		name   string
		day    time.Time
		now    time.Time
		clocks []time.Duration
		want   string // of the last line
	}{
		{"an ordinary day", day(11, 24), later, []time.Duration{clockOf(0, 0, 1, 0), clockOf(9, 43, 51, 0)}, "24 09:43"},
		{"a connection that ends after midnight", day(11, 24), later, []time.Duration{clockOf(23, 59, 59, 0), clockOf(0, 0, 2, 0)}, "25 00:00"},
		{"lines of the day before", day(11, 24), later, []time.Duration{clockOf(23, 59, 59, 0), clockOf(0, 0, 2, 0), clockOf(9, 43, 51, 0)}, "24 09:43"},
		{"not in the future", day(11, 24), day(11, 24).Add(8 * time.Minute), []time.Duration{clockOf(23, 59, 59, 0), clockOf(0, 5, 0, 0)}, "24 00:05"},
		{"out of turn", day(11, 24), later, []time.Duration{clockOf(9, 43, 51, 0), clockOf(9, 43, 50, 900)}, "24 09:43"},
		{"the end of summer time", day(10, 25), later, []time.Duration{clockOf(2, 59, 59, 0), clockOf(2, 0, 1, 0), clockOf(12, 0, 0, 0)}, "25 12:00"},
		{"a short day", day(3, 29), later, []time.Duration{clockOf(18, 30, 0, 0)}, "29 18:30"},
	}
	for _, tt := range tests {
		c := dayClock{day: tt.day}
		var at time.Time
		for _, clock := range tt.clocks {
			c.pass(stamp{clock: clock})
			at = c.at(stamp{clock: clock}, tt.now)
		}
		if got := at.Format("2 15:04"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func FuzzSMTPLine(f *testing.F) {
	f.Add([]byte("08:01:50.534 [192.0.2.10][29742033] Authenticated as admin@example.com"))
	f.Add([]byte("[2026.02.18] 00:05:47.504 [203.0.113.55] [10059869] Data transfer succeeded, writing mail to 67518204.eml (MessageID: <x>)"))
	f.Add([]byte("08:01:53.042 [192.0.2.10][29742033] Successfully wrote to the HDR file. (C:/Spool/SubSpool3/706173251002.hdr)"))
	f.Add([]byte("00:00:00 [0][0] Authenticated as 0<0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, ok := parseSMTP(b)
		if !ok {
			return
		}
		checkStamp(t, l.stamp)
		account, _ := l.login()
		checkAccount(t, account)
		if id, wrote := l.written(); len(id) > maxBase || !wrote && id != "" || strings.ContainsAny(id, `/\`) {
			t.Errorf("wrote %q", id)
		}
		takeIn(t, SMTP, b)
	})
}

func FuzzDeliveryLine(f *testing.F) {
	f.Add([]byte("14:08:57.001 [313455-1] Delivery finished for sender@example.com at 2:08:57 PM\t[id:422405313455-1]"))
	f.Add([]byte("[2026.02.18] 23:59:59.117 [72495970] Starting local delivery to andy@example.com\r"))
	f.Add([]byte("14:08:54 [1] Delivery for <a@b.c> to d@e.f has completed (Delivered)"))
	f.Add([]byte("00:00:00 [0] Delivery for 0>0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, ok := parseDelivery(b)
		if !ok {
			return
		}
		checkStamp(t, l.stamp)
		checkAccount(t, l.sender())
		checkAccount(t, l.local())
		takeIn(t, Delivery, b)
	})
}

func FuzzAdministrativeLine(f *testing.F) {
	f.Add([]byte("00:00:02.200 [192.0.2.7] Webmail Login successful: With user demo"))
	f.Add([]byte("[2026.02.18] [198.51.100.6] IMAP Login successful 00:00:03.300"))
	f.Add([]byte("00:00:00 [0] IMAP Login successful\x87\x87\x87user "))
	f.Add([]byte("23:59:57.727 [198.51.100.19] IMAP Login failed: User [204be204] not found"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, ok := parseAdministrative(b)
		if !ok {
			return
		}
		checkStamp(t, l.stamp)
		protocol, account, got := l.login()
		checkAccount(t, account)
		if got != (protocol != "") || len(protocol) > maxProtocol {
			t.Errorf("protocol %q", protocol)
		}
		takeIn(t, Administrative, b)
	})
}

func checkStamp(t *testing.T, s stamp) {
	t.Helper()
	if s.clock < 0 || s.clock > 24*time.Hour+2*time.Second || s.date.month > 12 || s.date.day > 31 || s.offset%60 != 0 {
		t.Errorf("stamp %+v", s)
	}
}

func checkAccount(t *testing.T, name string) {
	t.Helper()
	if len(name) > 4*maxAccount || strings.ContainsAny(name, "\x00\x1b\r\n\t <>") {
		t.Errorf("account %q", name)
	}
}

// takeIn puts a line between two good ones into a book, and looks at the report.
func takeIn(t *testing.T, kind Kind, b []byte) {
	t.Helper()
	now := time.Date(2026, 2, 18, 12, 0, 0, 0, time.UTC)
	book := newBook(usualDays)
	r := &reading{File: File{Kind: kind, Day: now.Truncate(24 * time.Hour)}, clock: dayClock{day: now.Truncate(24 * time.Hour)}}
	c := newChapter(book, r, now)
	for _, line := range []string{"11:59:00 [192.0.2.1][1] Authenticated as a@b.test", string(b), "11:59:01 [192.0.2.1][1] Data transfer succeeded"} {
		c.take([]byte(line))
	}
	c.end()
	book.settle()
	report := book.report(now, nil)
	for _, a := range report.Accounts {
		if a.LastHour > 3 || a.Messages > 3 || a.LastHour > a.Messages {
			t.Errorf("%+v", a)
		}
	}
}
