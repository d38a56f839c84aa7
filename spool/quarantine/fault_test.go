package quarantine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"delist/spool"
)

// fault makes the nth system call fail.
type fault struct {
	nth  int
	err  error
	dead bool // and every later one: what the disk looks like when the process was killed at that call
	torn bool // a failing write leaves half its bytes behind
	n    int

	nthRename int // instead of nth: fails at this rename, within a folder or not
	renames   int

	every int // upTo tries every such call, 0: each one
}

func (f *fault) hit() error {
	f.n++
	if f.nth == 0 {
		return nil
	}
	if f.n == f.nth || f.dead && f.n > f.nth {
		return f.err
	}
	return nil
}

// on is sys with the fault in every call.
func (f *fault) on(sys files) files {
	one := func(real func(*folder) error) func(*folder) error {
		return func(d *folder) error {
			if err := f.hit(); err != nil {
				return err
			}
			return real(d)
		}
	}
	named := func(real func(*folder, string) error) func(*folder, string) error {
		return func(d *folder, name string) error {
			if err := f.hit(); err != nil {
				return err
			}
			return real(d, name)
		}
	}
	rooted := func(real func(*os.Root, string) error) func(*os.Root, string) error {
		return func(r *os.Root, name string) error {
			if err := f.hit(); err != nil {
				return err
			}
			return real(r, name)
		}
	}
	bad := sys
	bad.makeDir, bad.adopt, bad.flush = rooted(sys.makeDir), rooted(sys.adopt), one(sys.flush)
	bad.create, bad.remove = named(sys.create), named(sys.remove)
	bad.openDir = func(r *os.Root, name string) (*folder, error) {
		if err := f.hit(); err != nil {
			return nil, err
		}
		return sys.openDir(r, name)
	}
	bad.stat = func(d *folder, name string) (spool.FileStamp, error) {
		if err := f.hit(); err != nil {
			return spool.FileStamp{}, err
		}
		return sys.stat(d, name)
	}
	bad.rename = func(from, to *folder, name string) error {
		if f.renames++; f.renames == f.nthRename {
			f.nth = f.n + 1
		}
		if err := f.hit(); err != nil {
			return err
		}
		return sys.rename(from, to, name)
	}
	bad.become = func(d *folder, name, as string) error {
		if f.renames++; f.renames == f.nthRename {
			f.nth = f.n + 1
		}
		if err := f.hit(); err != nil {
			return err
		}
		return sys.become(d, name, as)
	}
	bad.copy = func(from *folder, name string, to *folder, as string) error {
		if err := f.hit(); err != nil {
			if f.dead && f.n == f.nth { // in the middle of it
				sys.create(to, as)
			}
			return err
		}
		return sys.copy(from, name, to, as)
	}
	bad.same = func(a *folder, name string, b *folder, other string) (bool, error) {
		if err := f.hit(); err != nil {
			return false, err
		}
		return sys.same(a, name, b, other)
	}
	bad.firstLine = func(d *folder, name string, buf []byte) (int, error) {
		if err := f.hit(); err != nil {
			return 0, err
		}
		return sys.firstLine(d, name, buf)
	}
	bad.size = func(file *os.File) (int64, error) {
		if err := f.hit(); err != nil {
			return 0, err
		}
		return sys.size(file)
	}
	bad.reserve = func(file *os.File, from, n int64) error {
		if err := f.hit(); err != nil {
			return err
		}
		return sys.reserve(file, from, n)
	}
	bad.write = func(file *os.File, b []byte, at int64) error {
		if err := f.hit(); err != nil {
			if f.torn && f.n == f.nth {
				sys.write(file, b[:len(b)/2], at)
			}
			return err
		}
		return sys.write(file, b, at)
	}
	bad.sync = func(file *os.File) error {
		if err := f.hit(); err != nil {
			return err
		}
		return sys.sync(file)
	}
	bad.truncate = func(file *os.File, n int64) error {
		if err := f.hit(); err != nil {
			return err
		}
		return sys.truncate(file, n)
	}
	bad.pause = func(context.Context, time.Duration) {}
	return bad
}

// faults are what the system can say at any call, and the ways to die there.
var faults = []fault{
	{err: syscall.ENOSPC}, {err: syscall.EACCES}, {err: syscall.EBUSY}, {err: syscall.ENOENT}, {err: syscall.EXDEV},
	{err: errors.New("killed"), dead: true}, {err: errors.New("killed"), dead: true, torn: true},
	{err: syscall.ENOSPC, torn: true, every: 3}, {err: syscall.EBUSY, dead: true, every: 3}, {err: syscall.EIO, every: 3},
}

func (f fault) String() string { return fmt.Sprintf("%v, dead %t, torn %t", f.err, f.dead, f.torn) }

// upTo runs try with the 1st, 2nd, ... call failing, until so few calls were made that none failed.
func upTo(t *testing.T, f fault, try func(t *testing.T, f *fault)) {
	every := max(f.every, 1)
	if testing.Short() || runtime.GOOS == "windows" {
		every += 10 // these tests make a thousand spools, which takes Wine minutes
	}
	t.Run(f.String(), func(t *testing.T) {
		for n := 1; ; n += every {
			g := f
			g.nth = n
			try(t, &g)
			if t.Failed() {
				t.Fatalf("call %d failing", n)
			}
			if g.n < n {
				return
			}
		}
	})
}

// Whatever call fails, every message is whole, on the side that the manifest says, after Recover; and the same act then
// does what is left to do.
func TestEveryCallFailingInAMove(t *testing.T) {
	for _, f := range faults {
		upTo(t, f, func(t *testing.T, f *fault) {
			b := newBenchIn(t, inMemory(t), 4, 2)
			s := b.faulty(f)
			s.Move(t.Context(), b.plan, stopped, nil)
			b.wantOnce()
			s = b.recovered(s)
			b.wantWhole(s)
			if out := b.move(s); out.Moved+out.Already != 4 || b.wantWhole(s) != 4 {
				t.Fatalf("the second try: %+v", out)
			}
			s.Close()
		})
	}
}

func TestEveryCallFailingInARestore(t *testing.T) {
	for _, f := range faults {
		upTo(t, f, func(t *testing.T, f *fault) {
			b := newBenchIn(t, inMemory(t), 4, 2)
			s := b.store()
			b.move(s)
			s.Close()
			remove(t, filepath.Join(b.root, "SubSpool1")) // to be made again
			s = b.faulty(f)
			s.Restore(t.Context(), b.ids, stopped, nil)
			b.wantOnce()
			s = b.recovered(s)
			b.wantWhole(s)
			b.restore(s)
			if held := b.wantWhole(s); held != 0 {
				t.Fatalf("%d are still in quarantine", held)
			}
			s.Close()
		})
	}
}

// The first run dies with a message half moved, or between two messages (four renames are the probes), and the Recover after it meets any fault.
func TestEveryCallFailingInARecover(t *testing.T) {
	for _, restore := range []bool{false, true} {
		for _, died := range []int{6, 9} {
			for _, f := range faults {
				f.every += 1
				upTo(t, f, func(t *testing.T, f *fault) {
					b := newBenchIn(t, inMemory(t), 4, 2)
					if restore {
						s := b.store()
						b.move(s)
						s.Close()
					}
					s := b.faulty(&fault{nthRename: died, err: errors.New("killed"), dead: true})
					if restore {
						s.Restore(t.Context(), b.ids, stopped, nil)
					} else {
						s.Move(t.Context(), b.plan, stopped, nil)
					}
					s.Close()
					s = b.faulty(f)
					s.Recover(t.Context())
					b.wantOnce()
					b.wantWhole(b.recovered(s))
				})
			}
		}
	}
}

// The same process goes on after a fault, without opening the quarantine again.
func TestGoingOnInTheSameProcess(t *testing.T) {
	upTo(t, fault{err: syscall.EIO}, func(t *testing.T, f *fault) {
		b := newBenchIn(t, inMemory(t), 4, 2)
		s := b.faulty(f)
		s.Move(t.Context(), b.plan, stopped, nil)
		s.sys = system()
		if s.broken != nil {
			return // it says so, and only a new Open helps
		}
		if _, err := s.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.wantWhole(s)
		b.move(s)
		if held := b.wantWhole(s); held != 4 {
			t.Fatalf("%d in quarantine, want 4", held)
		}
	})
}

func (b *bench) faulty(f *fault) *Store {
	s := b.store()
	s.batch = 3
	s.sys = f.on(s.sys)
	return s
}

// recovered closes a quarantine, opens it as a next run does, and recovers, twice.
func (b *bench) recovered(s *Store) *Store {
	b.t.Helper()
	s.Close()
	s = b.store()
	for range 2 {
		if _, err := s.Recover(b.t.Context()); err != nil {
			b.t.Fatalf("Recover: %v", err)
		}
	}
	if s.Unfinished() {
		b.t.Fatal("unfinished after Recover")
	}
	return s
}

// A file that is locked for a moment is waited for; one that stays locked is left and reported.
func TestLockedFiles(t *testing.T) {
	for _, tt := range []struct {
		name string
		busy int // tries that fail
		want string
	}{{"for a moment", 3, ""}, {"for good", 1 << 30, "SubSpool0/67518001: locked"}} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, 3, 1)
			s := b.store()
			var waited time.Duration
			s.sys.pause = func(_ context.Context, d time.Duration) { waited += d }
			real, left := s.sys.rename, tt.busy
			s.sys.rename = func(from, to *folder, name string) error {
				if name == b.ids[1].Base()+".eml" && left > 0 {
					left--
					return syscall.EBUSY
				}
				return real(from, to, name)
			}
			out := b.move(s)
			if reasons(out) != tt.want {
				t.Errorf("skipped %q, want %q", reasons(out), tt.want)
			}
			if waited == 0 || waited > 1500*time.Millisecond {
				t.Errorf("waited %v, want about a second at most", waited)
			}
			b.wantWhole(s)
		})
	}
}

// No room for the record is found out before the first message moves.
func TestNoRoomForTheRecord(t *testing.T) {
	b := newBench(t, 3, 1)
	s := b.store()
	s.sys.reserve = func(*os.File, int64, int64) error { return syscall.ENOSPC }
	out, err := s.Move(t.Context(), b.plan, stopped, nil)
	if !errors.Is(err, ErrNoSpace) || out.Moved != 0 || out.Left != 3 || !out.Stopped {
		t.Fatalf("%+v, %v", out, err)
	}
	if held := b.wantWhole(s); held != 0 {
		t.Fatalf("%d held", held)
	}
}

// What is reserved is enough, also for hostile names and when every message is an exception.
func TestTheReservedRoomIsEnough(t *testing.T) {
	b := newBench(t, 40, 1)
	for i := range b.plan.Items {
		b.plan.Items[i].Account = strings.Repeat("\x01<\u2028", 60)
		b.plan.Items[i].Stamp.HDR.ModTime = time.Unix(math.MinInt64/4, 999_999_999)
		b.plan.Items[i].Stamp.EML.Size = math.MaxInt64
	}
	s := b.store()
	s.batch = 7
	var room int64
	s.sys.reserve = func(_ *os.File, from, n int64) error { room = from + n; return nil }
	if out := b.move(s); len(out.Skipped) != 40 {
		t.Fatalf("%+v", out)
	}
	if s.end > room {
		t.Errorf("the manifest has %d bytes, room was made for %d", s.end, room)
	}
}

// A folder on another volume is found out before the first message moves, and the whole plan is refused, by its name.
func TestAFolderOnAnotherVolume(t *testing.T) {
	b := newBench(t, 6, 2)
	s := b.store()
	there := filepath.Join(s.Root(), "SubSpool1")
	real, renamed := s.sys.rename, 0
	s.sys.rename = func(from, to *folder, name string) error {
		if to.path == there || from.path == there {
			renamed++
			return syscall.EXDEV
		}
		return real(from, to, name)
	}
	out, err := s.Move(t.Context(), b.plan, stopped, nil)
	if !errors.Is(err, ErrOtherVolume) || !strings.Contains(err.Error(), "SubSpool1") || out.Moved != 0 || out.Left != 6 || renamed != 1 {
		t.Fatalf("%+v, %v, %d renames tried", out, err, renamed)
	}
	if held := b.wantWhole(s); held != 0 {
		t.Fatalf("%d moved", held)
	}
}
