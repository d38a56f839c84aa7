package steps_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"delist/spool/quarantine"
	"delist/steps"
)

// The volume of the incidents is full: nothing moves that could not be written down.
func TestNoRoomForTheIncidentsRecord(t *testing.T) {
	w := newWorld(t)
	w.incidents = t.TempDir()
	if err := unix.Mount("tmpfs", w.incidents, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("no small volume: mounting one needs root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(w.incidents, unix.MNT_DETACH) })
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	in := w.planAll(rb)
	if err := fill(filepath.Join(w.incidents, "filler")); err != nil {
		t.Fatal(err)
	}
	before := len(files(t, w.root))
	if err := rb.Do(t.Context(), in); !errors.Is(err, quarantine.ErrNoSpace) {
		t.Errorf("quarantine: %v", err)
	}
	if after := len(files(t, w.root)); after != before {
		t.Errorf("%d files in the spool, %d before", after, before)
	}
	if err := os.Remove(filepath.Join(w.incidents, "filler")); err != nil {
		t.Fatal(err)
	}
	w.do(rb, in)
}

// fill writes a file until the volume is full.
func fill(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if errors.Is(err, unix.ENOSPC) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
