package traffic

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool/message"
)

// talk is a small server's logs of two days: the thief's session over midnight with a delivery that is tried again the next
// day, the owner's own, web mail, somebody else's, and a client who tries passwords.
func talk(t *testing.T) *folder {
	f := newFolder(t)
	yesterday := now.AddDate(0, 0, -1)
	f.write(yesterday, Administrative, "08:00:00.000 [192.0.2.8] Webmail Login successful: With user "+sales+"\r\n"+
		"08:00:01.000 [192.0.2.9] Webmail Login successful: With user "+info+"\r\n"+
		"08:31:00.000 [198.51.100.6] SMTP Login failed: bad password for user "+sales+"\r\n\tBrute force attempts increased to 1 of 5 in 10 minutes.\r\n"+
		"08:31:02.000 [198.51.100.6] SMTP Login failed: bad password for user presales@harbourlight.example\r\n")
	f.write(yesterday, SMTP, "09:00:00.000 [192.0.2.8][10000001] cmd: EHLO desk\r\n09:00:01.000 [192.0.2.8][10000001] Authenticated as Sales@Harbourlight.example\r\n"+
		"09:00:02.000 [192.0.2.8][10000001] Successfully wrote to the HDR file. (C:/Spool/SubSpool3/422400000001.hdr)\r\n09:00:03.000 [192.0.2.8][10000001] cmd: QUIT\r\n"+
		"09:10:00.000 [192.0.2.9][10000002] Authenticated as "+info+"\r\n09:10:01.000 [192.0.2.9][10000002] Data transfer succeeded, writing mail to 422400000002.eml\r\n"+
		"23:59:58.000 [198.51.100.6][10000003] rsp: 220 mail01\r\n23:59:58.100 [198.51.100.6][10000003] cmd: EHLO \x1b[2Jbox\r\n"+
		"23:59:58.200 [198.51.100.6][10000003] cmd: AUTH LOGIN\r\n23:59:58.300 [198.51.100.6][10000003] rsp: 334 UGFzc3dvcmQ6\r\n23:59:58.400 [198.51.100.6][10000003] cmd: c2VjcmV0\r\n"+
		"23:59:58.500 [198.51.100.6][10000003] rsp: 235 Authentication successful\r\n23:59:58.600 [198.51.100.6][10000003] Authenticated as "+sales+"\r\n")
	f.write(yesterday, Delivery, "08:05:00.000 [84012346] Delivery started for "+sales+"\r\n08:05:01.000 [84012346] Delivery for "+sales+" to x@y.test has completed (Delivered)\r\n"+
		"09:00:05.000 [00000001] Delivery started for "+sales+"\r\n09:00:06.000 [00000001] RSP: 250-mx.y.test\r\n250 SIZE 1000\r\n09:00:07.000 [00000001] CMD: AUTH PLAIN AHNlY3JldA==\r\n"+
		"09:10:02.000 [00000002] Delivery started for "+info+"\r\n")
	f.write(now, SMTP, "00:00:02.000 [198.51.100.6][10000003] cmd: MAIL FROM:<pay@bank.test>\r\n"+
		"00:00:03.000 [198.51.100.6][10000003] Successfully wrote to the HDR file. (C:/Spool/SubSpool3/422400000004.hdr)\r\n"+
		"00:00:03.000 [198.51.100.6][10000003] Data transfer succeeded, writing mail to 422400000004.eml\r\n")
	f.write(now, Delivery, "00:00:04.000 [00000004] Delivery started for pay@bank.test\r\n08:00:04.000 [00000004] Delivery finished for pay@bank.test at 8:00:04 AM\t[id:422400000004]\r\n")
	return f
}

func (f *folder) trace(text string, o Options, most int) *Found {
	f.t.Helper()
	s, err := ParseSearch(text)
	if err != nil {
		f.t.Fatal(err)
	}
	o.Clock = func() time.Time { return f.now }
	found, err := Trace(f.t.Context(), f.dir, s, o, most)
	if err != nil {
		f.t.Fatal(err)
	}
	return found
}

// told is a conversation in short: whose, what it is known by, and its lines by day, log and number.
func told(c Conversation) string {
	client := "-"
	if c.Client.IsValid() {
		client = c.Client.String()
	}
	text := fmt.Sprintf("%s %s %s %s:", c.Account, client, c.Session, strings.Join(c.Messages, ","))
	for _, l := range c.Lines {
		text += fmt.Sprintf(" %s%s%d", l.File[8:10], map[bool]string{true: "s", false: l.File[11:12]}[l.File[11] == 's'], l.Number)
	}
	return text
}

func TestTrace(t *testing.T) {
	const (
		thief   = sales + " 198.51.100.6 10000003 422400000004: 23s7 23s8 23s9 23s10 23s11 23s12 23s13 24s1 24s2 24s3 24d1 24d2"
		owner   = sales + " 192.0.2.8 10000001 422400000001: 23s1 23s2 23s3 23s4 23d3 23d4 23d5 23d6"
		webmail = sales + " -  84012346: 23d1 23d2"
		other   = info + " 192.0.2.9 10000002 422400000002: 23s5 23s6 23d7"
	)
	f := talk(t)
	for search, want := range map[string][]string{
		sales:                                   {thief, owner, sales + " 198.51.100.6  : 23a3 23a4", webmail, sales + " 192.0.2.8  : 23a1"},
		"account:SALES@harbourlight.EXAMPLE":    {thief, owner, sales + " 198.51.100.6  : 23a3 23a4", webmail, sales + " 192.0.2.8  : 23a1"},
		"account:sales":                         {thief, owner, "sales 198.51.100.6  : 23a3 23a4", webmail, "sales 192.0.2.8  : 23a1"},
		"198.51.100.6":                          {thief, " 198.51.100.6  : 23a3 23a4 23a5"},
		"client:198.51.100.6":                   {thief, " 198.51.100.6  : 23a3 23a4 23a5"},
		"client:198.51.100.6 account:" + sales:  {thief, sales + " 198.51.100.6  : 23a3 23a4"},
		"client:192.0.2.9 account:" + sales:     nil,
		"422400000004":                          {thief},
		"message:422400000004.hdr":              {thief},
		"message:00000004":                      {thief},
		"message:84012346":                      {webmail},
		"10000003":                              {thief},
		"session:10000002":                      {other},
		"session:10000002 message:422400000002": {other},
		"session:10000002 message:422400000001": nil,
		"message:322400000004":                  nil,
		"session:84012346":                      nil,
		"nobody@harbourlight.example":           nil,
		"es@harbourlight.example":               nil,
		"2001:db8::1":                           nil,
	} {
		found := f.trace(search, Options{}, 0)
		var got []string
		for _, c := range found.Conversations {
			got = append(got, told(c))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") || found.More != 0 || len(found.Unread) != 0 {
			t.Errorf("%s: more %d, unread %q\n%s\nwant\n%s", search, found.More, found.Unread, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// What may be a password, and what would act on a terminal, is not in the lines.
// Who connected and logged in stands in the SMTP log: without one, nobody knows.
func TestTraceWithoutAnSMTPLog(t *testing.T) {
	f := newFolder(t)
	f.sent(now.Add(-time.Hour), sales, "192.0.2.8", 2)
	logs, err := filepath.Glob(filepath.Join(f.dir, "*-smtpLog.log*"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no SMTP log: %v", err)
	}
	for _, name := range logs {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	f.write(now, Administrative, now.Format("15:04:05.000")+" [192.0.2.8] Webmail Login successful: With user sales@quayside.example\r\n")
	found, err := Trace(t.Context(), f.dir, Search{Client: netip.MustParseAddr("198.51.100.60")}, Options{Clock: func() time.Time { return now }}, 0)
	if err != nil || len(found.Conversations) > 0 || len(found.Unread) == 0 || !strings.Contains(found.Unread[0], "no SMTP log") {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestTracedLinesAreSafe(t *testing.T) {
	f := talk(t)
	f.write(now, SMTP, "09:00:00.000 [198.51.100.9][20000001] cmd: AUTH PLAIN AHNlY3JldA==\r\n09:00:01.000 [198.51.100.9][20000001] cmd: auth login c2VjcmV0\r\n"+
		"09:00:02.000 [198.51.100.9][20000001] rsp: 334 \r\n09:00:03.000 [198.51.100.9][20000001] cmd: c2VjcmV0\r\n09:00:04.000 [198.51.100.9][20000001] rsp: 235 ok\r\n"+
		"09:00:05.000 [198.51.100.9][20000001] Authenticated as "+sales+"\r\n09:00:06.000 [198.51.100.9][20000001] cmd: MAIL FROM:<\x9b2J\x1b]0;x\x07"+strings.Repeat("x", 2000)+">\r\n")
	var all strings.Builder
	for _, c := range f.trace(sales, Options{}, 0).Conversations {
		for _, l := range c.Lines {
			fmt.Fprintf(&all, "%s:%d %s\n", l.File, l.Number, l.Text)
			if len(l.Text) > maxText+40 || l.Text != message.Printable(l.Text) || l.At.IsZero() {
				t.Errorf("%+v", l)
			}
		}
	}
	f.write(now, SMTP, "09:00:07.000 [198.51.100.9][20000001] rsp: 334 \r\n09:00:08.000 [198.51.100.9][20000001] Authenticated as "+sales+
		"\r\n09:00:09.000 [198.51.100.9][20000001] cmd: MAIL FROM:<forged@post.test> SIZE=1200\r\n")
	if last := f.trace(sales, Options{}, 0).Conversations[0].Lines; !strings.Contains(fmt.Sprint(last), "MAIL FROM:<forged@post.test>") {
		t.Errorf("the line that shows the forged sender is left out: %v", last)
	}
	for _, secret := range []string{"c2VjcmV0", "AHNlY3JldA"} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%s is in\n%s", secret, all.String())
		}
	}
	for _, want := range []string{"cmd: AUTH PLAIN (left out: it may be a password)", "CMD: AUTH PLAIN (left out", "2026.11.24-smtpLog.log:7 09:00:03.000 [198.51.100.9][20000001] cmd: (left out",
		"cmd: AUTH LOGIN\n", "cmd: EHLO [2Jbox", "rsp: 235 ok"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not in\n%s", want, all.String())
		}
	}
}

func TestTraceIsBounded(t *testing.T) {
	f := newFolder(t)
	for i := range 30 {
		f.sent(now.Add(time.Duration(i-40)*time.Minute), sales, "198.51.100.7", 1)
	}
	f.sent(now.Add(-time.Minute), sales, "198.51.100.8", 500)
	found := f.trace(sales, Options{}, 10)
	if len(found.Conversations) != 10 || found.More != 21 {
		t.Errorf("%d conversations and %d more", len(found.Conversations), found.More)
	}
	c := found.Conversations[0]
	if c.Client.String() != "198.51.100.8" || len(c.Lines) != maxLines || len(c.Lines)+c.LeftOut != 3+4*500 || len(c.Messages) != 500 {
		t.Errorf("%s: %d lines, %d left out, %d messages", c.Client, len(c.Lines), c.LeftOut, len(c.Messages))
	}
	for i, c := range found.Conversations[1:] {
		if c.First.After(found.Conversations[i].First) {
			t.Error("they are not the newest first")
		}
	}
	// What was left out is named: not found there is not absent.
	if found := f.trace(sales, Options{MaxBytes: 1000}, 0); len(found.Unread) != 1 || !strings.Contains(found.Unread[0], "left out") {
		t.Errorf("unread %q", found.Unread)
	}
}

// The same forms are read as for who sends, and what is not understood is said.
func TestTraceReadsAllForms(t *testing.T) {
	f := newFolder(t)
	text := strings.NewReplacer("09:", "9:", "][", ":51234] [T1] [").Replace(f.session(now.Add(-time.Minute), "sales", "198.51.100.7", 2))
	if err := os.WriteFile(filepath.Join(f.dir, "2026.11.24-smtpLog.log.gz"), packGzip(t, "\xef\xbb\xbf"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	f.write(now.AddDate(0, 0, -1), SMTP, strings.Repeat("Nov 23 09:00:00 what is this\r\n", 5))
	pack(t, filepath.Join(f.dir, "2026.11.22-delivery.log.zip"), "")
	if err := os.Truncate(filepath.Join(f.dir, "2026.11.22-delivery.log.zip"), 30); err != nil {
		t.Fatal(err)
	}
	found := f.trace(sales, Options{}, 0)
	if len(found.Conversations) != 1 || len(found.Conversations[0].Lines) != 11 || found.Conversations[0].Account != "sales" {
		t.Errorf("%+v", found.Conversations)
	}
	said := strings.Join(found.Unread, "\n")
	if len(found.Unread) != 2 || !strings.Contains(said, "2026.11.22-delivery.log.zip: it is no whole zip") || !strings.Contains(said, "2026.11.23-smtpLog.log: none of its 5 lines is understood") {
		t.Errorf("unread %q", said)
	}
	// Where two accounts have that name, a login without a domain is nobody's.
	if err := os.Remove(filepath.Join(f.dir, "2026.11.24-smtpLog.log.gz")); err != nil {
		t.Fatal(err)
	}
	f.write(now, SMTP, text)
	f.sent(now.Add(-time.Hour), "sales@quayside.example", "192.0.2.9", 1)
	if found := f.trace(sales, Options{}, 0); len(found.Conversations) != 0 {
		t.Errorf("%+v", found.Conversations)
	}
}

func TestParseSearch(t *testing.T) {
	for text, want := range map[string]string{ // as it can be typed again; empty: refused
		"Sales@Harbourlight.example": "account:" + sales, "account:sales": "account:sales", "sales": "account:sales", "x7": "account:x7",
		"198.51.100.7": "client:198.51.100.7", "ip:198.51.100.7": "client:198.51.100.7", "2001:DB8::7": "client:2001:db8::7", "client:::ffff:198.51.100.7": "client:198.51.100.7",
		"client:198.51.100.7:51234": "client:198.51.100.7", "67518204": "67518204", "id:67518204.EML": "message:67518204", "message:422405313455-1": "message:422405313455-1", "session:39603817": "session:39603817",
		"account:a@b.test client:192.0.2.1 session:7": "account:a@b.test session:7 client:192.0.2.1",
		"": "", "  ": "", "account:": "", "account:a account:b": "", "client:here": "", "client:192.0.2.1 192.0.2.2": "", "message:../x": "", "session:": "", "subject:x": "", "7 8": "", "message:.hdr": "",
	} {
		s, err := ParseSearch(text)
		if (err == nil) != (want != "") || err == nil && s.String() != want {
			t.Errorf("%q: %q, %v", text, s, err)
		}
		if err == nil {
			if again, err := ParseSearch(s.String()); err != nil || again != s {
				t.Errorf("%q typed again: %+v, %v", s, again, err)
			}
		}
	}
}

func TestMentions(t *testing.T) {
	for text, want := range map[string]bool{
		"With user a.b@x.test": true, "User [A.B@X.test] not found": true, "a.b@x.test": true, "for a.b@x.test.": true, "<a.b@x.test>": true, "'a.b@x.test', gone": true,
		"ca.b@x.test": false, "a.b@x.test.org": false, "a.b@x.tests": false, "x.a.b@x.test": false, "a-a.b@x.test": false, "a.b@": false, "": false,
		"ca.b@x.test and a.b@x.test": true,
	} {
		if got := mentions([]byte(text), "a.b@x.test"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !mentions([]byte("user _x1@y.test"), "_x1") || !mentions([]byte("user 1x@y.test"), "1x") || mentions([]byte("user y.1x@y.test"), "1x") {
		t.Error("a name without its domain")
	}
}

func FuzzTrace(f *testing.F) {
	f.Add("09:00:00 [192.0.2.1][1] Authenticated as a@b.test\n09:00:01 [192.0.2.1][1] rsp: 334\n09:00:02 [192.0.2.1][1] cmd: c2Vj\n", "a@b.test")
	f.Add("09:00:00 [1] Delivery started for a@b.test\n and on\n", "message:1")
	f.Add("\xff\xfe0\x009\x00:\x000\x000\x00:\x000\x000\x00 \x00[\x001\x00]\x00\n\x00", "1")
	f.Fuzz(func(t *testing.T, text, search string) {
		s, err := ParseSearch(search)
		if err != nil {
			return
		}
		if again, err := ParseSearch(s.String()); err != nil || again != s {
			t.Errorf("%q is %+v, typed again %+v, %v", search, s, again, err)
		}
		folder := newFolder(t)
		for _, kind := range order {
			folder.write(now, kind, text)
		}
		found := folder.trace(search, Options{}, 5)
		for _, c := range found.Conversations {
			for _, l := range c.Lines {
				if l.Text != message.Printable(l.Text) || l.Number < 1 || l.Number > 1+strings.Count(text, "\n") {
					t.Errorf("%+v", l)
				}
			}
		}
		if text := found.Text(); text != message.PrintableBlock(text) {
			t.Errorf("%q", text)
		}
		for _, why := range found.Unread {
			if why != message.Printable(why) {
				t.Errorf("%q", why)
			}
		}
	})
}

// An address that nobody logged in as is found where a line names it: a forged sender, a recipient.
func TestTraceFindsAnAddressThatALineNames(t *testing.T) {
	f := talk(t)
	f.write(f.now.AddDate(0, 0, -3), SMTP, "00:10:02.000 [198.51.100.6][10000009] cmd: MAIL FROM:<nobody@forged.test>\r\n")
	if found := f.trace("nobody@forged.test", Options{}, 0); len(found.Conversations) != 0 {
		t.Errorf("%d conversations of an account that nobody has", len(found.Conversations))
	}
	found := f.trace("address:nobody@forged.test", Options{}, 0)
	if len(found.Conversations) != 1 || found.Conversations[0].Session != "10000009" {
		t.Fatalf("found %+v", found.Conversations)
	}
	if text := found.Text(); !strings.Contains(text, "MAIL FROM:<nobody@forged.test>") {
		t.Errorf("it shows\n%s", text)
	}
	if _, err := ParseSearch("address:pay"); err == nil {
		t.Error("a name without a domain is no address")
	}
}
