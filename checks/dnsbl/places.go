package dnsbl

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// places bounds the questions in flight. Of those that wait, the lowest rank
// goes next, and of one rank who came first.
type places struct {
	mu      sync.Mutex
	free    int
	waiting []*waiter
}

type waiter struct {
	rank int
	in   chan struct{} // closed once it has its place
}

// take returns once there is a place, which give hands back, or with the context's error.
func (p *places) take(ctx context.Context, rank int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	if p.free > 0 {
		p.free--
		p.mu.Unlock()
		return nil
	}
	w := &waiter{rank, make(chan struct{})}
	p.waiting = append(p.waiting, w)
	p.mu.Unlock()
	select {
	case <-w.in:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	i := slices.Index(p.waiting, w)
	if i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	}
	p.mu.Unlock()
	if i < 0 { // let in at the last moment
		p.give()
	}
	return ctx.Err()
}

func (p *places) give() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.free++
		return
	}
	w := slices.MinFunc(p.waiting, func(a, b *waiter) int { return cmp.Compare(a.rank, b.rank) })
	i := slices.Index(p.waiting, w)
	p.waiting = slices.Delete(p.waiting, i, i+1)
	close(w.in)
}
