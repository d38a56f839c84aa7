package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"delist/spool/message"
)

// Progress says how far a look at the spool is. It is passing news: some may be left out.
type Progress struct {
	Done, Total int // messages; Total is 0 while folders are still being listed
	Problems    int
}

// rewriting is how long after its last change an HDR of no known layout may just be half written: the server rewrites
// it with every attempt at delivery.
const rewriting = 2 * time.Second

// chunk is how many messages a worker takes at once.
const chunk = 256

// Scan reads the whole spool: every folder but Drop and Quarantine, each HDR whole, the first kilobytes of each EML.
// A message that vanishes meanwhile is left out; what cannot be read is among the problems and makes the snapshot
// partial. When ctx ends, Scan returns what it has so far, partial, together with the context's error. progress may be
// nil; it is never called by two goroutines at once.
func (s *Spool) Scan(ctx context.Context, progress func(Progress)) (*Snapshot, error) {
	takenAt := time.Now()
	folders, problems, partial, err := s.walk(ctx)
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	r := &reading{spool: s, progress: progress, problems: problems, partial: partial}
	err = errors.Join(err, r.read(ctx, folders))
	return newSnapshot(takenAt, r.records, r.problems, r.partial), err
}

// reading collects what several workers read.
type reading struct {
	spool    *Spool
	progress func(Progress)

	mu          sync.Mutex // guards what follows
	records     []record
	problems    []Problem
	partial     bool
	done, total int
	told        time.Time
}

// read reads all pairs of folders. The error is only the context's.
func (r *reading) read(ctx context.Context, folders []folder) error {
	for _, f := range folders {
		r.total += len(f.pairs)
	}
	r.records = make([]record, 0, r.total)
	r.collect(0, nil, nil)
	workers := new(errgroup.Group)
	workers.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	for _, f := range folders {
		for len(f.pairs) > 0 {
			n := min(chunk, len(f.pairs))
			part := folder{dir: f.dir, pairs: f.pairs[:n]}
			f.pairs = f.pairs[n:]
			if ctx.Err() != nil {
				break
			}
			workers.Go(func() error { return r.readPart(ctx, part) })
		}
	}
	_ = workers.Wait() // each error is the context's, which counts below
	if err := ctx.Err(); err != nil {
		r.partial = true
		return err
	}
	return nil
}

func (r *reading) readPart(ctx context.Context, part folder) error {
	records := make([]record, 0, len(part.pairs))
	var problems []Problem
	dir, err := r.spool.root.OpenRoot(name(part.dir))
	if err != nil { // even when the folder has vanished: so much mail is not delivered at once
		for _, p := range part.pairs {
			problems = append(problems, Problem{Path: NewID(part.dir, p.base()).HDR(), Kind: Unreadable, Detail: reason(err)})
		}
		r.collect(len(part.pairs), nil, problems)
		return ctx.Err()
	}
	defer dir.Close()
	var buf buffer
	for _, p := range part.pairs {
		if ctx.Err() != nil {
			break
		}
		rec, problem := buf.readPair(dir, part.dir, p.base())
		switch {
		case problem != nil:
			problems = append(problems, *problem)
		case rec != nil:
			records = append(records, *rec)
		}
	}
	r.collect(len(part.pairs), records, problems)
	return ctx.Err()
}

func (r *reading) collect(done int, records []record, problems []Problem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done += done
	r.records = append(r.records, records...)
	r.problems = append(r.problems, problems...)
	for _, p := range problems {
		r.partial = r.partial || p.Kind == Unreadable
	}
	if r.progress == nil || r.done < r.total && time.Since(r.told) < 100*time.Millisecond {
		return
	}
	r.told = time.Now()
	r.progress(Progress{Done: r.done, Total: r.total, Problems: len(r.problems)})
}

// buffer is a worker's memory for the files it reads, one after the other.
type buffer struct{ bytes []byte }

// readPair reads one message. Both results are nil when it has vanished.
func (b *buffer) readPair(dir *os.Root, dirName, base string) (*record, *Problem) {
	id := NewID(dirName, base)
	refuse := func(name string, kind ProblemKind, err error) (*record, *Problem) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, &Problem{Path: name, Kind: kind, Detail: reason(err)}
	}
	data, hdrStamp, err := b.read(dir, base+".hdr", MaxHDR+1)
	if err != nil {
		return refuse(id.HDR(), Unreadable, err)
	}
	if len(data) > MaxHDR {
		return refuse(id.HDR(), Damaged, fmt.Errorf("larger than %d bytes", MaxHDR))
	}
	h, err := ParseHDR(data)
	if h.Status == StatusWriting {
		return nil, &Problem{Path: id.HDR(), Kind: Receiving, Detail: "its status is Writing"}
	}
	if err != nil && time.Since(hdrStamp.ModTime).Abs() < rewriting {
		return nil, &Problem{Path: id.HDR(), Kind: Receiving, Detail: "it is being written just now"}
	}
	if err != nil {
		return refuse(id.HDR(), Damaged, err)
	}
	data, emlStamp, err := b.read(dir, base+".eml", message.ScanSize)
	if err != nil {
		return refuse(id.EML(), Unreadable, err)
	}
	rec := newRecord(dirName, base, Stamp{HDR: hdrStamp, EML: emlStamp}, h, message.Scan(data))
	return &rec, nil
}

// read reads the first bytes of a file, at most limit. The stamp is taken before the bytes: a file that changes
// meanwhile will then differ from its stamp. The result is good until the next read.
func (b *buffer) read(dir *os.Root, name string, limit int64) ([]byte, FileStamp, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, FileStamp{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, FileStamp{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, FileStamp{}, &fs.PathError{Op: "read", Path: name, Err: errNotRegular}
	}
	size := int(min(info.Size(), limit))
	if cap(b.bytes) < size {
		b.bytes = make([]byte, max(size, message.ScanSize))
	}
	n, err := io.ReadFull(f, b.bytes[:size])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) { // shorter than it was: the stamp will say so
		return nil, FileStamp{}, err
	}
	return b.bytes[:n], stampOf(info), nil
}
