package quarantine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"delist/spool"
)

const (
	batchSize    = 2000                   // items between two syncs of the manifest
	lookEvery    = 500                    // items between two looks at the service
	reportEvery  = 100                    // items between two calls of progress
	firstWait    = 16 * time.Millisecond  // for a locked file; doubled after each try
	lastWait     = 512 * time.Millisecond // so that a locked file is tried for one second
	patience     = time.Minute            // of waiting in a whole run: after that a locked file is tried once
	probeName    = "delist.probe"         // an empty file renamed into a spool folder and back
	itemOverhead = 208                    // bytes of an item in the manifest, its names apart, an exception included
	lineOverhead = 512                    // bytes of a line, its items apart
)

// run is one act, a move, a restore or a deletion, in batches.
type run struct {
	*Store
	verb   verb
	plan   string
	one    func(context.Context, *lane, Item) result
	still  Still
	report func(Progress)

	root    *os.Root // the spool
	lanes   map[string]*lane
	waited  waits
	counted Progress
	out     Outcome
	ended   *ending // of the batch before, not on disk yet
}

// result says what became of one item: with no reason, it is where the act wanted it.
type result struct {
	at      side
	reason  Reason
	detail  string
	already bool // it was there before
}

func stays(at side, err error) result {
	return result{at: at, reason: errReason(err), detail: detail(err)}
}

// begin makes sure that an act may start, and opens the spool.
func (s *Store) begin(ctx context.Context, r *run) error {
	if s.Unfinished() {
		return ErrUnfinished
	}
	if r.still == nil {
		return errors.New("nobody looks whether the mail service is stopped")
	}
	if err := r.mayGoOn(ctx); err != nil {
		return err
	}
	r.Store, r.lanes = s, make(map[string]*lane)
	root, err := os.OpenRoot(s.books.root)
	if err != nil {
		return fmt.Errorf("the spool cannot be opened, is its volume there?: %w", err)
	}
	r.root = root
	return nil
}

func (r *run) close() {
	for _, l := range r.lanes {
		l.close()
	}
	if r.root != nil {
		r.root.Close()
	}
}

// mayGoOn asks before every batch.
func (r *run) mayGoOn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.still(ctx); err != nil {
		return fmt.Errorf("the mail service is not seen stopped: %w", err)
	}
	return nil
}

// carryOut does the whole act on items. The outcome holds also if there is an error.
func (r *run) carryOut(ctx context.Context, items []Item) (Outcome, error) {
	r.counted.Total = len(items) + r.counted.Done
	items, err := r.openLanes(items)
	if err == nil {
		err = r.makeRoom(items)
	}
	if err == nil {
		err = r.batches(ctx, items)
	}
	done := r.out.Moved + r.out.Restored + r.out.Deleted + r.out.Already + len(r.out.Skipped)
	r.out.Left = r.counted.Total - done
	r.out.Stopped = err != nil
	return r.out, err
}

func (r *run) batches(ctx context.Context, items []Item) error {
	var stopped error
	for part := range slices.Chunk(items, r.batch) {
		if stopped = r.mayGoOn(ctx); stopped != nil {
			break
		}
		b := &batch{Verb: r.verb, Plan: r.plan, Items: make([]entry, len(part))}
		for i, it := range part {
			b.Items[i] = entryOf(it)
			b.Across = b.Across || r.lanes[it.ID.Dir()].apart
		}
		if err := r.append(record{Ended: r.ended, Began: b}); err != nil {
			return err
		}
		r.ended = nil
		end, err := r.oneBatch(ctx, part)
		if ferr := r.flushLanes(part[:end.Tried]); ferr != nil {
			return fmt.Errorf("sync the folders: %w", noSpace(ferr))
		}
		r.ended = &end
		if stopped = err; stopped != nil {
			break
		}
	}
	if r.ended != nil {
		if err := r.append(record{Ended: r.ended}); err != nil {
			return err
		}
	}
	return stopped
}

// oneBatch acts on each item of a batch that the manifest announces. It stops after the current item when the context
// ends, the service is not seen stopped any more, or the volume is full.
func (r *run) oneBatch(ctx context.Context, items []Item) (end ending, err error) {
	for i, it := range items {
		if err := ctx.Err(); err != nil {
			return end, err
		}
		if i > 0 && i%lookEvery == 0 {
			if err := r.mayGoOn(ctx); err != nil {
				return end, err
			}
		}
		res := r.one(ctx, r.lanes[it.ID.Dir()], it)
		end.Tried++
		r.count(it, res)
		if res.reason == 0 {
			continue
		}
		end.Except = append(end.Except, place{it.ID, res.at, res.reason.String()})
		if res.reason == NoSpace {
			return end, ErrNoSpace
		}
	}
	return end, nil
}

func (r *run) count(it Item, res result) {
	switch {
	case res.reason != 0:
		r.out.skip(it.ID, res.reason, res.detail)
		r.counted.Skipped++
	case res.already:
		r.out.Already++
	case r.verb == moving:
		r.out.Moved++
	case r.verb == deleting:
		r.out.Deleted++
	default:
		r.out.Restored++
	}
	if res.reason == 0 {
		r.out.Bytes += it.Stamp.EML.Size
	}
	r.counted.Done++
	r.counted.Bytes = r.out.Bytes
	if r.report != nil && (r.counted.Done%reportEvery == 0 || r.counted.Done == r.counted.Total) {
		r.report(r.counted)
	}
}

// flushLanes brings the renames of a batch to the disk before its end is recorded. Items are sorted by folder, so that
// a batch touches few.
func (r *run) flushLanes(items []Item) error {
	seen := make(map[*lane]bool)
	for _, it := range items {
		l := r.lanes[it.ID.Dir()]
		if seen[l] {
			continue
		}
		seen[l] = true
		for _, d := range []*folder{l.held, l.spool} {
			if d == nil {
				continue
			}
			if err := r.sys.flush(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeRoom reserves what the lines of the whole act take at most, before the first message moves, and looks whether the
// copies will fit.
func (r *run) makeRoom(items []Item) error {
	if len(items) == 0 {
		return nil
	}
	need := int64(len(items)/r.batch+2) * lineOverhead
	var copies int64
	for _, it := range items {
		if r.verb == moving && r.lanes[it.ID.Dir()].apart {
			copies += it.Stamp.HDR.Size + it.Stamp.EML.Size
		}
		need += int64(itemOverhead + 2*len(it.ID) + quotedLen(it.Account))
	}
	if free := Free(r.dir); copies > 0 && free > 0 && uint64(copies) > free {
		return fmt.Errorf("%d bytes are to be copied, %d are free: %w", copies, free, ErrNoSpace)
	}
	if err := r.sys.reserve(r.manifest, r.end, need); err != nil {
		return fmt.Errorf("reserve %d bytes for the record: %w", need, noSpace(err))
	}
	return nil
}

// quotedLen is how long s can get as JSON.
func quotedLen(s string) int {
	n := 0
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			n += 5
		}
		n++
	}
	return n
}

// rename renames within a lane and waits for a file that another program holds, one second at most.
func (r *run) rename(ctx context.Context, from, to *folder, name string) error {
	return r.patiently(ctx, func() error { return r.sys.rename(from, to, name) })
}

// patiently tries again and again, for a second, while another program holds the file.
func (r *run) patiently(ctx context.Context, try func() error) error {
	return r.waited.patiently(ctx, r.sys.pause, try)
}

// waits is how long a whole act has waited for files that other programs hold.
type waits time.Duration

func (w *waits) patiently(ctx context.Context, pause func(context.Context, time.Duration), try func() error) error {
	err := try()
	for wait := firstWait; err != nil && wait <= lastWait && time.Duration(*w) < patience; wait *= 2 {
		if errReason(err) != Locked || ctx.Err() != nil {
			break
		}
		pause(ctx, wait)
		*w += waits(wait)
		err = try()
	}
	return err
}

// matches compares both files of a message in one folder with what they were. A reason is why they do not match.
func (r *run) matches(d *folder, it Item) (Reason, string) {
	base := it.ID.Base()
	for _, f := range []struct {
		name string
		was  spool.FileStamp
	}{{base + ".hdr", it.Stamp.HDR}, {base + ".eml", it.Stamp.EML}} {
		now, err := r.sys.stat(d, f.name)
		if err != nil {
			return errReason(err), detail(err)
		}
		if !now.Equal(f.was) {
			return Changed, fmt.Sprintf("%s is not the file that was seen", f.name)
		}
	}
	return 0, ""
}

// transfer renames both files of a message, first and then last. If the second cannot follow, the first goes back, so
// that the message stays whole.
func (r *run) transfer(ctx context.Context, from, to *folder, first, last string, origin side) result {
	if err := r.rename(ctx, from, to, first); err != nil {
		return stays(origin, err)
	}
	err := r.rename(ctx, from, to, last)
	if err == nil {
		return result{}
	}
	if back := r.rename(context.WithoutCancel(ctx), to, from, first); back != nil {
		return result{at: inBoth, reason: Split, detail: fmt.Sprintf("%s: %s; %s: %s", last, detail(err), first, detail(back))}
	}
	return stays(origin, err)
}
