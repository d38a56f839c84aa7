package quarantine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// mounted makes a real second volume: a file system in memory, mounted with options such as "size=64k".
func mounted(t testing.TB, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("no second volume: mounting one needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// newBenchAcross is newBench with the quarantine on the second volume.
func newBenchAcross(t testing.TB, other string, n, folders int) *bench {
	t.Helper()
	up, err := os.MkdirTemp(other, "")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, root: filepath.Join(inMemory(t), "Spool"), dir: filepath.Join(up, "delist", "7F3A"), on: AnyVolume, files: map[string][]byte{}}
	return b.fill(n, folders)
}

// wantNotTwice fails unless every file is there in whole at least once, and no message counts twice: its HDR bears its
// name on one side at most, with its EML beside it. That holds at every instant, a half copied pair included.
func (b *bench) wantNotTwice() {
	b.t.Helper()
	in, out := everywhere(b.t, b.root), everywhere(b.t, filepath.Join(b.dir, filesName))
	for name, want := range b.files {
		whole := 0
		for _, copy := range [][]byte{in[name], out[name], in[name+leaving], out[name+leaving]} {
			if bytes.Equal(copy, want) {
				whole++
			}
		}
		if whole == 0 {
			b.t.Fatalf("%s is lost", name)
		}
	}
	for _, id := range b.ids {
		counts := 0
		for _, side := range []map[string][]byte{in, out} {
			if side[id.HDR()] == nil {
				continue
			}
			counts++
			if !bytes.Equal(side[id.HDR()], b.files[id.HDR()]) || !bytes.Equal(side[id.EML()], b.files[id.EML()]) {
				b.t.Fatalf("%s counts and is not whole", id)
			}
		}
		if counts > 1 {
			b.t.Fatalf("%s counts twice", id)
		}
	}
}

// To another volume and back everything is kept: bytes, times, mode, owner.
func TestAcrossVolumesAndBack(t *testing.T) {
	b := newBenchAcross(t, mounted(t, ""), 23, 3)
	odd := filepath.Join(b.root, b.ids[4].EML())
	if err := errors.Join(os.Chmod(odd, 0o640), os.Chown(odd, 1234, 2345), os.Chtimes(odd, time.Unix(7, 123456789), time.Unix(1700000000, 987654321))); err != nil {
		t.Fatal(err)
	}
	b.plan = b.newPlan()
	seen := func(name string) string {
		var st unix.Stat_t
		if err := unix.Stat(name, &st); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("mode %o owner %d:%d written %d", st.Mode, st.Uid, st.Gid, st.Mtim.Nano())
	}
	before := map[string]string{}
	for name := range b.files {
		before[name] = seen(filepath.Join(b.root, name))
	}
	s := b.store()
	s.batch = 5
	if out := b.move(s); out.Moved != 23 || out.Bytes != b.plan.Bytes || len(out.Skipped) != 0 {
		t.Fatalf("Move: %+v", out)
	}
	if held := b.wantWhole(s); held != 23 {
		t.Fatalf("%d in quarantine", held)
	}
	s.Close()
	b.on = SameVolume // nobody has to ask again for what is to come back
	s = b.store()
	if out := b.restore(s); out.Restored != 23 || out.Bytes != b.plan.Bytes {
		t.Fatalf("Restore: %+v", out)
	}
	if held := b.wantWhole(s); held != 0 {
		t.Fatalf("%d in quarantine", held)
	}
	for name, was := range before {
		if now := seen(filepath.Join(b.root, name)); now != was {
			t.Errorf("%s: %s, was %s", name, now, was)
		}
	}
}

// One folder of the spool is a volume of its own. Not asked for, nothing moves; asked for, all do.
func TestAFolderIsMounted(t *testing.T) {
	b := newBench(t, 9, 3)
	there := filepath.Join(b.root, "SubSpool1")
	kept := everywhere(t, there)
	if err := unix.Mount("tmpfs", there, "tmpfs", 0, ""); err != nil {
		t.Skipf("no second volume: mounting one needs root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(there, unix.MNT_DETACH) })
	for name, text := range kept {
		write(t, filepath.Join(there, name), string(text))
	}
	b.plan = b.newPlan()
	s := b.store()
	out, err := s.Move(t.Context(), b.plan, stopped, nil)
	if !errors.Is(err, ErrOtherVolume) || !strings.Contains(err.Error(), `"SubSpool1"`) || !strings.Contains(err.Error(), "--other-volume") || out.Moved != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if held := b.wantWhole(s); held != 0 {
		t.Fatalf("%d moved", held)
	}
	s.Close()
	b.on = AnyVolume
	s = b.store()
	if out := b.move(s); out.Moved != 9 || b.wantWhole(s) != 9 {
		t.Fatalf("%+v", out)
	}
	if out := b.restore(s); out.Restored != 9 || b.wantWhole(s) != 0 {
		t.Fatalf("%+v", out)
	}
}

// The other volume fills up while messages are copied to it: those before are there, the others stay, nothing is half.
func TestTheOtherVolumeFillsUp(t *testing.T) {
	b := newBenchAcross(t, mounted(t, "size=256k"), 5, 1)
	for _, id := range b.ids {
		b.files[id.EML()] = bytes.Repeat([]byte("x"), 9000)
		write(t, filepath.Join(b.root, id.EML()), string(b.files[id.EML()]))
	}
	b.plan = b.newPlan()
	s := b.store()
	real, filler := s.sys.copy, filepath.Join(filepath.Dir(b.dir), "filler")
	s.sys.copy = func(from *folder, name string, to *folder, as string) error {
		if name == b.ids[2].Base()+".eml" { // another program takes the rest, all but a page
			f, err := os.Create(filler)
			if err != nil {
				t.Fatal(err)
			}
			for page := make([]byte, 4096); err == nil; {
				_, err = f.Write(page)
			}
			fi, _ := f.Stat()
			if err := errors.Join(f.Truncate(fi.Size()-4096), f.Close()); err != nil {
				t.Fatal(err)
			}
		}
		return real(from, name, to, as)
	}
	out, err := s.Move(t.Context(), b.plan, stopped, nil)
	if !errors.Is(err, ErrNoSpace) || out.Moved != 2 || !out.Stopped {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held := b.wantWhole(s); held != 2 {
		t.Fatalf("%d held", held)
	}
	remove(t, filler)
	s.sys.copy = real
	if out := b.move(s); out.Moved != 3 || b.wantWhole(s) != 5 {
		t.Fatalf("going on: %+v", out)
	}
}

// What will not fit is refused before the first message.
func TestTheOtherVolumeIsTooSmall(t *testing.T) {
	b := newBenchAcross(t, mounted(t, "size=64k"), 40, 1)
	s := b.store()
	out, err := s.Move(t.Context(), b.plan, stopped, nil)
	if !errors.Is(err, ErrNoSpace) || out.Moved != 0 || out.Left != 40 {
		t.Skipf("the pairs are smaller than they were: %+v, %v", out, err)
	}
	if held := b.wantWhole(s); held != 0 {
		t.Fatalf("%d moved", held)
	}
}

// What happens to a message or its copy at the worst instant: it is kept, once, or left and called changed.
func TestChangedWhileItIsCarried(t *testing.T) {
	for name, happen := range map[string]func(b *bench, eml string, from, to *folder){
		"the original grows": func(b *bench, eml string, from, _ *folder) {
			write(b.t.(*testing.T), filepath.Join(from.path, eml), "grown")
		},
		"the copy is not as written": func(b *bench, eml string, _, to *folder) {
			write(b.t.(*testing.T), filepath.Join(to.path, eml+coming), "torn")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBenchAcross(t, mounted(t, ""), 3, 1)
			s := b.store()
			real, odd := s.sys.copy, b.ids[1].Base()+".eml"
			s.sys.copy = func(from *folder, name string, to *folder, as string) error {
				err := real(from, name, to, as)
				if name == odd {
					happen(b, odd, from, to)
				}
				return err
			}
			out := b.move(s)
			if out.Moved != 2 || reasons(out) != string(b.ids[1])+": changed" {
				t.Fatalf("%+v", out)
			}
			if name == "the original grows" {
				b.files[b.ids[1].EML()] = []byte("grown")
			}
			if held := b.wantWhole(s); held != 2 {
				t.Fatalf("%d held", held)
			}
		})
	}
}

// A copy in quarantine that a virus scanner changed between a kill and the next run does not count: the original does.
func TestTheCopyIsChangedAfterAKill(t *testing.T) {
	for _, happen := range []func(name string) error{os.Remove, func(name string) error { return os.WriteFile(name, []byte("clean"), 0o600) }} {
		b := newBenchAcross(t, mounted(t, ""), 1, 1)
		s := b.store()
		s.sys.remove = func(d *folder, name string) error {
			if strings.HasSuffix(name, leaving) {
				return errors.New("killed")
			}
			return removeFile(d, name)
		}
		if out := b.move(s); reasons(out) != string(b.ids[0])+": split" {
			t.Fatalf("%+v", out)
		}
		s.Close()
		if err := happen(filepath.Join(b.dir, filesName, b.ids[0].EML())); err != nil {
			t.Fatal(err)
		}
		s = b.recovered(b.store())
		if held := b.wantWhole(s); held != 0 {
			t.Fatalf("%d held", held)
		}
	}
}

// A message that was given back, and delivered before its copy in the quarantine could be removed, is not given back again.
func TestDeliveredBeforeTheNextRun(t *testing.T) {
	b := newBenchAcross(t, mounted(t, ""), 1, 1)
	s := b.store()
	b.move(s)
	s.sys.remove = func(d *folder, name string) error {
		if strings.HasSuffix(name, leaving) {
			return errors.New("killed")
		}
		return removeFile(d, name)
	}
	b.restore(s)
	s.Close()
	remove(t, filepath.Join(b.root, b.ids[0].HDR()))
	remove(t, filepath.Join(b.root, b.ids[0].EML()))
	s = b.recovered(b.store())
	if out := b.restore(s); out.Restored != 0 || len(s.Held()) != 0 {
		t.Fatalf("%+v, %d held", out, len(s.Held()))
	}
	if in := everywhere(t, b.root); len(in) != 0 {
		t.Fatalf("%d files in the spool", len(in))
	}
	if kept := everywhere(t, filepath.Join(b.dir, filesName)); len(kept) != 2 {
		t.Fatalf("%d files kept", len(kept))
	}
}

// Never over a file that is there, on either side.
func TestAcrossVolumesNeverWritesOver(t *testing.T) {
	for _, kind := range []string{".hdr", ".eml"} {
		b := newBenchAcross(t, mounted(t, ""), 3, 1)
		s := b.store()
		taken := filepath.Join(b.dir, filesName, string(b.ids[1])+kind)
		if err := os.MkdirAll(filepath.Dir(taken), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, taken, "precious")
		if out := b.move(s); out.Moved != 2 || reasons(out) != string(b.ids[1])+": exists already" {
			t.Fatalf("Move, %s: %+v", kind, out)
		}
		remove(t, taken)
		b.move(s)
		taken = filepath.Join(b.root, string(b.ids[1])+kind)
		write(t, taken, "precious")
		if out := b.restore(s); out.Restored != 2 || reasons(out) != string(b.ids[1])+": exists already" {
			t.Fatalf("Restore, %s: %+v", kind, out)
		}
		if got, _ := os.ReadFile(taken); string(got) != "precious" {
			t.Fatalf("%s was written over: %q", kind, got)
		}
		remove(t, taken)
		if held := b.wantWhole(s); held != 1 {
			t.Fatalf("%d held", held)
		}
	}
}

// A volume that is mounted read-only is found out before the first message, and said.
func TestReadOnlyVolume(t *testing.T) {
	for _, across := range []bool{false, true} {
		b := newBench(t, 4, 2)
		there := filepath.Join(b.root, "SubSpool1")
		if err := errors.Join(unix.Mount(there, there, "", unix.MS_BIND, ""), unix.Mount("", there, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")); err != nil {
			t.Skipf("mounting needs root: %v", err)
		}
		t.Cleanup(func() { _ = unix.Unmount(there, unix.MNT_DETACH) })
		s := b.store()
		if across {
			s.on = AnyVolume
		}
		out, err := s.Move(t.Context(), b.plan, stopped, nil)
		if across && (err != nil || out.Moved != 2 || len(out.Skipped) != 2 || out.Skipped[0].Reason != ReadOnly) {
			t.Fatalf("%+v, %v", out, err)
		}
		if !across && out.Moved == 4 {
			t.Fatalf("%+v, %v", out, err)
		}
		b.wantWhole(s)
	}
}

// EXDEV that shows only at the rename of a message leaves it whole where it is.
func TestAnotherVolumeFoundOnlyAtTheRename(t *testing.T) {
	b := newBench(t, 3, 1)
	s := b.store()
	real := s.sys.rename
	s.sys.rename = func(from, to *folder, name string) error {
		if name == b.ids[1].Base()+".eml" {
			return syscall.EXDEV
		}
		return real(from, to, name)
	}
	if out := b.move(s); out.Moved != 2 || reasons(out) != string(b.ids[1])+": on another volume" {
		t.Fatalf("%+v", out)
	}
	b.wantWhole(s)
}

// A copy does not hold, and the undoing is cut off once the EML bears its name again.
func TestUndoThatIsCutOff(t *testing.T) {
	b := newBenchAcross(t, mounted(t, ""), 1, 1)
	base := b.ids[0].Base()
	s := b.store()
	remove := s.sys.remove
	s.sys.remove = func(d *folder, name string) error { // the original cannot go yet
		if name == base+".eml"+leaving {
			return syscall.EBUSY
		}
		return remove(d, name)
	}
	s.sys.pause = func(context.Context, time.Duration) {}
	b.move(s)
	s.Close()
	if err := os.Remove(filepath.Join(b.dir, filesName, b.ids[0].EML())); err != nil { // by a virus scanner
		t.Fatal(err)
	}
	s = b.store()
	become := s.sys.become
	s.sys.become = func(d *folder, name, as string) error {
		if name == base+".hdr"+leaving {
			return syscall.EBUSY
		}
		return become(d, name, as)
	}
	s.sys.pause = func(context.Context, time.Duration) {}
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = b.store()
	defer s.Close()
	if out, err := s.Recover(t.Context()); err != nil || len(out.Skipped) > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	in := everywhere(t, b.root)
	for name, want := range b.files {
		if !bytes.Equal(in[name], want) {
			t.Errorf("%s is not in the spool as it was", name)
		}
	}
}
