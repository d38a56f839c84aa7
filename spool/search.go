package spool

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"delist/spool/message"
)

// Hit is a message that a search found.
type Hit struct {
	ID       ID
	Relation Relation
	Doubtful bool // sent by the account, but perhaps by its owner: not to be chosen beforehand
	doubt    doubt
}

// Marked reports whether the message is chosen beforehand: only what an account sent, and not what may be its owner's.
func (h Hit) Marked() bool { return h.Relation == Sent && !h.Doubtful }

// Results is what a search found.
type Results struct {
	Query          Query
	Hits           []Hit // by folder and name
	Searched       int   // messages that were looked at
	Bytes          int64 // of all their EML files
	Oldest, Newest time.Time
	Near           []Nearby  // not found, but likely wanted
	Problems       []Problem // messages of which nobody knows, since a file could not be read: not among the hits
}

// Count returns how many hits have a relation.
func (r *Results) Count(relation Relation) int {
	n := 0
	for _, h := range r.Hits {
		if h.Relation == relation {
			n++
		}
	}
	return n
}

// Marked counts the hits that are chosen beforehand.
func (r *Results) Marked() int {
	n := 0
	for _, h := range r.Hits {
		if h.Marked() {
			n++
		}
	}
	return n
}

// Doubtful counts the hits that an account sent, and that may be its owner's own mail.
func (r *Results) Doubtful() int {
	n := 0
	for _, h := range r.Hits {
		if h.Doubtful {
			n++
		}
	}
	return n
}

// searched is how many messages are compared at once by one worker.
const searched = 2048

// Search compares every message of a snapshot with a query. An empty query matches nothing. Files are read only where
// the query needs them; a message that has vanished meanwhile is no hit. When ctx ends, there are no results, only its
// error. progress may be nil; it is never called by two goroutines at once.
func (s *Spool) Search(ctx context.Context, snap *Snapshot, q Query, progress func(Progress)) (*Results, error) {
	res := &Results{Query: q, Searched: snap.Len()}
	if q.Empty() {
		return res, nil
	}
	parts := (snap.Len() + searched - 1) / searched
	found := make([]Results, parts)
	workers := new(errgroup.Group)
	workers.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	now := time.Now()
	var mu sync.Mutex
	told := Progress{Total: snap.Len()} // guarded by mu
	for part := range parts {
		if ctx.Err() != nil {
			break
		}
		workers.Go(func() error {
			from, to := part*searched, min((part+1)*searched, snap.Len())
			found[part] = s.searchPart(ctx, snap, q, from, to, now)
			if progress != nil {
				mu.Lock()
				defer mu.Unlock()
				told.Done += to - from
				told.Problems += len(found[part].Problems)
				progress(told)
			}
			return nil
		})
	}
	_ = workers.Wait() // they return no error
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, part := range found {
		res.add(part)
	}
	if len(res.Hits) == 0 {
		res.Near = misspelt(snap, q)
	} else {
		res.Near = alike(snap, res.Hits)
	}
	return res, nil
}

func (s *Spool) searchPart(ctx context.Context, snap *Snapshot, q Query, from, to int, now time.Time) Results {
	var res Results
	coarse := newSieve(q)
	i := from - 1 // the number of e in the snapshot
	for e := range snap.between(from, to) {
		i++
		if ctx.Err() != nil {
			break
		}
		if coarse.dismisses(e) {
			continue
		}
		c := candidate{Message: e.message(), spool: s, now: now}
		relation, err := q.match(&c)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			res.Problems = append(res.Problems, Problem{Path: string(c.ID), Kind: Unreadable, Detail: reason(err)})
		case relation != 0:
			res.add(Results{Hits: []Hit{snap.newHit(i, c.ID, relation)}, Bytes: c.Size, Oldest: c.Created, Newest: c.Created})
		}
	}
	return res
}

// add joins what another part of the search found.
func (r *Results) add(o Results) {
	r.Hits = append(r.Hits, o.Hits...)
	r.Problems = append(r.Problems, o.Problems...)
	r.Bytes += o.Bytes
	if !o.Oldest.IsZero() && (r.Oldest.IsZero() || o.Oldest.Before(r.Oldest)) {
		r.Oldest = o.Oldest
	}
	if o.Newest.After(r.Newest) {
		r.Newest = o.Newest
	}
}

// alike finds bounces that came back to the accounts whose mail was found, and that were not found themselves: they
// are the echo of the same spam. Of many accounts, only those with the most are named.
func alike(snap *Snapshot, hits []Hit) []Nearby {
	senders := map[ref]bool{}
	var bounces []entry
	next := 0 // both are in the order of folders and names
	for e := range snap.entries() {
		isHit := next < len(hits) && hits[next].ID.Base() == e.baseName() && hits[next].ID.Dir() == e.dir
		switch {
		case isHit:
			if hits[next].Relation == Sent && e.account != 0 {
				senders[e.account] = true
			}
			next++
		case e.bounce:
			bounces = append(bounces, e)
		}
	}
	accounts := map[string]bool{}
	for r := range senders {
		accounts[snap.texts.at(r)] = true
	}
	count := map[string]int{}
	for _, r := range bounces {
		for to := range strings.SplitSeq(r.texts.at(r.recipients), "\n") {
			if a := message.Address(to); accounts[a] {
				count[a]++
			}
		}
	}
	var out []Nearby
	for account, n := range count {
		query := Query{terms: []term{{field: fieldClass, value: "bounce"}, {field: fieldTo, value: account}}}
		out = append(out, Nearby{Account: account, Bounces: true, Count: n, Query: query.String()})
	}
	slices.SortFunc(out, compareNearby)
	return out[:min(len(out), maxNear)]
}
