package traffic

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	sales = "sales@harbourlight.example"
	info  = "info@quayside.example"
)

var now = time.Date(2026, 11, 24, 9, 43, 51, 0, time.Local)

// folder is a folder of logs that is being written to.
type folder struct {
	t    *testing.T
	dir  string
	next int
	now  time.Time
}

func newFolder(t *testing.T) *folder { return &folder{t: t, dir: t.TempDir(), now: now} }

func (f *folder) open(o Options) *Logs {
	o.Clock = func() time.Time { return f.now }
	return Open(f.dir, o)
}

// write appends to the log of a day.
func (f *folder) write(at time.Time, kind Kind, text string) {
	f.t.Helper()
	name := filepath.Join(f.dir, at.Format(dayForm)+"-"+string(kind)+".log")
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		f.t.Fatal(err)
	}
}

// sent writes what the smtpLog has of a session with some messages, in the words of builds that write two lines of each.
func (f *folder) sent(at time.Time, account, ip string, messages int) {
	f.t.Helper()
	f.write(at, SMTP, f.session(at, account, ip, messages))
}

func (f *folder) session(at time.Time, account, ip string, messages int) string {
	var b strings.Builder
	f.next++
	id := f.next
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, "%s [%s][%08d] %s\r\n", at.Format("15:04:05.000"), ip, id, fmt.Sprintf(format, args...))
	}
	line("cmd: EHLO example.com")
	line("Authenticated as %s", account)
	for range messages {
		f.next++
		line("cmd: MAIL FROM:<%s>", account)
		line("Sender accepted. Weight: 0")
		line("Successfully wrote to the HDR file. (C:/SmarterMail/Spool/SubSpool3/7061%08d.hdr)", f.next)
		line("Data transfer succeeded, writing mail to 7061%08d.eml", f.next)
	}
	line("cmd: QUIT")
	return b.String()
}

// week writes seven days of office hours before the last day: some messages an hour from one desk.
func (f *folder) week(account string, anHour int) {
	f.t.Helper()
	for day := 7; day >= 2; day-- {
		for h := 8; h < 18; h++ {
			at := time.Date(2026, 11, 24-day, h, 10, 0, 0, time.Local)
			f.sent(at, account, "192.0.2.8", anHour)
		}
	}
}

func (f *folder) read(l *Logs) *Report {
	f.t.Helper()
	r, err := l.Read(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func TestWhoSends(t *testing.T) {
	f := newFolder(t)
	f.week(sales, 12)
	f.week(info, 40)
	began := now.Add(-40 * time.Minute)
	for i := range 61 {
		f.sent(began.Add(time.Duration(i)*30*time.Second), sales, fmt.Sprintf("198.51.100.%d", i+1), 5)
	}
	f.sent(now.Add(-10*time.Minute), info, "192.0.2.17", 44)
	r := f.read(f.open(Options{}))

	a := r.Account("Sales@harbourlight.example")
	if a == nil || a.LastHour != 305 || a.Usual != 12 || !a.History || a.Judge() != FarAbove || a.Messages != 305+6*10*12 {
		t.Fatalf("%+v", a)
	}
	if got, want := a.Rate(), "sent 305 in the last hour, usually 12 an hour"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if want := "its mail came from 61 client addresses in a day"; !a.Suspect || len(a.Why) != 2 || a.Why[1] != want {
		t.Errorf("suspect %v: %q", a.Suspect, a.Why)
	}
	if n := len(a.Senders(now.Add(-time.Hour))); n != 61 {
		t.Errorf("%d addresses in the last hour", n)
	}
	if strangers := a.Strangers(now.Add(-24 * time.Hour)); len(strangers) != 61 || slices.Contains(strangers, netip.MustParseAddr("192.0.2.8")) {
		t.Errorf("strangers: %v", strangers)
	}
	if c := a.Clients[0]; c.IP.String() != "198.51.100.61" || c.Protocol != "SMTP" || c.Logins != 1 || c.Messages != 5 || !c.LastLogin.Equal(c.First) {
		t.Errorf("the newest client is %+v", c)
	}
	if b := r.Account(info); b.LastHour != 44 || b.Judge() != Usual || r.Above(info, time.Time{}) != Usual {
		t.Errorf("%+v", b)
	}
	if r.Accounts[0].Name != sales || len(r.Unread) != 0 || r.Account("nobody@example.com") != nil || r.Above("nobody@example.com", time.Time{}) != Usual {
		t.Errorf("first %s, unread %v", r.Accounts[0].Name, r.Unread)
	}
	if r.Above(sales, time.Time{}) != FarAbove || r.Above(sales, now.Add(-12*time.Minute)) != Usual {
		t.Error("what was sent before a restart counts after it")
	}
}

func TestJudge(t *testing.T) {
	tests := []struct {
		name     string
		history  bool
		usual    float64
		messages int
		want     Judgement
	}{
		{"five times as much, but few", true, 2, 50, Usual},
		{"more than fifty, and far more than ever", true, 2, 51, FarAbove},
		{"five times as much is not yet above", true, 20, 100, Usual},
		{"more than five times", true, 20, 101, FarAbove},
		{"never sent before", true, 0, 51, FarAbove},
		{"a newsletter as always", true, 500, 600, Usual},
		{"no history", false, 0, 4812, Unknown},
		{"no history, few", false, 0, 3, Usual},
	}
	for _, tt := range tests {
		a := Account{Usual: tt.usual, History: tt.history, LastHour: tt.messages}
		if got := a.Judge(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// The spam has left in the night; the operator comes in the morning.
func TestTheBusiestHourOfTheLastDay(t *testing.T) {
	f := newFolder(t)
	f.week(sales, 12)
	night := time.Date(2026, 11, 24, 3, 5, 0, 0, time.Local)
	f.sent(night, sales, "198.51.100.1", 812)
	a := f.read(f.open(Options{})).Account(sales)
	if a.Suspect || len(a.Why) != 1 {
		t.Errorf("much from one address: %q", a.Why)
	}
	if a.Judge() != FarAbove || a.Rate() != "sent 812 in an hour from Tue 03:00, usually 12 an hour" {
		t.Errorf("%s: %s", a.Judge(), a.Rate())
	}
}

// One address is enough where the jump is large: two orders of magnitude.
func TestAJumpFromOneAddress(t *testing.T) {
	tests := []struct {
		name    string
		usual   int // messages an hour for a week; 0: the account never sent, others did
		now     int
		suspect bool
	}{
		{"a hundredfold", 12, 1200, true},
		{"not quite", 12, 1199, false},
		{"four hundredfold", 2, 883, true},
		{"a newsletter as always", 600, 900, false},
		{"fifty are few, whatever was usual", 0, 50, false},
		{"a mailbox that slept, or a first newsletter: nobody can tell from the logs", 0, 3000, false},
		{"a large jump of a large sender", 300, 30_000, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFolder(t)
			f.week(info, 10)
			if tt.usual > 0 {
				f.week(sales, tt.usual)
			}
			f.sent(now.Add(-30*time.Minute), sales, "192.0.2.8", tt.now)
			a := f.read(f.open(Options{})).Account(sales)
			if a.Suspect != tt.suspect || tt.suspect && len(a.Why) != 1 {
				t.Errorf("suspect %v: %q", a.Suspect, a.Why)
			}
		})
	}
}

func TestWithoutHistoryNothingIsUsual(t *testing.T) {
	f := newFolder(t)
	f.sent(now.Add(-20*time.Hour), sales, "192.0.2.8", 3)
	f.sent(now.Add(-5*time.Minute), sales, "198.51.100.1", 400)
	r := f.read(f.open(Options{}))
	a := r.Account(sales)
	if a.Judge() != Unknown || r.Above(sales, time.Time{}) != Unknown || r.Hours != 0 || a.Strangers(time.Time{}) != nil {
		t.Errorf("%s, %d hours, %v", a.Judge(), r.Hours, a.Strangers(time.Time{}))
	}
	if want := "sent 400 in the last hour, what is usual is not known: the logs do not reach back far enough"; a.Rate() != want {
		t.Errorf("%q", a.Rate())
	}
	empty := f.open(Options{})
	empty.dir = t.TempDir()
	if r := f.read(empty); r.Above(sales, time.Time{}) != Unknown || r.Tells() {
		t.Error("logs that say nothing judge")
	}
	if (*Report)(nil).Above(sales, now) != Unknown || (*Report)(nil).Account(sales) != nil || (*Report)(nil).Logins(now, nil) != nil {
		t.Error("no report judges")
	}
}

// Without history much mail is a thief's where it comes from more addresses than any person has.
func TestABotnetNeedsNoHistory(t *testing.T) {
	for addresses, want := range map[int]bool{1: false, 12: false, 30: true, 200: true} {
		f := newFolder(t)
		for i := range 200 {
			f.sent(now.Add(-time.Duration(i)*10*time.Second), sales, fmt.Sprintf("198.51.100.%d", i%addresses+1), 1)
		}
		a := f.read(f.open(Options{})).Account(sales)
		if a.Judge() != Unknown || a.Suspect != want || len(a.Why) > 0 != want {
			t.Errorf("from %d addresses: %s, suspect %v: %q", addresses, a.Judge(), a.Suspect, a.Why)
		}
	}
}

func TestFollow(t *testing.T) {
	f := newFolder(t)
	l := f.open(Options{})
	count := func() int {
		t.Helper()
		a := f.read(l).Account(sales)
		if a == nil {
			return 0
		}
		return a.Messages
	}
	text := f.session(now.Add(-time.Minute), sales, "192.0.2.8", 10)
	cut := len(text) - 100 // within the lines of the last message
	f.write(now, SMTP, text[:cut])
	if n := count(); n != 10 && n != 9 {
		t.Errorf("%d messages", n)
	}
	f.write(now, SMTP, text[cut:])
	if n := count(); n != 10 {
		t.Errorf("%d messages once the line was whole", n)
	}
	if n := count(); n != 10 {
		t.Errorf("%d messages, though nothing came", n)
	}

	// The day ends, in the middle of a session.
	f.write(now, SMTP, "23:59:58.000 [192.0.2.8][77] Authenticated as "+sales+"\r\n")
	f.now = time.Date(2026, 11, 25, 0, 1, 0, 0, time.Local)
	f.write(f.now, SMTP, "00:00:01.000 [192.0.2.8][77] Data transfer succeeded, writing mail to 67518204.eml\r\n")
	if n := count(); n != 11 {
		t.Errorf("%d messages after midnight", n)
	}
	// The old day is packed; what was read of it is not read again.
	old := filepath.Join(f.dir, "2026.11.24-smtpLog.log")
	data, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	pack(t, old+".zip", string(data)+f.session(time.Date(2026, 11, 24, 23, 59, 59, 0, time.Local), sales, "192.0.2.8", 1))
	if err := os.Remove(old); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 12 {
		t.Errorf("%d messages after the old day was packed", n)
	}
	// Somebody empties the log.
	if err := os.Truncate(filepath.Join(f.dir, "2026.11.25-smtpLog.log"), 0); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(time.Minute)
	count()
	f.sent(f.now, sales, "192.0.2.8", 3)
	if n := count(); n != 15 {
		t.Errorf("%d messages after the log was emptied", n)
	}
}

// pack writes a zip of one file.
func pack(t *testing.T, name, text string) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	w, err := z.Create(strings.TrimSuffix(filepath.Base(name), ".zip"))
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestWebMailStandsInTheDeliveryLog(t *testing.T) {
	f := newFolder(t)
	at := now.Add(-10 * time.Minute)
	clock := at.Format("15:04:05.000")
	f.sent(at, sales, "192.0.2.8", 2) // 706100000002 and 706100000003
	f.write(at, Delivery, clock+" [00000002] Delivery started for "+sales+"\r\n"+
		clock+" [00000003] Delivery for "+sales+" to x@y.test has completed (Delivered)\r\n"+
		clock+" [84012346] Delivery started for "+sales+"\r\n"+ // web mail
		"  and a line that goes on\r\n"+
		clock+" [84012346] Delivery for "+sales+" to x@y.test has completed (Delivered)\r\n"+
		clock+" [84012347] Delivery started for stranger@elsewhere.test\r\n"+ // forwarded
		clock+" [84012348] Delivery started for "+info+"\r\n"+
		clock+" [84012349] Delivery started for <>\r\n"+
		clock+" [84012350] Starting local delivery to andy@quayside.example\r\n")
	r := f.read(f.open(Options{}))
	if a := r.Account(sales); a.Messages != 3 || a.ByDelivery != 1 || a.LastHour != 3 {
		t.Errorf("%+v", a)
	}
	if a := r.Account(info); a == nil || a.Messages != 1 || a.ByDelivery != 1 {
		t.Errorf("an account of web mail alone: %+v", a)
	}
	if r.Account("stranger@elsewhere.test") != nil {
		t.Error("a stranger's mail that went through counts as an account's")
	}
}

// Where the two logs do not fit together, nothing is counted twice.
func TestDeliveriesThatDoNotJoin(t *testing.T) {
	f := newFolder(t)
	at := now.Add(-10 * time.Minute)
	f.sent(at, sales, "192.0.2.8", 40)
	for i := range 40 {
		f.write(at, Delivery, fmt.Sprintf("%s [x%07d] Delivery started for %s\r\n", at.Format("15:04:05"), i, sales))
	}
	if a := f.read(f.open(Options{})).Account(sales); a.Messages != 40 {
		t.Errorf("%d messages, 40 were sent", a.Messages)
	}
}

func TestLogins(t *testing.T) {
	f := newFolder(t)
	thief := netip.MustParseAddr("198.51.100.6")
	f.write(now, SMTP, "09:00:00.000 [198.51.100.6][1] Authenticated as "+sales+"\r\n")
	f.write(now, Administrative, "08:31:00.000 [198.51.100.6] Webmail Login successful: With user "+sales+"\n"+
		"[198.51.100.6] IMAP Login successful 09:10:00.000\n"+
		"09:20:00.000 [198.51.100.6] Webmail Login failed: With user "+sales+"\n"+
		"09:30:00.000 [192.0.2.8] Webmail Login successful: With user "+sales+"\n")
	r := f.read(f.open(Options{}))
	from := []netip.Addr{thief}
	var got []string
	for _, l := range r.Logins(now.Add(-2*time.Hour), from) {
		got = append(got, fmt.Sprintf("%s %s %s %s", l.At.Format("15:04"), l.Protocol, l.Account, l.IP))
	}
	want := []string{"08:31 Webmail " + sales + " 198.51.100.6", "09:00 SMTP " + sales + " 198.51.100.6", "09:10 IMAP  198.51.100.6"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if late := r.Logins(now.Add(-30*time.Minute), from); len(late) != 0 {
		t.Errorf("logins that failed: %v", late)
	}
}

func TestTheNewestIsReadFirst(t *testing.T) {
	f := newFolder(t)
	f.week(sales, 12)
	for range 40 {
		f.sent(now.Add(-time.Minute), sales, "192.0.2.8", 5)
	}
	a, b := f.open(Options{MaxBytes: 30_000}), f.open(Options{MaxBytes: 30_000})
	r := f.read(a)
	if got := r.Account(sales); got.LastHour == 0 || got.LastHour > 200 || len(r.Unread) == 0 || !strings.Contains(r.Unread[0], "left out") {
		t.Errorf("%+v, unread %v", got, r.Unread)
	}
	b.o.Days = 1
	if r := f.read(b); !r.From.After(now.Add(-24*time.Hour)) || len(r.Unread) != 0 {
		t.Errorf("one day goes back to %s, unread %v", r.From, r.Unread)
	}
}

// A look that is stopped before it knows how long a file is says so, and forgets nothing.
func TestReadStoppedBeforeItBegan(t *testing.T) {
	f := newFolder(t)
	f.week(sales, 3)
	l := f.open(Options{})
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := l.Read(stopped); err == nil {
		t.Errorf("a look that was stopped reports %+v", r)
	}
	before := f.read(l).Account(sales).Messages
	f.sent(now.Add(-time.Minute), sales, "192.0.2.8", 2)
	if _, err := l.Read(stopped); err == nil {
		t.Error("the second was not stopped")
	}
	if after := f.read(l).Account(sales).Messages; after != before+2 {
		t.Errorf("%d messages, after %d and 2 more", after, before)
	}
}

func TestReadGoesOnWhereItStopped(t *testing.T) {
	f := newFolder(t)
	f.week(sales, 300)
	l := f.open(Options{})
	var r *Report
	for tries := 0; r == nil; tries++ {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond)
		got, err := l.Read(ctx)
		cancel()
		if err != nil && (!errors.Is(err, context.DeadlineExceeded) || tries > 10_000) {
			t.Fatal(err)
		}
		r = got
	}
	if a := r.Account(sales); a.Messages != 6*10*300 {
		t.Errorf("%d messages, %d were sent", a.Messages, 6*10*300)
	}
}

// A day whose file is there and cannot be read is no quiet day, and of two files of a day the one that tells is read.
func TestADayThatWasNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		put    func(t *testing.T, dir string)
		unread string // part of what is said; empty where nothing is
	}{
		"a link to nothing": {func(t *testing.T, dir string) {
			_ = os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "2026.11.22-smtpLog.log"))
		}, "2026.11.22-smtpLog.log: it cannot be looked at"},
		"another packing": {func(t *testing.T, dir string) {
			_ = os.WriteFile(filepath.Join(dir, "2026.11.22-smtpLog.log.bz2"), []byte("BZh"), 0o600)
		}, "2026.11.22-smtpLog.log.bz2: it is packed in a way that delist does not read"},
		"a zip of two": {func(t *testing.T, dir string) { packTwo(t, filepath.Join(dir, "2026.11.22-smtpLog.log.zip")) }, "2026.11.22-smtpLog.log.zip: the zip holds 2 files"},
		"an empty one beside": {func(t *testing.T, dir string) {
			_ = os.WriteFile(filepath.Join(dir, "2026.11.22-smtpLog.log"), nil, 0o600)
			pack(t, filepath.Join(dir, "2026.11.22-smtpLog.log.zip"), "no line")
		}, "2026.11.22-smtpLog.log.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && name == "a link to nothing" {
				t.Skip("making links needs a right there")
			}
			f := newFolder(t)
			f.sent(now.Add(-time.Minute), sales, "192.0.2.8", 2)
			c.put(t, f.dir)
			r := f.read(f.open(Options{}))
			if !strings.Contains(strings.Join(r.Unread, "\n"), c.unread) {
				t.Errorf("unread: %q, want %q", r.Unread, c.unread)
			}
		})
	}
}

// A folder without an SMTP log, as their names go, says nothing of the level of detail that is set.
func TestAFolderWithoutAnSMTPLog(t *testing.T) {
	for name, says := range map[string]string{
		"20261124-mail.txt":         "no SMTP log is in the folder",
		"20261124-smtp.txt":         "20261124-smtp.txt: its name is not one",
		"2026-11-24-smtpLog.log":    "2026-11-24-smtpLog.log: its name is not one",
		"2026.11.24-smtpLog.txt":    "2026.11.24-smtpLog.txt: its name is not one",
		"smtpLog.log":               "smtpLog.log: its name is not one",
		"2026.11.24-smtpLog.log.7z": "packed in a way that delist does not read",
	} {
		f := newFolder(t)
		if err := os.WriteFile(filepath.Join(f.dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := f.read(f.open(Options{})); !strings.Contains(r.Silence(), says) {
			t.Errorf("%s: it says %q", name, r.Silence())
		}
	}
}

// packTwo makes a zip of two files.
func packTwo(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	for _, name := range []string{"a.log", "b.log"} {
		if w, err := z.Create(name); err != nil {
			t.Fatal(err)
		} else if _, err := w.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestHostileFolders(t *testing.T) {
	f := newFolder(t)
	f.sent(now.Add(-time.Minute), sales, "192.0.2.8", 2)
	f.write(now, SMTP, strings.Repeat("x", 3*maxLine)+"\r\n\x00\x00\n\xff\xfe\r\r\n")
	f.sent(now.Add(-time.Minute), sales, "192.0.2.8", 1)
	for name, text := range map[string]string{"2026.11.23-smtpLog.log.zip": "no zip", "2026.13.99-smtpLog.log": "x", "notes.txt": "x", "2026.11.22-imapLog.log": "x"} {
		if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(f.dir, "2026.11.22-smtpLog.log"), 0o700); err != nil {
		t.Fatal(err)
	}
	pack(t, filepath.Join(f.dir, "2026.11.22-delivery.log.zip"), strings.Repeat("\x00", 5_000_000)) // packs to 5 kB
	r := f.read(f.open(Options{MaxBytes: 1 << 20}))
	if a := r.Account(sales); a.Messages != 3 || len(r.Unread) != 4 {
		t.Errorf("%d messages; unread %q", a.Messages, r.Unread)
	}
	if _, err := Open(filepath.Join(f.dir, "nowhere"), Options{}).Read(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// An export has the date in front, and a byte order mark from an editor.
func TestAnExport(t *testing.T) {
	f := newFolder(t)
	f.write(now, SMTP, "\xef\xbb\xbf[2026.11.23] 09:30:00.000 [192.0.2.8][1] Authenticated as "+sales+"\n[2026.11.24] 09:30:00.000 [192.0.2.8][1] Data transfer succeeded\n")
	a := f.read(f.open(Options{})).Account(sales)
	if a.First.Day() != 23 || a.Last.Day() != 24 || a.LastHour != 1 {
		t.Errorf("%+v", a)
	}
}
