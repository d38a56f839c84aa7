package dnsbl

import (
	"context"
	"sync"
	"time"
)

// pace spaces the questions to one operator's lists: at most one an interval.
type pace struct {
	interval time.Duration
	mu       sync.Mutex
	next     time.Time // the earliest moment for the next question
}

// wait returns when it is this question's turn, or with the context's error.
func (p *pace) wait(ctx context.Context) error {
	if p.interval <= 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	now := time.Now()
	turn := p.next
	if turn.Before(now) {
		turn = now
	}
	p.next = turn.Add(p.interval)
	p.mu.Unlock()

	timer := time.NewTimer(turn.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
