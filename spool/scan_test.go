package spool_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/spool"
	"delist/spool/spooltest"
)

func open(t testing.TB, root string) *spool.Spool {
	t.Helper()
	s, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func scan(t testing.TB, s *spool.Spool) *spool.Snapshot {
	t.Helper()
	snap, err := s.Scan(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func ids(s *spool.Snapshot) []spool.ID {
	var out []spool.ID
	for i := range s.Len() {
		out = append(out, s.At(i).ID)
	}
	return out
}

func TestScanReadsAMessage(t *testing.T) {
	root := t.TempDir()
	id := spooltest.Write(t, root, spooltest.Pair{
		To: []string{"alice@example.net", "bob@example.org"}, MailFrom: "pay@bank.test", From: "Billing <pay@bank.test>",
		Subject: "=?utf-8?Q?caf=C3=A9?=", Retries: 2, Body: strings.Repeat("x", 20000),
	})
	s := open(t, root)
	snap := scan(t, s)
	m, found := snap.Find(id)
	if !found || snap.Len() != 1 {
		t.Fatalf("found %v, %d messages", found, snap.Len())
	}
	at := time.Date(2026, 8, 30, 22, 43, 20, 0, time.UTC)
	stamp, err := s.Stat(id)
	if err != nil {
		t.Fatal(err)
	}
	want := spool.Message{
		ID: id, Stamp: stamp, Status: spool.StatusWritten, Account: "joe@example.com", Basis: spool.BasisAuth, Disagrees: true,
		MailFrom: "pay@bank.test", Recipients: []string{"alice@example.net", "bob@example.org"}, RecipientCount: 2,
		From: "Billing <pay@bank.test>", Subject: "café", ClientIP: netip.MustParseAddr("203.0.113.42"), HELO: "JOEPC",
		Session: "41107744", Created: at, Retries: 2, NextTry: at, Size: stamp.EML.Size,
	}
	if diff := cmp.Diff(want, m, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if got := m.Queued(at.Add(time.Hour)); got != time.Hour {
		t.Errorf("Queued = %v, want 1h", got)
	}
	if snap.Bytes() != stamp.EML.Size || !snap.Oldest().Equal(at) || snap.Partial() {
		t.Errorf("Bytes %d, Oldest %v, Partial %v", snap.Bytes(), snap.Oldest(), snap.Partial())
	}
	if err := s.Verify(m); err != nil {
		t.Errorf("Verify: %v", err)
	}
}

func TestScanOfWebMail(t *testing.T) {
	root := t.TempDir()
	id := spooltest.Write(t, root, spooltest.Pair{EML: "\xef\xbb\xbfFrom: Joe <joe@example.com>\r\nSubject: Hi\r\n\r\nHello\r\n"})
	m, _ := scan(t, open(t, root)).Find(id)
	if !m.BOM || m.From != "Joe <joe@example.com>" || m.Subject != "Hi" {
		t.Errorf("byte order mark %v, from %q, subject %q", m.BOM, m.From, m.Subject)
	}
}

func TestScanAttribution(t *testing.T) {
	const login = "X-SmarterMail-Authenticated-As: ann@example.com\r\n"
	tests := []struct {
		name      string
		pair      spooltest.Pair
		account   string
		basis     spool.Basis
		disagrees bool
		bounce    bool
	}{
		{"login", spooltest.Pair{Auth: "Ann@Example.com"}, "ann@example.com", spool.BasisAuth, false, false},
		{"login and a forged sender", spooltest.Pair{Auth: "ann@example.com", MailFrom: "pay@bank.test"}, "ann@example.com", spool.BasisAuth, true, false},
		{"login noted in the message only", spooltest.Pair{Auth: "-", MailFrom: "ann@example.com", Headers: login}, "ann@example.com", spool.BasisHeader, false, false},
		{"two logins that differ", spooltest.Pair{Auth: "bob@example.com", Headers: login}, "bob@example.com", spool.BasisAuth, true, false},
		{"envelope", spooltest.Pair{Auth: "-", MailFrom: "<Ann@Example.com>"}, "ann@example.com", spool.BasisEnvelope, false, false},
		{"bounce", spooltest.Pair{Auth: "-", MailFrom: "<>"}, "", spool.BasisNone, false, true},
		{"null sender, but logged in: a receipt", spooltest.Pair{Auth: "ann@example.com", MailFrom: "<>"}, "ann@example.com", spool.BasisAuth, false, false},
		{"From, when the envelope is no address", spooltest.Pair{Auth: "-", MailFrom: "root", From: "Root <root@example.com>"}, "root@example.com", spool.BasisFrom, false, false},
		{"two auth lines", spooltest.Pair{HDR: "Written \r\na@x.test\r\nb@x.test\r\nauth: a@x.test\r\nauth: a@x.test\r\n\r\n"}, "", spool.BasisAmbiguous, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			id := spooltest.Write(t, root, tt.pair)
			m, _ := scan(t, open(t, root)).Find(id)
			if m.Account != tt.account || m.Basis != tt.basis || m.Disagrees != tt.disagrees || m.Bounce != tt.bounce {
				t.Errorf("account %q by %v, disagrees %v, bounce %v; want %q by %v, %v, %v",
					m.Account, m.Basis, m.Disagrees, m.Bounce, tt.account, tt.basis, tt.disagrees, tt.bounce)
			}
		})
	}
}

func TestScanFindsEveryFolder(t *testing.T) {
	root := t.TempDir()
	want := []spool.ID{"11626010", "SubSpool0/1", "SubSpool12/-706173251002-1", "delay/4", "proc/2", "proc/work/3"}
	for _, id := range append(want, "Drop/5", "Quarantine/2022-09-01/6", "quarantine/7") {
		spooltest.Write(t, root, spooltest.Pair{ID: id})
	}
	if diff := cmp.Diff(want, ids(scan(t, open(t, root)))); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestScanReportsProblems(t *testing.T) {
	root := t.TempDir()
	at := time.Date(2026, 8, 30, 22, 43, 20, 0, time.UTC)
	hdr := spooltest.Pair{}.HDRBytes()
	for name, data := range map[string]string{
		"SubSpool1/1.hdr":         string(hdr),
		"SubSpool1/2.eml":         "Subject: a\r\n\r\n",
		"SubSpool1/3.em_":         "Subject: a\r\n",
		"SubSpool1/3.hdr":         "Writing \r\n",
		"SubSpool1/5.hdr.pending": string(hdr),
		"SubSpool1/notes.txt":     "keep me",
		"SubSpool1/a b.eml":       "",
		"SubSpool1/.hidden":       "",
		"SubSpool1/noext":         "",
	} {
		spooltest.File(t, root, name, []byte(data), at)
	}
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/4", Status: "Writing"})
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/6", HDR: "Written \r\n"})
	want := []spool.Problem{
		{Path: "SubSpool1/.hidden", Kind: spool.Unknown},
		{Path: "SubSpool1/1.hdr", Kind: spool.OrphanHDR},
		{Path: "SubSpool1/2.eml", Kind: spool.OrphanEML},
		{Path: "SubSpool1/3.em_", Kind: spool.CutOff},
		{Path: "SubSpool1/5.hdr.pending", Kind: spool.Unknown},
		{Path: "SubSpool1/7.hdr", Kind: spool.Unreadable},
		{Path: "SubSpool1/9.hdr", Kind: spool.Receiving},
		{Path: "SubSpool1/a b.eml", Kind: spool.Unknown},
		{Path: "SubSpool1/noext", Kind: spool.Unknown},
		{Path: "SubSpool1/notes.txt", Kind: spool.Unknown},
	}
	if err := os.Mkdir(filepath.Join(root, "SubSpool1", "7.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	spooltest.File(t, root, "SubSpool1/7.hdr", hdr, at)
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/9", Status: "Writing", Created: time.Now()})
	snap := scan(t, open(t, root))
	got := snap.Problems()
	for i := range got {
		if receiving := got[i].Kind == spool.Receiving || got[i].Kind == spool.CutOff; receiving == got[i].Changed.IsZero() {
			t.Errorf("%s was last written to at %s", got[i].Path, got[i].Changed)
		}
		got[i].Detail, got[i].Changed = "", time.Time{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if snap.Len() != 2 || snap.Pairs() != 4 || !snap.Partial() || snap.Unread() != 3 || snap.Halves() != 2 {
		t.Errorf("%d messages, %d pairs, partial %v, %d unread, %d halves; want 2 of 4 pairs, and 3 not understood, cut off or not readable",
			snap.Len(), snap.Pairs(), snap.Partial(), snap.Unread(), snap.Halves())
	}
}

// A pair whose status is Writing and that nobody has written to for long is a message like any other: every search that
// looks where it holds a word finds it.
func TestScanReadsWhatNoLongerArrives(t *testing.T) {
	root := t.TempDir()
	long := time.Now().Add(-time.Hour)
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1", Status: "Writing", Auth: "info@shop.example", Created: long})
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/2", HDR: "Writing \r\nX-Login info@shop.example\r\n", Created: long})
	s := open(t, root)
	snap := scan(t, s)
	if snap.Len() != 2 || snap.Arriving() != 0 {
		t.Fatalf("%d messages, %d arriving; want 2 and 0", snap.Len(), snap.Arriving())
	}
	for query, want := range map[string]int{"text:info@shop.example": 2, "account:info@shop.example": 1, "class:unread": 1, "status:writing": 2} {
		q, err := spool.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := s.Search(t.Context(), snap, q, nil); err != nil || len(found.Hits) != want {
			t.Errorf("%s in a snapshot: %d hits, %v; want %d", query, len(found.Hits), err, want)
		}
		if _, found, err := s.ScanFor(t.Context(), q, nil, nil); err != nil || len(found.Hits) != want {
			t.Errorf("%s in the files: %d hits, %v; want %d", query, len(found.Hits), err, want)
		}
	}
}

// A folder that is not looked into may be full of mail, and a pair under a name that SmarterMail does not give is a message:
// neither makes a spool that was read whole and is empty.
func TestScanNamesWhatItPassesBy(t *testing.T) {
	for name, c := range map[string]struct {
		pair          string // its base name, in the spool
		hdr, eml      string // the endings
		whole         bool
		waits, unread int
	}{
		"a hidden folder":           {".SubSpool0/1", ".hdr", ".eml", false, 0, 0},
		"a folder below too many":   {"1/2/3/4/5/6/7/8/9/10", ".hdr", ".eml", false, 0, 0},
		"a hidden folder of others": {".Trash-0/files", ".txt", ".doc", true, 0, 0},
		"capitals":                  {"SubSpool0/1", ".HDR", ".EML", true, 1, 1},
		"a name with an underscore": {"SubSpool0/a_1", ".hdr", ".eml", true, 1, 1},
		"a name with a dot":         {"SubSpool0/a.1", ".hdr", ".eml", true, 1, 1},
		"half a pair":               {"SubSpool0/a_1", ".hdr", ".txt", true, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := os.MkdirAll(filepath.Join(root, filepath.Dir(c.pair)), 0o700); err != nil {
				t.Fatal(err)
			}
			for _, end := range []string{c.hdr, c.eml} {
				if err := os.WriteFile(filepath.Join(root, c.pair+end), []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			snap := scan(t, open(t, root))
			if name == "capitals" && runtime.GOOS == "windows" {
				return // they are the same there
			}
			if snap.Whole() != c.whole || snap.Waiting() != c.waits || snap.Unread() != c.unread {
				t.Errorf("whole %v, %d waiting, %d unread; want %v, %d, %d: %v", snap.Whole(), snap.Waiting(), snap.Unread(), c.whole, c.waits, c.unread, snap.Problems())
			}
		})
	}
}

// A pair whose name begins like another's is one by itself.
func TestScanCountsATwin(t *testing.T) {
	root := t.TempDir()
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/4000"})
	for _, end := range []string{".hdr", ".eml"} {
		spooltest.File(t, root, "SubSpool1/4000.1"+end, []byte("needle"), time.Now())
	}
	snap := scan(t, open(t, root))
	if snap.Len() != 1 || snap.Waiting() != 2 || snap.Unread() != 1 || len(snap.Problems()) != 1 {
		t.Errorf("%d messages, %d waiting, %d unread: %+v", snap.Len(), snap.Waiting(), snap.Unread(), snap.Problems())
	}
}

func TestScanRefusesLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a right there")
	}
	root, outside := t.TempDir(), t.TempDir()
	spooltest.Write(t, outside, spooltest.Pair{ID: "9"})
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1"})
	for from, to := range map[string]string{"SubSpool2": outside, "SubSpool1/9.eml": outside + "/9.eml", "SubSpool1/9.hdr": outside + "/9.hdr"} {
		if err := os.Symlink(to, filepath.Join(root, from)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, root)
	snap := scan(t, s)
	if diff := cmp.Diff([]spool.ID{"SubSpool1/1"}, ids(snap)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	kinds := map[string]spool.ProblemKind{}
	for _, p := range snap.Problems() {
		kinds[p.Path] = p.Kind
	}
	if diff := cmp.Diff(map[string]spool.ProblemKind{"SubSpool2": spool.Unlisted, "SubSpool1/9.hdr": spool.Unreadable, "SubSpool1/9.eml": spool.Foreign}, kinds); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if snap.Whole() || snap.Unread() != 1 { // what is behind a link may be mail
		t.Errorf("whole %v, %d unread", snap.Whole(), snap.Unread())
	}
	for _, id := range []spool.ID{"SubSpool1/9", "SubSpool2/9", "../" + spool.ID(filepath.Base(outside)) + "/9"} {
		if f, err := s.OpenEML(id); err == nil {
			f.Close()
			t.Errorf("OpenEML(%q) left the spool", id)
		}
		if _, err := s.Stat(id); err == nil {
			t.Errorf("Stat(%q) left the spool", id)
		}
	}
}

func TestScanUnreadable(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("needs mode bits that count: not Windows, not root")
	}
	root := t.TempDir()
	id := spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1"})
	s := open(t, root)
	if err := os.Chmod(filepath.Join(root, filepath.FromSlash(id.EML())), 0); err != nil {
		t.Fatal(err)
	}
	snap := scan(t, s)
	if p := snap.Problems(); len(p) != 1 || p[0].Kind != spool.Unreadable || !snap.Partial() {
		t.Errorf("problems %v, partial %v; want one unreadable, partial", p, snap.Partial())
	}
}

// TestScanWhileAFileBecomesALink swaps a listed file for a link out of the spool before it is opened.
func TestScanWhileAFileBecomesALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a right there")
	}
	root, outside := t.TempDir(), t.TempDir()
	spooltest.Write(t, outside, spooltest.Pair{ID: "9"})
	id := spooltest.Write(t, root, spooltest.Pair{})
	victim := filepath.Join(root, filepath.FromSlash(id.EML()))
	snap, err := open(t, root).Scan(t.Context(), func(p spool.Progress) {
		if p.Done == 0 {
			os.Remove(victim)
			os.Symlink(filepath.Join(outside, "9.eml"), victim)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if p := snap.Problems(); snap.Len() != 0 || len(p) != 1 || p[0].Kind != spool.Unreadable || !snap.Partial() {
		t.Errorf("%d messages, problems %v, partial %v; want one unreadable, partial", snap.Len(), p, snap.Partial())
	}
}

// TestScanWhileFilesVanish takes files away at each report of progress: none may become a problem.
func TestScanWhileFilesVanish(t *testing.T) {
	root := t.TempDir()
	for i := range 600 {
		spooltest.Write(t, root, spooltest.Pair{ID: spool.ID(fmt.Sprintf("SubSpool1/%d", i))})
	}
	s := open(t, root)
	snap, err := s.Scan(t.Context(), func(spool.Progress) {
		for i := 599; i >= 300; i-- { // the first report comes between the listing and the reading
			os.Remove(filepath.Join(root, "SubSpool1", fmt.Sprintf("%d.hdr", i)))
			os.Remove(filepath.Join(root, "SubSpool1", fmt.Sprintf("%d.eml", i)))
		}
	})
	if err != nil || len(snap.Problems()) != 0 || snap.Len() != 300 {
		t.Errorf("%d messages, problems %v, error %v; want 300 and nothing else", snap.Len(), snap.Problems(), err)
	}
}

func TestScanCancelled(t *testing.T) {
	root := t.TempDir()
	for i := range 600 {
		spooltest.Write(t, root, spooltest.Pair{ID: spool.ID(fmt.Sprintf("SubSpool1/%d", i))})
	}
	ctx, cancel := context.WithCancel(t.Context())
	snap, err := open(t, root).Scan(ctx, func(spool.Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v, want cancelled", err)
	}
	if snap == nil || !snap.Partial() || snap.Len() == 600 {
		t.Errorf("snapshot %v: want what was read so far, partial", snap)
	}
}

func TestVerify(t *testing.T) {
	root := t.TempDir()
	id := spooltest.Write(t, root, spooltest.Pair{})
	s := open(t, root)
	m, _ := scan(t, s).Find(id)
	spooltest.Write(t, root, spooltest.Pair{Retries: 1, Created: m.Created.Add(time.Minute)})
	if err := s.Verify(m); !errors.Is(err, spool.ErrChanged) {
		t.Errorf("rewritten: %v, want ErrChanged", err)
	}
	if err := os.Remove(filepath.Join(root, filepath.FromSlash(id.HDR()))); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(m); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("gone: %v, want not exist", err)
	}
}

func TestOpenExplains(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ root, want string }{
		{"", "--spool"},
		{filepath.Join(t.TempDir(), "none"), "Spool Path"},
		{file, "give the folder"},
	} {
		if _, err := spool.Open(tt.root); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Open(%q) = %v, want it to say %q", tt.root, err, tt.want)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	root := b.TempDir()
	for i := range 10_000 {
		spooltest.Write(b, root, spooltest.Pair{ID: spool.ID(fmt.Sprintf("SubSpool%d/%d", i%10, i)), Body: strings.Repeat("spam ", 800)})
	}
	s := open(b, root)
	b.ReportAllocs()
	for b.Loop() {
		if snap := scan(b, s); snap.Len() != 10_000 {
			b.Fatal(snap.Len())
		}
	}
}

// TestScanShowsSomethingAtOnce: while the first folder is still being listed, some of its messages are shown already, and
// later none of them twice.
func TestScanShowsSomethingAtOnce(t *testing.T) {
	root := t.TempDir()
	tree := spooltest.Tree{Pairs: 1200, Folders: 2}
	if err := tree.Write(root); err != nil {
		t.Fatal(err)
	}
	var shown []int
	snap, err := open(t, root).Scan(t.Context(), func(p spool.Progress) {
		sofar := p.SoFar()
		for i := range sofar.Len() {
			if m, found := sofar.Find(sofar.At(i).ID); !found || m.Account == "" {
				t.Errorf("%s is shown, but cannot be found", sofar.At(i).ID)
			}
		}
		shown = append(shown, sofar.Len())
	})
	if err != nil || snap.Len() != tree.Pairs {
		t.Fatalf("%d of %d messages, error %v", snap.Len(), tree.Pairs, err)
	}
	if i := slices.IndexFunc(shown, func(n int) bool { return n > 0 }); i < 0 || shown[i] > 256 {
		t.Errorf("shown one after the other: %v; the first ones should be a glimpse", shown)
	}
}
