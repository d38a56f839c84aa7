package spool

import (
	"context"
	"slices"
	"strings"
)

// Read reads the messages with the given names and no others, as Scan reads them: the snapshot has those that are there
// and can be read. It is for what is on a screen, of a spool too long to be read whole.
func (s *Spool) Read(ctx context.Context, ids []ID) *Snapshot {
	r := newReading(s, newLibrary(), nil)
	r.start(ctx, (*worker).readPair)
	folders := map[string][]string{}
	for _, id := range ids {
		folders[id.Dir()] = append(folders[id.Dir()], id.Base())
	}
	for dir, bases := range folders {
		slices.Sort(bases) // a snapshot finds them by halves
		r.found(ctx, folder{dir: dir, pairs: names{strings.Join(bases, "\n") + "\n", len(bases)}})
	}
	r.finish()
	return r.snapshot()
}
