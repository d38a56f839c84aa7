//go:build unix

package quarantine

import (
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// mayMove asks with the rights that count when a file is renamed, and for a writable volume.
func mayMove(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.R_OK|unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return err
	}
	// In a sticky folder only the owner of a file, of the folder, or root may rename it.
	if me := os.Geteuid(); st.Mode&unix.S_ISVTX != 0 && me != 0 && int(st.Uid) != me {
		return fmt.Errorf("the folder is sticky, so only the owners of its files may move them: %w", fs.ErrPermission)
	}
	return nil
}
