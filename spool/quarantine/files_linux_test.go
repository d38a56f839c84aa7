package quarantine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Both ways to rename keep what is there, and move what is not.
func TestRenameNeverReplaces(t *testing.T) {
	for name, rename := range map[string]func(from *folder, name string, to *folder, as string) error{
		"renameat2": renameNoReplace, "looking first": renameLookingFirst,
	} {
		t.Run(name, func(t *testing.T) {
			up := t.TempDir()
			var dirs []*folder
			for _, n := range []string{"a", "b"} {
				if err := os.Mkdir(filepath.Join(up, n), 0o700); err != nil {
					t.Fatal(err)
				}
				root, err := os.OpenRoot(up)
				if err != nil {
					t.Fatal(err)
				}
				defer root.Close()
				d, err := openDir(root, n)
				if err != nil {
					t.Fatal(err)
				}
				defer d.close()
				dirs = append(dirs, d)
			}
			write(t, filepath.Join(up, "a", "1.hdr"), "new")
			write(t, filepath.Join(up, "b", "1.hdr"), "precious")
			if err := rename(dirs[0], "1.hdr", dirs[1], "1.hdr"); !errors.Is(err, fs.ErrExist) {
				t.Errorf("%v, want fs.ErrExist", err)
			}
			if got, _ := os.ReadFile(filepath.Join(up, "b", "1.hdr")); string(got) != "precious" {
				t.Errorf("replaced by %q", got)
			}
			remove(t, filepath.Join(up, "b", "1.hdr"))
			if err := rename(dirs[0], "1.hdr", dirs[1], "1.hdr"); err != nil {
				t.Error(err)
			}
			if got, _ := os.ReadFile(filepath.Join(up, "b", "1.hdr")); string(got) != "new" {
				t.Errorf("%q was moved", got)
			}
		})
	}
}

func TestCreateOnAnotherVolume(t *testing.T) {
	b := newBench(t, 1, 1)
	other := inMemory(t)
	var x, y unix.Stat_t
	if unix.Stat(b.root, &x) != nil || unix.Stat(other, &y) != nil || x.Dev == y.Dev {
		t.Skip("no second volume here")
	}
	if s, err := Create(filepath.Join(other, "q"), b.root, SameVolume); err == nil {
		s.Close()
		t.Error("a quarantine on another volume: no error")
	}
	if _, err := Place(b.root, other, SameVolume); err == nil {
		t.Error("a place on another volume: no error")
	}
}
