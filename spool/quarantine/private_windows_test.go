package quarantine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	sd, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	for _, everyone := range []string{";;;WD)", ";;;BU)", ";;;AU)"} {
		if strings.Contains(sd.String(), everyone) {
			t.Errorf("%s may be read by others: %s", dir, sd)
		}
	}
}

// A file that another program holds open is left, its message stays whole, and the others move.
func TestAFileHeldOpenIsLeft(t *testing.T) {
	b := newBench(t, 3, 1)
	name, err := windows.UTF16PtrFromString(filepath.Join(b.root, filepath.FromSlash(b.ids[1].EML())))
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := b.store()
	out := b.move(s)
	windows.CloseHandle(h)
	if out.Moved != 2 || reasons(out) != string(b.ids[1])+": locked" {
		t.Fatalf("%+v", out)
	}
	b.wantWhole(s)
	if _, err := os.Stat(filepath.Join(b.root, filepath.FromSlash(b.ids[1].HDR()))); err != nil {
		t.Error(err)
	}
}
