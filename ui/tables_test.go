package ui_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/quarantine"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

func TestTableIsOrderedNarrowedAndCopied(t *testing.T) {
	copied := ""
	d, _ := at(t, incident.Look, ui.Options{Copy: func(_ context.Context, text string) (string, error) { copied = text; return "the clipboard", nil }})
	d.Press(">").Expect("account▼", "Ordered by account").Press("<").Expect("account▲")
	d.Press("/").ExpectDialog("Show only some rows").Type("quayside").Press("enter").ExpectNoDialog()
	d.Expect(uitest.Other, `(filter "quayside": 1)`, "Esc: show all rows").ExpectNot("(bounces")
	d.Press("C").Expect("The row is copied to the clipboard.")
	if want := uitest.Other + "\t4\t10 %\t"; len(copied) < len(want) || copied[:len(want)] != want {
		t.Errorf("copied %q, want it to begin with %q", copied, want)
	}
	d.Press("/").Press("ctrl+u").Type("zzz").Press("enter").Expect("No row has zzz.", `"quayside": 1`)
	d.Press("esc").Expect("(bounces").ExpectNot("filter")
	d, _ = at(t, incident.Look, ui.Options{})
	d.Press("C").Expect("no clipboard")
	d, _ = at(t, incident.Look, ui.Options{Copy: func(context.Context, string) (string, error) { return "", errors.New("it is gone") }})
	d.Press("C").Expect("could not be copied: it is gone")
}

// TestKeysOfTablesAreTheirOwn holds that no key of a table takes one of the step's, or the other way round: of two with
// one key only the first ever acts.
func TestKeysOfTablesAreTheirOwn(t *testing.T) {
	for _, step := range incident.AllSteps() {
		d, _ := at(t, step, ui.Options{})
		for key, does := range d.Press(">").Model().Keys() {
			if len(does) > 1 {
				t.Errorf("%s: %s does %q", step, key, does)
			}
		}
	}
}

// inQuarantine is Purge with a quarantine of some of the messages of a spool, and what reads it.
func inQuarantine(t *testing.T) (steps.State, ui.Options) {
	t.Helper()
	root := t.TempDir()
	state := uitest.At(t, incident.Purge)
	for _, p := range []spooltest.Pair{
		{ID: "SubSpool1/1", Auth: uitest.Other, To: []string{"books@customer.test"}, Subject: "Invoice 7 for November"},
		{ID: "SubSpool1/2", Auth: uitest.Stolen, To: []string{"a@freemail.test", "b@freemail.test"}, Subject: "You won"},
		{ID: "SubSpool1/3", Auth: uitest.Stolen, To: []string{"c@freemail.test"}, Subject: "Your invoice"},
	} {
		id := spooltest.Write(t, root, p)
		state.Live.Held = append(state.Live.Held, quarantine.Held{Item: quarantine.Item{ID: id, Account: p.Auth}, Since: state.Now})
	}
	held, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { held.Close() })
	return state, ui.Options{
		ReadHeld: func(ctx context.Context, ids []spool.ID) (*spool.Snapshot, error) { return held.Read(ctx, ids), nil },
		SearchHeld: func(ctx context.Context, text string) (map[spool.ID]bool, error) {
			query, err := spool.ParseQuery(text)
			if err != nil {
				return nil, err
			}
			_, results, err := held.ScanFor(ctx, query, nil, nil)
			match := map[spool.ID]bool{}
			for _, hit := range results.Hits {
				match[hit.ID] = true
			}
			return match, err
		},
	}
}

// Where is my invoice? In the quarantine it is found by its subject, its recipient or its account, and put back.
func TestQuarantineSaysAndFindsWhatIsInIt(t *testing.T) {
	state, options := inQuarantine(t)
	d, runbook := with(t, state, options)
	d.Press("tab").Expect("QUARANTINE 3 messages", "books@customer.test", "Invoice 7 for N..", "a@freemail.test +1", "You won", uitest.Stolen)
	d.Press("?").Expect("What you put back goes into the spool").ExpectNot("comes marked").Press("esc")
	d.Press("down", "space", "/").ExpectDialog("Search the quarantine").Type("invoice").Press("enter").ExpectNoDialog()
	d.Expect(`1-2 of 3 (filter "invoice": 2)`, "1 marked, 1 of them hidden", "books@customer.test").ExpectNot("You won")
	d.Press("home", "space").Expect("2 marked, 1 of them hidden")
	d.Press("u").Expect("1 marked message is hidden by the search, and would go back too")
	runbook.Expect(steps.Restore{IDs: []spool.ID{"SubSpool1/1", "SubSpool1/2"}, Count: 2}, nil)
	d.Type("2").Press("enter").ExpectNoDialog()
	d.Press("/", "ctrl+u").Type("nobody").Press("enter").Expect("Nothing in the quarantine matches nobody.")
	d.Press("/", "ctrl+u").Type("size:abc").Press("enter").ExpectDialog("Search the quarantine", "size").Press("esc")
	d.Press("esc").Expect("You won", "2 marked").ExpectNot("hidden")
}

func TestScreenOfTheQuarantine(t *testing.T) {
	state, options := inQuarantine(t)
	ui.InEveryWindow(t, "purge-quarantine", func(w, h int, g ui.Glyphs) string {
		options.Glyphs = g
		return uitest.New(t, uitest.NewRunbook(t, state), options).Resize(w, h).Press("tab", "space", "/").Type("invoice").Press("enter").View()
	})
}

// A long search's messages are ordered beside the loop, from a copy.
func TestMessagesFoundAreOrdered(t *testing.T) {
	t.Setenv("DELIST_PAIRS", "5000")
	state := manyFound(t)
	newest := slices.MaxFunc(state.Live.Results.Hits, func(a, b spool.Hit) int {
		return created(state, a.ID).Compare(created(state, b.ID))
	})
	var copied string
	d, _ := with(t, state, ui.Options{Copy: func(_ context.Context, text string) (string, error) { copied = text; return "", nil }})
	d.Press(">", ">", ">", ">", "<").Expect("▲queued").ExpectNot("being arranged")
	first, _ := state.Live.Spool.Find(newest.ID)
	if d.Press("home", "C"); !strings.Contains(copied, first.Subject) || !strings.Contains(copied, first.Recipients[0]) {
		t.Errorf("on top is %q, want the message %q to %s", copied, first.Subject, first.Recipients[0])
	}
}

// created is when the server took a message in.
func created(state steps.State, id spool.ID) time.Time {
	m, _ := state.Live.Spool.Find(id)
	return m.Created
}
