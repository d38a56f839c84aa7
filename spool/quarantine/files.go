package quarantine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"delist/spool"
)

// files is the file system as a quarantine uses it. Tests replace single calls by ones that fail.
type files struct {
	openDir func(root *os.Root, name string) (*folder, error)
	makeDir func(root *os.Root, name string) error // private to administrators; no error if it is there
	adopt   func(root *os.Root, name string) error // made like the spool's other folders; no error if it is there
	flush   func(*folder) error                    // the folder's entries are on disk when it returns

	stat      func(d *folder, name string) (spool.FileStamp, error) // errNotPlain unless a regular file
	rename    func(from, to *folder, name string) error             // fs.ErrExist rather than over another file
	become    func(d *folder, name, as string) error                // a rename within the folder, by the same rule
	copy      func(from *folder, name string, to *folder, as string) error
	same      func(a *folder, name string, b *folder, other string) (bool, error) // byte for byte
	firstLine func(d *folder, name string, buf []byte) (int, error)               // the start of a file, as much as fits buf
	create    func(d *folder, name string) error                                  // an empty file, fs.ErrExist if there is one
	remove    func(d *folder, name string) error
	names     func(d *folder) ([]string, error) // all of them, unsorted

	size     func(*os.File) (int64, error)
	reserve  func(f *os.File, from, n int64) error // n bytes of room from offset from
	write    func(f *os.File, b []byte, at int64) error
	sync     func(*os.File) error
	truncate func(*os.File, int64) error

	pause func(context.Context, time.Duration) // or until the context ends
}

// folder is an open directory. Names used in it are plain base names, so that nothing leads out of it.
type folder struct {
	path string // for what must be said or done by path
	dir  *os.File
	fd   int // of dir: asking for it costs a system call
}

func (d *folder) close() {
	if d != nil {
		d.dir.Close()
	}
}

var errNotPlain = errors.New("not a plain file")

var errNotFolder = errors.New("not a plain folder")

// system is the real one.
func system() files {
	return files{
		openDir: openDir, makeDir: makeDir, adopt: adoptDir, flush: flushDir,
		stat: statFile, firstLine: readStart, create: createFile, remove: removeFile,
		rename: func(from, to *folder, name string) error { return renameNoReplace(from, name, to, name) },
		become: func(d *folder, name, as string) error { return renameNoReplace(d, name, d, as) },
		copy:   copyFile, same: sameBytes,
		names: func(d *folder) ([]string, error) { return readNames(d) },
		size: func(f *os.File) (int64, error) {
			fi, err := f.Stat()
			if err != nil {
				return 0, err
			}
			return fi.Size(), nil
		},
		reserve:  reserve,
		write:    func(f *os.File, b []byte, at int64) error { _, err := f.WriteAt(b, at); return err },
		sync:     (*os.File).Sync,
		truncate: (*os.File).Truncate,
		pause: func(ctx context.Context, d time.Duration) {
			t := time.NewTimer(d)
			defer t.Stop()
			select {
			case <-ctx.Done():
			case <-t.C:
			}
		},
	}
}

// openDir opens a folder below root, "" for root itself. A link on the way is refused, also one that stays inside:
// nothing in a spool is a link.
func openDir(root *os.Root, name string) (*folder, error) {
	if name == "" {
		name = "."
	}
	for p := name; p != "."; p = path.Dir(p) {
		fi, err := root.Lstat(p)
		if err != nil {
			return nil, err
		}
		if !fi.IsDir() || fi.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
			return nil, errNotFolder
		}
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	return &folder{f.Name(), f, int(f.Fd())}, nil
}

func makeDir(root *os.Root, name string) error {
	if name == "" {
		return nil
	}
	return root.MkdirAll(name, 0o700)
}

func readNames(d *folder) ([]string, error) {
	if _, err := d.dir.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return d.dir.Readdirnames(-1)
}

// flushPath is flush for a folder that is not open.
func flushPath(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return flushDir(&folder{path: name, dir: f})
}

// copyFile makes a new file of the same bytes, on disk when it returns, with the times, mode, owner and access list of
// the other as far as the system allows. On an error it takes the copy away again.
func copyFile(from *folder, name string, to *folder, as string) (err error) {
	src, err := openFile(from, name)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := newFile(to, as)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, dst.Close()); err != nil {
			_ = removeFile(to, as)
		}
	}()
	if _, err := io.Copy(dst, src); err != nil {
		return err
	}
	if err := likeness(dst, src, to, as); err != nil {
		return err
	}
	if err := dst.Sync(); err != nil {
		return err
	}
	forget(dst)
	return nil
}

// sameBytes reports whether two files hold the same bytes.
func sameBytes(a *folder, name string, b *folder, other string) (bool, error) {
	x, err := openFile(a, name)
	if err != nil {
		return false, err
	}
	defer x.Close()
	y, err := openFile(b, other)
	if err != nil {
		return false, err
	}
	defer y.Close()
	const block = 64 << 10
	var bx, by [block]byte
	for {
		n, errX := io.ReadFull(x, bx[:])
		m, errY := io.ReadFull(y, by[:])
		if !bytes.Equal(bx[:n], by[:m]) {
			return false, nil
		}
		ended := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
		switch {
		case ended(errX) && ended(errY):
			return true, nil
		case errX != nil && !ended(errX):
			return false, errX
		case errY != nil && !ended(errY):
			return false, errY
		}
	}
}
