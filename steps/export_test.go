package steps

import (
	"context"
	"time"
)

// Tries remembers which checks hang.
type Tries = tries

// NewTries gives each check a time of its own.
func NewTries(limit time.Duration) *Tries { return &tries{limit: limit} }

// Check is CheckReady with a time of its own for each check.
func (p *Preparation) Check(ctx context.Context, t *Tries) []Readiness { return p.check(ctx, t) }

// Searches is how many searches the operator asked for.
func (r *Runbook) Searches() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.searches
}
