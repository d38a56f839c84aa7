package service

import (
	"context"
	"fmt"
	"sync"
	"time"

	"delist/steps"
)

// ByHand is a service that the operator stops and starts. Its state is what the operator last confirmed.
type ByHand struct {
	name string

	mu    sync.Mutex
	state steps.ServiceState
	since time.Time
}

// NewByHand returns a service by its name, whose state is unknown until it is confirmed.
func NewByHand(name string) *ByHand { return &ByHand{name: name} }

// Name implements steps.Service.
func (b *ByHand) Name() string { return b.name }

// ByHand implements steps.Service.
func (b *ByHand) ByHand() bool { return true }

// Confirm takes the operator's word for the state of the service.
func (b *ByHand) Confirm(state steps.ServiceState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state, b.since = state, time.Now()
}

// Look implements steps.Service.
func (b *ByHand) Look(context.Context) (steps.ServiceReport, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := steps.ServiceReport{State: b.state, At: time.Now(), Detail: "delist does not control it; nobody has said yet what it does"}
	if b.state != steps.ServiceUnknown {
		r.Detail = fmt.Sprintf("you said so at %s", b.since.Format("15:04"))
	}
	return r, nil
}

// Stop returns nil once the operator has confirmed that the service is stopped, and until then what to do.
func (b *ByHand) Stop(ctx context.Context, _ func(string)) error {
	return b.want(ctx, steps.ServiceStopped, "stop")
}

// Start returns nil once the operator has confirmed that the service runs, and until then what to do.
func (b *ByHand) Start(ctx context.Context, _ func(string)) error {
	return b.want(ctx, steps.ServiceRunning, "start")
}

func (b *ByHand) want(ctx context.Context, state steps.ServiceState, verb string) error {
	if r, _ := b.Look(ctx); r.State == state {
		return nil
	}
	return fmt.Errorf("%w: %s %s (on Windows: net %s MailService as administrator; on Linux: sudo systemctl %s smartermail), then confirm it here",
		ErrByHand, verb, b.name, verb, verb)
}
