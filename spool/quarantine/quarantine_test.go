package quarantine

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
)

// bench is a spool with messages, and a quarantine beside it.
type bench struct {
	t     testing.TB
	root  string // the spool
	dir   string // the quarantine
	on    Volumes
	files map[string][]byte
	ids   []spool.ID
	plan  Plan
}

// newBench writes n pairs into folders SubSpool folders and makes a quarantine and a plan of all of them.
func newBench(t testing.TB, n, folders int) *bench {
	t.Helper()
	return newBenchIn(t, t.TempDir(), n, folders)
}

// inMemory is a folder on a file system in memory, where there is one: for tests that make thousands of spools.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "quarantine-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newBenchIn(t testing.TB, up string, n, folders int) *bench {
	t.Helper()
	b := &bench{t: t, root: filepath.Join(up, "Spool"), dir: filepath.Join(up, "delist", "7F3A"), files: map[string][]byte{}}
	return b.fill(n, folders)
}

// fill writes the messages and makes the quarantine and the plan.
func (b *bench) fill(n, folders int) *bench {
	t := b.t
	t.Helper()
	if err := os.Mkdir(b.root, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		p := spooltest.Pair{
			ID:      spool.ID(fmt.Sprintf("SubSpool%d/%08d", i%folders, 67518000+i)),
			Subject: fmt.Sprintf("Invoice %d", i),
		}
		b.ids = append(b.ids, spooltest.Write(t, b.root, p))
		b.files[p.ID.HDR()], b.files[p.ID.EML()] = p.HDRBytes(), p.EMLBytes()
	}
	b.store().Close()
	if n > 0 {
		b.plan = b.newPlan()
	}
	return b
}

func (b *bench) newPlan() Plan {
	b.t.Helper()
	items := make([]Item, len(b.ids))
	for i, id := range b.ids {
		items[i] = Item{ID: id, Stamp: spool.Stamp{HDR: b.stamp(id.HDR()), EML: b.stamp(id.EML())}, Account: "joe@example.com"}
	}
	p, err := NewPlan(b.root, "account:joe@example.com", items, len(items))
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// stamp looks at a file in the spool, or in quarantine if it is there.
func (b *bench) stamp(name string) spool.FileStamp {
	b.t.Helper()
	fi, err := os.Stat(filepath.Join(b.root, name))
	if err != nil {
		fi, err = os.Stat(filepath.Join(b.dir, filesName, name))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return spool.FileStamp{Size: fi.Size(), ModTime: fi.ModTime()}
}

// store opens the quarantine, and makes it the first time.
func (b *bench) store() *Store {
	b.t.Helper()
	s, err := Open(b.dir, b.on)
	if _, gone := os.Stat(b.dir); gone != nil {
		s, err = Create(b.dir, b.root, b.on)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { s.Close() })
	return s
}

func stopped(context.Context) error { return nil }

// everywhere reads all message files below dir.
func everywhere(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == probeName {
			return err
		}
		name, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		found[filepath.ToSlash(name)], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// intact are the names of the files below dir. It fails unless each is a file of a message, byte for byte.
func (b *bench) intact(dir string) map[string]bool {
	b.t.Helper()
	var buf [16 << 10]byte
	return b.named(dir, func(p string, want []byte) error {
		fd, err := syscall.Open(p, syscall.O_RDONLY, 0) // not os.Open: half the time of the kill test goes by here
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		if n, err := syscall.Read(fd, buf[:]); err != nil || !bytes.Equal(buf[:n], want) {
			return fmt.Errorf("%s is not the file that it was: %d bytes, %v", p, n, err)
		}
		return nil
	})
}

// named are the names of the files below dir, each of which has to be one of a message. look may be nil.
func (b *bench) named(dir string, look func(path string, want []byte) error) map[string]bool {
	b.t.Helper()
	names := make(map[string]bool, len(b.files))
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == probeName {
			return err
		}
		name := filepath.ToSlash(p[len(dir)+1:])
		want, ours := b.files[name]
		if !ours {
			return fmt.Errorf("%s is no file of a message", name)
		}
		names[name] = true
		if look == nil {
			return nil
		}
		return look(p, want)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return names
}

// wantOnce fails unless every file is in the spool or in quarantine, once, byte for byte, with nothing else beside
// them. It returns the names of those in quarantine.
func (b *bench) wantOnce() (held map[string]bool) {
	b.t.Helper()
	in, out := b.intact(b.root), b.intact(filepath.Join(b.dir, filesName))
	b.once(in, out)
	return out
}

// wantNamedOnce is wantOnce without a look into the files.
func (b *bench) wantNamedOnce() {
	b.t.Helper()
	b.once(b.named(b.root, nil), b.named(filepath.Join(b.dir, filesName), nil))
}

func (b *bench) once(in, out map[string]bool) {
	b.t.Helper()
	for name := range b.files {
		switch {
		case in[name] && out[name]:
			b.t.Fatalf("%s is there twice", name)
		case !in[name] && !out[name]:
			b.t.Fatalf("%s is lost", name)
		}
	}
}

// wantWhole is wantOnce, and both files of every message are on one side, the side that the manifest says.
func (b *bench) wantWhole(s *Store) (held int) {
	b.t.Helper()
	out := b.wantOnce()
	books := map[spool.ID]bool{}
	for _, h := range s.Held() {
		if h.Split {
			b.t.Fatalf("%s is split", h.ID)
		}
		books[h.ID] = true
	}
	for _, id := range b.ids {
		hdr, eml := out[id.HDR()], out[id.EML()]
		if hdr != eml || hdr != books[id] {
			b.t.Fatalf("%s: HDR in quarantine %t, EML %t, by the manifest %t", id, hdr, eml, books[id])
		}
	}
	return len(books)
}

func (b *bench) move(s *Store) Outcome {
	b.t.Helper()
	out, err := s.Move(b.t.Context(), b.plan, stopped, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *bench) restore(s *Store) Outcome {
	b.t.Helper()
	out, err := s.Restore(b.t.Context(), b.ids, stopped, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// reasons are the outcome's skipped messages as "67518000: changed".
func reasons(out Outcome) string {
	var list []string
	for _, s := range out.Skipped {
		list = append(list, fmt.Sprintf("%s: %s", s.ID, s.Reason))
	}
	return strings.Join(list, ", ")
}

func TestMoveAndRestoreKeepEverything(t *testing.T) {
	b := newBench(t, 23, 3)
	before := map[string]fs.FileInfo{}
	for name := range b.files {
		fi, err := os.Stat(filepath.Join(b.root, name))
		if err != nil {
			t.Fatal(err)
		}
		before[name] = fi
	}
	s := b.store()
	s.batch = 5
	var last Progress
	out, err := s.Move(t.Context(), b.plan, stopped, func(p Progress) { last = p })
	if err != nil || out.Moved != 23 || out.Bytes != b.plan.Bytes || out.Left != 0 || out.Stopped || len(out.Skipped) != 0 {
		t.Fatalf("Move: %+v, %v", out, err)
	}
	if last.Done != 23 || last.Total != 23 || last.Bytes != b.plan.Bytes {
		t.Errorf("last progress %+v", last)
	}
	if held := b.wantWhole(s); held != 23 {
		t.Fatalf("%d in quarantine, want 23", held)
	}
	s.Close()

	s = b.store() // as a later run would
	h := s.Held()[0]
	if want := b.plan.Items[0]; h.ID != want.ID || h.Account != want.Account || !h.Stamp.Equal(want.Stamp) || h.Plan != b.plan.ID || h.Since.IsZero() {
		t.Errorf("held after opening again: %+v, want %+v", h, b.plan.Items[0])
	}
	if out := b.restore(s); out.Restored != 23 || out.Bytes != b.plan.Bytes {
		t.Fatalf("Restore: %+v", out)
	}
	if held := b.wantWhole(s); held != 0 {
		t.Fatalf("%d in quarantine, want none", held)
	}
	for name, was := range before {
		fi, err := os.Stat(filepath.Join(b.root, name))
		if err != nil {
			t.Fatal(err)
		}
		if !os.SameFile(was, fi) || fi.Mode() != was.Mode() || !fi.ModTime().Equal(was.ModTime()) {
			t.Errorf("%s: mode %v, time %v, same file %t", name, fi.Mode(), fi.ModTime(), os.SameFile(was, fi))
		}
	}
}

func TestMoveAgainCountsWhatIsThereAlready(t *testing.T) {
	b := newBench(t, 4, 1)
	s := b.store()
	b.move(s)
	if out := b.move(s); out.Already != 4 || out.Moved != 0 || len(out.Skipped) != 0 || out.Left != 0 {
		t.Fatalf("second Move: %+v", out)
	}
}

func TestQuarantineIsForAdministratorsOnly(t *testing.T) {
	b := newBench(t, 2, 1)
	b.move(b.store())
	wantPrivate(t, b.dir)
	wantPrivate(t, filepath.Join(b.dir, filesName))
	if runtime.GOOS != "windows" { // there it inherits the access list, which Wine does not do
		wantPrivate(t, filepath.Join(b.dir, filesName, "SubSpool0"))
	}
}
