package steps_test

import (
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// Somebody takes the incident over while an act waits for its turn, its intent written down already: it moves nothing,
// whatever kind of act it is.
func TestAnActThatIsTakenOverMovesNothing(t *testing.T) {
	const acting = "acting.lock"
	held := func(rb *steps.Runbook) []spool.ID { return []spool.ID{rb.State().Live.Held[0].ID} }
	for _, test := range []struct {
		name   string
		aside  bool // the spool is set aside
		intent func(w *world, rb *steps.Runbook) steps.Intent
		lock   string // that another act holds: below the folder that the quarantine, or the spool set aside, is in
	}{
		{"a restore", false, func(_ *world, rb *steps.Runbook) steps.Intent { return steps.Restore{IDs: held(rb), Count: 1} }, acting},
		{"a deletion", false, func(_ *world, rb *steps.Runbook) steps.Intent {
			return steps.DeleteQuarantined{Count: len(rb.State().Live.Held)}
		}, acting},
		{"a move out of a spool set aside", true, func(w *world, rb *steps.Runbook) steps.Intent {
			ids := held(rb)
			w.do(rb, steps.Restore{IDs: ids, Count: 1})
			w.do(rb, steps.Search{Query: "account:" + stolen})
			w.do(rb, steps.PlanPurge{Query: "account:" + stolen, IDs: ids})
			return steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: 1}
		}, acting},
		{"a put-back", true, func(*world, *steps.Runbook) steps.Intent { return steps.PutGoodBack{} }, ".put-back.lock"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, rb := stoppedWorld(t)
			if test.aside {
				w.do(rb, steps.SetAside{Count: 161})
			}
			w.purge(rb, "account:"+stolen)
			intent := test.intent(w, rb)
			home := filepath.Dir(filepath.Dir(w.root))
			other := flock.New(locked(t, home, test.lock, rb.State().Incident.Aside.Dir))
			if ok, err := other.TryLock(); !ok || err != nil {
				t.Fatal(ok, err)
			}
			defer func() { _ = other.Close() }()
			before := messages(t, home)
			said := w.said()
			ended := make(chan error, 1)
			go func() { ended <- rb.Do(t.Context(), intent) }()
			w.until(rb, "the intent on record", func(steps.State) bool { return w.said() != said })
			next, _, _, err := steps.OpenJournal(filepath.Join(w.incidents, "7F3A"), "omar@mail01", time.Now)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = next.Close() }()
			if _, err := next.Append(incident.Started{PID: 1}); err != nil {
				t.Fatal(err)
			}
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, steps.ErrTakenOver) {
				t.Errorf("it ended with: %v", err)
			}
			if after := messages(t, home); !maps.Equal(before, after) {
				t.Errorf("%d files of messages before, %d after, in other places", len(before), len(after))
			}
		})
	}
}

// Mail is started while a move waits for its turn: it moves nothing out of the spool in use.
func TestAMoveWhileMailWasStartedMovesNothing(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.Restore{IDs: []spool.ID{rb.State().Live.Held[0].ID, rb.State().Live.Held[1].ID}, Count: 2})
	in := w.planAll(rb)
	home := filepath.Dir(filepath.Dir(w.root))
	other := flock.New(locked(t, home, "acting.lock", ""))
	if ok, err := other.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer func() { _ = other.Close() }()
	before, said := messages(t, home), w.said()
	ended := make(chan error, 1)
	go func() { ended <- rb.Do(t.Context(), in) }()
	w.until(rb, "the intent on record", func(steps.State) bool { return w.said() != said })
	w.service.set(steps.ServiceRunning)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("it moved while mail runs")
	}
	if after := messages(t, home); !maps.Equal(before, after) {
		t.Error("messages were moved")
	}
}

// locked is where an act waits for its turn.
func locked(t *testing.T, home, name, aside string) string {
	t.Helper()
	if strings.HasPrefix(name, ".put-back") {
		return aside + name
	}
	found, err := filepath.Glob(filepath.Join(home, "mail", "delist", "*", name))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

// messages are the files of messages below a folder.
func messages(t *testing.T, dir string) map[string]string {
	all := files(t, dir)
	maps.DeleteFunc(all, func(name, _ string) bool { return filepath.Ext(name) != ".hdr" && filepath.Ext(name) != ".eml" })
	return all
}
