package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"delist/spool"
	"delist/spool/quarantine"
	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) restoreAction(about Answer) Action {
	if len(s.Live.Held) > 0 {
		about.IDs = []spool.ID{s.Live.Held[0].ID} // which they are is asked later
	}
	const what = "The messages go back into the spool and will be delivered; one that was partly delivered before may arrive twice."
	return s.offer(Action{
		ID: ActRestore, Label: "put marked messages back", Ask: AskCount, Count: -1,
		About:   what + s.sayUnsureHeld(),
		AboutOf: func(a Answer) string { return what + SayUnsure(CountUnsure(s.Live.Held, a.IDs)) },
		Intent:  func(a Answer) Intent { return Restore{IDs: a.IDs, Count: a.Count} },
	}, about)
}

// sayUnsureHeld says so of all that are in quarantine: which of them go back is asked later.
func (s *State) sayUnsureHeld() string {
	n := CountUnsure(s.Live.Held, nil)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" Of the %s in quarantine, the status of %s could not be read: of these SmarterMail throws one away that has failed, and delist cannot tell here which have.",
		words.Messages(len(s.Live.Held)), words.Number(n))
}

func (s *State) heldRefusal() string {
	if why := s.unsettled(); why != "" {
		return why
	}
	if len(s.Live.Held) == 0 {
		return "the quarantine is empty"
	}
	return ""
}

func (in Restore) act(ctx context.Context, r *Runbook) error { return r.restore(ctx, in) }

func (in Restore) refusal(s *State) string {
	if why := s.heldRefusal(); why != "" {
		return why
	}
	if len(in.IDs) == 0 {
		return "no message is marked"
	}
	asked := make(map[spool.ID]bool, len(in.IDs))
	for _, id := range in.IDs {
		asked[id] = true
	}
	there := 0
	for i := range s.Live.Held {
		if asked[s.Live.Held[i].ID] {
			there++
		}
	}
	if away := len(asked) - there; away > 0 {
		return fmt.Sprintf("%s of these are not in the quarantine; mark there what should go back", words.Number(away))
	}
	if in.Count == len(in.IDs) {
		return ""
	}
	for _, held := range s.Live.Held {
		if asked[held.ID] && s.Incident.Suspect(held.Account) != nil {
			return fmt.Sprintf("some of these were sent by %s; type the number of messages to go on: %d", held.Account, len(in.IDs))
		}
	}
	if n := CountUnsure(s.Live.Held, in.IDs); n > 0 {
		return fmt.Sprintf("the status of %s could not be read; type the number of messages to go on: %d", words.Messages(n), len(in.IDs))
	}
	return ""
}

// NeverGoesBack counts those of what a restore left, by reason, that no other try puts back either.
func NeverGoesBack(skipped map[string]int) int { return skipped[quarantine.Failed.String()] }

// CountUnsure counts the messages in quarantine whose status could not be read, of all or of some.
func CountUnsure(held []Quarantined, of []spool.ID) int {
	asked := make(map[spool.ID]bool, len(of))
	for _, id := range of {
		asked[id] = true
	}
	n := 0
	for i := range held {
		if held[i].Unsure && (of == nil || asked[held[i].ID]) {
			n++
		}
	}
	return n
}

// SayUnsure says what putting back does to messages whose status could not be read; empty where there are none.
func SayUnsure(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" The status of %s could not be read: SmarterMail throws a message away that has failed, and delist cannot tell here which have.", words.Messages(n))
}

// restore puts a selection back. Mail may run meanwhile: a message counts for SmarterMail only once its HDR is there, and
// that comes last.
func (r *Runbook) restore(ctx context.Context, in Restore) error {
	r.mu.Lock()
	store := r.store
	r.mu.Unlock()
	if store == nil {
		return &Refusal{"the quarantine is empty"}
	}
	r.doing(&Doing{Total: len(in.IDs)})
	if err := r.looking.take(ctx); err != nil { // as in quarantine
		return err
	}
	out, restoreErr := store.Restore(ctx, in.IDs, func(context.Context) error { return r.journal.Owned() }, r.moving)
	r.disturb()
	r.looking.leave()
	if err := r.record(incident.PutBack{Restored: out.Restored, Skipped: byReason(out.Skipped), Stopped: out.Stopped || restoreErr != nil}); err != nil {
		return errors.Join(restoreErr, err)
	}
	r.see(func(l *Live) { l.Held = store.Held() })
	if restoreErr != nil {
		return fmt.Errorf("put messages back: %w", restoreErr)
	}
	if err := r.lookAtPurged(ctx); err != nil {
		return err
	}
	inc, found := r.State().Incident, r.State().Live.Results
	switch {
	case inc.Steps[incident.Purge].State == incident.ToDo:
	case found != nil:
		return r.search(ctx, Search{found.Query.String()})
	default:
		return nil
	}
	query := "" // what was moved by it may be back
	for _, p := range inc.Purges {
		query = cmp.Or(p.Query, query)
	}
	return r.checkPurge(ctx, query, "")
}
