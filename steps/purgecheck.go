package steps

import (
	"context"
	"fmt"

	"delist/steps/incident"
	"delist/steps/words"
)

// checkPurge searches again for what was moved: the step is done when the spool shows none of it. why says what kept
// messages from moving.
func (r *Runbook) checkPurge(ctx context.Context, query, why string) error {
	if query == "" {
		return nil
	}
	if err := r.search(ctx, Search{query}); err != nil {
		return err
	}
	s := r.State()
	found := s.Live.Results
	left := found.Marked() + found.Guessed()
	if found.Query.NeedsFiles() { // none of it comes marked, and all of it was asked for
		left = len(found.Hits) - found.Doubtful()
	}
	w := s.Waiting()
	spared := ""
	if n := s.spared(); n > 0 {
		spared = "; " + words.Number(n) + " that may be the owner's stay"
	}
	if why != "" && left > 0 {
		why = " (" + why + ")"
	}
	result := fmt.Sprintf("%s moved, left of what matches: %s%s%s", words.Messages(s.moved()), words.Number(left), why, spared)
	if untold := s.Live.Results.Untold(); untold != "" {
		return r.record(incident.StepChanged{Step: incident.Purge, State: incident.ToDo, Result: result + "; " + untold})
	}
	if left > 0 || s.nextQuery() != "" {
		return r.record(incident.StepChanged{Step: incident.Purge, State: incident.ToDo, Result: result})
	}
	if s.unreadBehind() > 0 || s.Live.Aside == nil && (!w.Whole || w.Backlog(s.Settings)) { // whether that is all, nobody knows
		return r.record(incident.StepChanged{Step: incident.Purge, State: incident.ToDo, Result: words.Messages(s.moved()) + " moved; in the spool: " + w.Say()})
	}
	open := ""
	if w.Open() > 0 && s.Live.Aside == nil {
		open = "; not explained: " + w.sayOpen()
	}
	if outside := s.Incident.Aside.Outside; s.Incident.Aside.Dir != "" && outside > 0 {
		open = "; " + words.Messages(outside) + " still outside, to be put back"
	}
	return r.record(incident.StepChanged{Step: incident.Purge, State: incident.Done, Result: words.Messages(s.moved()) + " moved, none left" + open + spared, Left: s.left()})
}

// spared counts what stays of all that was searched for: the mail of every stolen account that may be its owner's, and of
// the newest search what else is doubtful.
func (s *State) spared() int {
	found, snap := s.Live.Results, s.Purged()
	if s.Live.Aside != nil {
		return found.Doubtful()
	}
	n, own := 0, map[string]bool{}
	for _, row := range s.Live.Senders {
		if row.Marked {
			n += min(row.Own, row.Queued)
			own[row.Account] = true
		}
	}
	for _, hit := range found.Hits {
		if m, ok := snap.Find(hit.ID); hit.Doubtful && ok && !own[m.Account] {
			n++
		}
	}
	return n
}
