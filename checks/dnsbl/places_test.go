package dnsbl

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

// Who waits is let in by rank, then by arrival; who gives up leaves nothing behind.
func TestPlaces(t *testing.T) {
	p := &places{free: 1}
	if err := p.take(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	order := make(chan int, 8)
	var waiting sync.WaitGroup
	for _, rank := range []int{3, 1, 2, 0} {
		waiting.Go(func() {
			if err := p.take(t.Context(), rank); err != nil {
				t.Error(err)
			}
			order <- rank
			p.give()
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting.Go(func() {
		if err := p.take(ctx, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("gave up with %v", err)
		}
	})
	for full := false; !full; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		full = len(p.waiting) == 5
		p.mu.Unlock()
	}
	cancel()
	for gone := false; !gone; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		gone = len(p.waiting) == 4
		p.mu.Unlock()
	}
	p.give()
	waiting.Wait()
	close(order)
	var got []int
	for rank := range order {
		got = append(got, rank)
	}
	if !slices.Equal(got, []int{0, 1, 2, 3}) || p.free != 1 || len(p.waiting) != 0 {
		t.Errorf("let in %v; %d free, %d waiting", got, p.free, len(p.waiting))
	}
}
