//go:build unix

package quarantine

import "golang.org/x/sys/unix"

// Free is how many bytes are free for us on the volume that will hold dir, which need not exist yet; 0 when not known.
func Free(dir string) uint64 {
	var st unix.Statfs_t
	if err := unix.Statfs(standing(dir), &st); err != nil {
		return 0
	}
	return uint64(st.Bavail) * uint64(st.Bsize)
}
