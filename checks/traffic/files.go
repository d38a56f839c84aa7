package traffic

import (
	"cmp"
	"context"
	"encoding/binary"
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
	part  bool   // its name says that it is a part of its day

	beside bool // another file is read for its day
}

// inTheFuture is why a file that is ahead tells nothing of what was sent by now.
const inTheFuture = "its day has not come yet: this computer's clock or the server's was wrong"

// ahead says that the file is of a day that has not come yet.
func (f File) ahead(now time.Time) bool { return f.fault != misnamedLog && f.Day.After(now) }

// fileName is the name of a log (after sm-logtool); other systems' letters and cases are tolerated. What stands in front of
// its ending makes it a part of its day, as a number behind it does.
var fileName = regexp.MustCompile(`(?i)^(\d{4}\.\d{2}\.\d{2})-([A-Za-z]+)([-_. (]+\w+\)?)?\.log(\.[A-Za-z0-9]+)?$`)

// maxNames bounds how many names of a folder are looked at: thirty years of fifteen logs a day are fewer.
const maxNames = 200_000

// Files lists the logs of traffic in a folder, the oldest day first. Where a day lies there twice, plain and packed, the one
// that holds the most is read; the other is named as one that is not, unless it holds as much: then they are alike. A
// folder of SmarterMail's without any is no error.
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
	found, beside := map[string]File{}, []File{}
	for _, e := range entries {
		f, ok := named(e.Name(), loc)
		if !ok {
			if f, ok = misnamed(e, loc); ok {
				f.Path = filepath.Join(dir, e.Name())
				beside = append(beside, f)
			}
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
		if f.part {
			if f.fault = cmp.Or(f.fault, aPart); f.Size > 0 {
				beside = append(beside, f)
			}
			continue
		}
		old, twice := found[f.key()]
		switch {
		case twice && !f.before(old):
			beside = append(beside, f)
			continue
		case twice:
			beside = append(beside, old)
		}
		found[f.key()] = f
	}
	files := make([]File, 0, len(found))
	for _, f := range found {
		files = append(files, f)
	}
	for _, f := range beside {
		read := found[f.key()]
		f.beside = true
		switch {
		case f.part, f.fault == misnamedLog:
		case f.fault == "" && f.Size > 0 && f.holds() != read.holds():
			f.fault = fmt.Sprintf("its day lies in %s too, which holds more, and only that is read", filepath.Base(read.Path))
		default:
			continue
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.key(), b.key()) })
	return files, nil
}

// aPart is why a file is not read whose name says that it is a part of its day.
const aPart = "delist reads one file a day, and this is a part of one: put the parts of a day together, in their order"

// before says that of two files of one day this is the one to read: one that can be opened, then the one that holds the most,
// then by its packing.
func (f File) before(old File) bool {
	if (f.fault == "") != (old.fault == "") {
		return f.fault == ""
	}
	return cmp.Or(cmp.Compare(old.holds(), f.holds()), cmp.Compare(f.Pack, old.Pack)) < 0
}

// holds is how long a log's text says itself to be, in bytes; 0 where that cannot be told. It is asked where a day lies there
// twice: a gzip (RFC 1952, section 2.3.1) has it in its last four bytes.
func (f File) holds() int64 {
	switch {
	case f.fault != "" || f.Size == 0:
		return 0
	case f.Pack != Gzip:
		n, _ := f.length(context.Background(), 0)
		return n
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return 0
	}
	defer file.Close()
	var end [4]byte
	if _, err := file.ReadAt(end[:], f.Size-int64(len(end))); err != nil {
		return 0
	}
	return int64(binary.LittleEndian.Uint32(end[:]))
}

// reason says why a file cannot be looked at, without its path.
func reason(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// misnamedLog is why a log is not opened that no SmarterMail names so.
const misnamedLog = "its name is not one that SmarterMail gives an SMTP log, such as 2026.11.30-smtpLog.log"

// misnamed is a file that says to be an SMTP log under a name of somebody else's: its day is when it was last written to.
func misnamed(e fs.DirEntry, loc *time.Location) (File, bool) {
	if !strings.Contains(strings.ToLower(e.Name()), "smtp") {
		return File{}, false
	}
	info, err := e.Info()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return File{}, false
	}
	y, m, d := info.ModTime().In(loc).Date()
	return File{Kind: SMTP, Day: time.Date(y, m, d, 0, 0, 0, 0, loc), Pack: otherPacking, Size: info.Size(), fault: misnamedLog}, true
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
			end := strings.TrimRight(parts[4], ".0123456789") // as log rotation writes it
			return File{Kind: kind, Day: day, Pack: packing(end), part: parts[3] != "" || end == "" && parts[4] != ""}, true
		}
	}
	return File{}, false
}

// order is how the logs of one day are read: what went out before what came in, so that of a message that went out it is
// known whether it came in.
var order = []Kind{Delivery, SMTP, Administrative}

// key sorts files by day, and within a day in the order that they are read in.
func (f File) key() string {
	key := fmt.Sprintf("%s %d", f.Day.Format(dayForm), slices.Index(order, f.Kind))
	if f.beside {
		key += " " + filepath.Base(f.Path)
	}
	return key
}
