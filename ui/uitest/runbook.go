package uitest

import (
	"context"
	"reflect"
	"sync"
	"testing"

	"delist/steps"
)

// Runbook is a strict fake: it takes the intents that the test expects, in that order,
// and no other.
type Runbook struct {
	t testing.TB

	mu       sync.Mutex
	state    steps.State
	expected []expectation
	canceled int
	ctx      context.Context // of the newest intent
	secrets  map[string]steps.Secret
}

type expectation struct {
	intent steps.Intent
	then   func(*steps.State) error
}

// NewRunbook makes a fake that shows a state.
func NewRunbook(t testing.TB, state steps.State) *Runbook {
	r := &Runbook{t: t, state: state, secrets: map[string]steps.Secret{}}
	t.Cleanup(func() {
		for _, e := range r.expected {
			t.Errorf("the runbook never got %T %+v", e.intent, e.intent)
		}
	})
	return r
}

// Expect awaits an intent, and changes the state or fails when it comes; then may be nil.
func (r *Runbook) Expect(intent steps.Intent, then func(*steps.State) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expected = append(r.expected, expectation{intent, then})
}

// Keep gives the runbook a password to reveal, once.
func (r *Runbook) Keep(account, password string) { r.secrets[account] = steps.NewSecret(password) }

// State implements ui.Runbook.
func (r *Runbook) State() steps.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Do implements ui.Runbook.
func (r *Runbook) Do(ctx context.Context, in steps.Intent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx = ctx
	if len(r.expected) == 0 {
		r.t.Errorf("unexpected intent %T %+v", in, in)
		return nil
	}
	next := r.expected[0]
	r.expected = r.expected[1:]
	if !reflect.DeepEqual(in, next.intent) {
		r.t.Errorf("intent %T %+v, want %T %+v", in, in, next.intent, next.intent)
	}
	if next.then == nil {
		return nil
	}
	return next.then(&r.state)
}

// Now gives the runbook another state, as if something had happened.
func (r *Runbook) Now(state steps.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = state
}

// Cancel implements ui.Runbook.
func (r *Runbook) Cancel() bool {
	r.canceled++
	return r.state.Live.Doing != nil
}

// Canceled is how often the running act was cancelled.
func (r *Runbook) Canceled() int { return r.canceled }

// Stopped is why the newest intent is to stop, nil where it is not; for what an expected intent leads to.
func (r *Runbook) Stopped() error { return context.Cause(r.ctx) }

// Reveal implements ui.Runbook.
func (r *Runbook) Reveal(account string) (steps.Secret, bool) {
	secret, ok := r.secrets[account]
	return secret, ok
}
