package traffic

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxLine bounds a line, in bytes; the lines that are looked for are short, the rest of a longer one is passed by.
const maxLine = 64 << 10

// everyLines is how many lines are read between two looks at the context.
const everyLines = 4096

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
	file, err := os.Open(f.Path) // on Windows Go shares reading and writing
	if err != nil {
		return nil, err
	}
	if !f.Zip {
		if _, err := file.Seek(offset, io.SeekStart); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		return &source{file, []io.Closer{file}}, nil
	}
	entry, err := packed(file, f.Size)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	text, err := entry.Open()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	s := &source{text, []io.Closer{text, file}}
	if _, err := io.CopyN(io.Discard, text, offset); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// length is how long a log's text is, in bytes. A zip may lie about that.
func (f File) length() (int64, error) {
	if !f.Zip {
		return f.Size, nil
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	entry, err := packed(file, f.Size)
	if err != nil {
		return 0, err
	}
	return int64(min(entry.UncompressedSize64, 1<<62)), nil
}

// packed finds the log in a zip: its first file.
func packed(file *os.File, size int64) (*zip.File, error) {
	z, err := zip.NewReader(file, size)
	if err != nil {
		return nil, err
	}
	for _, entry := range z.File {
		if !entry.FileInfo().IsDir() {
			return entry, nil
		}
	}
	return nil, errors.New("the zip holds no file")
}

// readLines gives the complete lines of a text to each, without their ends, and returns how many bytes they were. With
// last the text goes on no more, and what stands behind the last line end is a line, too. A line is good until each
// returns.
func readLines(ctx context.Context, text io.Reader, last bool, each func([]byte)) (read int64, err error) {
	r := bufio.NewReaderSize(text, maxLine)
	var pending int64 // bytes of a line that is too long, so far
	for n := 0; ; n++ {
		if n%everyLines == 0 && ctx.Err() != nil {
			return read, ctx.Err()
		}
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if pending == 0 {
				each(line)
			}
			pending += int64(len(line))
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return read, err
		case err != nil && !last:
			return read, nil
		case pending == 0 && len(line) > 0:
			each(bytes.TrimRight(line, "\r\n"))
		}
		read, pending = read+pending+int64(len(line)), 0
		if err != nil {
			return read, nil
		}
	}
}

// unread says in words that a file, or a part of it, was not read.
func unread(f File, why error) string {
	return fmt.Sprintf("%s-%s: %v", f.Day.Format(dayForm), f.Kind, why)
}
