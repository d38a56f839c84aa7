package steps_test

import (
	"slices"
	"testing"
	"time"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// sharedWorld is a server whose spool others may use, too.
func sharedWorld(t *testing.T) (*world, *steps.Runbook) {
	w := newWorld(t)
	w.shared = func(string) (bool, string) { return true, "it lies on a network share (NFS)" }
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.refused(rb, steps.ConfirmNodes{Word: steps.NodesWord}, "do Stop first")
	w.do(rb, steps.StopService{})
	return w, rb
}

// planAll plans to move everything that the stolen account sent, and gives the intent.
func (w *world) planAll(rb *steps.Runbook) steps.Quarantine {
	w.t.Helper()
	w.do(rb, steps.Search{Query: "account:" + stolen})
	var ids []spool.ID
	for _, hit := range rb.State().Live.Results.Hits {
		ids = append(ids, hit.ID)
	}
	w.do(rb, steps.PlanPurge{Query: "account:" + stolen, IDs: ids})
	return steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: len(ids)}
}

func offersNodes(rb *steps.Runbook) bool {
	s := rb.State()
	return slices.ContainsFunc(s.Actions(incident.Purge), func(a steps.Action) bool { return a.ID == steps.ActNodes })
}

func TestASharedSpoolIsPurgedOnlyOnceEveryNodeIsSaidToBeStopped(t *testing.T) {
	w, rb := sharedWorld(t)
	before := files(t, w.root)
	if a, ok := first(rb, incident.Purge); !ok || a.ID != steps.ActNodes || a.Ask != steps.AskWord {
		t.Errorf("Enter at Purge is %q", a.ID)
	}
	in := w.planAll(rb)
	w.refused(rb, in, "stop mail on every node")
	w.refused(rb, steps.SetAside{Count: 160}, "stop mail on every node")
	w.refused(rb, steps.ConfirmNodes{Word: "yes"}, `type exactly "every node"`)
	if after := files(t, w.root); len(after) != len(before) {
		t.Fatalf("%d files, %d before", len(after), len(before))
	}
	w.do(rb, steps.ConfirmNodes{Word: steps.NodesWord})
	w.refused(rb, steps.ConfirmNodes{Word: steps.NodesWord}, "nothing has to be confirmed")
	if offersNodes(rb) {
		t.Error("asked for again")
	}
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}
	rb = w.resume() // the word is in the record
	w.do(rb, w.planAll(rb))
	if n := len(rb.State().Live.Held); n != 120 {
		t.Fatalf("%d held", n)
	}
}

// The word ends with the round, and with a start of mail.
func TestTheWordForEveryNodeEndsWhenMailIsStarted(t *testing.T) {
	w, rb := sharedWorld(t)
	w.do(rb, steps.ConfirmNodes{Word: steps.NodesWord})
	w.do(rb, steps.SetAside{Count: 160})
	in := w.planAll(rb)
	w.service.set(steps.ServiceRunning) // by somebody else
	w.until(rb, "the start", func(s steps.State) bool { return s.Incident.MailDown.IsZero() })
	if s := rb.State(); s.NodesOpen() == "" {
		t.Error("the word outlived the start of mail")
	}
	w.do(rb, in) // no other server knows of the spool that was set aside

	confirmed := []incident.Record{{Fact: incident.Opened{ID: "7F3A"}}, {Fact: incident.NodesConfirmed{}, At: time.Now()}}
	if incident.Fold(confirmed).NodesStopped.IsZero() {
		t.Fatal("the word does not count")
	}
	for _, end := range []incident.Fact{incident.MailStarted{}, incident.Relapsed{Why: "again"}} {
		if inc := incident.Fold(append(slices.Clip(confirmed), incident.Record{Fact: end})); !inc.NodesStopped.IsZero() {
			t.Errorf("the word outlived %T", end)
		}
	}
}

func TestASpoolOfOneServerNeedsNoWord(t *testing.T) {
	w, rb := stoppedWorld(t)
	if offersNodes(rb) {
		t.Error("asked for")
	}
	w.refused(rb, steps.ConfirmNodes{Word: steps.NodesWord}, "nothing has to be confirmed")
	w.do(rb, w.planAll(rb))
}
