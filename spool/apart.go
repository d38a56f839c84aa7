package spool

import (
	"errors"
	"io/fs"
	"path"
	"strings"
)

// Apart counts the messages in the folders of a spool that hold no queued pairs. They are never read or moved.
type Apart struct {
	Drop       int // bare messages that the server takes up and sends as soon as it runs
	Quarantine int // what SmarterMail itself holds back
}

// Apart returns what lies in Drop and Quarantine.
func (s *Snapshot) Apart() Apart { return s.apart }

// The folders of the root that hold no queued pairs, in lower case.
const (
	dropFolder       = "drop"
	quarantineFolder = "quarantine"
)

// countApart counts what lies in such a folder. One that cannot be listed is a problem.
func (w *walker) countApart(f *folder, name string) {
	count := &f.apart.Drop
	if strings.EqualFold(name, quarantineFolder) {
		count = &f.apart.Quarantine
	}
	below, err := w.countMessages(name, count)
	for _, dir := range below { // one for each day
		if _, e := w.countMessages(dir, count); err == nil {
			err = e
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.problems = append(f.problems, Problem{Path: name, Kind: Unlisted, Detail: reason(err)})
		f.partial = true
	}
}

// countMessages adds the messages in one folder, and returns the folders in it.
func (w *walker) countMessages(dir string, count *int) (below []string, err error) {
	o, err := w.spool.openFolder(dir)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	var l listing
	if err := o.list(&l, w.buf, func() {}); err != nil {
		return nil, err
	}
	for _, e := range l.entries {
		switch name := string(l.name(e)); {
		case e.kind == kindDir:
			below = append(below, path.Join(dir, name))
		case e.kind == kindFile && strings.HasSuffix(strings.ToLower(name), ".eml"):
			*count++
		}
	}
	return below, nil
}
