package quarantine

import (
	"context"
	"fmt"
	"os"
)

// Move moves the messages of a plan out of the spool, HDR first, then EML. What is on another volume is copied there,
// synced, compared and removed if the quarantine was opened for AnyVolume; else the whole plan is refused. It asks still before every batch, looks at
// each message again just before its move, and leaves what is not as it was. Ending the context stops it after the
// current message. The outcome holds also if there is an error; the same call again goes on with what is left.
//
// Errors: ErrUnfinished (call Recover first), ErrForeign (a plan for another spool), ErrStale, ErrOtherVolume, ErrNoSpace,
// ErrTaken, whatever still says, the context's error.
func (s *Store) Move(ctx context.Context, p Plan, still Still, progress func(Progress)) (Outcome, error) {
	release, err := s.alone(ctx)
	if err != nil {
		return Outcome{Stopped: true, Left: len(p.Items)}, fmt.Errorf("move into quarantine: %w", err)
	}
	defer release()
	out, err := s.move(ctx, p, still, progress)
	if err != nil {
		return out, fmt.Errorf("move into quarantine: %w", err)
	}
	return out, nil
}

func (s *Store) move(ctx context.Context, p Plan, still Still, progress func(Progress)) (Outcome, error) {
	if err := p.check(); err != nil {
		return Outcome{}, err
	}
	if s.now().Sub(p.Created) > PlanAge {
		return Outcome{Left: len(p.Items)}, fmt.Errorf("plan %s: %w", p.ID, ErrStale)
	}
	r := &run{verb: moving, plan: p.ID, still: still, report: progress}
	r.one = r.moveOne
	defer r.close()
	if err := s.begin(ctx, r); err != nil {
		return Outcome{Stopped: true, Left: len(p.Items)}, err
	}
	if !sameFolder(p.Root, s.books.root) {
		return Outcome{Left: len(p.Items)}, fmt.Errorf("plan %s: %w: %s, not %s", p.ID, ErrForeign, p.Root, s.books.root)
	}
	return r.carryOut(ctx, r.notHeld(p.Items))
}

// notHeld leaves out what an earlier run moved, and what cannot be moved because its name is taken in quarantine.
func (r *run) notHeld(items []Item) []Item {
	todo := make([]Item, 0, len(items))
	for _, it := range items {
		h, held := r.books.held[it.ID]
		_, split := r.books.split[it.ID]
		switch {
		case split:
			r.count(it, result{at: inBoth, reason: Split, detail: "one file is in quarantine already: recover"})
		case held && h.Stamp.Equal(it.Stamp):
			r.out.Already++
			r.counted.Done++
		case held:
			r.count(it, result{at: inSpool, reason: Exists, detail: "another message of this name is in quarantine"})
		default:
			todo = append(todo, it)
		}
	}
	return todo
}

func (r *run) moveOne(ctx context.Context, l *lane, it Item) result {
	if reason, why := r.matches(l.spool, it); reason != 0 {
		return result{at: inSpool, reason: reason, detail: why}
	}
	if l.apart {
		return r.carry(ctx, outward(l, it))
	}
	base := it.ID.Base()
	return r.transfer(ctx, l.spool, l.held, base+".hdr", base+".eml", inSpool)
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
