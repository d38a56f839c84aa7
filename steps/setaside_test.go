package steps_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// stoppedWorld is a server whose mail is stopped, with one message that SmarterMail gave up.
func stoppedWorld(t *testing.T) (*world, *steps.Runbook) {
	w := newWorld(t)
	spooltest.Write(t, w.root, spooltest.Pair{ID: "SubSpool0/20000001", Status: "Failed", Auth: "user1@quayside.example"})
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	return w, rb
}

func TestSetAsidePurgeThereAndPutTheGoodBack(t *testing.T) {
	w, rb := stoppedWorld(t)
	before := files(t, w.root)
	w.refused(rb, steps.PutGoodBack{}, "no spool is set aside")
	w.refused(rb, steps.SetAside{Count: 160}, "type the number of messages to go on: 161")
	w.do(rb, steps.SetAside{Count: 161})
	if n := len(files(t, w.root)); n != 0 {
		t.Fatalf("%d files in the new spool", n)
	}
	w.refused(rb, steps.SetAside{Count: 161}, "set aside already")
	w.refused(rb, steps.PutGoodBack{}, "end Purge first")
	w.service.set(steps.ServiceRunning) // mail may run meanwhile
	w.until(rb, "the start", func(s steps.State) bool { return s.Incident.MailDown.IsZero() })
	w.purge(rb, "account:"+stolen)
	if s := rb.State(); s.Incident.Aside.Outside != 41 || len(s.Live.Held) != 120 || !s.Incident.Steps[incident.Purge].State.Passed() {
		t.Fatalf("%+v, %d held, Purge %v", s.Incident.Aside, len(s.Live.Held), s.Incident.Steps[incident.Purge])
	}
	held := rb.State().Live.Held[0].ID
	w.do(rb, steps.Restore{IDs: []spool.ID{held}, Count: 1})
	dir := rb.State().Incident.Aside.Dir
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}
	rb = w.resume() // a next run goes on with it
	if s := rb.State(); s.Live.Aside == nil || s.Live.Aside.Len() != 42 || s.Incident.Aside.Outside != 42 {
		t.Fatalf("after the next start: %+v", s.Incident.Aside)
	}
	if a, ok := first(rb, incident.Close); !ok || a.ID != steps.ActPutGood {
		t.Errorf("good mail is outside: Enter at Close is %q", a.ID)
	}
	w.refused(rb, steps.PutGoodBack{}, "1 message of the spam; type the number of all messages to put back: 42")
	w.do(rb, steps.PutGoodBack{Count: 42})
	s := rb.State()
	if s.Incident.Aside.Dir != "" || s.Incident.Aside.Kept != 1 || s.Live.Aside != nil {
		t.Fatalf("at the end: %+v", s.Incident.Aside)
	}
	after := files(t, w.root)
	if len(after) != 82 {
		t.Fatalf("%d files are back, want 82", len(after))
	}
	for name, text := range after {
		if before[name] != text {
			t.Errorf("%s is not as it was", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "SubSpool0", "20000001.hdr")); err != nil {
		t.Errorf("the failed message: %v", err)
	}
	// The quarantine gives back to the spool in use again.
	id := s.Live.Held[0].ID
	w.do(rb, steps.Restore{IDs: []spool.ID{id}, Count: 1})
	if _, err := os.Stat(filepath.Join(w.root, filepath.FromSlash(id.HDR()))); err != nil {
		t.Error(err)
	}
}

// The spam is back after a first time, and what stayed of that time keeps its place.
func TestSetAsideTwice(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.do(rb, steps.SetAside{Count: 161})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.PutGoodBack{})
	w.spam(50)
	w.until(rb, "the new spam", func(s steps.State) bool { return s.Live.Spool != nil && s.Live.Spool.Len() == 90 })
	w.do(rb, steps.SetAside{Count: 90})
	s := rb.State()
	if n := len(files(t, w.root)); n != 0 || s.Live.Aside == nil || s.Live.Aside.Len() != 90 {
		t.Fatalf("%d files in the new spool, set aside: %+v", n, s.Incident.Aside)
	}
	w.do(rb, steps.Search{Query: "account:" + stolen})
	if n := len(rb.State().Live.Results.Hits); n != 50 {
		t.Errorf("a search finds %d of 50", n)
	}
}

// Something is in the way of some pairs: they stay outside, and the incident knows it.
func TestPutBackRemembersWhatWasHeldUp(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.do(rb, steps.SetAside{Count: 161})
	w.purge(rb, "account:"+stolen)
	wall := filepath.Join(w.root, "SubSpool1")
	if err := os.WriteFile(wall, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.do(rb, steps.PutGoodBack{})
	left := rb.State().Incident.Aside.Outside
	if s := rb.State(); left == 0 || s.Incident.Aside.Dir == "" || s.Live.Aside == nil {
		t.Fatalf("%+v", s.Incident.Aside)
	}
	if err := os.Remove(wall); err != nil {
		t.Fatal(err)
	}
	w.do(rb, steps.PutGoodBack{})
	if s := rb.State(); s.Incident.Aside.Dir != "" || s.Incident.Aside.Outside != 0 {
		t.Fatalf("%d were left, now %+v", left, s.Incident.Aside)
	}
}

// A message that has a namesake in the spool in use cannot go back: it is named, and the operator can leave it where it is.
func TestWhatCannotGoBackIsNoCircle(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.do(rb, steps.SetAside{Count: 161})
	w.purge(rb, "account:"+stolen)
	w.refused(rb, steps.LeaveOutside{Reason: "later"}, "put the rest back first")
	good := rb.State().Live.Aside.At(0).ID
	spooltest.Write(t, w.root, spooltest.Pair{ID: good, Auth: "user9@quayside.example"})
	w.do(rb, steps.PutGoodBack{})
	s := rb.State()
	if page := fmt.Sprint(s.Page(incident.Purge)); s.Incident.Aside.Outside != 1 || !strings.Contains(page, string(good)+": exists already") {
		t.Fatalf("%+v; the page says %s", s.Incident.Aside, page)
	}
	w.do(rb, steps.LeaveOutside{Reason: "its sender sends it again"})
	s = rb.State()
	if todo := strings.Join(s.Incident.StillToDo(), "\n"); s.Incident.Aside.Dir != "" || s.Live.Aside != nil || !strings.Contains(todo, "left outside in ") {
		t.Errorf("%+v; to do: %s", s.Incident.Aside, todo)
	}
}

// The spam comes back while a spool is set aside that is clean by now: it goes back, and one search sees all.
func TestSpamComesBackBesideASpoolSetAside(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.do(rb, steps.SetAside{Count: 161})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.Skip{Step: incident.Reset, Reason: "a test"})
	w.do(rb, steps.StartService{Reason: "a test"})
	for i := range 20 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: stolen, MailFrom: "pay@bank.test", IP: fmt.Sprintf("198.51.100.%d", 1+i),
			Subject: fmt.Sprintf("Invoice %d overdue", 48000+i), Created: time.Now().Add(time.Minute)})
	}
	rb.LookNow()
	w.until(rb, "the new round", func(s steps.State) bool { return s.Incident.Round == 2 })
	w.do(rb, steps.StopService{})
	w.until(rb, "the new spam", func(s steps.State) bool { return s.SpamElsewhere() != "" })
	w.do(rb, steps.PutGoodBack{})
	if s := rb.State(); s.Live.Aside != nil || s.SpamElsewhere() != "" {
		t.Fatalf("%+v, %q", s.Incident.Aside, s.SpamElsewhere())
	}
	w.do(rb, steps.Search{Query: "account:" + stolen})
	if n := len(rb.State().Live.Results.Hits); n != 20 {
		t.Errorf("a search finds %d of 20", n)
	}
}

// The place that the messages go back to is not there: all of them are still outside, and the record says so.
func TestPutBackThatCannotBegin(t *testing.T) {
	w, rb := stoppedWorld(t)
	w.do(rb, steps.SetAside{Count: 161})
	w.purge(rb, "account:"+stolen)
	outside := rb.State().Incident.Aside.Outside
	away := w.root + ".away"
	if err := os.Rename(w.root, away); err != nil {
		t.Fatal(err)
	}
	if err := rb.Do(t.Context(), steps.PutGoodBack{}); err == nil {
		t.Fatal("put back to nowhere")
	}
	if s := rb.State(); s.Incident.Aside.Outside != outside || s.Incident.Aside.Dir == "" {
		t.Errorf("%d outside, want %d: %+v", s.Incident.Aside.Outside, outside, s.Incident.Aside)
	}
	if err := os.Rename(away, w.root); err != nil {
		t.Fatal(err)
	}
	w.do(rb, steps.PutGoodBack{})
}

// Somebody else started between the question and the answer.
func TestResumeKnowsWhoseItWas(t *testing.T) {
	w, rb := stoppedWorld(t)
	known := rb.State().Incident.Epoch
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.resume().Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(w.incidents, "7F3A")
	if _, err := steps.Resume(dir, incident.Started{PID: 1, Known: known}, "omar@mail01", w.hands(), w.settings); !errors.Is(err, steps.ErrTakenOver) {
		t.Errorf("resumed: %v", err)
	}
	if rb, err := steps.Resume(dir, incident.Started{PID: 1, Known: known + 1}, "omar@mail01", w.hands(), w.settings); err != nil {
		t.Error(err)
	} else if err := rb.Close(); err != nil {
		t.Error(err)
	}
}

// Another spool comes into place just after a look at the old one: what was seen goes with it, and the watching goes on.
func TestASpoolSetAsideRightAfterALook(t *testing.T) {
	w := newWorld(t)
	hands := w.hands()
	var rb atomic.Pointer[steps.Runbook]
	var looks atomic.Int32
	hands.Listen = func(steps.Event) {
		if r := rb.Load(); r != nil && r.State().Live.Spool != nil {
			looks.Add(1)
			r.ForgetSpool()
		}
	}
	begun, err := steps.Begin(filepath.Join(w.incidents, "7F3A"), incident.Opened{ID: "7F3A", Spool: w.root}, incident.Started{}, "maria@mail01", hands, w.settings)
	if err != nil {
		t.Fatal(err)
	}
	rb.Store(begun)
	begun.Start()
	w.until(begun, "some looks", func(steps.State) bool { return looks.Load() > 3 })
	w.must(begun.Close())
}

// How much would be set aside is not known of a spool that was not read whole, and it could not all come back.
func TestASpoolThatWasNotReadWholeIsNotSetAside(t *testing.T) {
	w := newWorld(t)
	w.must(os.MkdirAll(filepath.Join(w.root, ".hidden"), 0o700)) // which no look goes into
	w.must(os.WriteFile(filepath.Join(w.root, ".hidden", "1.eml"), []byte("x"), 0o600))
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.refused(rb, steps.SetAside{Count: 160}, "part of the spool could not be read")
}
