package spool

import (
	"context"
	"errors"
	"fmt"
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
	Answer   bool // a bounce or an automatic answer that goes to a sender which the spam forged: it belongs to the spam
	Doubtful bool // sent by the account, but perhaps by its owner: not to be chosen beforehand
	Guessed  bool // who sent it is read by guess or not at all: not to be chosen beforehand either
	Bounce   bool // nobody here sent it: a doubt is whether it answers the spam, not whether its owner wrote it
	doubt    doubt
}

// Marked reports whether the message is chosen beforehand: only what an account sent, as far as that is known, and not
// what may be its owner's.
func (h Hit) Marked() bool { return !h.Guessed && (h.Answer || h.Relation == Sent && !h.Doubtful) }

// Results is what a search found.
type Results struct {
	Query          Query
	Hits           []Hit // by folder and name
	Searched       int   // messages that were looked at
	Bytes          int64 // of all their EML files
	Oldest, Newest time.Time
	Near           []Nearby       // not found, but likely wanted
	Steady         map[string]int // of the hits, those of a steady sender: they may be honest mail among a relay's
	Arriving       int            // messages that were not looked into, since they are still being received
	Problems       []Problem      // messages of which nobody knows, since a file could not be read: not among the hits
	counts         counts
}

// counts are how many hits there are of each kind: a screen asks for them with every key.
type counts struct {
	known                     bool
	of                        [Sent + 1]int // by relation
	read                      [Sent + 1]int // of these, of a layout that is known
	marked, doubtful, guessed int
	returned                  int // of the doubtful, bounces
}

// counted returns the counts, which are kept once a search has ended.
func (r *Results) counted() counts {
	if r.counts.known {
		return r.counts
	}
	c := counts{known: true}
	for i := range r.Hits {
		h := &r.Hits[i]
		c.of[h.Relation]++
		if !h.Guessed {
			c.read[h.Relation]++
		}
		if h.Marked() {
			c.marked++
		}
		if h.Doubtful {
			c.doubtful++
			if h.Bounce {
				c.returned++
			}
		}
		if h.Guessed {
			c.guessed++
		}
	}
	return c
}

// Count returns how many hits have a relation.
func (r *Results) Count(relation Relation) int { return r.counted().of[relation] }

// Read returns how many hits of a relation there are whose layout is known: the others are Guessed.
func (r *Results) Read(relation Relation) int { return r.counted().read[relation] }

// Marked counts the hits that are chosen beforehand.
func (r *Results) Marked() int { return r.counted().marked }

// Doubtful counts the hits that an account sent, and that may be its owner's own mail, and the bounces that answer no spam.
func (r *Results) Doubtful() int { return r.counted().doubtful }

// Returned counts the bounces among the Doubtful.
func (r *Results) Returned() int { return r.counted().returned }

// Guessed counts the hits of which nobody knows who sent them.
func (r *Results) Guessed() int { return r.counted().guessed }

// SayNothing says that nothing was found, as far as that can be told: what was not understood or not read may match, and
// so may files that belong to no message, which are none for the server and which nobody searches.
func (r *Results) SayNothing(snap *Snapshot) string {
	text := r.sayNothing(snap)
	var strays []string
	for _, kind := range []ProblemKind{OrphanEML, OrphanHDR, Unknown} {
		if n := snap.found(kind); n > 0 {
			strays = append(strays, kind.Count(n))
		}
	}
	if len(strays) > 0 {
		text += fmt.Sprintf(" Not looked into: %s, which SmarterMail does not send.", strings.Join(strays, ", "))
	}
	return text
}

func (r *Results) sayNothing(snap *Snapshot) string {
	query := message.Printable(r.Query.String())
	switch unread := snap.SayUnread(); {
	case unread != "" && r.Query.OnlyText() && len(r.Problems) == 0 && snap.Whole() && snap.Unread() == snap.Layout(LayoutUnknown):
		return fmt.Sprintf("No file holds what %s looks for: those of all %s were read, %s.", query, messages(max(r.Searched, snap.Waiting())), unread) // it takes no understanding
	case unread != "":
		return fmt.Sprintf("Whether anything matches %s is not known: %s, of %s.", query, unread, messages(max(r.Searched, snap.Waiting())))
	case len(r.Problems) > 0:
		return fmt.Sprintf("Nothing that could be read matches %s, in %s.", query, messages(r.Searched))
	case !snap.Whole():
		return fmt.Sprintf("Nothing matches %s in the part of the spool that could be read, %s.", query, messages(r.Searched))
	}
	if r.Arriving > 0 {
		return fmt.Sprintf("Nothing matches %s, in %s. Not looked into yet: %s still arriving.", query, messages(r.Searched), number(r.Arriving))
	}
	return fmt.Sprintf("Nothing matches %s, in %s.", query, messages(r.Searched))
}

// messages counts messages in words.
func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return number(n) + " messages"
}

// searched is how many messages are compared at once by one worker.
const searched = 2048

// Search compares every message of a snapshot with a query. An empty query matches nothing. Files are read only where
// the query needs them; a message that has vanished meanwhile is no hit. When ctx ends, there are no results, only its
// error. progress may be nil; it is never called by two goroutines at once.
func (s *Spool) Search(ctx context.Context, snap *Snapshot, q Query, progress func(Progress)) (*Results, error) {
	res := &Results{Query: q, Searched: snap.Len(), Arriving: snap.Arriving()}
	if q.Empty() {
		return res, nil
	}
	parts := (snap.Len() + searched - 1) / searched
	found := make([]findings, parts)
	workers := new(errgroup.Group)
	workers.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	now := time.Now()
	sieves := sync.Pool{New: func() any { return newSieve(s, q, now, snap.odd) }} // for a worker after the other: each remembers much
	var mu sync.Mutex
	told := Progress{Total: snap.Len(), Began: now} // guarded by mu
	for part := range parts {
		if ctx.Err() != nil {
			break
		}
		workers.Go(func() error {
			from, to := part*searched, min((part+1)*searched, snap.Len())
			coarse := sieves.Get().(*sieve)
			found[part] = searchPart(ctx, snap, coarse, from, to)
			sieves.Put(coarse)
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
	res.join(found)
	if q.asksNoLogin() {
		res.SpareSteady(snap, res.steadySenders(snap))
	}
	if len(res.Hits) == 0 {
		res.Near = misspelt(snap, q)
	} else {
		res.Near = echoes(snap, found)
	}
	return res, nil
}

// findings is what one worker found in a part of the spool.
type findings struct {
	Results
	oldest, newest int64
	senders        []ref   // the accounts that sent a hit, each once in a row
	bounces        []entry // that are no hits
}

// hits are hits without their names, and the names behind one another: there may be a million, and they are to be few
// pieces of memory.
type hits struct {
	all   []Hit
	names []byte
	ends  []int // of each name
}

func (h *hits) add(hit Hit, e *entry) {
	h.all = append(h.all, hit)
	if e.dir != "" {
		h.names = append(append(h.names, e.dir...), '/')
	}
	h.names = append(h.names, e.baseName()...)
	h.ends = append(h.ends, len(h.names))
}

// take empties h, and returns the hits with their names.
func (h *hits) take() []Hit {
	all, names, begin := slices.Clone(h.all), string(h.names), 0
	for i, end := range h.ends {
		all[i].ID = ID(names[begin:end])
		begin = end
	}
	h.all, h.names, h.ends = h.all[:0], h.names[:0], h.ends[:0]
	return all
}

func searchPart(ctx context.Context, snap *Snapshot, coarse *sieve, from, to int) findings {
	f := findings{oldest: noTime, newest: noTime}
	defer coarse.pages.close()
	number := from - 1 // of e in the snapshot
	for e := range snap.between(from, to) {
		number++
		if number%256 == 0 && ctx.Err() != nil {
			break
		}
		relation, known := coarse.match(&e)
		if !known {
			var err error
			c := candidate{Message: e.message(), pages: &coarse.pages, now: coarse.now}
			relation, err = coarse.query.match(&c)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				f.Problems = append(f.Problems, Problem{Path: string(c.ID), Kind: Unreadable, Detail: reason(err)})
			}
			if err != nil {
				continue
			}
		}
		if relation != 0 {
			coarse.hits.add(snap.newHit(number, relation, &e), &e)
			f.sum(&e, relation)
		} else if e.bounce {
			f.bounces = append(f.bounces, e)
		}
	}
	f.Hits = coarse.hits.take()
	f.counts = f.counted()
	f.Oldest, f.Newest = fromNanos(f.oldest), fromNanos(f.newest)
	return f
}

// sum notes a hit in the sums.
func (f *findings) sum(e *entry, relation Relation) {
	f.Bytes += e.emlSize
	if e.created != noTime && (f.oldest == noTime || e.created < f.oldest) {
		f.oldest = e.created
	}
	f.newest = max(f.newest, e.created)
	if relation == Sent && e.account != 0 && (len(f.senders) == 0 || f.senders[len(f.senders)-1] != e.account) {
		f.senders = append(f.senders, e.account)
	}
}

// join puts together what the parts of the search found. There may be a million hits, so that all cores copy.
func (r *Results) join(found []findings) {
	r.counts.known = true
	hits := 0
	for i := range found {
		hits += len(found[i].Hits)
		r.sum(&found[i].Results)
	}
	r.Hits = make([]Hit, hits)
	to := r.Hits
	copiers := new(errgroup.Group)
	copiers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range found {
		part := found[i].Hits
		mine := to[:len(part)]
		to = to[len(part):]
		copiers.Go(func() error { copy(mine, part); return nil })
	}
	_ = copiers.Wait() // they return no error
}

// sum adds the sums of a part.
func (r *Results) sum(o *Results) {
	r.counts.marked += o.counts.marked
	r.counts.doubtful += o.counts.doubtful
	r.counts.guessed += o.counts.guessed
	r.counts.returned += o.counts.returned
	for relation, n := range o.counts.of {
		r.counts.of[relation] += n
		r.counts.read[relation] += o.counts.read[relation]
	}
	r.Problems = append(r.Problems, o.Problems...)
	r.Bytes += o.Bytes
	if !o.Oldest.IsZero() && (r.Oldest.IsZero() || o.Oldest.Before(r.Oldest)) {
		r.Oldest = o.Oldest
	}
	if o.Newest.After(r.Newest) {
		r.Newest = o.Newest
	}
}

// echoes finds bounces that came back to the accounts whose mail was found, and that were not found themselves: they are
// the echo of the same spam. Of many accounts, only those with the most are named.
func echoes(snap *Snapshot, found []findings) []Nearby {
	accounts := map[string]bool{}
	for i := range found {
		for _, r := range found[i].senders {
			accounts[snap.texts.at(r)] = true
		}
	}
	count := map[string]int{}
	for i := range found {
		for _, e := range found[i].bounces {
			for to := range strings.SplitSeq(e.texts.at(e.recipients), "\n") {
				if a := message.Address(to); accounts[a] {
					count[a]++
				}
			}
		}
	}
	var out []Nearby
	for account, n := range count {
		query := Query{terms: []term{{field: fieldClass, value: classBounce}, {field: fieldTo, value: account}}}
		out = append(out, Nearby{Account: account, Bounces: true, Count: n, Query: query.String()})
	}
	slices.SortFunc(out, compareNearby)
	return out[:min(len(out), maxNear)]
}
