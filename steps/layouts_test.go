package steps_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// layoutWorld is a server with mail of one layout, and nobody's else.
func layoutWorld(t *testing.T, name string) (*world, *steps.Runbook) {
	t.Helper()
	w := emptyWorld(t)
	w.settings.BacklogMessages, w.settings.BacklogShare = 50, 0.1
	for _, l := range spooltest.Layouts() {
		if l.Name == name {
			spooltest.WriteLayout(t, w.root, "SubSpool0", l, false)
		}
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	return w, rb
}

// What is not understood is not explained, whoever it says that it is from: Enter stops mail, and each row has a search that
// finds it.
func TestUnknownLayoutIsNotExplained(t *testing.T) {
	for _, name := range []string{"keys only", "binary", "empty", "XML", "INI file", "JSON"} {
		t.Run(name, func(t *testing.T) {
			w, rb := layoutWorld(t, name)
			s := rb.State()
			waiting := s.Waiting()
			if !waiting.Whole || waiting.Total != 75 || waiting.Open() != 75 || waiting.Usual != 0 || !waiting.Backlog(s.Settings) {
				t.Fatalf("waiting: %+v", waiting)
			}
			if a, ok := first(rb, incident.Look); !ok || a.ID != steps.ActStop {
				t.Errorf("Enter at Look is %q", a.ID)
			}
			look := strings.Join(s.Page(incident.Look).Advice, "\n")
			if !strings.Contains(look, "75 messages of an older layout, not understood") || strings.Contains(look, "No account stands out") {
				t.Errorf("Look says:\n%s", look)
			}
			for _, u := range waiting.Unexplained {
				w.do(rb, steps.Search{Query: u.Query})
				r := rb.State().Live.Results
				if len(r.Hits) < u.Count || r.Marked() != 0 || r.Guessed() != len(r.Hits) {
					t.Errorf("%s finds %d, %d marked; want %d", u.Query, len(r.Hits), r.Marked(), u.Count)
				}
			}
			w.do(rb, steps.StopService{})
			w.do(rb, steps.FinishPurge{Reason: "only a trial"})
			w.refused(rb, steps.SetAside{Count: 74}, "type the number of messages to go on: 75")
		})
	}
}

// Messages of an unknown layout move by the typed count, all that match in one plan, and come back by it.
func TestUnknownLayoutMovesByTheTypedCount(t *testing.T) {
	w, rb := layoutWorld(t, "binary")
	w.do(rb, steps.StopService{})
	w.do(rb, steps.Search{Query: "text:" + spooltest.LayoutString})
	w.refused(rb, steps.PlanPurge{}, "no message is marked")
	found := len(rb.State().Live.Results.Hits)
	w.do(rb, steps.PlanPurge{Query: "text:" + spooltest.LayoutString, All: true})
	view := rb.State().Live.Plan
	if len(view.Plan.Items) != found || view.Unread != found || view.Most || !view.Typed() {
		t.Fatalf("a plan of %d, %d not understood, most %v; want %d", len(view.Plan.Items), view.Unread, view.Most, found)
	}
	w.refused(rb, steps.Quarantine{PlanID: view.Plan.ID}, "type the number")
	w.do(rb, steps.Quarantine{PlanID: view.Plan.ID, Count: found})
	held := rb.State().Live.Held
	ids := []spool.ID{held[0].ID, held[1].ID, held[2].ID}
	w.refused(rb, steps.Restore{IDs: ids}, "the status of 3 messages could not be read")
	w.do(rb, steps.Restore{IDs: ids, Count: 3})
	if n := len(rb.State().Live.Held); n != found-3 {
		t.Errorf("%d are held", n)
	}
}

// After a part was moved, what is left of the same search is said to be left, though none of it comes marked.
func TestWhatMatchesIsNotCalledGone(t *testing.T) {
	for _, c := range []struct{ layout, query, left string }{
		{"empty", "subject:parcel", "left of what matches: 58"}, {"keys only", "account:" + spooltest.Thief, "left of what matches: 58"},
		{"current", "text:" + spooltest.LayoutString, "left of what matches: 28"}, {"XML", "decoded:" + spooltest.LayoutString, "left of what matches: 58"},
	} {
		w, rb := layoutWorld(t, c.layout)
		w.do(rb, steps.StopService{})
		w.do(rb, steps.Search{Query: c.query})
		hits := rb.State().Live.Results.Hits
		w.do(rb, steps.PlanPurge{Query: c.query, IDs: []spool.ID{hits[0].ID, hits[1].ID}})
		w.do(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: 2})
		purge := rb.State().Incident.Steps[incident.Purge]
		if purge.State.Passed() || !strings.Contains(purge.Result, c.left) {
			t.Errorf("%s: Purge: %v, %s", c.query, purge.State, purge.Result)
		}
	}
}

// A few that could not be read are no reason to stay in Purge, and are not passed over without a word either.
func TestTheSpoolIsNotCalledCleanWithUnreadMailInIt(t *testing.T) {
	w, rb := layoutWorld(t, "current")
	for i := range 6 {
		id := spool.NewID("SubSpool0", fmt.Sprintf("9900000%d", i))
		for _, ext := range []string{".hdr", ".eml"} {
			if err := os.WriteFile(filepath.Join(w.root, id.Dir(), id.Base()+ext), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.do(rb, steps.StopService{})
	w.do(rb, steps.Search{Query: "account:" + spooltest.Thief})
	found := len(rb.State().Live.Results.Hits)
	w.do(rb, steps.PlanPurge{Query: "account:" + spooltest.Thief, All: true})
	w.do(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: found})
	s := rb.State()
	for _, a := range s.Actions(incident.Purge) {
		if a.ID == steps.ActPurgeDone && (a.Label != "leave what is there, 6 not understood: go on to Reset" || a.Ask == steps.AskNothing || !strings.Contains(a.About, "6 messages that could not be read")) {
			t.Errorf("%+v", a)
		}
	}
}

// What was moved is not all there was while mail waits that nobody could read: Purge is not done by itself, and says so.
func TestNoneLeftIsNotSaidOverUnreadMail(t *testing.T) {
	w, rb := layoutWorld(t, "binary")
	w.do(rb, steps.StopService{})
	query := "text:" + spooltest.LayoutString
	w.do(rb, steps.Search{Query: query})
	found := len(rb.State().Live.Results.Hits)
	w.do(rb, steps.PlanPurge{Query: query, All: true})
	w.do(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: found})
	s := rb.State()
	purge := s.Incident.Steps[incident.Purge]
	if purge.State.Passed() || strings.Contains(purge.Result, "none left") {
		t.Errorf("Purge: %s, %s", purge.State, purge.Result)
	}
	a, ok := first(rb, incident.Purge)
	if want := fmt.Sprintf("leave what is there, %d not understood: go on to Reset", 75-found); !ok || a.ID != steps.ActPurgeDone || a.Label != want || a.Ask == steps.AskNothing {
		t.Errorf("Enter is %q, asks %d; want %q", a.Label, a.Ask, want)
	}
	w.do(rb, steps.Search{Query: "class:unread"}) // whoever searches for the rest is not led past what that finds
	if a, _ := first(rb, incident.Purge); a.ID != steps.ActPlanAll || a.Label != fmt.Sprintf("quarantine all %d that match", 75-found) {
		t.Errorf("after a search Enter is %q", a.Label)
	}
}

// Bounces that leave for strangers are taken for spam and come unmarked: Enter finds them, and then moves them by the typed
// count; it does not leave them there.
func TestEnterDoesNotLeaveABacklogThatItFound(t *testing.T) {
	w := emptyWorld(t)
	w.settings.BacklogMessages, w.settings.BacklogShare = 50, 0.1
	for i := range 80 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), MailFrom: "<>", Auth: "-", To: []string{fmt.Sprintf("stranger%d@far%d.test", i, i%9)},
			From: "System Administrator <postmaster@quayside.example>", Subject: "Delivery Failure", IP: "-"})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	for range 3 {
		a, ok := first(rb, incident.Purge)
		switch {
		case ok && a.ID == steps.ActSearch:
			w.do(rb, a.Intent(steps.Answer{Text: a.Default}))
		case ok && a.ID == steps.ActPlanAll:
			w.do(rb, a.Intent(steps.Answer{}))
			if n := len(rb.State().Live.Plan.Plan.Items); n != 80 {
				t.Errorf("%d are planned", n)
			}
			return
		default:
			t.Fatalf("Enter is %q %s", a.ID, a.Label)
		}
	}
	t.Error("Enter searches for ever")
}
