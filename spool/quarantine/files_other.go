//go:build unix && !linux

package quarantine

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// renameNoReplace renames within a volume, never over another file. These systems serve to develop on, not to run
// SmarterMail: the name is looked for first.
func renameNoReplace(from *folder, name string, to *folder, as string) error {
	var st unix.Stat_t
	switch err := unix.Fstatat(to.fd, as, &st, unix.AT_SYMLINK_NOFOLLOW); {
	case err == nil:
		return fs.ErrExist
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return unix.Renameat(from.fd, name, to.fd, as)
}

// reserve cannot take room ahead here.
func reserve(*os.File, int64, int64) error { return nil }

// copyACL: mode and owner have to do here.
func copyACL(string, string) error { return nil }

// forget: the copy is read back from memory here.
func forget(*os.File) {}
