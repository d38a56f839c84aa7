package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
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

// restamped is how many messages a Rescan looks at, at most, to see whether they were rewritten: names tell at once what
// came and went, but this costs two system calls a message. The next Rescan goes on where one stopped.
const restamped = 10_000

// Rescan looks at the spool again and opens only files that are new or have another stamp. All that came and went is seen
// at once; of a spool with more than 10,000 messages, each Rescan looks for rewritten ones among the next 10,000. A folder
// that vanished or cannot be listed, or a spool that vanished, is an error, never "all gone"; so is the end of ctx. A
// message that cannot be read now, because it is locked or being written, stays as it was known, and is a problem, too.
func (s *Spool) Rescan(ctx context.Context, prev *Snapshot, progress func(Progress)) (*Snapshot, Changes, error) {
	from := prev.restamp
	if from >= prev.count {
		from = 0
	}
	return s.lookAgain(ctx, prev, from, from+restamped, progress)
}

// Recheck is a Rescan that looks for rewritten messages among all of them.
func (s *Spool) Recheck(ctx context.Context, prev *Snapshot, progress func(Progress)) (*Snapshot, Changes, error) {
	return s.lookAgain(ctx, prev, 0, prev.count, progress)
}

// Afresh scans a spool anew of which folders are gone, and says what came and went. Where the spool itself is gone or was
// replaced, that is an error, as with Scan.
func (s *Spool) Afresh(ctx context.Context, prev *Snapshot) (*Snapshot, Changes, error) {
	next, err := s.Scan(ctx, nil)
	if err != nil {
		return nil, Changes{}, err
	}
	c := Changes{Interval: next.takenAt.Sub(prev.takenAt)}
	missing := func(from, in *Snapshot) (ids []ID) {
		for e := range from.entries() {
			if _, found := in.find(e.id()); !found {
				ids = append(ids, e.id())
			}
		}
		return ids
	}
	c.Came, c.Went = missing(next, prev), missing(prev, next)
	return next, c, nil
}

// lookAgain looks for rewritten messages from number from to before number to.
func (s *Spool) lookAgain(ctx context.Context, prev *Snapshot, from, to int, progress func(Progress)) (*Snapshot, Changes, error) {
	r := newReading(s, prev.library, progress)
	c := &comparing{spool: s, prev: prev, from: from, to: to, there: map[string]bool{}}
	r.start(ctx, (*worker).readPair)
	err := s.walk(ctx, nil, func(f folder) {
		c.there[f.dir] = !f.partial
		f.pairs = c.compare(f)
		r.found(ctx, f)
	})
	r.finish()
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, Changes{}, err
	}
	if err := c.missing(r.problems); err != nil {
		return nil, Changes{}, err
	}
	next := c.merge(r)
	next.restamp = c.to
	next.tidy()
	c.changes.Interval = next.takenAt.Sub(prev.takenAt)
	return next, c.changes, nil
}

// comparing tells what is as it was from what has to be opened.
type comparing struct {
	spool    *Spool
	prev     *Snapshot
	from, to int // the messages of prev whose stamps are looked at
	there    map[string]bool
	kept     []rest
	changes  Changes
}

// rest is what is as it was of a folder: all but some records, named by their places.
type rest struct {
	dir  string
	old  []record
	gone []int // or to be read anew
}

// compare goes through a listing and what was known of the folder, both sorted, and returns the pairs to open.
func (c *comparing) compare(f folder) names {
	var open strings.Builder
	fresh := names{}
	read := func(line string) {
		open.WriteString(line)
		fresh.count++
	}
	old := c.prev.shelf(f.dir)
	if old == nil {
		return f.pairs
	}
	kept := rest{dir: f.dir, old: old.records}
	i := 0
	pass := func(to int) { // nothing in the listing is what stands before
		for ; i < to; i++ {
			kept.gone = append(kept.gone, i)
		}
	}
	folder := &lazyFolder{spool: c.spool, dir: f.dir}
	defer folder.close()
	for line := range strings.Lines(f.pairs.text) {
		base := line[:len(line)-1]
		order := -1
		for ; i < len(old.records); pass(i + 1) {
			if order = strings.Compare(c.prev.texts.at(old.records[i].base), base); order >= 0 {
				break
			}
		}
		if i == len(old.records) || order > 0 {
			read(line)
			continue
		}
		same, gone := true, false
		if number := old.from + i; number >= c.from && number < c.to {
			same, gone = folder.same(base, old.records[i].stamp())
		}
		switch {
		case gone: // vanished since it was listed
			pass(i + 1)
		case same:
			i++
		default:
			pass(i + 1)
			read(line)
		}
	}
	pass(len(old.records))
	c.kept = append(c.kept, kept)
	fresh.text = open.String()
	return fresh
}

// lazyFolder is a folder that is opened when it is first looked into.
type lazyFolder struct {
	spool *Spool
	dir   string
	open  *openFolder
}

func (l *lazyFolder) close() {
	if l.open != nil {
		l.open.Close()
	}
}

// same reports whether a message still has a stamp, and whether it is gone.
func (l *lazyFolder) same(base string, stamp Stamp) (same, gone bool) {
	if l.open == nil {
		var err error
		if l.open, err = l.spool.openFolder(l.dir); err != nil {
			return false, false // reading it will say why
		}
	}
	hdr, err := l.open.look(base + ".hdr")
	if err != nil {
		return false, errors.Is(err, fs.ErrNotExist)
	}
	eml, err := l.open.look(base + ".eml")
	if err != nil {
		return false, errors.Is(err, fs.ErrNotExist)
	}
	return stamp.Equal(Stamp{HDR: hdr, EML: eml}), false
}

// missing refuses a listing in which a folder that held messages is absent.
func (c *comparing) missing(problems []Problem) error {
	for _, f := range c.prev.shelves {
		if c.there[f.dir] {
			continue
		}
		for _, p := range problems {
			if p.Path == f.dir {
				return fmt.Errorf("the folder %q of the spool cannot be read now (%s): look again in a moment", f.dir, p.Detail)
			}
		}
		return fmt.Errorf("%w: %q held %d messages: check the disk, then scan afresh", ErrFolderGone, f.dir, len(f.records))
	}
	return nil
}

// merge makes a snapshot of what was kept and what was read, and notes what changed.
func (c *comparing) merge(r *reading) *Snapshot {
	read := r.snapshot()
	byName := func(a, b record) int { return strings.Compare(read.texts.at(a.base), read.texts.at(b.base)) }
	more := map[string][]record{}
	for _, f := range read.shelves {
		more[f.dir] = f.records
	}
	for _, p := range r.problems {
		if old, found := c.prev.ofFile(p); found { // what cannot be read now stays as it was known
			more[old.dir] = append(slices.Clip(more[old.dir]), *old.record)
		}
	}
	var shelves []shelf
	for _, k := range c.kept {
		came := more[k.dir]
		slices.SortStableFunc(came, byName)
		came = slices.CompactFunc(came, func(a, b record) bool { return byName(a, b) == 0 })
		k.keepNames(came, read.texts)
		shelves = append(shelves, shelf{dir: k.dir, records: k.with(came, read.texts)})
		c.differ(read.texts, k.dir, k.without(), came)
		delete(more, k.dir)
	}
	for dir, records := range more {
		shelves = append(shelves, shelf{dir: dir, records: records})
		c.differ(read.texts, dir, nil, records)
	}
	for _, list := range [][]ID{c.changes.Came, c.changes.Went, c.changes.Rewritten} {
		slices.SortFunc(list, compareIDs)
	}
	return r.made(shelves)
}

// without are the records that were taken out: those of messages that went, and of those that were read anew.
func (k rest) without() []record {
	out := make([]record, len(k.gone))
	for i, at := range k.gone {
		out[i] = k.old[at]
	}
	return out
}

// with puts records, which are sorted, among those that are as they were. Where nothing changed the records are the same,
// not copies.
func (k rest) with(more []record, t texts) []record {
	if len(k.gone) == 0 && len(more) == 0 {
		return k.old
	}
	out := make([]record, 0, len(k.old)-len(k.gone)+len(more))
	next, gone := 0, k.gone
	upTo := func(end int) {
		for len(gone) > 0 && gone[0] < end {
			out = append(out, k.old[next:gone[0]]...)
			next, gone = gone[0]+1, gone[1:]
		}
		out = append(out, k.old[next:end]...)
		next = end
	}
	for _, r := range more {
		at, _ := slices.BinarySearchFunc(k.old[next:], t.at(r.base), func(old record, base string) int {
			return strings.Compare(t.at(old.base), base)
		})
		upTo(next + at)
		out = append(out, r)
	}
	upTo(len(k.old))
	return out
}

// ofFile returns the message known before of a file that cannot be read now.
func (s *Snapshot) ofFile(p Problem) (entry, bool) {
	if p.Kind != Unreadable && p.Kind != Receiving && p.Kind != CutOff || len(p.Path) < len(".hdr") {
		return entry{}, false
	}
	return s.find(ID(p.Path[:len(p.Path)-len(".hdr")]))
}

// differ notes what changed in a folder: what was taken out, against what came in its place, both sorted. The library is
// the same, so that t serves both.
func (c *comparing) differ(t texts, dir string, out, in []record) {
	id := func(r *record) ID { return entry{record: r, dir: dir, texts: t}.id() }
	for len(out) > 0 || len(in) > 0 {
		order := 0
		switch {
		case len(out) == 0:
			order = 1
		case len(in) == 0:
			order = -1
		default:
			order = strings.Compare(t.at(out[0].base), t.at(in[0].base))
		}
		switch {
		case order < 0:
			c.changes.Went = append(c.changes.Went, id(&out[0]))
			out = out[1:]
		case order > 0:
			c.changes.Came = append(c.changes.Came, id(&in[0]))
			in = in[1:]
		default:
			if !out[0].sameStamp(&in[0]) {
				c.changes.Rewritten = append(c.changes.Rewritten, id(&in[0]))
			}
			out, in = out[1:], in[1:]
		}
	}
}

func compareIDs(a, b ID) int {
	if dirA, dirB := a.Dir(), b.Dir(); dirA != dirB {
		return strings.Compare(dirA, dirB)
	}
	return strings.Compare(a.Base(), b.Base())
}
