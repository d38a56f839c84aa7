package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrChanged says that a message is not as it was when it was read.
var ErrChanged = errors.New("the message has changed since it was read")

// Spool is a spool folder. All files are opened below it and links that lead out of it are refused, whoever made them.
// It is safe for use by several goroutines.
type Spool struct {
	path string
	root *os.Root
}

// Open opens the spool at root. It reads nothing but the folder itself. An error says what to do next.
func Open(root string) (*Spool, error) {
	if root == "" {
		return nil, errors.New("no spool folder was given: name it with --spool")
	}
	path, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("spool folder %q: %w: give its full path", root, err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no folder %q: SmarterMail names its own under Settings, General, Spool Path: %w", path, fs.ErrNotExist)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("no right to see %q: run delist as an administrator: %w", path, fs.ErrPermission)
	case err != nil:
		return nil, fmt.Errorf("spool folder: %w: check the path and the disk", err)
	case !info.IsDir():
		return nil, fmt.Errorf("%q is a file: give the folder that holds the SubSpool folders", path)
	}
	dir, err := os.OpenRoot(path)
	if err == nil {
		err = readable(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("spool folder %q cannot be read: run delist as an administrator: %w", path, err)
	}
	return &Spool{path: path, root: dir}, nil
}

// readable closes dir when it cannot be listed.
func readable(dir *os.Root) error {
	f, err := dir.Open(".")
	if err == nil {
		defer f.Close()
		if _, err = f.ReadDir(1); err == nil || isEOF(err) {
			return nil
		}
	}
	dir.Close()
	return err
}

// Root returns the absolute path of the spool.
func (s *Spool) Root() string { return s.path }

// Close gives the folder back. The Spool cannot be used afterwards.
func (s *Spool) Close() error { return s.root.Close() }

// OpenHDR opens the envelope file of a message for reading. The caller closes it.
func (s *Spool) OpenHDR(id ID) (*os.File, error) { return s.open(id.HDR()) }

// OpenEML opens the message file of a message for reading. The caller closes it.
func (s *Spool) OpenEML(id ID) (*os.File, error) { return s.open(id.EML()) }

func (s *Spool) open(name string) (*os.File, error) {
	name = filepath.FromSlash(name)
	info, err := s.root.Lstat(name) // before the open, which would hang on a named pipe
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	return s.root.Open(name)
}

var errNotRegular = errors.New("not an ordinary file")

// Stat looks at both files of a message now. A message that is gone, or half gone, gives an error that is
// fs.ErrNotExist.
func (s *Spool) Stat(id ID) (Stamp, error) {
	hdr, err := s.root.Lstat(filepath.FromSlash(id.HDR()))
	if err != nil {
		return Stamp{}, err
	}
	eml, err := s.root.Lstat(filepath.FromSlash(id.EML()))
	if err != nil {
		return Stamp{}, err
	}
	if !hdr.Mode().IsRegular() || !eml.Mode().IsRegular() {
		return Stamp{}, &fs.PathError{Op: "stat", Path: string(id), Err: errNotRegular}
	}
	return Stamp{HDR: stampOf(hdr), EML: stampOf(eml)}, nil
}

// Verify reports whether m is still as it was read: nil, ErrChanged, or an error that is fs.ErrNotExist.
func (s *Spool) Verify(m Message) error {
	now, err := s.Stat(m.ID)
	if err != nil {
		return err
	}
	if !now.Equal(m.Stamp) {
		return fmt.Errorf("%s: %w", m.ID, ErrChanged)
	}
	return nil
}

func stampOf(info fs.FileInfo) FileStamp {
	return FileStamp{Size: info.Size(), ModTime: info.ModTime()}
}
