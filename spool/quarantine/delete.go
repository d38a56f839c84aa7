package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"delist/spool"
)

// Delete removes messages from the quarantine for good, HDR first, then EML, recorded ahead in batches like a move. There
// is no way back. It touches the quarantine only, so that the mail service may run; still answers whether the act may go
// on, before every batch. A message that was changed since it was moved stays. What another program removed before counts
// as Already. A batch that is cut off is finished by Recover: what was begun is removed whole. For the context and errors
// see Move.
func (s *Store) Delete(ctx context.Context, ids []spool.ID, still Still, progress func(Progress)) (Outcome, error) {
	release, err := s.alone(ctx)
	if err != nil {
		return Outcome{Stopped: true, Left: len(ids)}, fmt.Errorf("delete from quarantine: %w", err)
	}
	defer release()
	r := &run{Store: s, verb: deleting, still: still, report: progress, lanes: make(map[string]*lane)}
	r.one = r.deleteOne
	defer r.close()
	if s.Unfinished() {
		return Outcome{Stopped: true, Left: len(ids)}, fmt.Errorf("delete from quarantine: %w", ErrUnfinished)
	}
	if still == nil {
		return Outcome{Stopped: true, Left: len(ids)}, errors.New("delete from quarantine: nobody says whether it may go on")
	}
	out, err := r.carryOut(ctx, r.heldItems(ids))
	if err != nil {
		return out, fmt.Errorf("delete from quarantine: %w", err)
	}
	return out, nil
}

// deleteOne removes both files of a message that is as it was moved, or what is left of it.
func (r *run) deleteOne(ctx context.Context, l *lane, it Item) result {
	if l.held == nil { // another program removed the whole folder
		return result{already: true}
	}
	base := it.ID.Base()
	var there []string
	for _, f := range []struct {
		name string
		was  spool.FileStamp
	}{{base + ".hdr", it.Stamp.HDR}, {base + ".eml", it.Stamp.EML}} {
		now, err := r.sys.stat(l.held, f.name)
		if errors.Is(err, fs.ErrNotExist) { // asked twice, before a file is called gone
			now, err = r.sys.stat(l.held, f.name)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return stays(inQuarantine, err)
		case !now.Equal(f.was):
			return result{at: inQuarantine, reason: Changed, detail: f.name + " is not the file that was moved"}
		default:
			there = append(there, f.name)
		}
	}
	for _, name := range there {
		remove := func() error { return r.sys.remove(l.held, name) }
		err := r.patiently(ctx, remove)
		if errors.Is(err, fs.ErrNotExist) {
			err = remove()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return stays(inQuarantine, err)
		}
	}
	return result{already: len(there) == 0}
}

// finishDelete ends a batch of deletions that was cut off. What was not begun stays in quarantine; of what was begun, the
// rest goes, too: half a message is none.
func (r *run) finishDelete(ctx context.Context, b *batch) (*ending, error) {
	end := &ending{Tried: len(b.Items)}
	for _, e := range b.Items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		it := e.item()
		l, err := r.lookInto(it.ID.Dir())
		if err != nil {
			return nil, err
		}
		whole := l.held != nil
		for _, name := range []string{it.ID.Base() + ".hdr", it.ID.Base() + ".eml"} {
			if !whole {
				break
			}
			_, err := r.sys.stat(l.held, name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errNotPlain) {
				return nil, fmt.Errorf("look for %s: %w", it.ID, err)
			}
			whole = err == nil
		}
		res := result{at: inQuarantine}
		if !whole {
			res = r.deleteOne(ctx, l, it)
		}
		switch {
		case whole:
			r.out.Left++
		case res.reason != 0:
			r.out.skip(it.ID, res.reason, res.detail)
		default:
			r.out.Deleted++
			continue
		}
		end.Except = append(end.Except, place{it.ID, inQuarantine, res.reason.word()})
	}
	return end, nil
}
