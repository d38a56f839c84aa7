package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"delist/spool"
	"delist/steps/words"
)

func (in Search) refusal(s *State) string {
	query, err := spool.ParseQuery(in.Query)
	switch {
	case err != nil:
		return err.Error()
	case query.Empty():
		return "an empty search matches nothing; say what to look for, for example account:name@domain"
	case s.Purged() == nil:
		return "the spool is not read yet; wait a moment"
	}
	return ""
}

func (in Search) act(ctx context.Context, r *Runbook) error { return r.searchNow(ctx, in) }

// searchNow is a search that the operator asks for: Cancel stops it, and another one takes its place.
func (r *Runbook) searchNow(ctx context.Context, in Search) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.mu.Lock()
	if r.stopSearch != nil {
		r.stopSearch(errReplaced)
	}
	r.searches++
	mine := r.searches
	r.stopSearch = stop
	r.mu.Unlock()
	err := r.search(ctx, in)
	r.mu.Lock()
	if r.searches == mine {
		r.stopSearch = nil
	}
	r.mu.Unlock()
	switch {
	case !errors.Is(err, context.Canceled):
		return err
	case errors.Is(context.Cause(ctx), errReplaced):
		return nil
	}
	return &Refusal{"the search was stopped"}
}

// errReplaced ends a search for which another was asked.
var errReplaced = errors.New("another search was asked for")

// search looks for messages in the newest look at the spool.
func (r *Runbook) search(ctx context.Context, in Search) error {
	state := r.State()
	if err := refuse(in.refusal(&state)); err != nil {
		return err
	}
	query, err := spool.ParseQuery(in.Query)
	if err != nil {
		return err
	}
	snap, sp := state.Purged(), r.Spool()
	ctx, stop := context.WithCancel(ctx)
	defer context.AfterFunc(r.ctx, stop)()
	defer stop()
	r.see(func(l *Live) { l.Finding = &spool.Progress{Total: snap.Len()} })
	results, err := sp.Search(ctx, snap, query, func(p spool.Progress) { r.see(func(l *Live) { l.Finding = &p }) })
	if err == nil {
		inc := r.State().Incident
		results.Spare(snap, inc.Purged)
		results.SpareSteady(snap, inc.Steady())
		if only := query.String() == answersQuery || query.String() == "class:bounce"; only || len(inc.Forged) > 0 {
			results.Answers(snap, asSet(inc.Forged), only)
		}
	}
	r.see(func(l *Live) {
		l.Finding = nil
		if err == nil {
			l.Results, l.Plan = results, nil
			l.Searched = append(slices.Clip(l.Searched), query.String())
		}
	})
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	r.say(fmt.Sprintf("%s found for %s", words.Messages(len(results.Hits)), query))
	return nil
}
