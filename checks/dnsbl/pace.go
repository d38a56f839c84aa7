package dnsbl

import (
	"context"
	"time"
)

// pace spaces the questions to one operator's lists: at most one an interval.
type pace struct {
	interval time.Duration
	turn     chan struct{} // holds one: the question that goes out next
	next     time.Time     // the earliest moment for it; for the turn's holder only
}

func newPace(interval time.Duration) *pace {
	return &pace{interval: interval, turn: make(chan struct{}, 1)}
}

// wait returns when it is this question's turn and one of the places is taken
// for it, or with the context's error. The turn is kept until then: else
// questions that were spaced would go out together once places are free.
func (p *pace) wait(ctx context.Context, places chan<- struct{}) error {
	if p.interval > 0 {
		select {
		case p.turn <- struct{}{}:
			defer func() { <-p.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
		timer := time.NewTimer(time.Until(p.next))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case places <- struct{}{}:
		if p.interval > 0 {
			p.next = time.Now().Add(p.interval)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
