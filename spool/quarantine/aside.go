package quarantine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Aside is a whole spool that was set aside, so that mail can run with an empty one: the vendor's own procedure. What is
// good of it goes back later, pair by pair.
type Aside struct {
	root string // where the server looks for its spool
	dir  string // where the spool of before is
	sys  files
	now  func() time.Time
}

const (
	newSpool = ".delist-new" // behind the spool's name: the empty one, until it takes the place

	// Behind the name of the folder that is set aside, beside it: others may write into a spool.
	putBackName = ".put-back.json" // the pairs that are on their way back
	putBackLock = ".put-back.lock" // held by the process that puts back

	// Older builds had both in the spool set aside.
	oldPutBackName = "delist.put-back.json"
	oldPutBackLock = "delist.put-back.lock"
)

// NewAside is about the spool at root and the folder dir, on the same volume, that it is renamed to. It does nothing yet.
func NewAside(root, dir string) *Aside {
	return &Aside{root: filepath.Clean(root), dir: filepath.Clean(dir), sys: system(), now: time.Now}
}

// Dir is the folder that holds the spool once it is set aside.
func (a *Aside) Dir() string { return a.dir }

// Set renames the spool and puts an empty one with the same mode, owner and access list in its place. The service has to be
// stopped, and no file of the spool open: on Windows an open folder keeps its parents from being renamed. Killed at any
// instant, the same call finishes it; once it is done, it does nothing.
func (a *Aside) Set() error {
	if err := a.set(); err != nil {
		return fmt.Errorf("set the spool aside: %w", err)
	}
	return nil
}

func (a *Aside) set() error {
	isSet, err := exists(a.dir)
	if err != nil {
		return err
	}
	empty := a.root + newSpool
	like := a.root
	if isSet {
		like = a.dir
		if there, err := exists(a.root); err != nil || there {
			return err
		}
	}
	if err := apart(a.dir, a.root); !isSet && err != nil {
		return err
	}
	if err := remakeLike(empty, like); err != nil {
		return fmt.Errorf("make an empty spool: %w", err)
	}
	if !isSet {
		if err := makeHome(filepath.Dir(a.dir)); err != nil {
			return err
		}
		if err := os.Rename(a.root, a.dir); err != nil {
			return errors.Join(err, os.Remove(empty))
		}
		if err := errors.Join(flushPath(filepath.Dir(a.dir)), flushPath(filepath.Dir(a.root))); err != nil {
			return err
		}
	}
	if err := os.Rename(empty, a.root); err != nil {
		return err
	}
	return flushPath(filepath.Dir(a.root))
}

// makeHome makes the folder that the spool set aside goes to. One that stands already keeps its rights: it may be shared
// with others, and the spool in it keeps its own.
func makeHome(dir string) error {
	if there, err := exists(dir); err != nil || there {
		return err
	}
	return makePrivate(dir)
}

// remakeLike makes the empty folder name, which nobody but a run that was killed can have made before.
func remakeLike(name, like string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return makeLike(name, like)
}

func exists(name string) (bool, error) {
	_, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// PutBack moves what is in the spool set aside back into the one in use: pairs first, EML before HDR, perSecond of them at
// most (0: no limit), then the files that no program knows. Mail may run. Never Failed pairs, files still arriving (.em_)
// and halves: they stay and are among the skipped; and never over a file that is there. Ending the context stops it after
// the current pair. Killed at any instant, the same call goes on with what is left. still is asked before every batch.
// Left counts what can still go back: what was not tried, and what something in the way held up, such as a locked file or
// a message of the same name. ErrBusy says that another process puts back just now.
func (a *Aside) PutBack(ctx context.Context, perSecond int, still Still, progress func(Progress)) (Outcome, error) {
	r := &returning{Aside: a, rate: perSecond, still: still, report: progress, lanes: map[string]*lane{}}
	defer r.close()
	err := r.begin(ctx)
	if err == nil {
		err = r.all(ctx)
	}
	r.out.Left = r.counted.Total - r.counted.Done + r.heldUp
	r.out.Stopped = err != nil
	if err != nil {
		return r.out, fmt.Errorf("put back what was set aside: %w", err)
	}
	return r.out, nil
}

// writeList records, synced, which pairs are about to go back.
func (a *Aside) writeList(items []Item) error {
	list := make([]entry, len(items))
	for i, it := range items {
		list[i] = entryOf(it)
	}
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return noSpace(writeWhole(a.dir+putBackName, b))
}

// readList reads what writeList wrote, nothing where there is no such list.
func (a *Aside) readList() ([]Item, error) {
	name := a.dir + putBackName
	if old := filepath.Join(a.dir, oldPutBackName); plainFile(old) {
		name = old
	}
	if there, err := exists(name); err != nil || !there {
		return nil, err
	}
	if !plainFile(name) {
		return nil, fmt.Errorf("%s: %w", name, errNotPlain)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var list []entry
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s is %w: %w", name, ErrDamaged, err)
	}
	items := make([]Item, len(list))
	for i, e := range list {
		if err := checkID(e.ID); err != nil {
			return nil, fmt.Errorf("%s is %w: %w", name, ErrDamaged, err)
		}
		items[i] = e.item()
	}
	return items, nil
}

func plainFile(name string) bool {
	fi, err := os.Lstat(name)
	return err == nil && fi.Mode().IsRegular()
}

// Mend puts the empty spool in its place where a run of Set was killed between its two renames. It does nothing where
// there is a spool at root, or none was made.
func Mend(root string) error {
	there, err := exists(root)
	if err != nil || there {
		return err
	}
	if made, err := exists(root + newSpool); err != nil || !made {
		return err
	}
	return os.Rename(root+newSpool, root)
}
