package quarantine

import (
	"context"
	"fmt"
	"slices"

	"delist/spool"
)

// Restore puts messages back into the spool, EML first, HDR last, never over a file that is there. They will be
// delivered once the service runs. A message whose HDR says Failed stays (SmarterMail would delete it undelivered), and
// so does one that is not as it was put into quarantine. A SubSpool folder that is gone is made again; another folder
// that is gone is a reason to leave its messages. From another volume they come as copies, compared before they count. For still, the context and errors see Move.
func (s *Store) Restore(ctx context.Context, ids []spool.ID, still Still, progress func(Progress)) (Outcome, error) {
	release, err := s.alone(ctx)
	if err != nil {
		return Outcome{Stopped: true, Left: len(ids)}, fmt.Errorf("restore from quarantine: %w", err)
	}
	defer release()
	r := &run{verb: restoring, still: still, report: progress}
	r.one = r.restoreOne
	defer r.close()
	if err := s.begin(ctx, r); err != nil {
		return Outcome{Stopped: true, Left: len(ids)}, fmt.Errorf("restore from quarantine: %w", err)
	}
	out, err := r.carryOut(ctx, r.heldItems(ids))
	if err != nil {
		return out, fmt.Errorf("restore from quarantine: %w", err)
	}
	return out, nil
}

// heldItems are the messages of ids that are in quarantine, sorted.
func (r *run) heldItems(ids []spool.ID) []Item {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	items := make([]Item, 0, len(ids))
	for _, id := range ids {
		if h, ok := r.books.held[id]; ok {
			items = append(items, h.Item)
			continue
		}
		res := result{at: inSpool, reason: Vanished, detail: "not in this quarantine"}
		if _, ok := r.books.split[id]; ok {
			res = result{at: inBoth, reason: Split, detail: "one file is in the spool already: recover"}
		}
		r.count(Item{ID: id}, res)
	}
	return items
}

func (r *run) restoreOne(ctx context.Context, l *lane, it Item) result {
	switch reason, why := r.matches(l.held, it); reason {
	case 0:
	case Vanished:
		return result{at: inQuarantine, reason: Vanished, detail: "removed from the quarantine by another program"}
	default:
		return result{at: inQuarantine, reason: reason, detail: why}
	}
	base := it.ID.Base()
	var buf [statusBytes]byte
	n, err := r.sys.firstLine(l.held, base+".hdr", buf[:])
	if err != nil {
		return stays(inQuarantine, err)
	}
	if saysFailed(buf[:n]) {
		return result{at: inQuarantine, reason: Failed, detail: "SmarterMail deletes a message marked Failed; it stays in quarantine"}
	}
	if l.apart {
		return r.carry(ctx, homeward(l, it))
	}
	return r.transfer(ctx, l.held, l.spool, base+".eml", base+".hdr", inQuarantine)
}

// statusBytes is how much of an HDR is read for its status, in bytes.
const statusBytes = 256

// saysFailed reports whether the first line of an HDR, its status, is Failed.
func saysFailed(start []byte) bool { return spool.FirstStatus(start) == spool.StatusFailed }
