package spool

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"delist/spool/message"
)

// Progress says how far a look at the spool is. It is passing news: some may be left out.
type Progress struct {
	Done, Total int  // messages
	Listing     bool // folders are still being listed: Total will grow
	Problems    int
	Began       time.Time

	// SoFar returns what is known by now, a partial Snapshot. It costs little, works only until the function that was
	// told returns, and is nil where there is nothing to show.
	SoFar func() *Snapshot
}

// Left estimates at the time now how long the look will still take; 0 while that cannot be told.
func (p Progress) Left(now time.Time) time.Duration {
	took := now.Sub(p.Began)
	if p.Listing || p.Done == 0 || p.Began.IsZero() || took < time.Second {
		return 0
	}
	return time.Duration(float64(took) / float64(p.Done) * float64(p.Total-p.Done))
}

// rewriting is how long after its last change an HDR of no known layout may just be half written: the server rewrites
// it with every attempt at delivery.
const rewriting = 2 * time.Second

// chunk is how many messages a worker takes at once.
const chunk = 256

// ahead is how many chunks may be listed before they are read: four million messages.
const ahead = 1 << 14

// Scan reads the whole spool: every folder but Drop and Quarantine, each HDR whole, the header of each EML.
// Folders are read while others are still being listed. A message that vanishes meanwhile is left out; what cannot be
// read is among the problems and makes the snapshot partial. When ctx ends, Scan returns what it has so far, partial,
// together with the context's error. progress may be nil; it is never called by two goroutines at once, for the first
// time when some messages can be shown or the first folder is listed.
func (s *Spool) Scan(ctx context.Context, progress func(Progress)) (*Snapshot, error) {
	r := newReading(s, newLibrary(), progress)
	r.start(ctx, (*worker).readPair)
	err := s.walk(ctx, func(dir string, some names) { r.glimpse(ctx, dir, some) }, func(f folder) { r.found(ctx, f) })
	r.finish()
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	r.partial = r.partial || ctx.Err() != nil
	return r.snapshot(), ctx.Err()
}

// reading collects what several workers read.
type reading struct {
	spool    *Spool
	library  *library
	progress func(Progress)
	takenAt  time.Time
	parts    chan part
	workers  sync.WaitGroup
	first    *stack // some messages of the first folder, to be shown until it is read itself

	mu          sync.Mutex // guards what follows
	stacks      []*stack
	problems    []Problem
	partial     bool
	apart       Apart
	listing     bool
	passed      layouts // messages that were read and not kept
	done, total int
	told        time.Time
}

// stack is a folder while it is being read: chunks may be finished in any order, but are laid down in theirs, so that a
// snapshot can be taken at any time without copying.
type stack struct {
	dir     string
	records []record // never more than it has room for
	next    int      // the chunk to lay down next
	waiting map[int][]record
}

// part is a chunk of messages to read.
type part struct {
	stack *stack
	nth   int
	names names
}

func newReading(s *Spool, lib *library, progress func(Progress)) *reading {
	return &reading{spool: s, library: lib, progress: progress, takenAt: time.Now(), parts: make(chan part, ahead), listing: true}
}

// start lets workers read what found hands them. finish waits for them.
func (r *reading) start(ctx context.Context, look func(w *worker, dir, base string) *Problem) {
	for range max(2, runtime.GOMAXPROCS(0)) {
		r.workers.Go(func() {
			w := &worker{reading: r, look: look}
			defer w.finish()
			for p := range r.parts {
				if ctx.Err() == nil {
					w.read(ctx, p)
				}
			}
		})
	}
}

// finish says that there is no more to read, and waits until all is read.
func (r *reading) finish() {
	close(r.parts)
	r.mu.Lock()
	r.listing = false
	r.mu.Unlock()
	r.workers.Wait()
	r.collect(part{}, nil, nil)
}

// glimpse takes some messages of a folder that is still being listed. They are read at once, to be shown until the folder
// is read itself.
func (r *reading) glimpse(ctx context.Context, dir string, some names) {
	if r.progress == nil {
		return
	}
	r.first = &stack{dir: dir, waiting: map[int][]record{}}
	w := &worker{reading: r, look: (*worker).readPair}
	defer w.close()
	w.read(ctx, part{r.first, 0, some})
}

// found takes a folder that was listed: all its pairs are to be read.
func (r *reading) found(ctx context.Context, f folder) {
	st := &stack{dir: f.dir, records: make([]record, 0, f.pairs.count), waiting: map[int][]record{}}
	r.mu.Lock()
	first := r.total == 0 && f.pairs.count > 0
	r.total += f.pairs.count
	r.problems = append(r.problems, f.problems...)
	r.partial = r.partial || f.partial
	r.apart.Drop, r.apart.Quarantine = r.apart.Drop+f.apart.Drop, r.apart.Quarantine+f.apart.Quarantine
	if f.pairs.count > 0 {
		r.stacks = append(r.stacks, st)
	}
	r.tell(first)
	r.mu.Unlock()
	for nth := 0; f.pairs.count > 0; nth++ {
		select {
		case r.parts <- part{st, nth, f.pairs.cut(chunk)}:
		case <-ctx.Done():
			return
		}
	}
}

// collect takes what a worker read of a part.
func (r *reading) collect(p part, drafts []draft, problems []Problem) {
	var records []record
	if len(drafts) > 0 {
		records = make([]record, len(drafts))
		r.library.mu.Lock()
		for i := range drafts {
			records[i] = r.library.keep(&drafts[i])
		}
		r.library.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.stack != nil && p.stack == r.first {
		p.stack.lay(p.nth, records)
		r.tell(true)
		return
	}
	r.done += p.names.count
	r.problems = append(r.problems, problems...)
	for _, p := range problems {
		r.partial = r.partial || p.Kind == Unreadable
	}
	if p.stack != nil {
		p.stack.lay(p.nth, records)
	}
	r.tell(!r.listing && r.done == r.total)
}

func (s *stack) lay(nth int, records []record) {
	s.waiting[nth] = records
	for {
		records, there := s.waiting[s.next]
		if !there {
			return
		}
		delete(s.waiting, s.next)
		s.records = append(s.records, records...)
		s.next++
	}
}

// tell reports progress, at most ten times a second unless it is due. The caller holds mu.
func (r *reading) tell(due bool) {
	if r.progress == nil || !due && time.Since(r.told) < 100*time.Millisecond || r.told.IsZero() && !due {
		return
	}
	r.told = time.Now()
	r.progress(Progress{Done: r.done, Total: r.total, Listing: r.listing, Problems: len(r.problems), Began: r.takenAt, SoFar: r.soFar})
}

// soFar is what is known while the reading goes on. The caller holds mu.
func (r *reading) soFar() *Snapshot {
	return newSnapshot(r.takenAt, r.shelves(), r.library, slices.Clone(r.problems), true)
}

// snapshot is what is known when the reading has ended.
func (r *reading) snapshot() *Snapshot {
	for _, st := range r.stacks {
		for _, nth := range slices.Sorted(maps.Keys(st.waiting)) { // cut short: a chunk before these was never read
			st.records = append(st.records, st.waiting[nth]...)
		}
	}
	s := r.made(r.shelves())
	for l, n := range r.passed {
		s.layouts[l] += n
	}
	return s
}

// made is the snapshot of some shelves.
func (r *reading) made(shelves []shelf) *Snapshot {
	s := newSnapshot(r.takenAt, shelves, r.library, r.problems, r.partial)
	s.apart = r.apart
	return s
}

func (r *reading) shelves() []shelf {
	stacks := r.stacks
	if r.done == 0 && r.listing && r.first != nil {
		stacks = []*stack{r.first}
	}
	shelves := make([]shelf, len(stacks))
	for i, st := range stacks {
		shelves[i] = shelf{dir: st.dir, records: st.records[:len(st.records):len(st.records)]}
	}
	return shelves
}

// worker reads one part after the other, with one memory for all files.
type worker struct {
	reading *reading
	look    func(w *worker, dir, base string) *Problem // reads a message, and adds its draft if it is wanted
	folder  *openFolder                                // the one last read from
	dir     string
	hdr     []byte
	eml     []byte
	drafts  []draft
	passed  layouts // messages that were read and not wanted
}

// finish hands over what the worker counted, and closes its folder.
func (w *worker) finish() {
	w.reading.mu.Lock()
	for l, n := range w.passed {
		w.reading.passed[l] += n
	}
	w.reading.mu.Unlock()
	w.close()
}

func (w *worker) close() {
	if w.folder != nil {
		w.folder.Close()
	}
}

// open opens the folder of a part, unless it is still open.
func (w *worker) open(dir string) (err error) {
	if w.folder != nil && w.dir == dir {
		return nil
	}
	w.close()
	w.dir = dir
	w.folder, err = w.reading.spool.openFolder(dir)
	if err != nil {
		w.folder = nil
	}
	return err
}

func (w *worker) read(ctx context.Context, p part) {
	w.drafts = w.drafts[:0]
	var problems []Problem
	if err := w.open(p.stack.dir); err != nil { // even when the folder has vanished: so much mail is not delivered at once
		for base := range strings.Lines(p.names.text) {
			problems = append(problems, Problem{Path: NewID(p.stack.dir, base[:len(base)-1]).HDR(), Kind: Unreadable, Detail: reason(err)})
		}
		w.reading.collect(p, nil, problems)
		return
	}
	for line := range strings.Lines(p.names.text) {
		if ctx.Err() != nil {
			break
		}
		if problem := w.look(w, p.stack.dir, line[:len(line)-1]); problem != nil {
			problems = append(problems, *problem)
		}
	}
	w.reading.collect(p, w.drafts, problems)
}

// readPair reads one message and adds its draft. A message that has vanished is no problem.
func (w *worker) readPair(dir, base string) *Problem {
	hdrStamp, problem := w.readFile(&w.hdr, dir, base, ".hdr", MaxHDR+1)
	if problem != nil || w.hdr == nil {
		return problem
	}
	h, problem := w.envelope(dir, base, hdrStamp)
	if problem != nil {
		return problem
	}
	var head message.Header
	var emlStamp FileStamp
	for _, limit := range []int64{message.ScanSize, message.ScanLimit} { // a second time only where the header goes on
		emlStamp, problem = w.readFile(&w.eml, dir, base, ".eml", limit)
		if problem != nil || w.eml == nil {
			return problem
		}
		if head = message.Scan(w.eml, int64(len(w.eml)) >= emlStamp.Size); head.Ended {
			break
		}
	}
	w.drafts = append(w.drafts, newDraft(base, Stamp{HDR: hdrStamp, EML: emlStamp}, h, head, w.eml))
	return nil
}

// readFile reads a file of a message into buf, which is empty but not nil when there is nothing in it, and nil when the
// file has vanished.
func (w *worker) readFile(buf *[]byte, dir, base, ext string, limit int64) (FileStamp, *Problem) {
	data, stamp, err := w.folder.read(base+ext, *buf, limit)
	*buf = data
	if err == nil {
		return stamp, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		*buf = nil
		return stamp, nil
	}
	return stamp, problemOf(dir, base, ext, Unreadable, reason(err))
}

// envelope reads the HDR file that readFile has read.
func (w *worker) envelope(dir, base string, stamp FileStamp) (HDR, *Problem) {
	h := parseHDR(w.hdr, false)
	return h, arriving(dir, base, stamp, h)
}

// justWritten is what is said of an envelope that nobody can read and that may be half written.
const justWritten = "it is being written just now"

// HalfWritten says that some envelopes could not be read because they may be half written: it is so for a moment only.
func (s *Snapshot) HalfWritten() bool {
	return slices.ContainsFunc(s.problems, func(p Problem) bool { return p.Kind == Receiving && p.Detail == justWritten })
}

// arriving is the problem of a message whose HDR says that it still arrives, or is just being written; nil else. One that
// says so and was not written to for longer than an arrival takes is a message like any other: both its files are here.
func arriving(dir, base string, stamp FileStamp, h HDR) *Problem {
	detail, age := "", time.Since(stamp.ModTime).Abs()
	switch {
	case h.Status == StatusWriting && age <= arrivingFor:
		detail = "its status is Writing"
	case h.Layout == LayoutUnknown && age < rewriting:
		detail = justWritten
	default:
		return nil
	}
	problem := problemOf(dir, base, ".hdr", Receiving, detail)
	problem.Changed = stamp.ModTime
	return problem
}

func problemOf(dir, base, ext string, kind ProblemKind, detail string) *Problem {
	return &Problem{Path: string(NewID(dir, base)) + ext, Kind: kind, Detail: detail}
}

// sized returns buf with the given length, never nil.
func sized(buf []byte, size int64) []byte {
	if buf == nil || int64(cap(buf)) < size {
		return make([]byte, size, max(size, message.ScanSize))
	}
	return buf[:size]
}
