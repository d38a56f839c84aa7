package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"delist/spool"
)

// Recover finishes what an earlier act left open, because its process was killed or the disk refused. It looks at the
// disk for every message of the batch that was under way, and for every message that is split, brings each to one side
// and records which. A message with one file on either side is drawn into quarantine, where it is inert; only if that
// cannot be, back into the spool. It needs the spool to be there, but not the service to be stopped, may be called at
// any time and as often as one likes, and does nothing when nothing is open.
func (s *Store) Recover(ctx context.Context) (Outcome, error) {
	release, err := s.alone(ctx)
	if err != nil {
		return Outcome{Stopped: true}, fmt.Errorf("recover the quarantine: %w", err)
	}
	defer release()
	if err := s.catchUp(); err != nil {
		return Outcome{Stopped: true}, fmt.Errorf("recover the quarantine: %w", err)
	}
	if s.books.pending == nil && len(s.books.split) == 0 {
		return Outcome{}, nil
	}
	r := &run{Store: s, verb: moving, lanes: make(map[string]*lane)}
	defer r.close()
	if err := r.recover(ctx); err != nil {
		return Outcome{Stopped: true}, fmt.Errorf("recover the quarantine: %w", err)
	}
	return r.out, nil
}

func (r *run) recover(ctx context.Context) (err error) {
	b := r.books.pending
	deletes := b != nil && b.Verb == deleting // those need no spool
	if !deletes || len(r.books.split) > 0 {
		if r.root, err = os.OpenRoot(r.books.root); err != nil {
			return fmt.Errorf("the spool cannot be opened, is its volume there?: %w", err)
		}
	}
	var rec record
	switch {
	case deletes:
		rec.Ended, err = r.finishDelete(ctx, b)
	case b != nil:
		rec.Ended, err = r.settle(ctx, b)
	}
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(r.books.split)) {
		at, _, why, err := r.settleOne(ctx, r.books.split[id].Item, r.books.split[id].across)
		if err != nil {
			return err
		}
		if at == inBoth {
			r.out.skip(id, Split, why)
			continue
		}
		rec.Joined = append(rec.Joined, place{id, at, why})
	}
	for dir, l := range r.lanes {
		for _, d := range []*folder{l.held, l.spool} {
			if d == nil {
				continue
			}
			if err := r.sys.flush(d); err != nil {
				return fmt.Errorf("sync %s: %w", dir, err)
			}
		}
	}
	if rec.Ended == nil && rec.Joined == nil {
		return nil
	}
	return r.append(rec)
}

// settle finds out where every item of a batch is.
func (r *run) settle(ctx context.Context, b *batch) (*ending, error) {
	wanted := b.Verb.wanted()
	end := &ending{Tried: len(b.Items)}
	for _, e := range b.Items {
		it := e.item()
		at, reason, why, err := r.settleOne(ctx, it, b.Across)
		if err != nil {
			return nil, err
		}
		if at != wanted {
			end.Except = append(end.Except, place{it.ID, at, why})
		}
		switch {
		case reason != 0:
			r.out.skip(it.ID, reason, why)
		case at != wanted:
			r.out.Left++
		case wanted == inQuarantine:
			r.out.Moved++
			r.out.Bytes += it.Stamp.EML.Size
		default:
			r.out.Restored++
			r.out.Bytes += it.Stamp.EML.Size
		}
	}
	return end, nil
}

// half is one file of a message, which may be on either side.
type half struct {
	name        string
	was         spool.FileStamp
	spool, held bool
	kept        bool // its stamp, on the side where it is, is the one on record
}

func (h half) split(o half) bool { return h.spool != h.held && o.spool != o.held && h.spool != o.spool }

// settleOne brings one message to one side and says which. A reason says what is wrong with it all the same.
func (r *run) settleOne(ctx context.Context, it Item, across bool) (side, Reason, string, error) {
	if err := ctx.Err(); err != nil {
		return "", 0, "", err
	}
	l, err := r.lookInto(it.ID.Dir())
	if err != nil {
		return "", 0, "", err
	}
	if across {
		if at, reason, why := r.settleCrossing(ctx, l, it); reason != 0 {
			return at, reason, why, nil
		}
	}
	hdr := half{name: it.ID.Base() + ".hdr", was: it.Stamp.HDR}
	eml := half{name: it.ID.Base() + ".eml", was: it.Stamp.EML}
	var inSpoolN, heldN int
	for range 2 { // looks, before a file is called gone
		for _, h := range []*half{&hdr, &eml} {
			if err := r.find(l, h); err != nil {
				return "", 0, "", fmt.Errorf("look for %s: %w", it.ID, err)
			}
		}
		inSpoolN, heldN = count(hdr.spool, eml.spool), count(hdr.held, eml.held)
		if inSpoolN+heldN == 2 {
			break
		}
	}
	switch {
	case hdr.split(eml):
		return r.join(ctx, l, hdr, eml)
	case inSpoolN > 0 && heldN > 0:
		return inBoth, Split, "a file of it is on both sides", nil
	case inSpoolN == 2:
		return inSpool, 0, "", nil
	case heldN == 2:
		return inQuarantine, 0, "", nil
	case heldN == 1:
		return inQuarantine, Vanished, "one file was removed from the quarantine by another program", nil
	case inSpoolN == 1:
		return inSpool, Vanished, "one file is gone from the spool", nil
	}
	return inSpool, Vanished, "in neither place: delivered meanwhile, or removed by another program", nil
}

// settleCrossing finishes or undoes what a message was about to do between two volumes, in either direction.
func (r *run) settleCrossing(ctx context.Context, l *lane, it Item) (side, Reason, string) {
	for _, c := range []crossing{outward(l, it), homeward(l, it)} {
		switch _, err := r.resolve(ctx, c); {
		case errors.Is(err, errGivenBack):
			return inSpool, Vanished, err.Error()
		case err != nil:
			return inBoth, Split, fmt.Sprintf("files of it are on both volumes: %s", detail(err))
		}
	}
	return "", 0, ""
}

func count(a, b bool) (n int) {
	if a {
		n++
	}
	if b {
		n++
	}
	return n
}

// join draws the file that is in the spool into quarantine, or else puts the other back.
func (r *run) join(ctx context.Context, l *lane, hdr, eml half) (side, Reason, string, error) {
	out, in := hdr, eml // out of the spool already, and in it still
	if hdr.spool {
		out, in = eml, hdr
	}
	if !out.kept || !in.kept {
		return inBoth, Split, "one file is in quarantine, the other in the spool, and one was changed since", nil
	}
	err := r.rename(ctx, l.spool, l.held, in.name)
	if err == nil {
		return inQuarantine, 0, "", nil
	}
	if back := r.rename(ctx, l.held, l.spool, out.name); back != nil {
		return inBoth, Split, fmt.Sprintf("%s: %s; %s: %s", in.name, detail(err), out.name, detail(back)), nil
	}
	return inSpool, 0, "", nil
}

// find looks for a file on both sides. What is not a plain file is not it.
func (r *run) find(l *lane, h *half) error {
	for _, s := range []struct {
		dir  *folder
		here *bool
	}{{l.spool, &h.spool}, {l.held, &h.held}} {
		if s.dir == nil {
			continue
		}
		st, err := r.sys.stat(s.dir, h.name)
		switch {
		case err == nil:
			*s.here = true
			h.kept = st.Equal(h.was)
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errNotPlain):
			return err
		}
	}
	return nil
}

// lookInto opens the folders of a lane as far as they are there.
func (r *run) lookInto(dir string) (*lane, error) {
	if l, ok := r.lanes[dir]; ok {
		return l, nil
	}
	l := &lane{}
	r.lanes[dir] = l
	for _, s := range []struct {
		root *os.Root
		d    **folder
	}{{r.root, &l.spool}, {r.held, &l.held}} {
		if s.root == nil {
			continue
		}
		d, err := r.sys.openDir(s.root, dir)
		if errors.Is(err, fs.ErrNotExist) { // asked twice, like a file
			d, err = r.sys.openDir(s.root, dir)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open folder %q: %w", dir, err)
		}
		*s.d = d
	}
	return l, nil
}
