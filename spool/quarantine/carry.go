package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"delist/spool"
)

// A message goes to another volume in four strides, each on disk before the next begins:
//
//  1. both files are copied to the other side under a coming name, EML first, read back and compared;
//  2. the originals take a leaving name, HDR first: the message counts on neither side now;
//  3. the copies take their own names, EML first, HDR last: it counts on the other side;
//  4. the originals are removed, EML first.
//
// So an HDR bears its name on one side at most, and never without its EML beside it. After a kill the names alone tell
// how far it went: an HDR that is leaving, while none is coming any more, has arrived, and what is left of the originals
// goes; all else is undone. Recover knows from the manifest which batches to look at in this way.

const (
	coming  = ".delist-coming"  // behind a file's name: a copy that does not count yet
	leaving = ".delist-leaving" // behind a file's name: an original that does not count any more
)

// crossing is a message on its way from a folder to one on another volume. A folder that is not there is nil.
type crossing struct {
	from, to *folder
	it       Item
	hdr, eml string
	home     bool // it goes back into the spool, where SmarterMail may take it at once
}

func outward(l *lane, it Item) crossing {
	return crossing{from: l.spool, to: l.held, it: it, hdr: it.ID.Base() + ".hdr", eml: it.ID.Base() + ".eml"}
}

func homeward(l *lane, it Item) crossing {
	c := outward(l, it)
	c.from, c.to, c.home = l.held, l.spool, true
	return c
}

func (c crossing) was(name string) spool.FileStamp {
	if name == c.hdr {
		return c.it.Stamp.HDR
	}
	return c.it.Stamp.EML
}

// errChanged: the original was written to meanwhile, or the other volume does not keep what it is given: the bytes, or
// the time by which a message is told from a changed one.
var errChanged = errors.New("the copy and the file that was seen differ")

// carry moves one message across. Whatever stops it, the disk says what is to be done: it is undone or finished at once.
func (r *run) carry(ctx context.Context, c crossing) result {
	origin := inSpool
	if c.home {
		origin = inQuarantine
	}
	err := r.copyOver(ctx, c)
	if err == nil {
		err = r.leave(ctx, c)
	}
	if err == nil {
		err = r.arrive(ctx, c)
	}
	if err == nil {
		if err = r.finish(ctx, c); err != nil {
			return result{at: inBoth, reason: Split, detail: fmt.Sprintf("it has arrived, but the original stays: %s", detail(err))}
		}
		return result{}
	}
	arrived, left := r.resolve(context.WithoutCancel(ctx), c)
	switch {
	case left != nil:
		return result{at: inBoth, reason: Split, detail: fmt.Sprintf("%s; %s", detail(err), detail(left))}
	case arrived:
		return result{}
	case errors.Is(err, errChanged):
		return result{at: origin, reason: Changed, detail: err.Error()}
	}
	return stays(origin, err)
}

// copyOver makes the copies and looks at them again, and at the originals.
func (r *run) copyOver(ctx context.Context, c crossing) error {
	for _, name := range []string{c.eml, c.hdr} {
		if err := r.patiently(ctx, func() error { return r.sys.copy(c.from, name, c.to, name+coming) }); err != nil {
			return err
		}
		same, err := r.sys.same(c.from, name, c.to, name+coming)
		if err != nil {
			return err
		}
		original, err := r.sys.stat(c.from, name)
		if err != nil {
			return err
		}
		copied, err := r.sys.stat(c.to, name+coming)
		if err != nil {
			return err
		}
		if was := c.was(name); !same || !original.Equal(was) || !copied.Equal(was) {
			return fmt.Errorf("%s: %w", name, errChanged)
		}
	}
	return r.sys.flush(c.to)
}

func (r *run) leave(ctx context.Context, c crossing) error {
	for _, name := range []string{c.hdr, c.eml} {
		if err := r.become(ctx, c.from, name, name+leaving); err != nil {
			return err
		}
	}
	return r.sys.flush(c.from)
}

func (r *run) arrive(ctx context.Context, c crossing) error {
	for _, name := range []string{c.eml, c.hdr} {
		if err := r.become(ctx, c.to, name+coming, name); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) become(ctx context.Context, d *folder, name, as string) error {
	return r.patiently(ctx, func() error { return r.sys.become(d, name, as) })
}

// resolve finishes a crossing that has arrived, and undoes any other. It goes by the disk alone, so that a later run
// does the same. An error leaves files on both sides, to be resolved again.
func (r *run) resolve(ctx context.Context, c crossing) (arrived bool, err error) {
	left, err := r.has(c.from, c.hdr+leaving)
	if err != nil {
		return false, err
	}
	waits, err := r.has(c.to, c.hdr+coming)
	if err != nil {
		return false, err
	}
	if left && !waits {
		if arrived, err = r.arrivedWhole(c); err != nil {
			return false, err
		}
	}
	if arrived {
		return true, r.finish(ctx, c)
	}
	return false, r.undo(ctx, c, left)
}

// errGivenBack: only SmarterMail can have taken it, or its volume is away. The originals stay, under names that do not
// count: nothing is removed without a sight of what it went to.
var errGivenBack = errors.New("it was given back and is not in the spool any more: delivered meanwhile; its files stay in the quarantine as *" + leaving)

// arrivedWhole looks once more at what took its name on the other side. A copy in quarantine that another program has
// changed or taken away since does not count, as long as the originals are there.
func (r *run) arrivedWhole(c crossing) (bool, error) {
	if c.home {
		there, err := r.has(c.to, c.hdr)
		if err == nil && !there {
			err = errGivenBack
		}
		return there, err
	}
	for _, name := range []string{c.eml, c.hdr} {
		original, err := r.has(c.from, name+leaving)
		if err != nil {
			return false, err
		}
		if !original { // stride 4 had begun, unless an undo was cut off that had given this one its name back
			given, err := r.has(c.from, name)
			if err != nil || !given {
				return err == nil, err
			}
			now, err := r.sys.stat(c.from, name)
			return err == nil && !now.Equal(c.was(name)), err
		}
		there, err := r.has(c.to, name)
		if err != nil || !there {
			return false, err
		}
		if same, err := r.sys.same(c.from, name+leaving, c.to, name); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// finish removes the originals of a message that has arrived.
func (r *run) finish(ctx context.Context, c crossing) error {
	if err := r.flushSide(c.to); err != nil {
		return err
	}
	return r.drop(ctx, c.from, c.eml+leaving, c.hdr+leaving)
}

// undo gives the originals their names back, then removes the copies. A copy that took its name already is ours only
// if its original is leaving and it is not coming any more.
func (r *run) undo(ctx context.Context, c crossing, left bool) error {
	if left {
		published := []string{c.eml}
		if !c.home {
			published = []string{c.hdr, c.eml} // whose arrival did not hold
		}
		for _, name := range published {
			waits, err := r.has(c.to, name+coming)
			if err != nil {
				return err
			}
			if !waits {
				if err := r.drop(ctx, c.to, name); err != nil {
					return err
				}
			}
		}
	}
	touched := false
	for _, name := range []string{c.eml, c.hdr} {
		back, err := r.has(c.from, name+leaving)
		if err != nil {
			return err
		}
		if back {
			if err := r.become(ctx, c.from, name+leaving, name); err != nil {
				return err
			}
		}
		waits, err := r.has(c.to, name+coming)
		if err != nil {
			return err
		}
		touched = touched || back || waits
	}
	if !touched {
		return nil
	}
	if err := r.flushSide(c.from); err != nil { // else a crash could leave both the leaving and no coming name
		return err
	}
	return r.drop(ctx, c.to, c.eml+coming, c.hdr+coming)
}

// drop removes files, those that are there.
func (r *run) drop(ctx context.Context, d *folder, names ...string) error {
	for _, name := range names {
		there, err := r.has(d, name)
		if err != nil {
			return err
		}
		if there {
			if err := r.patiently(ctx, func() error { return r.sys.remove(d, name) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// has reports whether a folder, which may not be there itself, has a plain file of that name.
func (r *run) has(d *folder, name string) (bool, error) {
	if d == nil {
		return false, nil
	}
	_, err := r.sys.stat(d, name)
	if errors.Is(err, fs.ErrNotExist) { // asked twice, before a file is called gone
		_, err = r.sys.stat(d, name)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotPlain) {
		return false, nil
	}
	return err == nil, err
}

func (r *run) flushSide(d *folder) error {
	if d == nil {
		return nil
	}
	return r.sys.flush(d)
}
