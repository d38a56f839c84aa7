package quarantine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"delist/spool"
)

// errKinds: what the system says and what it means for a message.
var errKinds = []struct {
	err    error
	reason Reason
}{
	{errNotPlain, Foreign}, {errNotFolder, Foreign},
	{windows.ERROR_DISK_FULL, NoSpace}, {windows.ERROR_HANDLE_DISK_FULL, NoSpace}, {syscall.ENOSPC, NoSpace},
	{windows.ERROR_WRITE_PROTECT, ReadOnly}, {syscall.EROFS, ReadOnly},
	{windows.ERROR_NOT_SAME_DEVICE, CrossDevice}, {syscall.EXDEV, CrossDevice},
	{windows.ERROR_SHARING_VIOLATION, Locked}, {windows.ERROR_LOCK_VIOLATION, Locked}, {syscall.EBUSY, Locked},
	{fs.ErrNotExist, Vanished}, {fs.ErrExist, Exists}, {fs.ErrPermission, Denied},
}

func (d *folder) join(name string) string { return filepath.Join(d.path, name) }

func statFile(d *folder, name string) (spool.FileStamp, error) {
	fi, err := os.Lstat(d.join(name))
	if err != nil {
		return spool.FileStamp{}, err
	}
	if !fi.Mode().IsRegular() {
		return spool.FileStamp{}, errNotPlain
	}
	return spool.FileStamp{Size: fi.Size(), ModTime: fi.ModTime()}, nil
}

// renameNoReplace renames within a volume, never over another file: MoveFileEx with neither MOVEFILE_REPLACE_EXISTING
// nor MOVEFILE_COPY_ALLOWED.
func renameNoReplace(from *folder, name string, to *folder, as string) error {
	src, err := windows.UTF16PtrFromString(long(from.join(name)))
	if err != nil {
		return err
	}
	dst, err := windows.UTF16PtrFromString(long(to.join(as)))
	if err != nil {
		return err
	}
	return windows.MoveFileEx(src, dst, 0)
}

// long is a path in the form that may be longer than MAX_PATH.
func long(name string) string {
	switch {
	case len(name) < 240 || strings.HasPrefix(name, `\\?\`):
		return name
	case strings.HasPrefix(name, `\\`):
		return `\\?\UNC\` + name[2:]
	}
	return `\\?\` + name
}

func readStart(d *folder, name string, buf []byte) (int, error) {
	f, err := os.Open(d.join(name))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Read(buf)
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
	return os.OpenFile(d.join(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// openFile opens a plain file to be read.
func openFile(d *folder, name string) (*os.File, error) {
	if _, err := statFile(d, name); err != nil {
		return nil, err
	}
	return os.Open(d.join(name))
}

// forget: Windows has no call for it; the copy was written through to the disk.
func forget(*os.File) {}

// likeness gives a copy the owner, access list and times of its original. Only the times have to be: they are what a
// message is known by. Who may not give files away keeps what the folder hands down.
func likeness(dst, src *os.File, _ *folder, _ string) error {
	const what = windows.OWNER_SECURITY_INFORMATION | windows.GROUP_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION
	if sd, err := windows.GetNamedSecurityInfo(long(src.Name()), windows.SE_FILE_OBJECT, what); err == nil {
		owner, _, errOwner := sd.Owner()
		group, _, errGroup := sd.Group()
		dacl, _, errList := sd.DACL()
		if errOwner == nil && errGroup == nil {
			_ = windows.SetNamedSecurityInfo(long(dst.Name()), windows.SE_FILE_OBJECT,
				windows.OWNER_SECURITY_INFORMATION|windows.GROUP_SECURITY_INFORMATION, owner, group, nil, nil)
		}
		if errList == nil {
			_ = windows.SetNamedSecurityInfo(long(dst.Name()), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION, nil, nil, dacl, nil)
		}
	}
	var made, read, written windows.Filetime
	if err := windows.GetFileTime(windows.Handle(src.Fd()), &made, &read, &written); err != nil {
		return err
	}
	return windows.SetFileTime(windows.Handle(dst.Fd()), &made, &read, &written)
}

func removeFile(d *folder, name string) error { return os.Remove(d.join(name)) }

// flushDir does nothing: NTFS journals its folders, and Windows has no call for it.
func flushDir(*folder) error { return nil }

// adoptDir makes a folder of the spool anew; it inherits the spool's access list.
func adoptDir(root *os.Root, name string) error {
	if err := root.Mkdir(name, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// onlyAdministrators: full control for the system and the administrators, on all that lies below, nothing inherited.
const onlyAdministrators = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"

// makePrivate makes a folder, and those missing above it, that only administrators and the system may enter.
func makePrivate(name string) error {
	sd, err := windows.SecurityDescriptorFromString(onlyAdministrators)
	if err != nil {
		return fmt.Errorf("access list: %w", err)
	}
	if fi, err := os.Lstat(name); err == nil {
		if !fi.IsDir() {
			return errNotFolder
		}
		dacl, _, err := sd.DACL()
		if err != nil {
			return fmt.Errorf("access list: %w", err)
		}
		return windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT,
			windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, dacl, nil)
	}
	if up := filepath.Dir(name); up != name {
		if _, err := os.Stat(up); errors.Is(err, fs.ErrNotExist) {
			if err := makePrivate(up); err != nil {
				return err
			}
		}
	}
	p, err := windows.UTF16PtrFromString(long(name))
	if err != nil {
		return err
	}
	sa := windows.SecurityAttributes{SecurityDescriptor: sd}
	sa.Length = uint32(unsafe.Sizeof(sa))
	if err := windows.CreateDirectory(p, &sa); err != nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: err}
	}
	return nil
}

// volumeOf names the volume that a path lies on.
func volumeOf(name string) (string, error) {
	p, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return "", err
	}
	var buf [windows.MAX_PATH + 1]uint16
	if err := windows.GetVolumePathName(p, &buf[0], uint32(len(buf))); err != nil {
		return "", &fs.PathError{Op: "volume of", Path: name, Err: err}
	}
	return strings.ToLower(windows.UTF16ToString(buf[:])), nil
}

// reserve takes room for n bytes behind offset from without changing the file's length, for as long as the file is
// open, so that the record can be written when the volume has filled up meanwhile.
func reserve(f *os.File, from, n int64) error {
	room := from + n // FILE_ALLOCATION_INFO
	err := windows.SetFileInformationByHandle(windows.Handle(f.Fd()), windows.FileAllocationInfo,
		(*byte)(unsafe.Pointer(&room)), uint32(unsafe.Sizeof(room)))
	if err == nil || errors.Is(err, windows.ERROR_DISK_FULL) {
		return err
	}
	var free uint64
	p, perr := windows.UTF16PtrFromString(filepath.Dir(f.Name()))
	if perr != nil {
		return perr
	}
	if err := windows.GetDiskFreeSpaceEx(p, &free, nil, nil); err != nil {
		return err
	}
	if free < uint64(n) {
		return fmt.Errorf("%d bytes free, %d wanted: %w", free, n, windows.ERROR_DISK_FULL)
	}
	return nil
}

// makeLike makes an empty folder with the owner and the access list of another.
func makeLike(name, like string) error {
	const what = windows.OWNER_SECURITY_INFORMATION | windows.GROUP_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION
	sd, err := windows.GetNamedSecurityInfo(like, windows.SE_FILE_OBJECT, what)
	if err != nil {
		return fmt.Errorf("access list of %s: %w", like, err)
	}
	p, err := windows.UTF16PtrFromString(long(name))
	if err != nil {
		return err
	}
	sa := windows.SecurityAttributes{SecurityDescriptor: sd}
	sa.Length = uint32(unsafe.Sizeof(sa))
	if err := windows.CreateDirectory(p, &sa); err != nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: err}
	}
	return nil
}
