package quarantine

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"delist/spool/spooltest"
)

func (b *bench) aside() *Aside {
	return NewAside(b.root, filepath.Join(filepath.Dir(b.root), "delist", "7F3A.aside"))
}

func (b *bench) setAside() *Aside {
	b.t.Helper()
	a := b.aside()
	if err := a.Set(); err != nil {
		b.t.Fatal(err)
	}
	return a
}

// wantOnceAside fails unless every file is in the spool in use or in the one set aside, once, byte for byte.
func (b *bench) wantOnceAside(a *Aside) (outside int) {
	b.t.Helper()
	in, out := map[string][]byte{}, map[string][]byte{}
	if _, err := os.Stat(b.root); err == nil {
		in = everywhere(b.t, b.root)
	}
	if _, err := os.Stat(a.dir); err == nil {
		out = everywhere(b.t, a.dir)
	}
	for _, name := range ours {
		delete(out, name)
	}
	for name, want := range b.files {
		x, here := in[name]
		y, aside := out[name]
		if here == aside || here && !bytes.Equal(x, want) || aside && !bytes.Equal(y, want) {
			b.t.Fatalf("%s: in the spool %t, set aside %t, or not as it was", name, here, aside)
		}
	}
	if len(in)+len(out) != len(b.files) {
		b.t.Fatalf("%d files, want %d", len(in)+len(out), len(b.files))
	}
	return len(out)
}

func TestSetAsideLeavesAnEmptySpoolLikeIt(t *testing.T) {
	b := newBench(t, 7, 2)
	if err := os.Chmod(b.root, 0o750|fs.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	was, err := os.Stat(b.root)
	if err != nil {
		t.Fatal(err)
	}
	os.SameFile(was, was) // on Windows this reads which file it is, by its name: before another takes the name
	a := b.setAside()
	now, err := os.Stat(b.root)
	if err != nil || now.Mode() != was.Mode() || os.SameFile(now, was) {
		t.Fatalf("the empty spool: %v, %v, want mode %v", now, err, was.Mode())
	}
	if outside := b.wantOnceAside(a); outside != 14 {
		t.Fatalf("%d files set aside, want 14", outside)
	}
	if err := b.aside().Set(); err != nil { // again, which does nothing
		t.Fatal(err)
	}
	if b.wantOnceAside(a) != 14 {
		t.Fatal("set aside twice")
	}
}

// A run that was killed leaves one of these states; the next finishes each.
func TestSetAsideIsFinishedAfterAKill(t *testing.T) {
	for name, left := range map[string]func(b *bench, a *Aside) error{
		"the empty spool made": func(b *bench, a *Aside) error { return os.Mkdir(b.root+newSpool, 0o700) },
		"the spool renamed": func(b *bench, a *Aside) error {
			return errors.Join(os.MkdirAll(filepath.Dir(a.dir), 0o700), os.Mkdir(b.root+newSpool, 0o700), os.Rename(b.root, a.dir))
		},
		"and the empty one lost": func(b *bench, a *Aside) error {
			return errors.Join(os.MkdirAll(filepath.Dir(a.dir), 0o700), os.Rename(b.root, a.dir))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 3, 1)
			a := b.aside()
			if err := left(b, a); err != nil {
				t.Fatal(err)
			}
			b.setAside()
			if b.wantOnceAside(a) != 6 {
				t.Fatal("not all of it is set aside")
			}
			if _, err := os.Stat(b.root); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(b.root + newSpool); err == nil {
				t.Fatal("the empty spool is still there")
			}
		})
	}
}

// A folder that is configured may be shared with others.
func TestSetAsideLeavesTheRightsOfItsPlace(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("has no modes")
	}
	b := newBench(t, 3, 1)
	place := filepath.Join(filepath.Dir(b.root), "srv")
	if err := os.Mkdir(place, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := NewAside(b.root, filepath.Join(place, "7F3A.aside")).Set(); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(place); err != nil || fi.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

// A virus scanner holds a file: for an instant, or until later.
func TestPutBackOfWhatIsLocked(t *testing.T) {
	for _, tt := range []struct {
		name           string
		locked         int // how many renames fail
		restored, left int
	}{{"for an instant", 1, 3, 0}, {"for long", 20, 2, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, 3, 1)
			spooltest.File(t, b.root, ".locks/a.loc", []byte("x"), time.Time{})
			b.files = everywhere(t, b.root)
			a := b.setAside()
			rename, n, id := a.sys.rename, 0, b.ids[1].Base()
			a.sys.pause = func(context.Context, time.Duration) {}
			a.sys.rename = func(from, to *folder, name string) error {
				if strings.HasPrefix(name, id) {
					if n++; n <= tt.locked {
						return syscall.EBUSY
					}
				}
				return rename(from, to, name)
			}
			if out, err := a.PutBack(t.Context(), 0, stopped, nil); err != nil || out.Restored != tt.restored || out.Left != tt.left {
				t.Fatalf("%+v, %v", out, err)
			}
			n = tt.locked
			if out, err := a.PutBack(t.Context(), 0, stopped, nil); err != nil || out.Restored != tt.left || out.Left != 0 {
				t.Fatalf("again: %+v, %v", out, err)
			}
			if outside := b.wantOnceAside(a); outside != 0 {
				t.Fatalf("%d files are still set aside", outside)
			}
		})
	}
}

func TestPutBackLeavesWhatMustNotGo(t *testing.T) {
	b := newBench(t, 6, 2)
	failed := spooltest.Write(t, b.root, spooltest.Pair{ID: "SubSpool0/70000001", Status: "Failed"})
	for _, name := range []string{"SubSpool1/70000002.em_", "SubSpool1/70000003.eml", "SubSpool0/notes.txt", "Drop/70000004.eml", "proc/70000005.lck"} {
		spooltest.File(t, b.root, name, []byte("x"), time.Time{})
	}
	b.files = everywhere(t, b.root)
	a := b.setAside()
	spooltest.File(t, b.root, b.ids[0].HDR(), []byte("new"), time.Time{})
	var last Progress
	out, err := a.PutBack(t.Context(), 0, stopped, func(p Progress) { last = p })
	if err != nil || out.Restored != 5 || out.Stopped || out.Left != 1 || last.Done != 7 {
		t.Fatalf("%+v, %v, %+v", out, err, last)
	}
	want := "SubSpool1/70000002.em_: cut off while arriving, SubSpool1/70000003.eml: without its other file, " + string(b.ids[0]) + ": exists already, " + string(failed) + ": " + Failed.String()
	if reasons(out) != want {
		t.Errorf("left %s\nwant %s", reasons(out), want)
	}
	remove(t, filepath.Join(b.root, b.ids[0].HDR()))
	if outside := b.wantOnceAside(a); outside != 6 {
		t.Errorf("%d files set aside still, want 6", outside)
	}
	for _, name := range []string{"SubSpool0/notes.txt", "Drop/70000004.eml", "proc/70000005.lck"} {
		if _, err := os.Stat(filepath.Join(b.root, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestPutBackKeepsToItsRate(t *testing.T) {
	b := newBench(t, 4, 1)
	a := b.setAside()
	at := time.Now()
	a.now = func() time.Time { return at }
	a.sys.pause = func(_ context.Context, d time.Duration) { at = at.Add(d) }
	began := at
	if out, err := a.PutBack(t.Context(), 2, stopped, nil); err != nil || out.Restored != 4 || at.Sub(began) != 1500*time.Millisecond {
		t.Fatalf("%+v, %v, took %v", out, err, at.Sub(began))
	}
}

// Whatever call fails, nothing is lost or twice there, and the same act then does what is left to do.
func TestEveryCallFailingInAPutBack(t *testing.T) {
	for _, f := range faults {
		upTo(t, f, func(t *testing.T, f *fault) {
			b := newBenchIn(t, inMemory(t), 4, 2)
			a := b.setAside()
			a.sys = f.on(a.sys)
			_, _ = a.PutBack(t.Context(), 0, stopped, nil)
			b.wantOnceAside(a)
			a = b.aside()
			if _, err := a.PutBack(t.Context(), 0, stopped, nil); err != nil {
				t.Fatal(err)
			}
			if outside := b.wantOnceAside(a); outside != 0 {
				t.Fatalf("%d files are still set aside", outside)
			}
		})
	}
}

// A process that sets a spool aside and puts it back is killed at random instants; a next one goes on.
func TestKilledInASetAside(t *testing.T) {
	messages, rounds := 1000, 10
	if testing.Short() || runtime.GOOS == "windows" {
		messages, rounds = 100, 3
	}
	if n := kills(0); n > 0 {
		rounds = n
	}
	b := newBench(t, messages, 5)
	if err := b.plan.Save(b.dir); err != nil {
		t.Fatal(err)
	}
	b.dir, b.plan.ID = b.root, b.aside().dir // what the child is told
	cut := 0
	for range rounds {
		c := b.start(setting)
		time.Sleep(rand.N(40 * time.Millisecond))
		c.cmd.Process.Kill()
		if c.cmd.Wait() != nil {
			cut++
		}
		b.wantOnceAside(b.aside())
	}
	t.Logf("%d of %d runs were killed before their end", cut, rounds)
	a := b.setAside()
	if _, err := a.PutBack(t.Context(), 0, stopped, nil); err != nil {
		t.Fatal(err)
	}
	if outside := b.wantOnceAside(a); outside != 0 {
		t.Fatalf("%d files are still set aside", outside)
	}
}

// setting is the child's act: set the spool aside, and put it back.
const setting verb = "set-aside"

func setAsideAndBack(root, dir string) error {
	a := NewAside(root, dir)
	if err := a.Set(); err != nil {
		return err
	}
	out, err := a.PutBack(context.Background(), 0, stopped, nil)
	if err == nil && len(out.Skipped) > 0 {
		return errors.New(reasons(out))
	}
	if err != nil {
		return err
	}
	// Nothing is left of it but empty folders: the next round sets aside anew.
	return os.RemoveAll(dir)
}
