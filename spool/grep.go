package spool

import (
	"bytes"
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"delist/spool/message"
)

// ScanFor searches a spool of which no snapshot is at hand. The snapshot it returns holds at least the messages found. A
// query that only asks for text:, itext:, decoded: and their opposites takes one pass: each file is opened once, and only
// messages that match are kept. Any other takes a Scan and a Search. Errors and progress are theirs. named completes what was
// read by what is known from elsewhere, as Named does, before that is searched; nil where nothing is.
func (s *Spool) ScanFor(ctx context.Context, q Query, named func(*Snapshot) *Snapshot, progress func(Progress)) (*Snapshot, *Results, error) {
	if named == nil {
		named = func(snap *Snapshot) *Snapshot { return snap }
	}
	var results *Results
	snap, err := settled(ctx, func() (snap *Snapshot, err error) {
		snap, results, err = s.scanFor(ctx, q, named, progress)
		return snap, err
	})
	return snap, results, err
}

// ScanOnce is a Scan that nobody repeats soon: where envelopes may be half written, it waits for them and reads again.
func (s *Spool) ScanOnce(ctx context.Context, progress func(Progress)) (*Snapshot, error) {
	return settled(ctx, func() (*Snapshot, error) { return s.Scan(ctx, progress) })
}

// settled reads again what may have been half written.
func settled(ctx context.Context, scan func() (*Snapshot, error)) (*Snapshot, error) {
	snap, err := scan()
	if err != nil || !snap.HalfWritten() {
		return snap, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(rewriting):
	}
	return scan()
}

func (s *Spool) scanFor(ctx context.Context, q Query, named func(*Snapshot) *Snapshot, progress func(Progress)) (*Snapshot, *Results, error) {
	if !q.OnlyText() {
		snap, err := s.Scan(ctx, progress)
		if err != nil {
			return nil, nil, err
		}
		snap = named(snap)
		results, err := s.Search(ctx, snap, q, progress)
		return snap, results, err
	}
	r := newReading(s, newLibrary(), progress)
	r.start(ctx, func(w *worker, dir, base string) *Problem { return w.grep(q, dir, base) })
	err := s.walk(ctx, nil, func(f folder) { r.found(ctx, f) })
	r.finish()
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	snap := named(r.snapshot())
	results := &Results{Query: q, Searched: r.done, Arriving: snap.Arriving()}
	for e := range snap.entries() {
		created := fromNanos(e.created)
		results.Hits = append(results.Hits, Hit{ID: e.id(), Relation: Mentions, Guessed: guessed(e.layout, e.basis), Bounce: e.bounce})
		results.sum(&Results{Bytes: e.emlSize, Oldest: created, Newest: created})
	}
	for _, p := range snap.problems {
		if p.Kind == Unreadable || p.Kind == Unlisted {
			results.Problems = append(results.Problems, p)
		}
	}
	return snap, results, nil
}

// OnlyText reports whether a query looks at nothing but what is in the files, as it is or decoded.
func (q Query) OnlyText() bool {
	for _, t := range q.terms {
		if t.field != fieldText && t.field != fieldIText && t.field != fieldDecoded {
			return false
		}
	}
	return !q.Empty()
}

// grep adds the draft of a message if its files match.
func (w *worker) grep(q Query, dir, base string) *Problem {
	hdrStamp, problem := w.readFile(&w.hdr, dir, base, ".hdr", maxSearched+1)
	if problem != nil || w.hdr == nil {
		return problem
	}
	emlStamp, problem := w.readFile(&w.eml, dir, base, ".eml", maxSearched+1)
	if problem != nil || w.eml == nil {
		return problem
	}
	c := candidate{files: [2]*contents{hdr: firstOf(w.hdr), eml: firstOf(w.eml)}}
	switch relation, err := q.match(&c); {
	case err != nil:
		return problemOf(dir, base, ".eml", Unreadable, reason(err))
	case relation == 0: // of what is not wanted, no more is read than it takes to know how much is not understood
		h, _ := parseEnvelope(hdrText(w.hdr))
		if arriving(dir, base, hdrStamp, h) == nil {
			w.passed[h.Layout]++
		}
		return nil
	}
	h, problem := w.envelope(dir, base, hdrStamp)
	if problem != nil && h.Layout != LayoutUnknown { // one that nobody can read is found by what it holds, however new it is
		return problem
	}
	start := w.eml[:min(len(w.eml), message.ScanLimit)]
	head := message.Scan(start, len(start) == len(w.eml))
	w.drafts = append(w.drafts, newDraft(base, Stamp{HDR: hdrStamp, EML: emlStamp}, h, head, start))
	return nil
}

// firstOf takes as much of a file as is searched.
func firstOf(data []byte) *contents {
	return &contents{data: data[:min(len(data), maxSearched)], cut: len(data) > maxSearched}
}

var errCut = fmt.Errorf("only its first %d MB were searched", maxSearched>>20)

// inBytes looks for the value of a text: or itext: term.
func (t *term) inBytes(data []byte) bool {
	if t.field == fieldText {
		return bytes.Contains(data, t.raw)
	}
	if bytes.Contains(lowerASCII(data), t.raw) {
		return true
	}
	if len(t.raw) == utf8.RuneCount(t.raw) { // no letter beyond ASCII
		return false
	}
	western, ok := westernLower(t.raw)
	return bytes.Contains(bytes.ToLower(data), bytes.ToLower(t.raw)) || ok && bytes.Contains(latinLower(data), western)
}

// westernLower is a text in Latin-1, in small letters, as much mail of Western Europe is written; ok says whether it has a form.
func westernLower(text []byte) (western []byte, ok bool) {
	for _, r := range string(text) {
		if r > 0xff {
			return nil, false
		}
		western = append(western, byte(r))
	}
	return latinLower(western), true
}

// latinLower is text in Latin-1 in small letters.
func latinLower(data []byte) []byte {
	lower := lowerASCII(data)
	for i, c := range lower {
		if c >= 0xc0 && c <= 0xde && c != 0xd7 {
			lower[i] = c + 0x20
		}
	}
	return lower
}
