package spool_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"

	"delist/spool"
	"delist/spool/spooltest"
)

// TestScanLocked holds a file as a program does that shares it with nobody.
func TestScanLocked(t *testing.T) {
	root := t.TempDir()
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1"})
	locked := spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/2"})
	path, err := windows.UTF16PtrFromString(filepath.Join(root, filepath.FromSlash(locked.HDR())))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, root)
	first := scan(t, s)
	handle, err := windows.CreateFile(path, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(handle)

	snap := scan(t, s)
	if p := snap.Problems(); snap.Len() != 1 || len(p) != 1 || p[0].Kind != spool.Unreadable || !snap.Partial() {
		t.Errorf("%d messages, problems %v, partial %v; want one of each, partial", snap.Len(), p, snap.Partial())
	}
	second, changes, err := s.Rescan(t.Context(), first, nil)
	if err != nil || second.Len() != 2 || len(changes.Went) != 0 {
		t.Errorf("%d messages, changes %+v, error %v; want both known still", second.Len(), changes, err)
	}
}
