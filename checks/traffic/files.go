package traffic

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kind is a log that SmarterMail keeps, by the name in its files' names.
type Kind string

// The logs that tell of traffic.
const (
	SMTP           Kind = "smtpLog"        // connections that come in, submission included
	Delivery       Kind = "delivery"       // mail that goes out
	Administrative Kind = "administrative" // logins
)

// dayForm is the day in a file's name.
const dayForm = "2006.01.02"

// Packing is how a log lies there.
type Packing uint8

// The packings, the one that is read where a day lies there twice first.
const (
	Plain Packing = iota
	Zip           // SmarterMail's own
	Gzip          // an administrator's

	otherPacking // no log that can be read
)

// String names the packing.
func (p Packing) String() string { return [...]string{"plain file", "zip", "gzip", "other packing"}[p] }

// packing reads the end of a log's name.
func packing(end string) Packing {
	switch strings.ToLower(end) {
	case ".zip":
		return Zip
	case ".gz":
		return Gzip
	case "":
		return Plain
	}
	return otherPacking
}

// File is one day of one log.
type File struct {
	Path string
	Kind Kind
	Day  time.Time // midnight, local time
	Pack Packing
	Size int64 // of the file as it lies there, in bytes

	fault string // why it is not opened at all; empty where it is
}

// inTheFuture is why a file that is ahead tells nothing of what was sent by now.
const inTheFuture = "its day has not come yet: this computer's clock or the server's was wrong"

// ahead says that the file is of a day that has not come yet.
func (f File) ahead(now time.Time) bool { return f.Day.After(now) }

// fileName is the name of a log (after sm-logtool); other systems' letters and cases are tolerated.
var fileName = regexp.MustCompile(`(?i)^(\d{4}\.\d{2}\.\d{2})-([A-Za-z]+)\.log(\.[A-Za-z0-9]+)?$`)

// maxNames bounds how many names of a folder are looked at: thirty years of fifteen logs a day are fewer.
const maxNames = 200_000

// Files lists the logs of traffic in a folder, the oldest day first. Where a day lies there both plain and packed, the
// plain file is named. A folder of SmarterMail's without any is no error.
func Files(dir string, loc *time.Location) ([]File, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("list the logs: %w", err)
	}
	defer d.Close()
	entries, err := d.ReadDir(maxNames)
	if err != nil && len(entries) == 0 && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("list the logs: %w", err)
	}
	found := map[string]File{}
	for _, e := range entries {
		f, ok := named(e.Name(), loc)
		if !ok {
			continue
		}
		f.Path = filepath.Join(dir, e.Name())
		switch info, err := os.Stat(f.Path); { // the folder itself has an old size of a file that is open on Windows
		case err != nil:
			f.fault = "it cannot be looked at: " + reason(err)
		case !info.Mode().IsRegular():
			f.fault = "it is no file"
		case f.Pack == otherPacking:
			f.fault = "it is packed in a way that delist does not read"
		default:
			f.Size = info.Size()
		}
		if old, twice := found[f.key()]; !twice || f.before(old) {
			found[f.key()] = f
		}
	}
	files := make([]File, 0, len(found))
	for _, f := range found {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.key(), b.key()) })
	return files, nil
}

// before says that of two files of one day this is the one to read: one that can be opened, one that holds something, then by
// its packing.
func (f File) before(old File) bool {
	switch {
	case (f.fault == "") != (old.fault == ""):
		return f.fault == ""
	case (f.Size > 0) != (old.Size > 0):
		return f.Size > 0
	}
	return f.Pack < old.Pack
}

// reason says why a file cannot be looked at, without its path.
func reason(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// named reads a file's name.
func named(name string, loc *time.Location) (File, bool) {
	parts := fileName.FindStringSubmatch(name)
	if parts == nil {
		return File{}, false
	}
	day, err := time.ParseInLocation(dayForm, parts[1], loc)
	if err != nil {
		return File{}, false
	}
	for _, kind := range order {
		if strings.EqualFold(parts[2], string(kind)) {
			return File{Kind: kind, Day: day, Pack: packing(parts[3])}, true
		}
	}
	return File{}, false
}

// order is how the logs of one day are read: what went out before what came in, so that of a message that went out it is
// known whether it came in.
var order = []Kind{Delivery, SMTP, Administrative}

// key sorts files by day, and within a day in the order that they are read in.
func (f File) key() string {
	return fmt.Sprintf("%s %d", f.Day.Format(dayForm), slices.Index(order, f.Kind))
}
