package traffic

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// raid is what a thief of sales does in the last hour, line by line, each with its time.
func (f *folder) raid(write func(at time.Time, rest string)) {
	for i := range 120 {
		at := now.Add(-50*time.Minute + time.Duration(i)*20*time.Second)
		ip := fmt.Sprintf("198.51.100.%d", i%60+1)
		f.next++
		id := f.next
		for _, text := range []string{"cmd: EHLO box", "Authenticated as " + sales, "cmd: MAIL FROM:<" + sales + ">", "Sender accepted. Weight: 0",
			fmt.Sprintf("Successfully wrote to the HDR file. (C:/SmarterMail/Spool/SubSpool3/7061%08d.hdr)", id), "cmd: QUIT"} {
			write(at, fmt.Sprintf("[%s][%08d] %s", ip, id, text))
		}
	}
}

// Whatever form the lines have, the same is read.
func TestForms(t *testing.T) {
	stamped := func(form string) func(time.Time, string) string {
		return func(at time.Time, rest string) string { return at.Format(form) + " " + rest }
	}
	bracket := func(from, to string) func(time.Time, string) string {
		return func(at time.Time, rest string) string {
			return at.Format("15:04:05.000") + " " + strings.Replace(rest, from, to, 1)
		}
	}
	for name, form := range map[string]func(time.Time, string) string{
		"24 hours":                     stamped("15:04:05.000"),
		"no fraction":                  stamped("15:04:05"),
		"a comma":                      stamped("15:04:05,000"),
		"12 hours":                     stamped("3:04:05 PM"),
		"12 hours, two digits":         stamped("03:04:05.000 PM"),
		"12 hours in small letters":    stamped("3:04:05 pm"),
		"12 hours without a blank":     stamped("3:04:05PM"),
		"12 hours, a narrow blank":     stamped("3:04:05\u202fPM"),
		"a date, 12 hours":             stamped("1/2/2006 3:04:05 PM"),
		"a date, day first":            stamped("02/01/2006 15:04:05"),
		"a German date":                stamped("02.01.2006 15:04:05"),
		"a date, points":               stamped("2006.01.02 15:04:05.000"),
		"ISO 8601":                     stamped("2006-01-02T15:04:05.000"),
		"ISO 8601, zone":               stamped("2006-01-02T15:04:05.000Z07:00"),
		"a date, hyphens":              stamped("2006-01-02 15:04:05"),
		"an export":                    stamped("[2006.01.02] 15:04:05.000"),
		"a date in brackets, ISO":      stamped("[2006-01-02] 15:04:05"),
		"date and time in brackets":    stamped("[2006-01-02 15:04:05]"),
		"each in brackets":             stamped("[2006.01.02] [15:04:05.000]"),
		"time in brackets":             stamped("[15:04:05.000]"),
		"a tab":                        func(at time.Time, rest string) string { return at.Format("15:04:05") + "\t" + rest },
		"a port":                       bracket("][", ":51234]["),
		"a port, outside":              bracket("][", "]:51234 ["),
		"a blank between the brackets": bracket("][", "] ["),
		"two blanks":                   bracket("][", "]  ["),
		"a thread in front":            bracket("[", "[T17] ["),
		"a server in front":            bracket("[", "[mail01] ["),
		"the account behind":           bracket("] ", "] ["+sales+"] "),
		"the protocol behind":          bracket("] ", "] [SMTP] "),
		"IPv6":                         bracket("[", "[2001:db8::"),
		"IPv6 with a port":             bracket("][", "]:25]["),
		"mapped":                       bracket("[", "[::ffff:"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			f.week(sales, 2)
			var text strings.Builder
			f.raid(func(at time.Time, rest string) {
				switch name {
				case "IPv6":
					rest = strings.Replace(rest, "198.51.100.", "", 1)
				case "IPv6 with a port":
					rest = strings.Replace(rest, "[198.51.100.", "[[2001:db8::", 1)
				}
				text.WriteString(form(at, rest) + "\r\n")
			})
			f.write(now, SMTP, text.String())
			r := f.read(f.open(Options{}))
			a := r.Account(sales)
			if a == nil || a.LastHour != 120 || !a.Suspect || len(a.Senders(now.Add(-time.Hour))) != 60 || len(r.Unread) != 0 {
				t.Errorf("%s: %+v, unread %q", form(now, "[192.0.2.1][7] x"), a, r.Unread)
			}
		})
	}
}

// A wave is seen in whatever words the log says who got in, and where it does not say it, that is counted.
func TestRaidInOtherWords(t *testing.T) {
	for words, named := range map[string]bool{
		"User authenticated: " + sales: true, "Authentication succeeded for " + sales: true, sales + " successfully authenticated": true,
		"Login successful, user: " + sales: true, "SMTP User " + sales + " logged in": true, "rsp: 235 2.7.0 ok": false, "User authenticated": false,
	} {
		f := newFolder(t)
		f.week(sales, 2)
		var text strings.Builder
		f.raid(func(at time.Time, rest string) {
			text.WriteString(at.Format("15:04:05.000 ") + strings.Replace(rest, "Authenticated as "+sales, words, 1) + "\r\n")
		})
		f.write(now, SMTP, text.String())
		r := f.read(f.open(Options{}))
		if a := r.Account(sales); named && (a == nil || !a.Suspect || len(r.Unread) != 0) || !named && (len(r.Unread) != 1 || !strings.Contains(r.Unread[0], "cannot be read: 120;")) {
			t.Errorf("%q: %+v, unread %q", words, a, r.Unread)
		}
	}
}

// A date that can be read in two ways is the day of its file.
func TestTheDayOfADate(t *testing.T) {
	for day, lines := range map[string][]string{
		"2026.03.02": {"3/2/2026 10:00:00", "2/3/2026 10:00:00", "02.03.2026 10:00:00", "2026-03-02 10:00:00", "2-3-2026 10:00:00"},
		"2026.02.03": {"3/2/2026 10:00:00", "2/3/2026 10:00:00", "03.02.2026 10:00:00"},
		"2026.12.25": {"12/25/2026 10:00:00", "25/12/2026 10:00:00", "25-12-2026 10:00:00"},
	} {
		midnight, err := time.ParseInLocation(dayForm, day, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			s, _, ok := cutStamp([]byte(line + " [x]"))
			clock := dayClock{day: midnight}
			clock.pass(s)
			if got := clock.at(s, midnight.AddDate(1, 0, 0)); !ok || !got.Equal(onDay(midnight, 10*time.Hour)) {
				t.Errorf("%s in the file of %s: %v %s", line, day, ok, got)
			}
		}
	}
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, line := range []string{"2026-11-24T12:00:00Z", "2026-11-24T13:00:00+01:00", "2026-11-24T06:30:00.000-0530", "11/24/2026 12:00:00 PM"} {
		s, _, ok := cutStamp([]byte(line + " [x]"))
		clock := dayClock{day: noon.Truncate(24 * time.Hour)}
		if got := clock.at(s, noon.AddDate(1, 0, 0)); !ok || !got.Equal(noon) {
			t.Errorf("%s is %s", line, got)
		}
	}
}

func TestTwelveHours(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"12:00:01 AM": clockOf(0, 0, 1, 0), "1:05:00 AM": clockOf(1, 5, 0, 0), "12:30:00 PM": clockOf(12, 30, 0, 0), "1:05:00.250 p.m.": clockOf(13, 5, 0, 250),
		"11:59:59PM": clockOf(23, 59, 59, 0), "09:43:51\u202fpm": clockOf(21, 43, 51, 0), "9:43:51": clockOf(9, 43, 51, 0), "09:43:51": clockOf(9, 43, 51, 0),
	} {
		if s, _, ok := cutStamp([]byte(text + " [x]")); !ok || s.clock != want {
			t.Errorf("%q: %v %v, want %v", text, ok, s.clock, want)
		}
	}
}

func TestNoTime(t *testing.T) {
	for _, line := range []string{"13:00:00 PM [x]", "0:10:00 AM [x]", "24:00:00 [x]", "9:60:00 [x]", "9:10 [x]", "2026-13-01 10:00:00 [x]", "2026-01-32 10:00:00 [x]",
		"2026-01.02 10:00:00 [x]", "203.0.113.7 10:00:00 [x]", "[203.0.113.7] 10:00:00 [x]", "2026-11-2410:00:00 [x]", "[10:00:00 [x]", "[2026-11-24 10:00:00 [x]", "10:00:00", "1", "[", ""} {
		if s, _, ok := cutStamp([]byte(line)); ok {
			t.Errorf("%q has the time %+v", line, s)
		}
	}
}

// wide writes a text in UTF-16.
func wide(text string, order binary.AppendByteOrder, mark bool) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

// packGzip packs a text.
func packGzip(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEncodings(t *testing.T) {
	source := newFolder(t)
	var text strings.Builder
	source.raid(func(at time.Time, rest string) { text.WriteString(at.Format("15:04:05.000") + " " + rest + "\r\n") })
	odd := strings.Replace(text.String(), "EHLO box", "EHLO \u0a0a\u0d0a\U0001f4ec", 5) // line feeds in the bytes, not in the text
	for name, data := range map[string][]byte{
		"UTF-8":                      []byte(odd),
		"UTF-8 with a mark":          []byte("\xef\xbb\xbf" + odd),
		"UTF-16, little end":         wide(odd, binary.LittleEndian, true),
		"UTF-16, big end":            wide(odd, binary.BigEndian, true),
		"UTF-16, little, no mark":    wide(odd, binary.LittleEndian, false),
		"UTF-16, big, no mark":       wide(odd, binary.BigEndian, false),
		"UTF-16, with half a unit":   append(wide(odd, binary.LittleEndian, true), 'x'),
		"gzip":                       packGzip(t, odd),
		"gzip of UTF-16":             packGzip(t, string(wide(odd, binary.BigEndian, true))),
		"two gzips after each other": append(packGzip(t, odd[:len(odd)/2]), packGzip(t, odd[len(odd)/2:])...),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			f.week(sales, 2)
			end := ""
			if strings.Contains(name, "gzip") {
				end = ".gz"
			}
			if err := os.WriteFile(filepath.Join(f.dir, now.Format(dayForm)+"-smtpLog.log"+end), data, 0o600); err != nil {
				t.Fatal(err)
			}
			r := f.read(f.open(Options{}))
			if a := r.Account(sales); a == nil || a.LastHour != 120 || !a.Suspect || len(r.Unread) != 0 {
				t.Errorf("%+v, unread %q", a, r.Unread)
			}
		})
	}
}

// A log in UTF-16 that is being written, and one of which only the end is read.
func TestFollowUTF16(t *testing.T) {
	f := newFolder(t)
	text := "\ufeff" + f.session(now.Add(-time.Minute), sales, "192.0.2.8", 40)
	data := string(wide(text, binary.LittleEndian, false))
	l := f.open(Options{})
	for rest := data; rest != ""; {
		n := min(101, len(rest)) // within units and within lines
		f.write(now, SMTP, rest[:n])
		rest = rest[n:]
		f.read(l)
	}
	r := f.read(l)
	if a := r.Account(sales); a.Messages != 40 || len(r.Unread) != 0 {
		t.Errorf("%d messages, unread %q", a.Messages, r.Unread)
	}
	for _, most := range []int64{5001, 5002} {
		f.sent(now.AddDate(0, 0, -1), sales, "192.0.2.8", 1)
		late := f.read(f.open(Options{MaxBytes: most}))
		// The login stands before what is read.
		if len(late.Accounts) != 0 || len(late.Unread) != 1 || !late.From.After(now.Add(-time.Hour)) {
			t.Errorf("the end of it: %+v, unread %q, from %s", late.Accounts, late.Unread, late.From)
		}
	}
}

// storedZip packs a text without making it smaller.
func storedZip(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "x-smtpLog.log", Method: zip.Store})
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTornPackings(t *testing.T) {
	source := newFolder(t)
	var text strings.Builder
	for i := range 50 {
		text.WriteString(source.session(now.Add(-50*time.Minute), sales, fmt.Sprintf("198.51.100.%d", i), 20))
	}
	whole := filepath.Join(t.TempDir(), "x.zip")
	pack(t, whole, text.String())
	zipped, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	gzipped := packGzip(t, text.String())
	bad := slices.Clone(gzipped)
	bad[len(bad)/2] ^= 0xff
	stored := storedZip(t, text.String())
	stored[len(stored)/2] ^= 1
	for name, tt := range map[string]struct {
		end  string
		data []byte
		part bool   // of the mail is told all the same
		says string // of the file
	}{
		"half a zip":                          {".zip", zipped[:len(zipped)/2], false, "it is no whole zip"},
		"an empty zip file":                   {".zip", nil, false, "it is no whole zip"},
		"a zip without its last byte":         {".zip", zipped[:len(zipped)-1], false, "it is no whole zip"},
		"a stored zip with a byte of another": {".zip", stored, true, "the zip is torn"},
		"half a gzip":                         {".gz", gzipped[:len(gzipped)/2], true, "the gzip is torn"},
		"a gzip without its end":              {".gz", gzipped[:len(gzipped)-4], true, "the gzip is torn"},
		"no gzip":                             {".gz", []byte("nothing of the kind"), false, "it is no whole gzip"},
		"a gzip with a byte of another":       {".gz", bad, true, ""},
		"an empty gzip file":                  {".gz", nil, false, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			if err := os.WriteFile(filepath.Join(f.dir, now.Format(dayForm)+"-smtpLog.log"+tt.end), tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			l := f.open(Options{})
			for range 2 { // it is said each time
				r := f.read(l)
				a := r.Account(sales)
				if len(r.Unread) != 1 || !strings.Contains(r.Unread[0], tt.says) || !slices.Equal(r.Broken(), r.Unread) || r.Blind(now) == "" {
					t.Fatalf("unread %q, blind %q", r.Unread, r.Blind(now))
				}
				if (a != nil && a.Messages > 0) != tt.part {
					t.Fatalf("%+v", a)
				}
			}
		})
	}
}

// The plain file of a day counts, then the server's own zip.
func TestTheSameDayInSeveralPackings(t *testing.T) {
	f := newFolder(t)
	name := filepath.Join(f.dir, now.Format(dayForm)+"-smtpLog.log")
	for n, end := range []string{".gz", ".zip", ""} {
		text := f.session(now.Add(-time.Minute), sales, "192.0.2.8", n+1)
		switch end {
		case ".gz":
			if err := os.WriteFile(name+end, packGzip(t, text), 0o600); err != nil {
				t.Fatal(err)
			}
		case ".zip":
			pack(t, name+end, text)
		default:
			f.write(now, SMTP, text)
		}
		if a := f.read(f.open(Options{})).Account(sales); a.Messages != n+1 {
			t.Errorf("with %q: %d messages", end, a.Messages)
		}
	}
}

// A day of which more lies beside what is read is no quiet day.
func TestTheRestOfADayIsSaid(t *testing.T) {
	base := now.Format(dayForm) + "-smtpLog"
	for name, c := range map[string]struct {
		write func(path, text string) error
		read  int // messages of the thief
		says  string
	}{
		base + ".log.zip": {func(path, text string) error { pack(t, path, text); return nil }, 120, base + ".log: its day lies in " + base + ".log.zip too"},
		base + ".log.gz":  {func(path, text string) error { return os.WriteFile(path, packGzip(t, text), 0o600) }, 120, base + ".log: its day lies in " + base + ".log.gz too"},
		base + ".log.1":   {func(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }, 0, base + ".log.1: delist reads one file a day"},
		base + "-1.log":   {func(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }, 0, base + "-1.log: delist reads one file a day"},
		base + " (2).log": {func(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }, 0, base + " (2).log: delist reads one file a day"},
	} {
		f := newFolder(t)
		f.week(sales, 2)
		var text strings.Builder
		f.raid(func(at time.Time, rest string) { text.WriteString(at.Format("15:04:05.000 ") + rest + "\r\n") })
		f.sent(now.Add(-time.Minute), info, "192.0.2.8", 1)
		if err := c.write(filepath.Join(f.dir, name), text.String()); err != nil {
			t.Fatal(err)
		}
		r := f.read(f.open(Options{}))
		if a := r.Account(sales); a.LastHour != c.read || len(r.Unread) != 1 || !strings.Contains(r.Unread[0], c.says) {
			t.Errorf("%s: %d messages; unread %q", name, a.LastHour, r.Unread)
		}
	}
}

// Logs that ended long ago are no quiet logs.
func TestStaleLogsAreSaid(t *testing.T) {
	for ago, want := range map[time.Duration]bool{time.Hour: false, 20 * time.Hour: false, 50 * time.Hour: true} {
		f := newFolder(t)
		f.sent(now.Add(-ago), sales, "192.0.2.8", 1)
		if r := f.read(f.open(Options{})); (r.Stale() != "") != want {
			t.Errorf("%s ago: %q", ago, r.Stale())
		}
	}
}

// A log in a form that nobody knows is said to be one, and never passes for a quiet one.
func TestLinesThatAreNotUnderstood(t *testing.T) {
	at := now.Add(-30 * time.Minute)
	clock := at.Format("15:04:05")
	good := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf("%s [192.0.2.8][%d] cmd: EHLO box\r\n", clock, i)
		}
		return text
	}
	many := func(line string, n int) string { return strings.Repeat(line+"\r\n", n) }
	for name, tt := range map[string]struct {
		kind Kind
		text string
		says string // nothing: all of it is understood
	}{
		"syslog":                         {SMTP, many("Nov 24 09:00:00 mail01 smtpd: 192.0.2.8 7 login "+sales, 30), "none of its 30 lines is understood"},
		"JSON":                           {SMTP, many(`{"time":"2026-11-24T09:00:00Z","ip":"192.0.2.8"}`, 30), `none of its 30 lines is understood; this one is not: "{\"time`},
		"fields":                         {SMTP, many("2026-11-24;09:00:00;192.0.2.8;7;MAIL", 30), "none of its 30 lines"},
		"seconds since 1970":             {SMTP, many("1764324000.123 [192.0.2.8][7] cmd: EHLO", 30), "none of its 30 lines"},
		"no brackets":                    {SMTP, many("09:00:00 192.0.2.8 7 cmd: EHLO", 30), "none of its 30 lines"},
		"no session":                     {SMTP, many("09:00:00 [192.0.2.8] cmd: EHLO", 30), "none of its 30 lines"},
		"one line":                       {SMTP, "what is this\r\n", `its one line is not understood; this one is not: "what is this"`},
		"a delivery log of that kind":    {Delivery, many("Nov 24 09:00:00 delivery 7 started", 30), "none of its 30 lines"},
		"a delivery log, no times":       {Delivery, many("delivery 7 started", 30), "none of its 30 lines"},
		"an administrative log":          {Administrative, many("Nov 24 09:00:00 web mail: somebody", 30), "none of its 30 lines"},
		"half of it":                     {SMTP, strings.Repeat(good(1)+"Nov 24 09:00:00 x\r\n", 1000), "only 1,000 of its 2,000 lines are understood"},
		"eighty-nine in a hundred":       {SMTP, good(89) + many("Nov 24 09:00:00 x", 11), "only 89 of its 100 lines are understood"},
		"ninety in a hundred":            {SMTP, good(90) + many("Nov 24 09:00:00 x", 10), ""},
		"blank lines, and a few zeros":   {SMTP, good(90) + many("", 50) + many("\x00\x00\x00", 50), ""},
		"what a crash leaves":            {SMTP, good(90) + strings.Repeat("\x00", 200_000) + "\r\n" + good(90), "bytes are zero, as a crash leaves them: the lines that stood there are lost"},
		"at its beginning":               {Delivery, strings.Repeat("\x00", 2000) + "\r\n" + clock + " [84012346] RSP: 250-mx.remote.test\r\n", "2,000 of its"},
		"the service starts":             {SMTP, many("09:00:00.100 SMTP Started at 11/24/2026 9:00:00 AM", 5) + good(5), ""},
		"answers of other servers":       {Delivery, strings.Repeat(clock+" [84012346] RSP: 250-mx.remote.test\r\n250-SIZE 20000000\r\n250-8BITMIME\r\n250 HELP\r\n", 50), ""},
		"counts of attacks":              {Administrative, strings.Repeat(clock+" [192.0.2.8] SMTP Login failed: bad password\r\n\tBrute force attempts increased to 1 of 5 in 10 minutes.\r\n\tNext clean available at 2/10/2026 12:00:32 AM\r\n", 50), ""},
		"a delivery log that goes off":   {Delivery, clock + " [84012346] RSP: 250-mx.remote.test\r\n" + many("delivery 7 started", 500), "only 1 of its 461 lines are understood"},
		"deliveries without a time":      {Delivery, clock + " [84012346] RSP: 250-mx.remote.test\r\n" + many("[84012346] Delivery started", 20), "only 1 of its 21 lines are understood"},
		"an update changes the form":     {SMTP, good(2000) + many("Nov 24 09:00:00 x", 20), `its newest 20 lines are not understood; this one is not: "Nov 24`},
		"a few strange lines":            {SMTP, good(2000) + many("Nov 24 09:00:00 x", 19), ""},
		"strange lines that have passed": {SMTP, good(2000) + many("Nov 24 09:00:00 x", 100) + good(1), ""},
		"other line ends":                {SMTP, strings.ReplaceAll(good(60), "\r\n", "\r"), "bytes have no line end"},
		"no line ends":                   {SMTP, strings.ReplaceAll(good(3000), "\r\n", " "), "its one line is not understood"},
		"web mail without a client":      {Administrative, many(clock+" Webmail Login successful: With user "+sales, 5) + many(clock+" [] Webmail Login successful: With user "+sales, 5), ""},
		"escape codes":                   {SMTP, many("\x1b]0;x\x07\x1b[2Jnothing", 5), `this one is not: "]0;x[2Jnothing"`},
		"a password in a line":           {SMTP, many("Nov 24 09:00:00 cmd: AUTH PLAIN AHNhbGVzAHNlY3JldA==", 5), "none of its 5 lines is understood"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			f.write(now, tt.kind, tt.text)
			r := f.read(f.open(Options{}))
			said := strings.Join(r.Unread, "\n")
			if tt.says == "" && said != "" || !strings.Contains(said, tt.says) || strings.ContainsAny(said, "\x1b\x07") || strings.Contains(said, "AHNhb") {
				t.Errorf("unread %q, want %q", said, tt.says)
			}
			if blind := r.Blind(now.Add(-time.Hour)); (blind != "") != (tt.says != "") {
				t.Errorf("blind %q", blind)
			}
		})
	}
}

// A log-in without a domain is its account's, where only one fits.
func TestLoginsWithoutADomain(t *testing.T) {
	line := func(f *folder, kind Kind, text string) {
		f.write(now, kind, now.Add(-20*time.Minute).Format("15:04:05.000")+" "+text+"\r\n")
	}
	for name, tt := range map[string]struct {
		before func(*folder)
		want   string // whose the mail is
		usual  float64
	}{
		"the account logged in in full":   {func(f *folder) { f.week(sales, 3) }, sales, 3},
		"in capitals":                     {func(f *folder) { f.week("SALES@Harbourlight.example", 3) }, sales, 3},
		"web mail knows it":               {func(f *folder) { line(f, Administrative, "[192.0.2.8] Webmail Login successful: With user "+sales) }, sales, 0},
		"mail came for it":                {func(f *folder) { line(f, Delivery, "[84012346] Starting local delivery to "+sales) }, sales, 0},
		"the only domain":                 {func(f *folder) { line(f, Delivery, "[84012346] Starting local delivery to anna@harbourlight.example") }, sales, 0},
		"two domains have one":            {func(f *folder) { f.week(sales, 3); f.week("sales@quayside.example", 3) }, "sales", 0},
		"two domains, in neither":         {func(f *folder) { f.week(info, 3); f.week("anna@harbourlight.example", 3) }, "sales", 0},
		"no domain at all":                {func(*folder) {}, "sales", 0},
		"outside senders are no accounts": {func(f *folder) { line(f, Delivery, "[84012346] Delivery started for sales@elsewhere.test") }, "sales", 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			tt.before(f)
			for i := range 30 {
				f.sent(now.Add(-10*time.Minute), "Sales", fmt.Sprintf("198.51.100.%d", i), 5)
			}
			r := f.read(f.open(Options{}))
			a := r.Account("sales")
			if a == nil || a.Name != tt.want || a.LastHour != 150 || a.Usual != tt.usual || len(a.Senders(now.Add(-time.Hour))) != 30 || r.Account(tt.want) != a {
				t.Errorf("%+v", a)
			}
			if n := len(r.Accounts); tt.want != "sales" && slices.ContainsFunc(r.Accounts[:n], func(a Account) bool { return a.Name == "sales" }) {
				t.Error("it has two rows")
			}
		})
	}
	// The server's administrator is no mailbox.
	f := newFolder(t)
	f.week("admin@quayside.example", 3)
	line(f, Administrative, "[192.0.2.200] Webmail Login successful: With user admin")
	if a := f.read(f.open(Options{})).Account("admin@quayside.example"); len(a.Clients) != 1 {
		t.Errorf("the administrator's web mail counts as a mailbox's: %+v", a.Clients)
	}
}

func TestWhoLoggedIn(t *testing.T) {
	for text, want := range map[string][2]string{ // protocol and account; none: nobody got in
		"IMAP Login successful":                                             {"IMAP", ""},
		"IMAP Login successful: With user anna@a.example":                   {"IMAP", "anna@a.example"},
		"POP Login successful: With user bob":                               {"POP", "bob"},
		"Exchange ActiveSync Login successful: With user carol@a.example":   {"Exchange ActiveSync", "carol@a.example"},
		"Exchange Web Services Login successful: With user carol@a.example": {"Exchange Web Services", "carol@a.example"},
		"MAPI/EWS Login successful: With user dora@a.example":               {"MAPI/EWS", "dora@a.example"},
		"MAPI over HTTP login successful for user dora@a.example":           {"MAPI over HTTP", "dora@a.example"},
		"EAS Login successful for user [erik@a.example]":                    {"EAS", "erik@a.example"},
		"Webmail Login successful: User [frank@a.example]":                  {"Webmail", "frank@a.example"},
		"Webmail Login Successful: With User frank@a.example":               {"Webmail", "frank@a.example"},
		"Webmail User gina@a.example logged in":                             {"Webmail", "gina@a.example"},
		"Webmail User [gina@a.example] logged in.":                          {"Webmail", "gina@a.example"},
		"User gina@a.example logged in from 192.0.2.8":                      {unnamed, "gina@a.example"},
		"CalDAV/CardDAV Login successful: With user gina@a.example":         {"CalDAV/CardDAV", "gina@a.example"},

		"Webmail Login failed: With user x Login successful: With user y":           {},
		"Webmail Login failed: User [x Login successful: With user boss] not found": {},
		"Webmail Attempting to login user: x Login successful: With user boss":      {},
		"Webmail Attempting to login user: user boss logged in":                     {},
		"Webmail Login failed user boss logged in":                                  {},
		"User admin@ logging out":                                                   {},
		"User x was not logged in":                                                  {},
		"User boss logged in to nothing":                                            {},
		"User @ calling create primary system admin, username: admin":               {},
		"IMAP Login failed: User [204be204] not found":                              {},
		"a b c d e Login successful: With user boss":                                {},
		strings.Repeat("a", 41) + " Login successful: With user boss":               {},
		"Login successful: With user boss":                                          {},
	} {
		protocol, account, ok := administrativeLine{text: []byte(text)}.login()
		if got := [2]string{protocol, account}; got != want || ok != (want[0] != "") {
			t.Errorf("%q: %v %q", text, ok, got)
		}
	}
	for text, want := range map[string]string{
		"Authenticated as bob@a.example via app password": "bob@a.example", "Authenticated as  bob@a.example": "bob@a.example",
		"User carol@a.example logged in": "carol@a.example", "SMTP Login successful: With user carol": "carol", "SMTP User carol logged in": "carol",
		"User authenticated: dora@a.example": "dora@a.example", "Authentication successful for dora@a.example": "dora@a.example", "Client has logged in as <dora@a.example>": "dora@a.example",
		"dora@a.example successfully authenticated": "dora@a.example", "Login OK, user dora@a.example from 192.0.2.1": "dora@a.example", "User 'dora' is authenticated.": "dora",
		"User authenticated": "", "Login failed for dora@a.example": "", "User dora@a.example not authenticated": "", "dora@a.example eve@a.example authenticated": "",
		"Recipient <authenticated@a.example> accepted": "", "cmd: User authenticated: dora@a.example": "", "rsp: 235 authenticated dora@a.example": "",
		"Authenticating as bob@a.example": "", "cmd: User carol@a.example logged in": "", "rsp: 235 Authentication successful": "", "Sender accepted. Weight: 0": "",
	} {
		if got, _ := (smtpLine{text: []byte(text)}).login(); got != want {
			t.Errorf("%q logs %q in", text, got)
		}
	}
}
