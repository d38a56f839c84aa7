package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// openFolder is a folder of the spool whose files are opened by their bare names: no path is looked up twice, and there
// is no more than a handful of system calls for a file.
type openFolder struct {
	dir  *os.File
	fd   int
	stat unix.Stat_t
}

func (s *Spool) openFolder(dir string) (*openFolder, error) {
	f, err := s.root.Open(name(dir))
	if err != nil {
		return nil, err
	}
	return &openFolder{dir: f, fd: int(f.Fd())}, nil
}

func (o *openFolder) Close() error { return o.dir.Close() }

// openFile opens a file for reading, but never a link, and never waits for the other end of a pipe.
func (o *openFolder) openFile(name string) (int, error) {
	for {
		fd, err := unix.Openat(o.fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
		switch {
		case err == nil:
			return fd, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ELOOP):
			return -1, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
		default:
			return -1, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// read reads the first bytes of a file into buf, at most limit, and returns buf, which may have grown. The stamp is taken
// before the bytes: a file that changes meanwhile will then differ from its stamp.
func (o *openFolder) read(name string, buf []byte, limit int64) ([]byte, FileStamp, error) {
	fd, err := o.openFile(name)
	if err != nil {
		return buf[:0], FileStamp{}, err
	}
	defer unix.Close(fd)
	if err := unix.Fstat(fd, &o.stat); err != nil {
		return buf[:0], FileStamp{}, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	if o.stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return buf[:0], FileStamp{}, &fs.PathError{Op: "read", Path: name, Err: errNotRegular}
	}
	buf = sized(buf, min(o.stat.Size, limit))
	n := 0
	for n < len(buf) {
		m, err := unix.Read(fd, buf[n:])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return buf[:0], FileStamp{}, &fs.PathError{Op: "read", Path: name, Err: err}
		}
		if m == 0 { // shorter than it was: the stamp will say so
			break
		}
		n += m
	}
	return buf[:n], o.stamp(), nil
}

// look returns the stamp of a file without opening it.
func (o *openFolder) look(name string) (FileStamp, error) {
	if err := unix.Fstatat(o.fd, name, &o.stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return FileStamp{}, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	if o.stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return FileStamp{}, &fs.PathError{Op: "stat", Path: name, Err: errNotRegular}
	}
	return o.stamp(), nil
}

func (o *openFolder) stamp() FileStamp {
	return FileStamp{Size: o.stat.Size, ModTime: time.Unix(o.stat.Mtim.Unix())}
}

// list adds all names of the folder to l. buf is where the system writes them. It calls begun when it has some.
func (o *openFolder) list(l *listing, buf []byte, begun func()) error {
	for first := true; ; first = false {
		n, err := unix.Getdents(o.fd, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return &fs.PathError{Op: "list", Path: o.dir.Name(), Err: err}
		}
		if n == 0 {
			return nil
		}
		o.entries(l, buf[:n])
		if first {
			begun()
		}
	}
}

// entries takes what one call of getdents64 gave: for each name 8 bytes of inode, 8 of offset, 2 of length, 1 of type, and
// the name up to a zero byte.
func (o *openFolder) entries(l *listing, b []byte) {
	const head = 19
	for len(b) > head {
		length := int(binary.NativeEndian.Uint16(b[16:]))
		if length <= head || length > len(b) {
			return
		}
		name := b[head:length]
		if end := bytes.IndexByte(name, 0); end >= 0 {
			name = name[:end]
		}
		gone := binary.NativeEndian.Uint64(b) == 0
		if !gone && string(name) != "." && string(name) != ".." {
			l.add(name, o.kind(name, b[18]))
		}
		b = b[length:]
	}
}

func (o *openFolder) kind(name []byte, typ byte) kind {
	switch typ {
	case unix.DT_REG:
		return kindFile
	case unix.DT_DIR:
		return kindDir
	case unix.DT_UNKNOWN: // some file systems do not say
		if unix.Fstatat(o.fd, string(name), &o.stat, unix.AT_SYMLINK_NOFOLLOW) != nil {
			return kindFile // gone or not to be seen: opening it will tell
		}
		switch o.stat.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			return kindFile
		case unix.S_IFDIR:
			return kindDir
		}
	}
	return kindOther
}
