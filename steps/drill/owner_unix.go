//go:build unix

package drill

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUs says that a file belongs to whoever runs this, and that nobody else can change it.
func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
