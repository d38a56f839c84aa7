package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"delist/steps"
)

// control is what a service manager does for one service, without waiting for the service.
type control interface {
	look(ctx context.Context) (sight, error)
	// stop asks the service to stop. say takes what the operator should know beforehand.
	// errNotNow says that the service cannot take the request in its present state.
	stop(ctx context.Context, say func(string)) error
	start(ctx context.Context, say func(string)) error
	// stuck says where the operator should look when the service does not get where it was asked to go.
	stuck(s sight) string
	// mayStop says whether this user may stop the service, why not, and what to do then.
	mayStop(ctx context.Context) (state steps.ReadyState, why, remedy string)
	// startsAgain names what would start a stopped service again by itself, as far as that can be seen.
	startsAgain(ctx context.Context) ([]string, error)
}

// sight is what one look at a service shows.
type sight struct {
	steps.ServiceReport
	queued bool   // the service manager has not yet begun with a request
	fell   string // why its last run ended, in words, when it did not end well
}

// errNotNow is a service's answer while it is on its way from one state to another.
var errNotNow = errors.New("the service is busy changing its state")

// settle is how long a service manager may take to show that it has begun with a start.
const settle = time.Second

// sayEvery is how often a waiting operator hears that it still goes on.
const sayEvery = 10 * time.Second

// managed is a service under a service manager: it asks, and then looks until it sees.
type managed struct {
	name string
	ctl  control
	Options
}

func newManaged(name string, c control, o Options) *managed {
	return &managed{name: name, ctl: c, Options: o.withDefaults()}
}

// Name implements steps.Service.
func (m *managed) Name() string { return m.name }

// ByHand implements steps.Service.
func (m *managed) ByHand() bool { return false }

// Look implements steps.Service.
func (m *managed) Look(ctx context.Context) (steps.ServiceReport, error) {
	s, err := m.ctl.look(ctx)
	if s.Detail == "" && s.State == steps.ServiceStopped && s.fell != "" {
		s.Detail = "its last run ended badly: " + s.fell
	}
	return s.ServiceReport, err
}

// MayStop implements steps.Stopper.
func (m *managed) MayStop(ctx context.Context) (steps.ReadyState, string, string) {
	return m.ctl.mayStop(ctx)
}

// StartsAgain implements steps.Stopper.
func (m *managed) StartsAgain(ctx context.Context) ([]string, error) { return m.ctl.startsAgain(ctx) }

// Stop implements steps.Service. It never ends a service by force: a mail service that is killed may leave half a
// message behind.
func (m *managed) Stop(ctx context.Context, say func(string)) error {
	w := m.watch(say)
	asked := false
	for {
		s, err := m.ctl.look(ctx)
		if err != nil {
			return err
		}
		if s.State == steps.ServiceStopped && !s.queued {
			return nil
		}
		if !asked && s.State != steps.ServiceStopping {
			if asked, err = w.ask("stop", m.ctl.stop(ctx, say)); err != nil {
				return err
			}
		}
		if err := w.pause(ctx, s, "stop"); err != nil {
			return err
		}
	}
}

// Start implements steps.Service.
func (m *managed) Start(ctx context.Context, say func(string)) error {
	w := m.watch(say)
	asked := false
	var askedAt time.Time
	for {
		s, err := m.ctl.look(ctx)
		if err != nil {
			return err
		}
		if s.State == steps.ServiceRunning {
			return nil
		}
		switch {
		case !asked && s.State == steps.ServiceStopped:
			if asked, err = w.ask("start", m.ctl.start(ctx, say)); err != nil {
				return err
			}
			askedAt = time.Now()
		case asked && time.Since(askedAt) > settle && !s.queued && (s.State == steps.ServiceStopped || s.fell != ""):
			return m.fellAgain(s)
		}
		if err := w.pause(ctx, s, "start"); err != nil {
			return err
		}
	}
}

func (m *managed) fellAgain(s sight) error {
	why := s.fell
	if why == "" {
		why = "it gave no reason"
	}
	return fmt.Errorf("%s started and ended again: %s. %s", m.name, why, m.ctl.stuck(s))
}

// watch is the waiting for one request: what was said last, and since when.
type watch struct {
	m        *managed
	say      func(string)
	began    time.Time
	saidAt   time.Time
	lastSeen steps.ServiceState
}

func (m *managed) watch(say func(string)) *watch {
	if say == nil {
		say = func(string) {}
	}
	now := time.Now()
	return &watch{m: m, say: say, began: now, saidAt: now}
}

// ask tells the operator about a request that was made, and whether it counts as made.
func (w *watch) ask(what string, err error) (bool, error) {
	switch err {
	case nil:
		w.say(fmt.Sprintf("asked %s to %s", w.m.name, what))
		return true, nil
	case errNotNow:
		return false, nil
	}
	return false, err
}

// pause waits for the next look, and gives up when the time is over.
func (w *watch) pause(ctx context.Context, s sight, what string) error {
	waited := time.Since(w.began)
	if waited >= w.m.Limit {
		return fmt.Errorf("%s is still %s, %s after it was asked to %s: %w. %s",
			w.m.name, s.State, waited.Round(time.Second), what, ErrSlow, w.m.ctl.stuck(s))
	}
	changed := s.State != w.lastSeen && s.State != steps.ServiceRunning // to be running is where a stop begins: no news
	if changed || time.Since(w.saidAt) >= sayEvery {
		w.tell(s, waited)
	}
	w.lastSeen = s.State
	select {
	case <-ctx.Done():
		return fmt.Errorf("no longer waiting for %s to %s, it is %s: %w", w.m.name, what, s.State, context.Cause(ctx))
	case <-time.After(w.m.Poll):
		return nil
	}
}

func (w *watch) tell(s sight, waited time.Duration) {
	text := fmt.Sprintf("%s is %s", w.m.name, s.State)
	if waited >= sayEvery {
		text = fmt.Sprintf("%s is still %s, %s", w.m.name, s.State, waited.Round(time.Second))
	}
	if s.Detail != "" {
		text += ": " + s.Detail
	}
	w.say(text)
	w.saidAt = time.Now()
}
