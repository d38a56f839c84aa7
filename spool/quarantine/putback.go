package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"delist/spool"
)

// returning is one PutBack.
type returning struct {
	*Aside
	rate   int
	still  Still
	report func(Progress)

	from, to *os.Root
	lanes    map[string]*lane // held is the side set aside
	counted  Progress
	heldUp   int // of those skipped: what may go back another time
	out      Outcome
	began    time.Time
	waited   waits
	release  func() // lets another process put back
}

func (r *returning) begin(ctx context.Context) (err error) {
	if r.release, err = holdAlone(ctx, r.dir+putBackLock); err != nil {
		return err
	}
	if r.from, err = os.OpenRoot(r.dir); err != nil {
		return err
	}
	r.to, err = os.OpenRoot(r.root)
	return err
}

func (r *returning) close() {
	for _, l := range r.lanes {
		l.close()
	}
	for _, root := range []*os.Root{r.from, r.to} {
		if root != nil {
			root.Close()
		}
	}
	if r.release != nil {
		r.release()
	}
}

func (r *returning) all(ctx context.Context) error {
	if err := r.join(ctx); err != nil {
		return err
	}
	pairs, others, err := r.list()
	if err != nil {
		return err
	}
	r.began, r.counted.Total = r.now(), len(pairs)
	for part := range slices.Chunk(pairs, lookEvery) {
		if err := r.still(ctx); err != nil {
			return err
		}
		if err := r.batch(ctx, part); err != nil {
			return err
		}
	}
	for _, name := range others {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.file(ctx, name); err != nil {
			reason := errReason(err)
			r.out.skip(spool.ID(name), reason, detail(err))
			if reason != Exists { // what the server has made anew is not wanted back
				r.heldUp++
			}
		}
	}
	for _, list := range []string{r.dir + putBackName, filepath.Join(r.dir, oldPutBackName)} {
		if err := os.Remove(list); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return r.flush()
}

// join brings the HDR after an EML that a run before took back. The list that it left tells which, and how they looked.
func (r *returning) join(ctx context.Context) error {
	items, err := r.readList()
	if err != nil {
		return err
	}
	for _, it := range items {
		l, err := r.lane(it.ID.Dir())
		if err != nil {
			return err
		}
		base := it.ID.Base()
		if _, err := r.sys.stat(l.held, base+".eml"); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		hdr, herr := r.sys.stat(l.held, base+".hdr")
		eml, eerr := r.sys.stat(l.spool, base+".eml")
		if herr != nil || eerr != nil || !hdr.Equal(it.Stamp.HDR) || !eml.Equal(it.Stamp.EML) {
			continue
		}
		if err := r.rename(ctx, l.held, l.spool, base+".hdr"); err != nil {
			return fmt.Errorf("bring %s after its message: %w", it.ID.HDR(), err)
		}
		r.out.Restored++
		r.out.Bytes += it.Stamp.EML.Size
	}
	return r.flush()
}

// ours are the files of older builds in a spool set aside.
var ours = []string{oldPutBackName, oldPutBackName + ".new", oldPutBackLock}

// list reads the folders set aside: the pairs, with how they look now, and the files that no program knows.
func (r *returning) list() (pairs []Item, others []string, err error) {
	err = fs.WalkDir(r.from.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(ours, name) {
			return err
		}
		if !d.Type().IsRegular() {
			r.out.skip(spool.ID(name), Foreign, "not a plain file")
			return nil
		}
		top, _, _ := strings.Cut(name, "/")
		stem, ext := strings.TrimSuffix(name, path.Ext(name)), strings.ToLower(path.Ext(name))
		id := spool.ID(stem)
		switch {
		case ext == ".em_":
			r.out.skip(spool.ID(name), CutOff, "still arriving when the spool was set aside")
		case strings.EqualFold(top, "Drop"), strings.EqualFold(top, "Quarantine"), ext != ".hdr" && ext != ".eml":
			others = append(others, name)
		case checkID(id) != nil:
			r.out.skip(spool.ID(name), Foreign, "not the name of a message")
		default:
			other := stem + ".hdr"
			if ext == ".hdr" {
				other = stem + ".eml"
			}
			fi, err := r.from.Lstat(other)
			if err != nil || !fi.Mode().IsRegular() {
				r.out.skip(spool.ID(name), Half, "its other file is missing")
				return nil
			}
			if ext == ".hdr" {
				own, err := d.Info()
				if err != nil {
					return err
				}
				pairs = append(pairs, Item{ID: id, Stamp: spool.Stamp{
					HDR: spool.FileStamp{Size: own.Size(), ModTime: own.ModTime()},
					EML: spool.FileStamp{Size: fi.Size(), ModTime: fi.ModTime()}}})
			}
		}
		return nil
	})
	return pairs, others, err
}

// batch brings some pairs back, after they are recorded.
func (r *returning) batch(ctx context.Context, items []Item) error {
	if err := r.writeList(items); err != nil {
		return err
	}
	for _, it := range items {
		if err := r.pace(ctx); err != nil {
			return err
		}
		reason, why := r.one(ctx, it)
		r.counted.Done++
		if reason != 0 {
			r.out.skip(it.ID, reason, why)
			r.counted.Skipped++
			if reason != Failed {
				r.heldUp++
			}
		} else {
			r.out.Restored++
			r.out.Bytes += it.Stamp.EML.Size
		}
		r.counted.Bytes = r.out.Bytes
		if r.report != nil && (r.counted.Done%reportEvery == 0 || r.counted.Done == r.counted.Total) {
			r.report(r.counted)
		}
		switch reason {
		case NoSpace:
			return ErrNoSpace
		case Split: // the list on disk says what belongs together: it has to stay
			return fmt.Errorf("%s is split, try again: %s", it.ID, why)
		}
	}
	return r.flush()
}

func (r *returning) one(ctx context.Context, it Item) (Reason, string) {
	l, err := r.lane(it.ID.Dir())
	if err != nil {
		return errReason(err), detail(err)
	}
	base := it.ID.Base()
	var buf [statusBytes]byte
	n, err := r.sys.firstLine(l.held, base+".hdr", buf[:])
	if err != nil {
		return errReason(err), detail(err)
	}
	if saysFailed(buf[:n]) {
		return Failed, "SmarterMail deletes a message marked Failed; it stays set aside"
	}
	if _, err := r.sys.stat(l.spool, base+".hdr"); err == nil {
		return Exists, "a message of this name is in the spool"
	}
	if err := r.rename(ctx, l.held, l.spool, base+".eml"); err != nil {
		return errReason(err), detail(err)
	}
	if err := r.rename(ctx, l.held, l.spool, base+".hdr"); err != nil {
		if back := r.rename(context.WithoutCancel(ctx), l.spool, l.held, base+".eml"); back != nil {
			return Split, fmt.Sprintf("%s; %s", detail(err), detail(back))
		}
		return errReason(err), detail(err)
	}
	return 0, ""
}

// rename renames a file and waits, one second at most, while another program holds it.
func (r *returning) rename(ctx context.Context, from, to *folder, name string) error {
	return r.waited.patiently(ctx, r.sys.pause, func() error { return r.sys.rename(from, to, name) })
}

// pace waits until the next pair may go.
func (r *returning) pace(ctx context.Context) error {
	if r.rate > 0 {
		due := r.began.Add(time.Duration(r.counted.Done) * time.Second / time.Duration(r.rate))
		if wait := due.Sub(r.now()); wait > 0 {
			r.sys.pause(ctx, wait)
		}
	}
	return ctx.Err()
}

// file brings a single file back.
func (r *returning) file(ctx context.Context, name string) error {
	dir := path.Dir(name)
	if dir == "." {
		dir = ""
	}
	l, err := r.lane(dir)
	if err != nil {
		return err
	}
	return r.rename(ctx, l.held, l.spool, path.Base(name))
}

// lane opens a folder on both sides; in the spool in use it is made where it is missing.
func (r *returning) lane(dir string) (*lane, error) {
	if l, ok := r.lanes[dir]; ok {
		return l, nil
	}
	held, err := r.sys.openDir(r.from, dir)
	if err != nil {
		return nil, err
	}
	for d := range above(dir) {
		if err := r.sys.adopt(r.to, d); err != nil {
			held.close()
			return nil, err
		}
	}
	in, err := r.sys.openDir(r.to, dir)
	if err != nil {
		held.close()
		return nil, err
	}
	r.lanes[dir] = &lane{spool: in, held: held}
	return r.lanes[dir], nil
}

// above gives the folders on the way to dir, from the top, dir included.
func above(dir string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range len(dir) + 1 {
			if i > 0 && (i == len(dir) || dir[i] == '/') && !yield(dir[:i]) {
				return
			}
		}
	}
}

func (r *returning) flush() error {
	for _, l := range r.lanes {
		if err := errors.Join(r.sys.flush(l.spool), r.sys.flush(l.held)); err != nil {
			return err
		}
	}
	return nil
}
