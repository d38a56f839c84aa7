package spool_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"delist/spool"
	"delist/spool/spooltest"
)

// withoutPrivilege runs f on a thread to which the rights of files count, also where the test is root's. The thread ends with it.
func withoutPrivilege(t *testing.T, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: no other goroutine gets this thread
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var caps [2]unix.CapUserData
		err := unix.Capget(&header, &caps[0])
		if err == nil {
			caps[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
			err = unix.Capset(&header, &caps[0])
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// A folder that cannot be listed is not one message: how many are in it is not known, and nothing counts it as one.
func TestScanAFolderThatCannotBeListed(t *testing.T) {
	root := t.TempDir()
	for _, id := range []spool.ID{"SubSpool0/1", "SubSpool1/2", "SubSpool1/3", "Drop/4"} {
		spooltest.Write(t, root, spooltest.Pair{ID: id})
	}
	s := open(t, root)
	for _, dir := range []string{"SubSpool1", "Drop"} {
		if err := os.Chmod(filepath.Join(root, dir), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		os.Chmod(filepath.Join(root, "SubSpool1"), 0o700)
		os.Chmod(filepath.Join(root, "Drop"), 0o700)
	})
	withoutPrivilege(t, func() {
		snap := scan(t, s)
		if snap.Whole() || !snap.Partial() || snap.Unread() != 0 || snap.Waiting() != 1 || snap.SayUnread() != "" {
			t.Errorf("whole %v, partial %v, %d unread, %d waiting, %q; want 1 waiting of a spool that was not seen whole",
				snap.Whole(), snap.Partial(), snap.Unread(), snap.Waiting(), snap.SayUnread())
		}
		for _, p := range snap.Problems() {
			if p.Kind != spool.Unlisted {
				t.Errorf("%s is %s", p.Path, p.Kind)
			}
		}
		if n := len(snap.Problems()); n != 2 {
			t.Errorf("%d problems, want the two folders", n)
		}
	})
}
