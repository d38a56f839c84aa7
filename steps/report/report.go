// Package report writes the record of an incident for people: as Markdown for the ticket and the boss, as CSV and JSON
// for other programs. It adds nothing to the record, and no byte of a message, a DNS answer or an API reply gets into a
// report unescaped.
package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"delist/steps/incident"
)

// Name is the file of the report in the incident's folder.
const Name = "report.md"

// Reporter writes reports, for steps into the folders of incidents. Its zero value is ready; it satisfies steps.Reporter.
type Reporter struct {
	// Command writes a command of delist so that it runs as it is printed; nil where nobody says how it was called.
	Command func(words ...string) string
}

// Write makes the Markdown report in dir, which has to exist, and returns its path. An older report there is replaced
// only once the new one is whole on the disk.
func (r Reporter) Write(ctx context.Context, dir string, inc incident.Incident, records []incident.Record) (string, error) {
	var b bytes.Buffer
	if err := r.Markdown(&b, inc, records); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	path := filepath.Join(dir, Name)
	if err := replaceFile(path, b.Bytes()); err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return path, nil
}

// replaceFile writes data beside path, syncs it, and renames it into place.
func replaceFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, Name+".*.tmp") // readable by its owner only
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(os.Remove(f.Name())))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir makes the rename last. Windows has no such call; it keeps names in order by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
