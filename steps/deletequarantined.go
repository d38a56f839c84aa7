package steps

import (
	"context"
	"errors"
	"fmt"

	"delist/spool"
	"delist/spool/quarantine"
	"delist/steps/incident"
)

// deleteRefusal: nothing goes for good without the exact number, typed.
func (in DeleteQuarantined) refusal(s *State) string {
	if why := s.heldRefusal(); why != "" {
		return why
	}
	if n := len(s.Live.Held); in.Count != n {
		return fmt.Sprintf("they are gone for good then; type the number of messages to go on: %d", n)
	}
	return ""
}

func (DeleteQuarantined) act(ctx context.Context, r *Runbook) error { return r.deleteQuarantined(ctx) }

// deleteQuarantined removes for good all that is in quarantine. Mail may run: the spool is not touched.
func (r *Runbook) deleteQuarantined(ctx context.Context) error {
	held := r.State().Live.Held
	r.mu.Lock()
	store := r.store
	r.mu.Unlock()
	if store == nil {
		return &Refusal{"the quarantine is empty"}
	}
	r.doing(&Doing{Total: len(held)})
	out, deleteErr := store.Delete(ctx, ids(held), func(context.Context) error { return r.journal.Owned() }, r.moving)
	fact := incident.Deleted{Deleted: out.Deleted + out.Already, Bytes: out.Bytes, Skipped: byReason(out.Skipped), Stopped: out.Stopped || deleteErr != nil}
	if err := r.record(fact); err != nil {
		return errors.Join(deleteErr, err)
	}
	r.see(func(l *Live) { l.Held = store.Held() })
	if deleteErr != nil {
		return fmt.Errorf("delete from the quarantine: %w", deleteErr)
	}
	return nil
}

func ids(held []quarantine.Held) []spool.ID {
	list := make([]spool.ID, len(held))
	for i, h := range held {
		list[i] = h.ID
	}
	return list
}
