package quarantine

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// unreachable opens the quarantine as if no rename reached it: on a system with one volume, the copies are real.
func (b *bench) unreachable() *Store {
	b.t.Helper()
	b.on = AnyVolume
	s := b.store()
	s.sys.rename = func(_, _ *folder, _ string) error { return syscall.EXDEV }
	return s
}

func TestWhereNoRenameReachesMessagesAreCarried(t *testing.T) {
	b := newBench(t, 7, 2)
	old := time.Date(2019, 3, 4, 5, 6, 7, 123456700, time.UTC) // as fine as NTFS tells it
	if err := os.Chtimes(filepath.Join(b.root, b.ids[3].HDR()), old, old); err != nil {
		t.Fatal(err)
	}
	b.plan = b.newPlan()
	s := b.unreachable()
	s.batch = 3
	if out := b.move(s); out.Moved != 7 || out.Bytes != b.plan.Bytes || b.wantWhole(s) != 7 {
		t.Fatalf("Move: %+v", out)
	}
	if out := b.restore(s); out.Restored != 7 || b.wantWhole(s) != 0 {
		t.Fatalf("Restore: %+v", out)
	}
	if at := b.stamp(b.ids[3].HDR()).ModTime; !at.Equal(old) {
		t.Errorf("written %v, was %v", at, old)
	}
}
