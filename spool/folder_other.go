//go:build !linux

package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// openFolder is a folder of the spool whose files are opened by their bare names.
type openFolder struct{ root *os.Root }

func (s *Spool) openFolder(dir string) (*openFolder, error) {
	root, err := s.root.OpenRoot(name(dir))
	if err != nil {
		return nil, err
	}
	return &openFolder{root}, nil
}

func (o *openFolder) Close() error { return o.root.Close() }

// read reads the first bytes of a file into buf, at most limit, and returns buf, which may have grown. The stamp is taken
// before the bytes: a file that changes meanwhile will then differ from its stamp.
func (o *openFolder) read(name string, buf []byte, limit int64) ([]byte, FileStamp, error) {
	f, err := o.root.Open(name)
	if err != nil {
		return buf[:0], FileStamp{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return buf[:0], FileStamp{}, err
	}
	if !info.Mode().IsRegular() {
		return buf[:0], FileStamp{}, &fs.PathError{Op: "read", Path: name, Err: errNotRegular}
	}
	buf = sized(buf, min(info.Size(), limit))
	n, err := io.ReadFull(f, buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) { // shorter than it was: the stamp will say so
		return buf[:0], FileStamp{}, err
	}
	return buf[:n], stampOf(info), nil
}

// look returns the stamp of a file without opening it.
func (o *openFolder) look(name string) (FileStamp, error) {
	info, err := o.root.Lstat(name)
	if err != nil {
		return FileStamp{}, err
	}
	if !info.Mode().IsRegular() {
		return FileStamp{}, &fs.PathError{Op: "stat", Path: name, Err: errNotRegular}
	}
	return stampOf(info), nil
}

// list adds all names of the folder to l. It calls begun when it has some.
func (o *openFolder) list(l *listing, _ []byte, begun func()) error {
	f, err := o.root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	for first := true; ; first = false {
		entries, err := f.ReadDir(1024)
		for _, e := range entries {
			l.add([]byte(e.Name()), kindOf(e.Type()))
		}
		if first {
			begun()
		}
		if isEOF(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
