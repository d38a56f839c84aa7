package quarantine

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// hold opens a file as a mail service does that is not stopped: others may read it, and neither rename nor delete it.
func hold(t *testing.T, name string) (release func()) {
	t.Helper()
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		t.Fatal(err)
	}
	handle, err := windows.CreateFile(path, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := windows.CloseHandle(handle); err != nil {
			t.Error(err)
		}
	}
}

// A message of which another program holds a file open is reported and left whole, in the spool as in quarantine; once
// it is let go, the same call moves it.
func TestAFileHeldOpenIsReportedAndLeft(t *testing.T) {
	for _, kind := range []string{".hdr", ".eml"} {
		t.Run(kind, func(t *testing.T) {
			b := newBench(t, 3, 1)
			s := b.store()
			locked := string(b.ids[1]) + ": locked"
			release := hold(t, filepath.Join(b.root, string(b.ids[1])+kind))
			if out := b.move(s); out.Moved != 2 || reasons(out) != locked {
				t.Errorf("Move: %+v", out)
			}
			if held := b.wantWhole(s); held != 2 {
				t.Errorf("%d in quarantine", held)
			}
			release()
			if out := b.move(s); out.Moved != 1 || out.Already != 2 {
				t.Errorf("Move again: %+v", out)
			}
			release = hold(t, filepath.Join(b.dir, filesName, string(b.ids[1])+kind))
			if out := b.restore(s); out.Restored != 2 || reasons(out) != locked {
				t.Errorf("Restore: %+v", out)
			}
			release()
			if out, err := s.Restore(t.Context(), b.ids[1:2], stopped, nil); err != nil || out.Restored != 1 {
				t.Errorf("Restore again: %+v, %v", out, err)
			}
			if held := b.wantWhole(s); held != 0 {
				t.Errorf("%d in quarantine", held)
			}
		})
	}
}

// The same where messages are carried: the copies go again.
func TestAFileHeldOpenIsNotCarried(t *testing.T) {
	b := newBench(t, 3, 1)
	s := b.unreachable()
	release := hold(t, filepath.Join(b.root, b.ids[1].EML()))
	if out := b.move(s); out.Moved != 2 || reasons(out) != string(b.ids[1])+": locked" {
		t.Errorf("%+v", out)
	}
	b.wantWhole(s)
	release()
	if out := b.move(s); out.Moved != 1 || b.wantWhole(s) != 3 {
		t.Errorf("%+v", out)
	}
}
