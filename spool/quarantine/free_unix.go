//go:build unix

package quarantine

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// Room is how many bytes are free for us on the volume that will hold dir, which need not exist yet.
func Room(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(standing(dir), &st); err != nil {
		return 0, &fs.PathError{Op: "ask for the room at", Path: dir, Err: err}
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}
