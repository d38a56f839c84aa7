package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// ErrFolderGone says that a folder that held messages is not there any more. That is no delivery: somebody renamed it,
// or the disk is gone. A fresh Scan accepts the new state.
var ErrFolderGone = errors.New("a folder of the spool is gone")

// Changes says what a Rescan found, against the snapshot before it.
type Changes struct {
	Came, Went []ID
	Rewritten  []ID          // there before and after, with another stamp: a delivery was tried, say
	Interval   time.Duration // between the two looks
}

// Rescan looks at the spool again and opens only files whose stamp is new or changed. A folder that vanished or cannot
// be listed, or a spool that vanished, is an error, never "all gone"; so is the end of ctx. A message that cannot be
// read now, because it is locked or being written, stays as it was known, and is a problem, too.
func (s *Spool) Rescan(ctx context.Context, prev *Snapshot, progress func(Progress)) (*Snapshot, Changes, error) {
	takenAt := time.Now()
	folders, problems, partial, err := s.walk(ctx)
	if err != nil {
		return nil, Changes{}, err
	}
	if err := missing(prev, folders, problems); err != nil {
		return nil, Changes{}, err
	}
	kept, fresh := s.compare(prev, folders)
	r := &reading{spool: s, progress: progress, problems: problems, partial: partial}
	if err := r.read(ctx, fresh); err != nil {
		return nil, Changes{}, err
	}
	records := append(kept, r.records...)
	for _, p := range r.problems {
		if old := prev.ofFile(p); old != nil {
			records = append(records, *old)
		}
	}
	next := newSnapshot(takenAt, records, r.problems, r.partial)
	changes := difference(prev, next)
	changes.Interval = next.takenAt.Sub(prev.takenAt)
	return next, changes, nil
}

// missing refuses a listing in which a folder that held messages is absent.
func missing(prev *Snapshot, folders []folder, problems []Problem) error {
	there := make(map[string]bool, len(folders))
	for _, f := range folders {
		there[f.dir] = true
	}
	for dir := range prev.folders {
		if there[dir] {
			continue
		}
		for _, p := range problems {
			if p.Path == dir {
				return fmt.Errorf("the folder %q of the spool cannot be read now (%s): look again in a moment", dir, p.Detail)
			}
		}
		return fmt.Errorf("%w: %q held %d messages: check the disk, then scan afresh", ErrFolderGone, dir, prev.folders[dir])
	}
	return nil
}

// compare separates what is as it was from what has to be opened.
func (s *Spool) compare(prev *Snapshot, folders []folder) (kept []record, fresh []folder) {
	kept = make([]record, 0, prev.Len())
	for _, f := range folders {
		open := folder{dir: f.dir}
		for _, p := range f.pairs {
			old := prev.find(f.dir, p.base())
			if old == nil {
				open.pairs = append(open.pairs, p)
				continue
			}
			stamp, err := p.stamp()
			switch {
			case errors.Is(err, fs.ErrNotExist): // vanished since it was listed
			case err == nil && stamp.Equal(old.stamp()):
				kept = append(kept, *old)
			default:
				open.pairs = append(open.pairs, p)
			}
		}
		if len(open.pairs) > 0 {
			fresh = append(fresh, open)
		}
	}
	return kept, fresh
}

// ofFile returns the message known before of a file that cannot be read now.
func (s *Snapshot) ofFile(p Problem) *record {
	if p.Kind != Unreadable && p.Kind != Receiving || len(p.Path) < len(".hdr") {
		return nil
	}
	id := ID(p.Path[:len(p.Path)-len(".hdr")])
	return s.find(id.Dir(), id.Base())
}

// difference compares two snapshots, both sorted, in one pass.
func difference(prev, next *Snapshot) Changes {
	var c Changes
	i, j := 0, 0
	for i < len(prev.records) || j < len(next.records) {
		order := 0
		switch {
		case i == len(prev.records):
			order = 1
		case j == len(next.records):
			order = -1
		default:
			a, b := &prev.records[i], &next.records[j]
			order = compareNames(a.dir.Value(), a.base, b.dir.Value(), b.base)
		}
		switch {
		case order < 0:
			c.Went = append(c.Went, prev.records[i].id())
			i++
		case order > 0:
			c.Came = append(c.Came, next.records[j].id())
			j++
		default:
			if !prev.records[i].stamp().Equal(next.records[j].stamp()) {
				c.Rewritten = append(c.Rewritten, next.records[j].id())
			}
			i++
			j++
		}
	}
	return c
}
