package service

import (
	"io"
	"os"
)

// localDisk is this machine's own files.
type localDisk struct{}

// IsDir implements disk.
func (localDisk) IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// maxNames bounds how many files of a folder are listed.
const maxNames = 100_000

// Names implements disk.
func (localDisk) Names(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(maxNames)
	if err == io.EOF {
		err = nil
	}
	return names, err
}

// Head implements disk.
func (localDisk) Head(path string, limit int64) ([]byte, error) { return readPart(path, limit, false) }

// Tail implements disk.
func (localDisk) Tail(path string, limit int64) ([]byte, error) { return readPart(path, limit, true) }

func readPart(path string, limit int64, end bool) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); end && err == nil && info.Size() > limit {
		if _, err := f.Seek(-limit, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(f, limit))
}
