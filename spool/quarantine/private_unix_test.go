//go:build unix

package quarantine

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	fi, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if fi.Mode().Perm() != 0o700 {
		t.Errorf("%s has mode %v, want 0700", dir, fi.Mode())
	}
}

// What others plant in a spool under delist's own names is never followed, never waited for, and never written to.
func TestPlantedNamesInASpoolSetAside(t *testing.T) {
	for _, name := range []string{oldPutBackName, oldPutBackName + ".new", oldPutBackLock} {
		for kind, plant := range map[string]func(victim, path string) error{
			"link": os.Symlink, "pipe": func(_, path string) error { return syscall.Mkfifo(path, 0o600) },
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				b := newBench(t, 2, 1)
				victim := filepath.Join(t.TempDir(), "victim")
				if err := os.WriteFile(victim, []byte("not ours"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := plant(victim, filepath.Join(b.root, name)); err != nil {
					t.Fatal(err)
				}
				a := NewAside(b.root, filepath.Join(filepath.Dir(b.root), "aside", "Spool"))
				if err := a.Set(); err != nil {
					t.Fatal(err)
				}
				out, err := a.PutBack(t.Context(), 0, stopped, nil)
				if err != nil || out.Restored != 2 {
					t.Errorf("%+v, %v", out, err)
				}
				if got, err := os.ReadFile(victim); err != nil || string(got) != "not ours" {
					t.Errorf("the file behind the link holds %q, %v", got, err)
				}
			})
		}
	}
}
