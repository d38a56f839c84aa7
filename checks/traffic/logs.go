package traffic

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// Options bound what is read. The zero value is right for a server.
type Options struct {
	Days     int              // that are read at most, the newest; 0: 8, a day and a week of history
	MaxBytes int64            // that one Read takes in at most, unpacked; 0: 2 GiB. The newest matter most
	Clock    func() time.Time // nil: time.Now. Its time zone is taken for the logs'
}

const (
	usualDays  = 8
	usualBytes = 2 << 30
)

// Logs reads the logs of one folder again and again. Only Newest is for use by several goroutines at once.
type Logs struct {
	dir    string
	o      Options
	book   *book
	files  map[string]*reading // by File.key
	newest atomic.Pointer[Report]
}

// reading is how far a file was read.
type reading struct {
	File
	length int64 // of its text
	offset int64 // of the first byte that was not read
	clock  dayClock
	torn   bool      // it was begun within a line
	from   time.Time // of the first line
	tally

	sniffed bool             // wide is known
	wide    binary.ByteOrder // of UTF-16; nil for bytes
	passed  string           // why it is not read; empty when it is
	bounded bool             // since there is more than is read at once
	torso   error            // why only its beginning can be unpacked; nil when all can
}

// Open prepares to read the logs of a folder. Nothing is read before Read.
func Open(dir string, o Options) *Logs {
	if o.Days <= 0 {
		o.Days = usualDays
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = usualBytes
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Logs{dir: dir, o: o, book: newBook(o.Days), files: map[string]*reading{}}
}

// Dir is the folder of the logs.
func (l *Logs) Dir() string { return l.dir }

// Read takes in what is new, and says what the logs tell by now. The first Read takes the last days, which may take
// long; when ctx ends before, the next one goes on where it stopped. A file that cannot be read is named in the report;
// an error means that the folder could not be listed, or that ctx ended.
func (l *Logs) Read(ctx context.Context) (*Report, error) {
	now := l.o.Clock()
	files, err := Files(l.dir, now.Location())
	if err != nil {
		return nil, err
	}
	l.plan(ctx, files, now)
	if ctx.Err() != nil { // else nothing is known of any file, and that looks like logs in which there is nothing
		return nil, fmt.Errorf("read the logs: %w", ctx.Err())
	}
	var gaps []gap
	var counts []FileCount
	for _, key := range slices.Sorted(maps.Keys(l.files)) {
		f := l.files[key]
		err := f.torso
		if f.passed == "" && f.offset < f.length {
			err = cmp.Or(l.read(ctx, f, now), err)
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("read the logs: %w", ctx.Err())
		}
		counts = append(counts, FileCount{filepath.Base(f.Path), f.lines, f.understood})
		if g, ok := f.gap(err); ok {
			gaps = append(gaps, g)
		}
		if f.Kind == order[len(order)-1] || l.lastOfDay(f) {
			l.book.settle()
		}
	}
	report := l.book.report(now, gaps)
	report.Files = counts
	report.nameless = !slices.ContainsFunc(files, func(f File) bool { return f.Kind == SMTP })
	l.newest.Store(report)
	return report, nil
}

// Newest is what Read returned last; nil before it did.
func (l *Logs) Newest() *Report { return l.newest.Load() }

// lastOfDay says that no other log of the file's day comes after it.
func (l *Logs) lastOfDay(f *reading) bool {
	for _, kind := range order[slices.Index(order, f.Kind)+1:] {
		if l.files[File{Kind: kind, Day: f.Day}.key()] != nil {
			return false
		}
	}
	return true
}

// plan says from where on each file is read. Where there is more than may be read, the newest is taken: of older files
// nothing, of the newest its end.
func (l *Logs) plan(ctx context.Context, files []File, now time.Time) {
	left := l.o.MaxBytes
	oldest := l.oldest(files, now)
	for _, f := range slices.Backward(files) {
		if f.Day.Before(oldest) {
			continue
		}
		r := l.known(ctx, f)
		if f.ahead(now) {
			r.passed = inTheFuture
		} else if r.passed == inTheFuture {
			r.passed = ""
		}
		if r.passed != "" {
			continue
		}
		if rest := r.length - r.offset; rest > left {
			r.cut(left)
		}
		if r.passed == "" {
			left -= r.length - r.offset
		}
	}
	maps.DeleteFunc(l.files, func(_ string, r *reading) bool { return r.Day.Before(oldest) })
}

// oldest is the first day that is read. A day that has not come yet makes no other one old.
func (l *Logs) oldest(files []File, now time.Time) time.Time {
	for _, f := range slices.Backward(files) {
		if !f.ahead(now) && f.fault != misnamedLog {
			return f.Day.AddDate(0, 0, 1-l.o.Days)
		}
	}
	return time.Time{}
}

// known is how far a file was read, with how long it is by now. A file that has become shorter is another one.
func (l *Logs) known(ctx context.Context, f File) *reading {
	r := l.files[f.key()]
	if r == nil {
		r = &reading{clock: dayClock{day: f.Day}}
		l.files[f.key()] = r
	}
	if r.File == f {
		return r
	}
	packed := f.Pack != Plain && r.Pack == Plain && r.Path != ""
	r.File, r.passed, r.bounded, r.torso = f, "", false, nil
	length, err := f.length(ctx, l.o.MaxBytes)
	switch {
	case ctx.Err() != nil:
		r.File = File{Day: f.Day} // the next look asks again, and knows how far it was read
		return r
	case err != nil && length == 0:
		r.passed = f.broken(err)
		return r
	case err != nil:
		r.torso = err
	case length < r.offset && !packed:
		r.offset, r.torn, r.tally, r.sniffed, r.clock = 0, false, tally{}, false, dayClock{day: f.Day}
	}
	r.length = max(length, r.offset)
	return r
}

// cut leaves out the beginning of what is new of a file, so that no more than some bytes are read.
func (r *reading) cut(left int64) {
	if r.Pack != Plain || left == 0 {
		r.leaveOut()
		return
	}
	r.offset, r.torn = r.length-left, true
}

// leaveOut passes a file by, since there is more than is read at once.
func (r *reading) leaveOut() {
	r.passed, r.bounded = "left out, there is more than is read at once; give a folder with fewer logs", true
}

// read takes in what is new of a file.
func (l *Logs) read(ctx context.Context, f *reading, now time.Time) error {
	if err := f.sniff(); err != nil {
		return err
	}
	text, err := f.openAt(f.offset)
	if err != nil {
		return err
	}
	defer text.Close()
	c := newChapter(l.book, f, now)
	n, err := readLines(ctx, io.LimitReader(text, f.length-f.offset), f.wide, f.over(now), c.take)
	f.offset += n.bytes
	f.bytes, f.zeros = f.bytes+n.bytes, f.zeros+n.zeros
	c.end()
	if err != nil && f.Pack != Plain && ctx.Err() == nil { // a checksum is wrong for good, though every line was read
		f.torso = err
	}
	return err
}

// over says that nobody writes to the file any more.
func (r *reading) over(now time.Time) bool {
	return r.Pack != Plain || !now.Before(r.Day.AddDate(0, 0, 1).Add(tail))
}

// each gives all lines of a file to take, with their numbers from 1.
func (r *reading) each(ctx context.Context, now time.Time, take func(line []byte, number int)) error {
	if err := r.sniff(); err != nil {
		return err
	}
	text, err := r.openAt(0)
	if err != nil {
		return err
	}
	defer text.Close()
	number := 0
	r.extent, err = readLines(ctx, io.LimitReader(text, r.length), r.wide, r.over(now), func(b []byte) {
		number++
		take(bytes.TrimPrefix(b, byteOrderMark), number)
	})
	r.offset = r.bytes
	return err
}

// sniff finds out how a file is encoded.
func (r *reading) sniff() error {
	if r.sniffed || r.length < 4 {
		return nil
	}
	text, err := r.openAt(0)
	if err != nil {
		return err
	}
	defer text.Close()
	var begin [4]byte
	if _, err := io.ReadFull(text, begin[:]); err != nil {
		return err
	}
	r.wide, r.sniffed = wideOrder(begin[:]), true
	if r.wide != nil {
		r.offset += r.offset % 2
	}
	return nil
}
