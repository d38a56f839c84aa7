package steps_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// What arrived between the preview and the move was not agreed to: it stays, and Purge says so and is not done.
func TestWhatArrivedSinceThePlanIsSaidToBeLeft(t *testing.T) {
	w, rb := stoppedWorld(t)
	in := w.planAll(rb)
	late := w.spam(3)
	w.do(rb, in)
	s := rb.State()
	if purge := s.Incident.Steps[incident.Purge]; purge.State.Passed() || !strings.Contains(purge.Result, "120 messages moved, left of what matches: 3") {
		t.Errorf("Purge: %+v", purge)
	}
	for _, id := range late {
		if _, ok := s.Live.Spool.Find(id); !ok {
			t.Errorf("%s was moved", id)
		}
	}
}

// A message that cannot move is named with its reason; once a try moved nothing at all, Enter tries no more.
func TestWhatWillNotMoveIsNoCircle(t *testing.T) {
	w, rb := stoppedWorld(t)
	in := w.planAll(rb)
	plan := rb.State().Live.Plan
	stays := plan.Plan.Items[0].ID
	spooltest.File(t, filepath.Join(plan.Dir, "files"), stays.EML(), []byte("another"), time.Now())
	w.do(rb, in)
	s := rb.State()
	if purge := s.Incident.Steps[incident.Purge]; purge.State.Passed() || !strings.Contains(purge.Result, "119 messages moved, left of what matches: 1 (1 exists already)") {
		t.Errorf("Purge: %+v", purge)
	}
	if a, _ := first(rb, incident.Purge); a.ID != steps.ActPlan {
		t.Errorf("after the first try Enter is %q", a.ID)
	}
	w.do(rb, w.planAll(rb))
	a, _ := first(rb, incident.Purge)
	if a.ID != steps.ActPurgeDone || a.Ask != steps.AskReason {
		t.Errorf("after the second try Enter is %q, asking %v", a.ID, a.Ask)
	}
	s = rb.State()
	if page := strings.Join(s.Page(incident.Purge).Advice, " "); !strings.Contains(page, "1 exists already") || !strings.Contains(page, "leave them there with a reason") {
		t.Errorf("the page says %q", page)
	}
}

// Whether a plan takes most of the spool is a question of all that waits in it, read or not.
func TestMostOfTheSpoolCountsWhatWasNotRead(t *testing.T) {
	for unread, most := range map[int]bool{0: true, 70: true, 100: false} {
		w := newWorld(t)
		for i := range unread {
			spooltest.File(t, w.root, fmt.Sprintf("SubSpool1/cut%d.em_", i), []byte("Subject: half"), time.Now().Add(-time.Hour))
		}
		rb := w.open()
		w.do(rb, steps.Allow{May: true})
		w.do(rb, steps.StopService{})
		w.planAll(rb)
		view := rb.State().Live.Plan
		if view.Plan.SpoolCount != 160+unread || view.Most != most {
			t.Errorf("beside %d unread, a plan of %d takes most of %d: %v", unread, len(view.Plan.Items), view.Plan.SpoolCount, view.Most)
		}
	}
}

// The quarantine stays where it was begun, whatever the configuration says later.
func TestQuarantineStaysWhereItIs(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.purge(rb, "account:"+stolen)
	held := len(rb.State().Live.Held)
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}
	w.settings.QuarantineDir = filepath.Join(filepath.Dir(filepath.Dir(w.root)), "elsewhere")
	rb = w.resume()
	w.purge(rb, "account:user1@quayside.example")
	moved := rb.State().Incident.Purges
	if first, last := moved[0].Dir, moved[len(moved)-1].Dir; first != last {
		t.Errorf("told: moved to %s, then to %s", first, last)
	}
	more := len(rb.State().Live.Held)
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(w.resume().State().Live.Held); n != more || more <= held {
		t.Errorf("%d held after the next start, %d before, %d after the first", n, more, held)
	}
}

// SmarterMail removes a folder that it does not need: the looks go on.
func TestAFolderOfTheSpoolGoes(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	was := rb.State().Live.Spool.Len()
	if err := os.RemoveAll(filepath.Join(w.root, "SubSpool3")); err != nil {
		t.Fatal(err)
	}
	rb.LookNow()
	w.until(rb, "a look without it", func(s steps.State) bool { return s.Live.Spool.Len() < was && s.Live.SpoolErr == "" })
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
}

// Mail of a suspect still waits: it is not delivered by a single Enter.
func TestStartWithSpamWaiting(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.refused(rb, steps.FinishPurge{}, "120 messages of the spam")
	w.do(rb, steps.FinishPurge{Reason: "practice"})
	for _, in := range []steps.Intent{steps.ResetPassword{Account: stolen}} {
		w.do(rb, in)
	}
	w.refused(rb, steps.StartService{}, "120 messages of the spam would be delivered")
	if a, ok := first(rb, incident.Restart); ok && a.Ask != steps.AskReason {
		t.Errorf("Enter is %q, and asks for no reason", a.Label)
	}
}

// Something that delist did not make stands where the manifest is: no message is moved, and all else can still be done.
func TestAQuarantineThatCannotBeRead(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.purge(rb, "account:"+stolen)
	manifest := filepath.Join(rb.State().Incident.Purges[0].Dir, "manifest.jsonl")
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, []byte("spoiled\nspoiled\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rb = w.resume()
	w.refused(rb, steps.Restore{}, "what the last run left half done could not be settled")
	w.do(rb, steps.ResetPassword{Account: stolen})
	w.do(rb, steps.StartService{Reason: "the rest is looked at later"})
}

// A dry run takes nothing out of the spool, and is not held up by what is still in it.
func TestADryRunGoesOnToRestart(t *testing.T) {
	w := newWorld(t)
	w.mode.DryRun = true
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	if why := s.Refusal(steps.StartService{}); strings.Contains(why, "still in the spool") {
		t.Error(why)
	}
}

// What a move took out is not counted as mail that left, also where the move was stopped part way.
func TestAStoppedMoveIsNoDelivery(t *testing.T) {
	w := newWorld(t)
	w.spam(3000)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	in := w.planAll(rb)
	stopped := make(chan error, 1)
	go func() { stopped <- rb.Do(t.Context(), in) }()
	w.until(rb, "some of it moved", func(s steps.State) bool {
		return s.Live.Doing != nil && s.Live.Doing.Done > 0 || s.Incident.Steps[incident.Purge].State.Passed()
	})
	rb.Cancel()
	if err := <-stopped; err == nil {
		t.Skip("it was done before it could be stopped")
	}
	for range 5 {
		at := rb.State().Live.Spool.TakenAt()
		rb.LookNow()
		w.until(rb, "another look", func(s steps.State) bool { return s.Live.Spool.TakenAt().After(at) })
		if s := rb.State(); s.Live.Rates.Out > 0 {
			t.Fatalf("%.0f a minute are said to leave", s.Live.Rates.Out)
		}
	}
}

// Of a cause without an account, too: what would not move is said to stay, with a reason, and never counted as usual only.
func TestWhatWouldNotMoveStaysWithAReason(t *testing.T) {
	w, rb := stoppedWorld(t)
	in := w.planAll(rb)
	plan := rb.State().Live.Plan
	for _, item := range plan.Plan.Items[:2] {
		spooltest.File(t, filepath.Join(plan.Dir, "files"), item.ID.EML(), []byte("another"), time.Now())
	}
	w.do(rb, in)
	w.do(rb, w.planAll(rb))
	w.do(rb, steps.ClearSuspect{Account: stolen, Reason: "it is a form that sends in its name"}) // nothing is called spam any more
	w.do(rb, steps.Search{Query: "account:" + stolen})
	w.refused(rb, steps.FinishPurge{}, "2 messages that would not move")
	w.do(rb, steps.FinishPurge{Reason: "its owner wants them"})
	if purge := rb.State().Incident.Steps[incident.Purge]; !strings.Contains(purge.Result, "2 that would not move") {
		t.Errorf("%+v", purge)
	}
}

// Two accounts are stolen, and some of the one's mail will not move: Enter goes on with the other's.
func TestEnterGoesOnBesideWhatWouldNotMove(t *testing.T) {
	const other = "info@quayside.example"
	w := newWorld(t)
	for i := range 30 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: other, MailFrom: "pay@bank.test", IP: fmt.Sprintf("198.51.100.%d", 1+i), Subject: fmt.Sprintf("Parcel %d", i)})
	}
	rb := w.open()
	w.do(rb, steps.MarkSuspect{Account: other})
	w.do(rb, steps.StopService{})
	in := w.planAll(rb)
	plan := rb.State().Live.Plan
	spooltest.File(t, filepath.Join(plan.Dir, "files"), plan.Plan.Items[0].ID.EML(), []byte("another"), time.Now())
	w.do(rb, in)
	w.do(rb, w.planAll(rb))
	a, _ := first(rb, incident.Purge)
	if a.ID != steps.ActSearch || a.Default != "account:"+other {
		t.Errorf("Enter is %q for %q", a.ID, a.Default)
	}
}

// TestRatesOfAStillSpool: also where nothing comes or goes, each view says so after two looks.
func TestRatesOfAStillSpool(t *testing.T) {
	w := newWorld(t)
	w.spam(20)
	rb := w.open()
	w.until(rb, "the rates of each view", func(s steps.State) bool {
		campaigns, clients := s.Live.Campaigns, s.Live.Clients
		return len(campaigns) > 0 && campaigns[0].Rate.Known && len(clients) > 0 && clients[0].Rate.Known
	})
}
