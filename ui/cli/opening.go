package cli

import (
	"context"
	"fmt"
	"sync"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/drill"
	"delist/steps/incident"
)

// opening is the runbook of a drill whose practice server is still being made: the screens start at once, and say what
// they wait for.
type opening struct {
	waiting steps.State

	mu      sync.Mutex
	session *session // nil until it is open
	err     error    // why it never will be
}

func newOpening(mode incident.Mode, e *exercise) *opening {
	mode.Drill = true
	return &opening{waiting: steps.State{
		Incident: incident.Incident{Mode: mode, Host: drill.ServerName, Opened: e.env.Clock(), Round: 1},
		Live:     steps.Live{Last: "The practice server is being made: its spool, its mail service, its blocklists."},
		Now:      e.env.Clock(),
	}}
}

// opened tells how the opening ended.
func (o *opening) opened(s *session, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.session, o.err = s, err; err != nil {
		o.waiting.Live.Last = "The practice server could not be made: " + sentence(err)
	}
}

func (o *opening) ready() *session {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.session
}

// State implements ui.Runbook.
func (o *opening) State() steps.State {
	if s := o.ready(); s != nil {
		return s.State()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting
}

// Do implements ui.Runbook.
func (o *opening) Do(ctx context.Context, in steps.Intent) error {
	if s := o.ready(); s != nil {
		return s.Do(ctx, in)
	}
	return &steps.Refusal{Reason: o.State().Live.Last}
}

// Cancel implements ui.Runbook.
func (o *opening) Cancel() bool {
	s := o.ready()
	return s != nil && s.Cancel()
}

// Reveal implements ui.Runbook.
func (o *opening) Reveal(account string) (steps.Secret, bool) {
	if s := o.ready(); s != nil {
		return s.Reveal(account)
	}
	return steps.Secret{}, false
}

// Preview implements runbook.
func (o *opening) Preview(ctx context.Context, id spool.ID) (message.View, error) {
	if s := o.ready(); s != nil {
		return s.Preview(ctx, id)
	}
	return message.View{}, fmt.Errorf("%s", o.State().Live.Last)
}

// Lines implements runbook.
func (o *opening) Lines(ctx context.Context, search traffic.Search) (*traffic.Found, error) {
	if s := o.ready(); s != nil {
		return s.Lines(ctx, search)
	}
	return nil, fmt.Errorf("%s", o.State().Live.Last)
}

// ReadHeld implements runbook.
func (o *opening) ReadHeld(ctx context.Context, ids []spool.ID) (*spool.Snapshot, error) {
	if s := o.ready(); s != nil {
		return s.ReadHeld(ctx, ids)
	}
	return nil, fmt.Errorf("%s", o.State().Live.Last)
}

// SearchHeld implements runbook.
func (o *opening) SearchHeld(ctx context.Context, query string) (map[spool.ID]bool, error) {
	if s := o.ready(); s != nil {
		return s.SearchHeld(ctx, query)
	}
	return nil, fmt.Errorf("%s", o.State().Live.Last)
}

// KeepText implements runbook.
func (o *opening) KeepText(ctx context.Context, name, text string) (string, error) {
	if s := o.ready(); s != nil {
		return s.KeepText(ctx, name, text)
	}
	return "", fmt.Errorf("%s", o.State().Live.Last)
}

// withOperator shows the wizard on the practice server while that is being made.
func (e *exercise) withOperator(ctx context.Context) error {
	if e.plain {
		fmt.Fprintln(e.env.Stdout, headline)
		err := e.open(ctx)
		if err == nil {
			err = e.screens(ctx, e.options, e.session, e.feed, e.command())
		}
		return e.end(err)
	}
	making, stop := context.WithCancel(ctx)
	defer stop()
	o := newOpening(e.mode(), e)
	done := make(chan error, 1)
	go func() {
		err := e.open(making)
		o.opened(e.session, err)
		e.feed.say("")
		done <- err
	}()
	shown := e.screens(ctx, e.options, o, e.feed, e.command())
	stop()
	opened := <-done
	if o.ready() != nil {
		opened = nil
	}
	if shown == nil {
		shown = opened
	}
	return e.end(shown)
}
