//go:build unix

package steps

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// What an incident keeps is its owner's only, however careless the process is about rights.
func TestAnIncidentIsItsOwnersOnly(t *testing.T) {
	old := unix.Umask(0)
	defer unix.Umask(old)
	dir := filepath.Join(t.TempDir(), "incidents", "7F3A")
	j, err := CreateJournal(dir, "maria@mail01", at(nineOClock))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	for name, want := range map[string]os.FileMode{dir: 0o700, filepath.Dir(dir): 0o700, filepath.Join(dir, journalName): 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has the rights %o, want %o", name, got, want)
		}
	}
}
