package quarantine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// What is not as the preview showed it is left where it is, whole, with the reason; all others move.
func TestMoveLeaves(t *testing.T) {
	const odd = 2 // the message that something happens to
	tests := []struct {
		name   string
		happen func(t *testing.T, hdr, eml string)
		want   Reason
	}{
		{"a rewritten HDR", func(t *testing.T, hdr, eml string) { write(t, hdr, "Failed \r\n") }, Changed},
		{"a grown EML", func(t *testing.T, hdr, eml string) { write(t, eml, strings.Repeat("x", 9999)) }, Changed},
		{"a touched EML", func(t *testing.T, hdr, eml string) {
			if err := os.Chtimes(eml, time.Time{}, time.Now()); err != nil {
				t.Fatal(err)
			}
		}, Changed},
		{"a delivered message", func(t *testing.T, hdr, eml string) { remove(t, hdr); remove(t, eml) }, Vanished},
		{"a lone EML", func(t *testing.T, hdr, eml string) { remove(t, hdr) }, Vanished},
		{"a lone HDR", func(t *testing.T, hdr, eml string) { remove(t, eml) }, Vanished},
		{"a link for an EML", func(t *testing.T, hdr, eml string) { remove(t, eml); link(t, hdr, eml) }, Foreign},
		{"a folder for an HDR", func(t *testing.T, hdr, eml string) {
			remove(t, hdr)
			if err := os.Mkdir(hdr, 0o700); err != nil {
				t.Fatal(err)
			}
		}, Foreign},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, 5, 1)
			id := b.ids[odd]
			tt.happen(t, filepath.Join(b.root, id.HDR()), filepath.Join(b.root, id.EML()))
			before := everywhere(t, b.root)
			s := b.store()
			out := b.move(s)
			if out.Moved != 4 || len(out.Skipped) != 1 || out.Skipped[0].ID != id || out.Skipped[0].Reason != tt.want {
				t.Fatalf("%+v, want 4 moved and %s", out, tt.want)
			}
			if out.Skipped[0].Detail == "" || strings.Contains(out.Skipped[0].Detail, b.root) {
				t.Errorf("detail %q", out.Skipped[0].Detail)
			}
			after := everywhere(t, b.root)
			for _, name := range []string{id.HDR(), id.EML()} {
				if string(before[name]) != string(after[name]) {
					t.Errorf("%s was touched", name)
				}
			}
			if len(s.Held()) != 4 {
				t.Errorf("%d held", len(s.Held()))
			}
		})
	}
}

// What arrives after the preview was not agreed to.
func TestMoveLeavesWhatArrivedSince(t *testing.T) {
	b := newBench(t, 3, 1)
	late := spooltest.Write(t, b.root, spooltest.Pair{ID: "SubSpool0/67519999", Subject: "Invoice 3"})
	out := b.move(b.store())
	if out.Moved != 3 || len(out.Skipped) != 0 {
		t.Fatalf("%+v", out)
	}
	if in := everywhere(t, b.root); len(in) != 2 || in[late.HDR()] == nil || in[late.EML()] == nil {
		t.Errorf("%d files in the spool, want the two of %s", len(in), late)
	}
}

// A linked folder leads out of the spool: nothing in it is touched.
func TestMoveDoesNotFollowALinkedFolder(t *testing.T) {
	b := newBench(t, 4, 2)
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.Rename(filepath.Join(b.root, "SubSpool1"), outside); err != nil {
		t.Fatal(err)
	}
	link(t, outside, filepath.Join(b.root, "SubSpool1"))
	out := b.move(b.store())
	if out.Moved != 2 || len(out.Skipped) != 2 || out.Skipped[0].Reason != Foreign {
		t.Fatalf("%+v", out)
	}
	if n := len(everywhere(t, outside)); n != 4 {
		t.Errorf("%d files outside, want 4", n)
	}
}

func TestMoveNeverWritesOver(t *testing.T) {
	for _, kind := range []string{".hdr", ".eml"} {
		t.Run(kind, func(t *testing.T) {
			b := newBench(t, 3, 1)
			taken := filepath.Join(b.dir, filesName, string(b.ids[1])+kind)
			if err := os.MkdirAll(filepath.Dir(taken), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, taken, "precious")
			out := b.move(b.store())
			if out.Moved != 2 || reasons(out) != string(b.ids[1])+": exists already" {
				t.Fatalf("%+v", out)
			}
			if got, _ := os.ReadFile(taken); string(got) != "precious" {
				t.Errorf("written over: %q", got)
			}
			for _, name := range []string{b.ids[1].HDR(), b.ids[1].EML()} {
				if got, _ := os.ReadFile(filepath.Join(b.root, name)); string(got) != string(b.files[name]) {
					t.Errorf("%s is not in the spool any more", name)
				}
			}
		})
	}
}

func TestRestoreLeaves(t *testing.T) {
	tests := []struct {
		name   string
		happen func(t *testing.T, b *bench, id spool.ID, held string)
		want   Reason
	}{
		{"what a virus scanner removed", func(t *testing.T, b *bench, id spool.ID, held string) { remove(t, held+".eml") }, Vanished},
		{"what a virus scanner cleaned", func(t *testing.T, b *bench, id spool.ID, held string) { write(t, held+".eml", "clean") }, Changed},
		{"a name taken by an HDR", func(t *testing.T, b *bench, id spool.ID, held string) {
			write(t, filepath.Join(b.root, id.HDR()), "precious")
		}, Exists},
		{"a name taken by an EML", func(t *testing.T, b *bench, id spool.ID, held string) {
			write(t, filepath.Join(b.root, id.EML()), "precious")
		}, Exists},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, 5, 1)
			s := b.store()
			b.move(s)
			id := b.ids[2]
			tt.happen(t, b, id, filepath.Join(b.dir, filesName, string(id)))
			out := b.restore(s)
			if out.Restored != 4 || len(out.Skipped) != 1 || out.Skipped[0].ID != id || out.Skipped[0].Reason != tt.want {
				t.Fatalf("%+v, want 4 restored and %s", out, tt.want)
			}
			if tt.want == Vanished && out.Skipped[0].Detail != "removed from the quarantine by another program" {
				t.Errorf("detail %q", out.Skipped[0].Detail)
			}
			if h := s.Held(); len(h) != 1 || h[0].ID != id {
				t.Errorf("held: %+v", h)
			}
			for _, kind := range []string{".hdr", ".eml"} {
				got, err := os.ReadFile(filepath.Join(b.root, string(id)+kind))
				if err == nil && string(got) != "precious" {
					t.Errorf("%s was restored", kind)
				}
			}
		})
	}
}

func TestRestoreRefusesFailed(t *testing.T) {
	for status, refused := range map[string]bool{"Failed": true, "failed": true, "Written": false, "Failed2": false} {
		t.Run(status, func(t *testing.T) {
			b := newBench(t, 0, 1)
			b.ids = append(b.ids, spooltest.Write(t, b.root, spooltest.Pair{Status: status}))
			b.plan = b.newPlan()
			s := b.store()
			b.move(s)
			out := b.restore(s)
			if got := len(out.Skipped) == 1 && out.Skipped[0].Reason == Failed; got != refused {
				t.Errorf("%+v, refused %t, want %t", out, got, refused)
			}
			if len(s.Held()) == 1 != refused {
				t.Errorf("held: %v", s.Held())
			}
		})
	}
}

// A status is read in every layout that has one in its first line.
func TestRestoreRefusesFailedInOtherLayouts(t *testing.T) {
	for name, hdr := range map[string]string{
		"UTF-16":               "\xff\xfeF\x00a\x00i\x00l\x00e\x00d\x00 \x00\r\x00\n\x00" + strings.Repeat("a\x00", 301),
		"UTF-16 without mark":  "F\x00a\x00i\x00l\x00e\x00d\x00\r\x00\n\x00",
		"many blanks":          "Failed" + strings.Repeat(" ", 200) + "\r\nfrom: a@x.test\r\n",
		"carriage returns":     "Failed\rfrom: a@x.test\r",
		"nothing else":         "FAILED",
		"UTF-8 mark":           "\xef\xbb\xbfFailed\nx",
		"other lines unlike":   "Failed\r\n<from>a@x.test</from>",
		"letters cut in half":  "Failed\r\n" + strings.Repeat("é", 200),
		"followed by old text": "Failed \n\xfc\xfc",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 0, 1)
			b.ids = append(b.ids, spooltest.Write(t, b.root, spooltest.Pair{HDR: hdr}))
			b.plan = b.newPlan()
			s := b.store()
			b.move(s)
			if out := b.restore(s); len(out.Skipped) != 1 || out.Skipped[0].Reason != Failed {
				t.Errorf("%+v, want it to stay", out)
			}
		})
	}
}

// A message whose status nobody knows says so after the quarantine was opened again.
func TestUnsureIsKept(t *testing.T) {
	b := newBench(t, 2, 1)
	for i := range b.plan.Items {
		b.plan.Items[i].Unsure = i == 1
	}
	s := b.store()
	b.move(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for i, held := range b.store().Held() {
		if held.Unsure != (i == 1) {
			t.Errorf("%s: unsure %v", held.ID, held.Unsure)
		}
	}
}

func TestRestoreIntoAFolderThatIsGone(t *testing.T) {
	b := newBench(t, 4, 2) // SubSpool0, SubSpool1
	b.ids = append(b.ids, spooltest.Write(t, b.root, spooltest.Pair{ID: "proc/work/67518204"}))
	b.plan = b.newPlan()
	if err := os.Chmod(filepath.Join(b.root, "SubSpool0"), 0o750); err != nil {
		t.Fatal(err)
	}
	s := b.store()
	b.move(s)
	for _, dir := range []string{"SubSpool1", "proc/work"} {
		if err := os.Remove(filepath.Join(b.root, dir)); err != nil {
			t.Fatal(err)
		}
	}
	out := b.restore(s)
	if out.Restored != 4 || reasons(out) != "proc/work/67518204: not ours to move" {
		t.Fatalf("%+v", out)
	}
	like, _ := os.Stat(filepath.Join(b.root, "SubSpool0"))
	made, err := os.Stat(filepath.Join(b.root, "SubSpool1"))
	if err != nil || made.Mode() != like.Mode() {
		t.Errorf("SubSpool1 was made with mode %v, its sibling has %v", made.Mode(), like.Mode())
	}
}

func TestRestoreOnlyWhatIsHeld(t *testing.T) {
	b := newBench(t, 3, 1)
	s := b.store()
	b.move(s)
	ids := []spool.ID{b.ids[0], b.ids[0], "SubSpool9/nothing", "../../etc/passwd"}
	out, err := s.Restore(t.Context(), ids, stopped, nil)
	if err != nil || out.Restored != 1 || len(out.Skipped) != 2 || out.Left != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
}

func TestCheckFindsWhatAnotherProgramRemoved(t *testing.T) {
	b := newBench(t, 5, 2)
	s := b.store()
	b.move(s)
	if n, err := s.Check(t.Context()); n != 0 || err != nil {
		t.Fatalf("Check: %d, %v", n, err)
	}
	remove(t, filepath.Join(b.dir, filesName, b.ids[3].EML()))
	n, err := s.Check(t.Context())
	if n != 1 || err != nil {
		t.Fatalf("Check: %d, %v", n, err)
	}
	for _, h := range s.Held() {
		if h.Removed != (h.ID == b.ids[3]) {
			t.Errorf("%s removed: %t", h.ID, h.Removed)
		}
	}
}

// The service is asked about before every batch; when it starts, everything stops between two batches and can go on.
func TestMoveStopsWhenTheServiceStarts(t *testing.T) {
	b := newBench(t, 10, 1)
	s := b.store()
	s.batch = 3
	running := errors.New("SmarterMail is running")
	asked := 0
	still := func(context.Context) error {
		if asked++; asked > 3 { // at the start, and before two batches
			return running
		}
		return nil
	}
	out, err := s.Move(t.Context(), b.plan, still, nil)
	if !errors.Is(err, running) || out.Moved != 6 || out.Left != 4 || !out.Stopped {
		t.Fatalf("%+v, %v", out, err)
	}
	if s.Unfinished() || b.wantWhole(s) != 6 {
		t.Fatal("not at rest between two batches")
	}
	if out := b.move(s); out.Moved != 4 || out.Already != 6 {
		t.Fatalf("going on: %+v", out)
	}
}

func TestMoveStopsAfterTheCurrentMessage(t *testing.T) {
	b := newBench(t, 10, 1)
	s := b.store()
	ctx, cancel := context.WithCancel(t.Context())
	real, n := s.sys.rename, 0
	s.sys.rename = func(from, to *folder, name string) error {
		if strings.HasSuffix(name, ".hdr") {
			if n++; n == 4 {
				cancel()
			}
		}
		return real(from, to, name)
	}
	out, err := s.Move(ctx, b.plan, stopped, nil)
	if !errors.Is(err, context.Canceled) || out.Moved != 4 || out.Left != 6 || !out.Stopped {
		t.Fatalf("%+v, %v", out, err)
	}
	if held := b.wantWhole(s); held != 4 {
		t.Fatalf("%d held", held)
	}
	if out := b.move(s); out.Moved != 6 {
		t.Fatalf("going on: %+v", out)
	}
}

func TestMoveRefuses(t *testing.T) {
	b := newBench(t, 2, 1)
	s := b.store()
	other := newBench(t, 2, 1)
	if _, err := s.Move(t.Context(), other.plan, stopped, nil); !errors.Is(err, ErrForeign) {
		t.Errorf("a plan for another spool: %v", err)
	}
	if _, err := s.Move(t.Context(), b.plan, nil, nil); err == nil {
		t.Error("nobody to look at the service: no error")
	}
	old := b.plan
	old.Created = time.Now().Add(-PlanAge - time.Minute)
	if _, err := s.Move(t.Context(), old, stopped, nil); !errors.Is(err, ErrStale) {
		t.Errorf("a plan of yesterday: %v", err)
	}
	twice := b.plan
	twice.Items = append(twice.Items, twice.Items[0])
	if _, err := s.Move(t.Context(), twice, stopped, nil); err == nil {
		t.Error("a plan that names a message twice: no error")
	}
	if held := b.wantWhole(s); held != 0 {
		t.Errorf("%d moved", held)
	}
	if err := os.Rename(b.root, b.root+".aside"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Move(t.Context(), b.plan, stopped, nil); err == nil {
		t.Error("a spool that is gone: no error")
	}
}

// Another process has written to the manifest since this one read it.
func TestTwoProcessesDoNotMixTheirRecords(t *testing.T) {
	b := newBench(t, 4, 1)
	one, two := b.store(), b.store()
	b.move(two)
	out, err := one.Restore(t.Context(), b.ids, stopped, nil)
	if err != nil || out.Restored != 0 {
		t.Fatalf("an old view restored: %+v, %v", out, err)
	}
	if _, err := one.Move(t.Context(), b.plan, stopped, nil); !errors.Is(err, ErrTaken) {
		t.Fatalf("Move: %v, want ErrTaken", err)
	}
	b.wantWhole(two)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip("no links here: ", err)
	}
	if fi, err := os.Lstat(name); err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Skip("links do not work here (Wine)")
	}
}
