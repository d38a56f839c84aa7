package testdata_test

import (
	"testing"

	"delist/spool"
	"delist/steps/incident"
	"delist/testdata"
)

// TestEachStepIsNextOnce holds that the record reads whole, and that its prefixes lead from step to step.
func TestEachStepIsNextOnce(t *testing.T) {
	for i, r := range testdata.Whole() {
		if r.Seq != i+1 {
			t.Fatalf("record %d follows record %d: a line between was not read", r.Seq, i)
		}
	}
	for _, step := range incident.AllSteps() {
		inc := incident.Fold(testdata.Incident(step))
		if inc.Current() != step || !inc.Closed.IsZero() {
			t.Errorf("%s is to be next, and %s is", step, inc.Current())
		}
	}
	inc := incident.Fold(testdata.Whole())
	if inc.Closed.IsZero() {
		t.Error("the whole incident is not closed")
	}
}

func TestTheSpoolIsReadWhole(t *testing.T) {
	root := t.TempDir()
	testdata.WriteSpool(t, root, testdata.Opened())
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	snap, err := sp.Scan(t.Context(), nil)
	if err != nil || snap.Len() != 41 || snap.Senders()[0].Account != testdata.Stolen || snap.Senders()[0].Queued != 34 {
		t.Errorf("%d messages, senders %+v, %v", snap.Len(), snap.Senders(), err)
	}
}
