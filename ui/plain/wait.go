package plain

import (
	"context"
	"strconv"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// wait lets time pass, and tells what happens. It ends early when something else can be done than before.
func (s *Session) wait(ctx context.Context, seconds string) error {
	limit := s.opts.Wait
	if seconds != "" {
		n, err := strconv.Atoi(seconds)
		if err != nil || n < 1 || n > 24*60*60 {
			s.line("Wait how many seconds? For example: wait 60")
			return nil
		}
		limit = time.Duration(n) * time.Second
	}
	state := s.rb.State()
	ready := settled(&state)
	end := time.NewTimer(limit)
	defer end.Stop()
	for {
		s.tellNews()
		state = s.rb.State()
		if !ready && settled(&state) || ready && s.menu.changed(&state, s.step, s.other) || !state.Incident.Closed.IsZero() {
			return nil
		}
		select {
		case <-s.news.poke:
		case <-end.C:
			s.tellNews()
			s.line("Waited %s.", Span(limit))
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// settled says whether the first looks are through, so that what is recommended rests on them.
func settled(state *steps.State) bool {
	inc, live := &state.Incident, &state.Live
	if inc.Current() != incident.Look {
		return true
	}
	spool := live.Spool != nil || live.SpoolErr != "" || inc.Spool == ""
	lists := !inc.Asked.IsZero() || len(inc.Addresses) == 0
	service := live.Service.State != steps.ServiceUnknown || live.ServiceErr != ""
	api := live.APIReady || live.APIErr != "" || live.Service.State == steps.ServiceStopped
	return spool && lists && service && api
}
