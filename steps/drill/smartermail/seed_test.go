package smartermail

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"delist/checks/traffic"
	"delist/spool"
)

// aMorning is when the practice servers of these tests begin.
var aMorning = time.Date(2026, 11, 24, 9, 43, 51, 0, time.Local)

// tree is every file below dir, with dir's own path taken out of the texts.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a service that runs has just delivered it
		}
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = strings.ReplaceAll(string(b), filepath.ToSlash(dir), "DIR")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// seeded lays out a server and returns where.
func seeded(t *testing.T, o Options) (string, World) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "SmarterMail")
	w, err := Seed(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return dir, w
}

func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	one, _ := seeded(t, Options{Seed: 7, Messages: 300, Now: aMorning})
	two, _ := seeded(t, Options{Seed: 7, Messages: 300, Now: aMorning})
	other, _ := seeded(t, Options{Seed: 8, Messages: 300, Now: aMorning})
	first, second, third := tree(t, one), tree(t, two), tree(t, other)
	if len(first) < 600 {
		t.Fatalf("%d files for 300 messages", len(first))
	}
	for name, text := range first {
		if second[name] != text {
			t.Errorf("%s differs between two drills of one seed", name)
		}
	}
	same := 0
	for name := range first {
		if _, there := third[name]; there && strings.HasSuffix(name, ".hdr") {
			same++
		}
	}
	if len(second) != len(first) || same > 5 {
		t.Errorf("seed 7 made %d and %d files, seed 8 shares %d names with it", len(first), len(second), same)
	}
}

func TestSeedRefusesAFolderInUse(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Messages: 10, Now: aMorning})
	if _, err := Seed(dir, Options{Messages: 10, Now: aMorning}); err == nil {
		t.Error("laid out twice in one folder")
	}
}

func TestHDRIsTheCapturedLayout(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 30, 22, 43, 20, 0, time.Local)
	got := envelope{
		status: statusWritten, mailFrom: "joe@example.com", recipients: []string{"alice@example.net", "bob@example.org"},
		auth: "joe@example.com", nextTry: at, created: at, ip: "203.0.113.42", helo: "JOEPC", session: "41107744",
	}.hdr()
	want := strings.ReplaceAll(`Written 
joe@example.com
alice@example.net,bob@example.org
retry: 0;08/30/2026 22:43:20
from: joe@example.com
auth: joe@example.com
spamcheck: _DMARC=0,skipped - Authenticated
creationdate: 08/30/2026 22:43:20
notify: alice@example.net=
notify: bob@example.org=
containsLocalDeliveries: False
connectedip: 203.0.113.42
helo: JOEPC
connectedhostname: host-203-0-113-42.example.net
smtpSessionId: 41107744
dmarcResult: Skipped (Authenticated)

`, "\n", "\r\n")
	if string(got) != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	back, err := readEnvelope(got, time.Local)
	if err != nil || string(back.hdr()) != want {
		t.Errorf("read back as %q, %v", back.hdr(), err)
	}
}

// census counts what a spool holds, by the HDRs.
type census struct{ spam, own, bounces, reports, ordinary, writing, withoutEML int }

func count(t *testing.T, files map[string]string) census {
	t.Helper()
	var c census
	for name, text := range files {
		base, isHDR := strings.CutSuffix(name, ".hdr")
		if !isHDR {
			continue
		}
		e, err := readEnvelope([]byte(text), time.Local)
		if err != nil {
			c.writing++ // the service writes it just now
			continue
		}
		_, whole := files[base+".eml"]
		switch {
		case e.status == statusWriting:
			c.writing++
		case !whole:
			c.withoutEML++
		case e.forged():
			c.spam++
		case e.auth == StolenAccount:
			c.own++
		case e.bounce():
			if e.local() {
				c.bounces++
			} else {
				c.reports++
			}
		default:
			c.ordinary++
		}
	}
	return c
}

func TestSeedIsThePracticeIncident(t *testing.T) {
	t.Parallel()
	start := time.Now()
	dir, w := seeded(t, Options{Seed: 1, Now: aMorning})
	t.Logf("laid out in %v", time.Since(start))
	files := tree(t, dir)
	got := count(t, files)
	if want := (census{spam: 3291, own: 19, bounces: 187, reports: 25, ordinary: 390, writing: 1, withoutEML: 1}); got != want {
		t.Errorf("the spool holds %+v, want %+v", got, want)
	}
	if w.Spam != got.spam || w.OwnMail != got.own || w.Bounces != got.bounces || w.Reports != got.reports || w.Ordinary != got.ordinary || len(w.Clients) != 61 {
		t.Errorf("the world says otherwise: %+v", w)
	}
	if age := aMorning.Sub(w.Began); age != spamBegan {
		t.Errorf("the spam began %v ago", age)
	}
	var bom, escapes, emUnderscore, orphanEML, utf8, latin, koi int
	accounts, largest := map[string]bool{}, 0
	for name, text := range files {
		switch filepath.Ext(name) {
		case ".hdr":
			if e, _ := readEnvelope([]byte(text), time.Local); e.auth != "" && e.auth != StolenAccount {
				accounts[e.auth] = true
			}
		case ".em_":
			emUnderscore++
		case ".eml":
			bom += strings.Count(text, "\xef\xbb\xbf")
			escapes += strings.Count(text, "Subject: \x1b[2J")
			utf8 += strings.Count(text, "=?UTF-8?b?")
			latin += strings.Count(text, "=?ISO-8859-1?q?")
			koi += strings.Count(text, "=?KOI8-R?B?")
			largest = max(largest, len(text))
			if _, whole := files[strings.TrimSuffix(name, ".eml")+".hdr"]; !whole {
				orphanEML++
			}
		}
	}
	if bom != 1 || escapes != 1 || emUnderscore != 1 || orphanEML != 2 || utf8 == 0 || latin == 0 || koi == 0 {
		t.Errorf("bom %d, escapes %d, .em_ %d, orphans %d, encoded %d %d %d", bom, escapes, emUnderscore, orphanEML, utf8, latin, koi)
	}
	if len(accounts) != 40 || largest > 6000 {
		t.Errorf("%d ordinary accounts, largest message %d bytes", len(accounts), largest)
	}
	if _, there := files["Spool/SubSpool4/recount.loc"]; !there {
		t.Error("no unknown file")
	}
}

// The expressions that log readers use, as the vendor's lines are known.
var (
	smtpLine     = regexp.MustCompile(`^\d{2}:\d{2}:\d{2}\.\d{3} \[[^\]]+\]\s?\[[^\]]+\] .+$`)
	deliveryLine = regexp.MustCompile(`^\d{2}:\d{2}:\d{2}\.\d{3} \[[^\]]+\] .+$`)
)

func TestLogsHaveTheRealFormats(t *testing.T) {
	t.Parallel()
	dir, w := seeded(t, Options{Seed: 3, Messages: 400, Now: aMorning})
	lines := map[string]int{}
	logs, err := filepath.Glob(filepath.Join(dir, "Logs", "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, name := range logs {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		kind := strings.TrimSuffix(filepath.Base(name)[11:], ".log")
		want := deliveryLine
		if kind == logSMTP {
			want = smtpLine
		}
		before := ""
		for line := range strings.SplitSeq(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
			lines[kind]++
			if !want.MatchString(line) || line[:12] < before {
				t.Fatalf("%s: %q after %s", name, line, before)
			}
			before = line[:12]
		}
		written += bytes.Count(b, []byte("Authenticated as "+StolenAccount))
	}
	if lines[logSMTP] == 0 || lines[logDelivery] == 0 || lines[logAdmin] != 2 || written < w.Spam {
		t.Errorf("lines %v, %d logins as the stolen account for %d messages", lines, written, w.Spam)
	}
}

// seeds is how many practice servers of a kind are laid out.
func seeds() uint64 {
	if testing.Short() {
		return 1
	}
	return 3
}

// The logs have a past: they know what is usual, so that they tell the thief from a busy account, whatever the seed.
func TestLogsTellWhatIsUsual(t *testing.T) {
	t.Parallel()
	for seed := range seeds() {
		_, w := seeded(t, Options{Seed: seed, Messages: 400, Now: aMorning})
		report, err := traffic.Open(w.LogsDir, traffic.Options{Clock: func() time.Time { return aMorning }}).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a := report.Account(StolenAccount)
		if a == nil || !a.Suspect || !a.History || a.Usual < 9 || a.Usual > 15 || a.LastHour < 200 {
			t.Errorf("seed %d: the stolen account %+v", seed, a.Why)
		}
		if b := report.Account(Busiest); b == nil || b.Usual < 17 || b.Usual > 23 {
			t.Errorf("seed %d: the busiest account %+v", seed, b)
		}
		for _, other := range report.Accounts {
			if other.Name != StolenAccount && (other.Judge() != traffic.Usual || other.ByDelivery > other.Messages/2) {
				t.Errorf("seed %d: %s %s", seed, other.Name, other.Rate())
			}
		}
		if len(report.Unread) != 0 {
			t.Errorf("seed %d: unread %q", seed, report.Unread)
		}
	}
}

// A bigger practice server was always as busy: only the stolen account stands out on it.
func TestABigServerWasAlwaysBusy(t *testing.T) {
	if testing.Short() {
		t.Skip("writes the logs of a big server")
	}
	t.Parallel()
	for _, o := range []Options{{Messages: 9000, Now: aMorning}, {Messages: 2000, Quiet: true, Now: aMorning}} {
		_, w := seeded(t, o)
		report, err := traffic.Open(w.LogsDir, traffic.Options{Clock: func() time.Time { return o.Now }}).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range report.Accounts {
			if stolen := a.Name == StolenAccount && !o.Quiet; stolen != (a.Judge() == traffic.FarAbove) {
				t.Errorf("%d messages, quiet %v: %s %s", o.Messages, o.Quiet, a.Name, a.Rate())
			}
		}
	}
}

// FuzzReadEnvelope holds that the service survives whatever lies in its spool, and keeps what it understands.
func FuzzReadEnvelope(f *testing.F) {
	a := newAuthor(1, 1)
	f.Add(a.spam(aMorning, "198.51.100.7", "41107744").env.hdr())
	f.Add(a.bounce(aMorning).env.hdr())
	f.Add([]byte("Written \r\n\r\n\r\nretry: x;\r\n"))
	f.Add([]byte("Failed"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := readEnvelope(b, time.UTC)
		if err != nil {
			return
		}
		again, err := readEnvelope(e.hdr(), time.UTC)
		if err != nil || again.auth != e.auth || again.mailFrom != e.mailFrom || again.retries != e.retries {
			t.Errorf("%+v became %+v, %v", e, again, err)
		}
	})
}

// A search for the stolen account tells the owner's mail from the thief's, whatever the seed.
func TestSearchTellsTheOwnersMail(t *testing.T) {
	t.Parallel()
	for seed := range seeds() {
		_, w := seeded(t, Options{Seed: seed, Now: aMorning})
		sp, err := spool.Open(w.SpoolDir)
		if err != nil {
			t.Fatal(err)
		}
		defer sp.Close()
		snap, err := sp.Scan(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		query, err := spool.ParseQuery("account:" + StolenAccount)
		if err != nil {
			t.Fatal(err)
		}
		res, err := sp.Search(t.Context(), snap, query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.Marked() != 3291 || res.Doubtful() != 19 || len(res.Hits) != w.Spam+w.OwnMail {
			t.Errorf("seed %d: %d of %d marked, %d may be the owner's; want 3291 and 19", seed, res.Marked(), len(res.Hits), res.Doubtful())
		}
		for _, hit := range res.Hits {
			m, _ := snap.Find(hit.ID)
			if own := m.ClientIP.String() == OwnerIP; own != hit.Doubtful {
				t.Fatalf("seed %d: %s from %s: may be the owner's: %v", seed, m.Subject, m.ClientIP, hit.Doubtful)
			}
		}
		suspected := 0
		for _, c := range snap.Campaigns() {
			if c.Suspect {
				suspected++
				if c.AccountCount != 1 || c.Accounts[0] != StolenAccount {
					t.Errorf("seed %d: %s is suspected, of %q", seed, c.Name, c.Accounts)
				}
			}
		}
		if suspected != 4 {
			t.Errorf("seed %d: %d campaigns are suspected, the thief has 4", seed, suspected)
		}
	}
}
