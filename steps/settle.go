package steps

import (
	"errors"
	"fmt"
	"slices"

	"delist/spool/quarantine"
	"delist/steps/incident"
)

// unsettled is why no message may be moved before delist is started again.
func (s *State) unsettled() string {
	if s.Live.Unsettled == "" {
		return ""
	}
	return "what the last run left half done could not be settled (" + s.Live.Unsettled + "); put that right, then start delist again"
}

// settle brings every message that a killed run was moving to one side, before anything else happens.
func (r *Runbook) settle() error {
	inc := r.State().Incident
	if r.hands.Spool == nil || inc.Mode.DryRun {
		return nil
	}
	dir := quarantineOf(&inc)
	if dir == "" {
		return nil
	}
	store, err := quarantine.Open(dir, r.volumes())
	if err != nil {
		return fmt.Errorf("open the quarantine: %w", err)
	}
	out, err := store.Recover(r.ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("settle what the last run left half done: %w", err), store.Close())
	}
	if _, err := store.Check(r.ctx); err != nil { // what a virus scanner took, say
		return errors.Join(err, store.Close())
	}
	r.mu.Lock()
	r.store = store
	r.live.Held = store.Held()
	r.mu.Unlock()
	if fact := r.untold(store.Held(), out); fact != nil {
		return r.record(fact)
	}
	return nil
}

// untold is what an act did of which the record does not tell, since its process was killed: the manifest knows more than
// its last batch. It is nil where nothing is missing.
func (r *Runbook) untold(held []quarantine.Held, out quarantine.Outcome) incident.Fact {
	recorded := 0 // in quarantine, by the record
	var deleted int
	for _, rec := range r.records {
		if f, ok := rec.Fact.(incident.Deleted); ok {
			deleted += f.Deleted
		}
	}
	var last incident.PurgeRecord
	for _, p := range r.inc.Purges {
		recorded += p.Moved - p.Restored
		if p.PlanID != "" {
			last = p
		}
	}
	gone := max(0, recorded-deleted-len(held))
	moved := incident.Moved{PlanID: last.PlanID, Moved: -last.Moved, Bytes: -last.Bytes, Stopped: true}
	for _, h := range held {
		if h.Plan == last.PlanID {
			moved.Moved++
			moved.Bytes += h.Stamp.EML.Size
		}
	}
	switch r.cutOff() {
	case "Quarantine":
		if moved.Moved > 0 {
			return moved
		}
	case "Restore":
		if n := max(gone, out.Restored); n > 0 {
			return incident.PutBack{Restored: n, Stopped: true}
		}
	case "DeleteQuarantined":
		if n := max(gone, out.Deleted); n > 0 {
			return incident.Deleted{Deleted: n, Stopped: true}
		}
	}
	return nil
}

// cutOff names the intent of an act on the quarantine of which no outcome is recorded; empty where there is none.
func (r *Runbook) cutOff() string {
	for _, rec := range slices.Backward(r.records) {
		switch f := rec.Fact.(type) {
		case incident.Moved, incident.PutBack, incident.Deleted, incident.Refused:
			return ""
		case incident.Intended:
			return f.Intent
		}
	}
	return ""
}
