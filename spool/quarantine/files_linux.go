package quarantine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// renameNoReplace renames within a volume, never over another file: renameat2(2) with RENAME_NOREPLACE. Where the file
// system or the kernel lacks that, the name is looked for first: nobody else writes in a quarantine or a stopped spool, and a server that runs gives no name twice.
func renameNoReplace(from *folder, name string, to *folder, as string) error {
	err := unix.Renameat2(from.fd, name, to.fd, as, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return renameLookingFirst(from, name, to, as)
	}
	return err
}

func renameLookingFirst(from *folder, name string, to *folder, as string) error {
	var st unix.Stat_t
	switch err := unix.Fstatat(to.fd, as, &st, unix.AT_SYMLINK_NOFOLLOW); {
	case err == nil:
		return fs.ErrExist
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return unix.Renameat(from.fd, name, to.fd, as)
}

// reserve takes room for n bytes behind offset from without changing the file's length, so that the record can be
// written when the volume has filled up meanwhile.
func reserve(f *os.File, from, n int64) error {
	err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, from, n)
	if !errors.Is(err, unix.ENOTSUP) && !errors.Is(err, unix.ENOSYS) {
		return err
	}
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return err
	}
	if free := int64(st.Bavail) * st.Bsize; free < n {
		return fmt.Errorf("%d bytes free, %d wanted: %w", free, n, unix.ENOSPC)
	}
	return nil
}

// aclNames are the extended attributes that hold a folder's POSIX access lists, acl(5).
var aclNames = []string{"system.posix_acl_access", "system.posix_acl_default"}

// copyACL gives a folder the access lists of another, where the file system has any.
func copyACL(to, from string) error {
	buf := make([]byte, 64<<10) // what Linux allows for one attribute
	for _, name := range aclNames {
		n, err := unix.Lgetxattr(from, name, buf)
		if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
			continue
		}
		if err != nil {
			return fmt.Errorf("access list of %s: %w", from, err)
		}
		if err := unix.Lsetxattr(to, name, buf[:n], 0); err != nil {
			return fmt.Errorf("access list of %s: %w", to, err)
		}
	}
	return nil
}

// forget lets the system drop what it holds of a file in memory, so that the next look reads the disk.
func forget(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
