package traffic

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// source is the text of a log file from some place on.
type source struct {
	io.Reader
	closers []io.Closer
}

// Close gives the file back.
func (s *source) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// openAt opens a log's text at an offset. The server may have it open, and write to it.
func (f File) openAt(offset int64) (*source, error) {
	if f.fault != "" {
		return nil, errors.New(f.fault)
	}
	file, err := os.Open(f.Path) // on Windows Go shares reading and writing
	if err != nil {
		return nil, err
	}
	if f.Pack == Plain {
		if _, err := file.Seek(offset, io.SeekStart); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		return &source{file, []io.Closer{file}}, nil
	}
	text, err := f.unpack(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	s := &source{text, []io.Closer{text, file}}
	if _, err := io.CopyN(io.Discard, text, offset); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// unpack opens the text in a packed file.
func (f File) unpack(file *os.File) (io.ReadCloser, error) {
	if f.Pack == Gzip {
		return gzip.NewReader(file)
	}
	entry, err := packed(file, f.Size)
	if err != nil {
		return nil, err
	}
	text, err := entry.Open()
	if err != nil {
		return nil, err
	}
	return &toItsEnd{text, int64(min(entry.UncompressedSize64, 1<<62))}, nil
}

// toItsEnd reads a step beyond what a zip says that it holds: only there its checksum is looked at.
type toItsEnd struct {
	io.ReadCloser
	left int64
}

func (e *toItsEnd) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	if e.left -= int64(n); err == nil && e.left <= 0 {
		if more, end := e.ReadCloser.Read(make([]byte, 1)); more == 0 {
			err = end
		}
	}
	return n, err
}

// length is how long a log's text is, in bytes. A zip may lie about that; of a gzip it is counted, up to more than can be
// read at once. What can be read of one that is torn is counted, too, with the error.
func (f File) length(ctx context.Context, most int64) (int64, error) {
	switch {
	case f.fault != "":
		return 0, errors.New(f.fault)
	case f.Pack == Plain:
		return f.Size, nil
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if f.Pack == Zip {
		entry, err := packed(file, f.Size)
		if err != nil {
			return 0, err
		}
		return int64(min(entry.UncompressedSize64, 1<<62)), nil
	}
	text, err := f.unpack(file)
	if err != nil {
		return 0, err
	}
	defer text.Close()
	var n int64
	for n <= most && err == nil {
		if err = ctx.Err(); err != nil {
			return 0, err
		}
		var more int64
		more, err = io.CopyN(io.Discard, text, 1<<20)
		n += more
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// packed finds the log in a zip: the file in it. A zip of several is no log of SmarterMail's, and which of them is one, nobody
// can tell.
func packed(file *os.File, size int64) (*zip.File, error) {
	z, err := zip.NewReader(file, size)
	if err != nil {
		return nil, err
	}
	files := slices.DeleteFunc(slices.Clone(z.File), func(entry *zip.File) bool { return entry.FileInfo().IsDir() })
	switch len(files) {
	case 0:
		return nil, errors.New("the zip holds no file")
	case 1:
		return files[0], nil
	}
	return nil, fmt.Errorf("the zip holds %d files, not one log", len(files))
}

// broken says in words what is wrong with a file that cannot be unpacked.
func (f File) broken(err error) string {
	switch {
	case f.Pack == Zip && errors.Is(err, zip.ErrFormat), f.Pack == Gzip && errors.Is(err, gzip.ErrHeader):
		return fmt.Sprintf("it is no whole %s: torn, or still being written", f.Pack)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, zip.ErrChecksum), errors.Is(err, gzip.ErrChecksum):
		return fmt.Sprintf("the %s is torn", f.Pack)
	}
	return err.Error()
}
