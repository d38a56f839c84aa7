package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// errGoneFolder: a message cannot go back to where nobody would look for it.
var errGoneFolder = fmt.Errorf("gone from the spool: %w", errNotFolder)

// lane is a folder of the spool and its counterpart in quarantine.
type lane struct {
	spool, held *folder
	apart       bool   // they are on two volumes: messages are carried across as copies
	reason      Reason // why nothing in it can be moved
	detail      string
}

func (l *lane) close() { l.spool.close(); l.held.close() }

// openLanes opens the folders of all items, on both sides, before the first act, and returns the items whose folders will
// do. The others are skipped.
func (r *run) openLanes(items []Item) ([]Item, error) {
	good := make([]Item, 0, len(items))
	for _, it := range items {
		dir := it.ID.Dir()
		l, ok := r.lanes[dir]
		if !ok {
			l = &lane{}
			r.lanes[dir] = l
			if err := r.openLane(l, dir); err != nil {
				if l.reason = errReason(err); l.reason == NoSpace {
					return nil, fmt.Errorf("open %s: %w", dir, noSpace(err))
				}
				if l.reason == CrossDevice && r.verb == moving {
					return nil, fmt.Errorf("folder %q is on another volume than the quarantine: %w", dir, ErrOtherVolume)
				}
				l.detail = fmt.Sprintf("its folder: %s", detail(err))
			}
		}
		if l.reason != 0 {
			r.count(it, result{at: inSpool, reason: l.reason, detail: l.detail})
			continue
		}
		good = append(good, it)
	}
	return good, nil
}

func (r *run) openLane(l *lane, dir string) (err error) {
	if r.verb == moving {
		if err := r.sys.makeDir(r.held, dir); err != nil {
			return err
		}
		if err := r.flushAbove(r.held, dir); err != nil {
			return err
		}
	}
	l.held, err = r.sys.openDir(r.held, dir)
	if r.verb == deleting {
		if errors.Is(err, fs.ErrNotExist) { // asked twice, like a file
			l.held, err = r.sys.openDir(r.held, dir)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // nothing is left of it
		}
		return err
	}
	if err != nil {
		return err
	}
	l.spool, err = r.sys.openDir(r.root, dir)
	if errors.Is(err, fs.ErrNotExist) && r.verb == restoring {
		if !subSpool.MatchString(dir) {
			return errGoneFolder
		}
		// SmarterMail removes and makes these folders itself.
		if err = r.sys.adopt(r.root, dir); err == nil {
			err = r.flushAbove(r.root, dir)
		}
		if err == nil {
			l.spool, err = r.sys.openDir(r.root, dir)
		}
	}
	if err != nil {
		return err
	}
	return r.probe(l)
}

// flushAbove brings a folder that may be new to the disk: its entries in the folders above it.
func (r *run) flushAbove(root *os.Root, dir string) error {
	for dir != "" && dir != "." {
		dir = path.Dir(dir)
		d, err := r.sys.openDir(root, dir)
		if err != nil {
			return err
		}
		err = r.sys.flush(d)
		d.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// probe finds out by a rename there and back whether messages can be moved between the two folders of a lane.
func (r *run) probe(l *lane) error {
	// What a killed run left behind, an empty file of ours. Nothing else bears the name.
	for _, d := range []*folder{l.spool, l.held} {
		if st, err := r.sys.stat(d, probeName); err == nil && st.Size == 0 {
			if err := r.sys.remove(d, probeName); err != nil {
				return err
			}
		}
	}
	if err := r.sys.create(l.held, probeName); err != nil {
		return err
	}
	there := r.rename(context.Background(), l.held, l.spool, probeName)
	if errReason(there) == CrossDevice && (r.on == AnyVolume || r.verb == restoring) {
		l.apart = true
		if there = r.sys.create(l.spool, probeName); there == nil {
			there = r.sys.remove(l.spool, probeName)
		}
		return errors.Join(there, r.sys.remove(l.held, probeName))
	}
	back := there
	if there == nil {
		back = r.rename(context.Background(), l.spool, l.held, probeName)
	}
	where := l.held
	if there == nil && back != nil {
		where = l.spool
	}
	return errors.Join(back, r.sys.remove(where, probeName))
}
