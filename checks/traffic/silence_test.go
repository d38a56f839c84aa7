package traffic

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What the logs do not tell is no good news: each of these folders says why it tells of nobody's mail.
func TestSilence(t *testing.T) {
	const wrote = "%s [192.0.2.8][10000001] Successfully wrote to the HDR file. (C:/Spool/SubSpool3/422400000001.hdr)\r\n"
	said := func(words string) string { return "09:00:01.000 [192.0.2.8][10000001] " + words + "\r\n" }
	for name, c := range map[string]struct {
		day  time.Time
		text string
		want string
	}{
		"empty":                  {now, "", "they tell of no mail: "},
		"other words":            {now, said("Anmeldung erfolgreich als "+sales) + fmt.Sprintf(wrote, "09:00:02.000"), "they tell of no mail: "},
		"other words, in detail": {now, said("cmd: MAIL FROM:<a@b.test>") + fmt.Sprintf(wrote, "09:00:02.000"), "they tell of mail in detail, and of none that an account sent"},
		"a future day":           {now.AddDate(0, 0, 3), said("Authenticated as "+sales) + fmt.Sprintf(wrote, "09:00:02.000"), "2026.11.27-smtpLog.log: its day has not come yet"},
		"tomorrow":               {now.AddDate(0, 0, 1), "", "2026.11.25-smtpLog.log: its day has not come yet"},
		"later today":            {now, "11:00:01.000 [192.0.2.8][10000001] Authenticated as " + sales + "\r\n" + fmt.Sprintf(wrote, "11:00:02.000"), "they tell of no mail that was sent by now"},
		"dated in the future":    {now, "2026.12.24 09:00:01.000 [192.0.2.8][10000001] Authenticated as " + sales + "\r\n" + fmt.Sprintf("2026.12.24 "+wrote, "09:00:02.000"), "they tell of no mail that was sent by now"},
		"without a name":         {now, said("Authenticated as ") + fmt.Sprintf(wrote, "09:00:02.000"), "they tell of no mail: "},
	} {
		f := newFolder(t)
		f.write(c.day, SMTP, c.text)
		r := f.read(f.open(Options{}))
		if got := r.Silence(); !strings.HasPrefix(got, c.want) || r.Tells() {
			t.Errorf("%s: it tells: %v, %q, want %q", name, r.Tells(), got, c.want)
		}
	}
}

// A log of a day to come hides none of those that were written, and is read once its day has come.
func TestADayToCome(t *testing.T) {
	f := newFolder(t)
	f.sent(now.Add(-time.Minute), sales, "192.0.2.8", 2)
	later := now.AddDate(0, 0, 20)
	f.sent(later, info, "192.0.2.9", 3)
	logs := f.open(Options{})
	r := f.read(logs)
	if a := r.Account(sales); a == nil || a.LastHour != 2 || r.Account(info) != nil || len(r.Unread) != 1 {
		t.Errorf("%+v; unread %q", a, r.Unread)
	}
	if found := f.trace("account:"+sales, Options{}, 0); len(found.Conversations) != 1 || len(found.Unread) != 1 {
		t.Errorf("%d conversations; unread %q", len(found.Conversations), found.Unread)
	}
	if found := f.trace("account:"+info, Options{}, 0); len(found.Conversations) != 1 {
		t.Errorf("%d conversations of a day to come", len(found.Conversations))
	}
	f.now = later.Add(time.Minute)
	if r = f.read(logs); r.Account(info) == nil || r.Account(info).LastHour != 3 || len(r.Unread) != 0 {
		t.Errorf("%+v; unread %q", r.Account(info), r.Unread)
	}
}

// A log-in whose account cannot be read is one: it is counted, and its conversation does not say that nobody logged in.
func TestNamelessLogins(t *testing.T) {
	for words, want := range map[string]string{
		"Authenticated as":                             "a log-in whose account cannot be read, from 192.0.2.7",
		"Authenticated assembly":                       "no log-in known, from 192.0.2.7",
		"Authenticated as ":                            "a log-in whose account cannot be read, from 192.0.2.7",
		"Authenticated as <>":                          "a log-in whose account cannot be read, from 192.0.2.7",
		"Authenticated as \x01\x02":                    "a log-in whose account cannot be read, from 192.0.2.7",
		"Authenticated as " + strings.Repeat("x", 400): "a log-in whose account cannot be read, from 192.0.2.7",
		"SMTP Login successful":                        "a log-in whose account cannot be read, from 192.0.2.7",
		"rsp: 235 Authentifizierung erfolgreich":       "a log-in whose account cannot be read, from 192.0.2.7",
		"User authenticated: " + sales:                 sales + ", from 192.0.2.7",
		"cmd: Authenticated as ":                       "no log-in known, from 192.0.2.7",
		"Anmeldung erfolgreich als " + sales:           "no log-in known, from 192.0.2.7",
		"Authenticated as " + sales:                    sales + ", from 192.0.2.7",
	} {
		f := newFolder(t)
		f.sent(now.Add(-time.Minute), info, "192.0.2.8", 2)
		f.write(now, SMTP, "09:00:01.000 [192.0.2.7][10000009] "+words+"\r\n09:00:02.000 [192.0.2.7][10000009] Successfully wrote to the HDR file. (C:/Spool/SubSpool3/422400000001.hdr)\r\n")
		found := f.trace("client:192.0.2.7", Options{}, 0)
		if len(found.Conversations) != 1 || !strings.HasPrefix(found.Conversations[0].Says(), want) {
			t.Errorf("%q: %+v, want %s", words, found.Conversations, want)
		}
		nameless := strings.HasPrefix(want, "a log-in")
		if r := f.read(f.open(Options{})); nameless != (len(r.Unread) == 1) {
			t.Errorf("%q: unread %q", words, r.Unread)
		}
	}
	f := newFolder(t)
	f.write(now, Administrative, "08:00:00.000 [192.0.2.7] Webmail Login successful: With user "+sales+"\r\n")
	if got := f.trace("client:192.0.2.7", Options{}, 0).Conversations[0].Says(); !strings.HasPrefix(got, "from 192.0.2.7, log-ins: ") {
		t.Error(got)
	}
}
