//go:build unix

package quarantine

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"delist/spool"
)

// errKinds: what the system says and what it means for a message.
var errKinds = []struct {
	err    error
	reason Reason
}{
	{errNotPlain, Foreign}, {errNotFolder, Foreign},
	{syscall.ENOSPC, NoSpace}, {syscall.EDQUOT, NoSpace},
	{syscall.EROFS, ReadOnly},
	{syscall.EXDEV, CrossDevice},
	{syscall.EBUSY, Locked}, {syscall.ETXTBSY, Locked},
	{syscall.ELOOP, Foreign}, {syscall.ENOTDIR, Foreign},
	{fs.ErrNotExist, Vanished}, {fs.ErrExist, Exists}, {fs.ErrPermission, Denied},
}

func statFile(d *folder, name string) (spool.FileStamp, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return spool.FileStamp{}, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return spool.FileStamp{}, errNotPlain
	}
	return spool.FileStamp{Size: st.Size, ModTime: time.Unix(st.Mtim.Unix())}, nil
}

func readStart(d *folder, name string, buf []byte) (int, error) {
	fd, err := unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return unix.Read(fd, buf)
}

func createFile(d *folder, name string) error {
	f, err := newFile(d, name)
	if err != nil {
		return err
	}
	return f.Close()
}

// newFile makes a file and opens it to be written; fs.ErrExist if there is one.
func newFile(d *folder, name string) (*os.File, error) {
	return openAt(d, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL)
}

// openFile opens a plain file to be read.
func openFile(d *folder, name string) (*os.File, error) {
	f, err := openAt(d, name, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		return nil, errors.Join(cmp.Or(err, errNotPlain), f.Close())
	}
	return f, nil
}

func openAt(d *folder, name string, flags int) (*os.File, error) {
	fd, err := unix.Openat(d.fd, name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), filepath.Join(d.path, name)), nil
}

// likeness gives a copy the owner, mode, access list and times of its original. Only the times have to be: they are
// what a message is known by. Who is not root keeps what it may.
func likeness(dst, src *os.File, to *folder, as string) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(src.Fd()), &st); err != nil {
		return err
	}
	if err := dst.Chown(int(st.Uid), int(st.Gid)); err != nil && os.Geteuid() == 0 && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	if err := dst.Chmod(fs.FileMode(st.Mode).Perm()); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if err := copyACL(dst.Name(), src.Name()); err != nil && !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return unix.UtimesNanoAt(to.fd, as, []unix.Timespec{st.Atim, st.Mtim}, unix.AT_SYMLINK_NOFOLLOW)
}

func removeFile(d *folder, name string) error { return unix.Unlinkat(d.fd, name, 0) }

func flushDir(d *folder) error {
	err := d.dir.Sync()
	// Some file systems have no such call for folders and order their entries themselves.
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}

// adoptDir makes a folder of the spool anew, with the mode and owner of its siblings, or of the spool's root where it
// has none: the mail service must be able to use it.
func adoptDir(root *os.Root, name string) error {
	err := root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	like, err := root.Stat(".")
	if err != nil {
		return err
	}
	siblings, err := fs.Glob(root.FS(), "SubSpool*")
	if err != nil {
		return err
	}
	for _, s := range siblings {
		if fi, err := root.Lstat(s); err == nil && fi.IsDir() && s != name {
			like = fi
			break
		}
	}
	if st, ok := like.Sys().(*syscall.Stat_t); ok {
		if err := root.Lchown(name, int(st.Uid), int(st.Gid)); err != nil && os.Geteuid() == 0 {
			return err
		}
	}
	return root.Chmod(name, like.Mode().Perm())
}

// makePrivate makes a folder, and those missing above it, that only its owner may enter.
func makePrivate(name string) error {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return err
	}
	return os.Chmod(name, 0o700)
}

// volumeOf names the volume that a path lies on.
func volumeOf(name string) (string, error) {
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return "", &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return fmt.Sprint(st.Dev), nil
}

// makeLike makes an empty folder with the mode, owner and access list of another.
func makeLike(name, like string) error {
	fi, err := os.Stat(like)
	if err != nil {
		return err
	}
	if err := os.Mkdir(name, 0o700); err != nil {
		return err
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		if err := os.Lchown(name, int(st.Uid), int(st.Gid)); err != nil && os.Geteuid() == 0 {
			return err
		}
	}
	if err := os.Chmod(name, fi.Mode()&(fs.ModePerm|fs.ModeSetgid|fs.ModeSticky)); err != nil {
		return err
	}
	return copyACL(name, like)
}
