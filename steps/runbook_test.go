package steps_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

func verdictsOf(s steps.State) string {
	var words []string
	for _, st := range s.Incident.Steps {
		words = append(words, st.State.String())
	}
	return strings.Join(words, ", ")
}

func TestAnIncidentFromLookToClose(t *testing.T) {
	w := newWorld(t)
	rb := w.open()

	if a, ok := first(rb, incident.Look); !ok || a.ID != steps.ActAllow {
		t.Fatalf("the first question is %q, want whether this server may be stopped", a.ID)
	}
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	if p := s.Incident.Suspect(stolen); p == nil || len(s.Incident.Suspects) != 1 {
		t.Fatalf("suspects %+v, want %s alone", s.Incident.Suspects, stolen)
	}
	if a, _ := first(rb, incident.Look); a.ID != steps.ActLockOut {
		t.Fatalf("one clear suspect and an API that answers: Enter is %q, want %q", a.ID, steps.ActLockOut)
	}
	w.do(rb, steps.LockOut{})
	s = rb.State()
	if s.Incident.Suspect(stolen).Reset != incident.ResetDone || s.Incident.Steps[incident.Stop].State != incident.Done || s.Incident.MailDown.IsZero() {
		t.Fatalf("after lock-out: %s", verdictsOf(s))
	}
	if got := w.mailboxes.passwords(); len(got) != 1 || got[0] != stolen+" "+password {
		t.Fatalf("passwords set: %v", got)
	}

	w.purge(rb, "account:"+stolen)
	s = rb.State()
	if s.Incident.Steps[incident.Purge].State != incident.Done || s.Incident.Purges[0].Moved != 120 || s.Live.Spool.Len() != 40 {
		t.Fatalf("after the purge: %s, %+v, %d left", verdictsOf(s), s.Incident.Purges, s.Live.Spool.Len())
	}

	if a, _ := first(rb, incident.Reset); s.Incident.Current() != incident.Reset || a.ID != steps.ActForwarding {
		t.Fatalf("at %s Enter is %q, want the thief's forwarding to be looked at", s.Incident.Current(), a.ID)
	}
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	w.do(rb, steps.StartService{})
	if s := rb.State(); s.Incident.Suspect(stolen).Forwarding != incident.ForwardingRemoved {
		t.Fatalf("the forwarding is %s", s.Incident.Suspect(stolen).Forwarding)
	}
	w.refused(rb, steps.OwnerTold{How: "by phone"}, "nobody has seen the new password")
	w.refused(rb, steps.OwnerTold{How: "y"}, "a yes is no way")
	rb.Reveal(stolen)
	w.do(rb, steps.OwnerTold{How: "by phone"})
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS"}, "Verify is not done")
	w.until(rb, "Verify", func(s steps.State) bool { return s.Incident.Steps[incident.Delist].State == incident.Running })

	w.until(rb, "SpamCop waiting by itself", func(s steps.State) bool {
		l := s.Incident.Listing(serverIP, "SpamCop")
		return l != nil && l.State == incident.ListingWaits
	})
	w.until(rb, "UCEPROTECT 2 left", func(s steps.State) bool {
		return s.Incident.Listing(serverIP, "UCEPROTECT 2").State == incident.ListingLeft
	})
	w.refused(rb, steps.FinishDelist{}, "Spamhaus CSS is still to do")
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "SpamCop"}, "there is nothing to ask for")
	w.do(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS", Ticket: "T-1"})
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS"}, "removals are limited")
	w.do(rb, steps.FinishDelist{})
	w.do(rb, steps.CloseIncident{})

	s = rb.State()
	if s.Incident.Closed.IsZero() || !filepath.IsAbs(s.Incident.ReportAt) {
		t.Fatalf("not closed: %s", verdictsOf(s))
	}
	w.refused(rb, steps.StopService{}, "closed")
	if again := incident.Fold(rb.Records()); !reflect.DeepEqual(again, s.Incident) {
		t.Errorf("the record folds to another incident:\n%+v\n%+v", again, s.Incident)
	}
	held := s.Live.Held[0].ID
	w.do(rb, steps.Restore{IDs: []spool.ID{held}, Count: 1})
	if _, err := w.hands().Spool.Stat(held); err != nil {
		t.Errorf("put back after the close, and not there: %v", err)
	}
	for name, content := range files(t, rb.Dir()) {
		if strings.Contains(content, password) {
			t.Errorf("%s holds the password", name)
		}
	}
}

func first(rb *steps.Runbook, step incident.Step) (steps.Action, bool) {
	s := rb.State()
	return s.Recommended(step)
}

func TestAHeldResetIsSetByRestart(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.ResetPassword{Account: stolen})
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	s := rb.State()
	if s.Incident.Steps[incident.Reset].State != incident.Held || len(w.mailboxes.passwords()) != 0 {
		t.Fatalf("held: %s, set %v", verdictsOf(s), w.mailboxes.passwords())
	}
	w.do(rb, steps.StartService{})
	s = rb.State()
	if s.Incident.Steps[incident.Reset].State != incident.Done || len(w.mailboxes.passwords()) != 1 || w.mailboxes.ended != 1 {
		t.Fatalf("after the start: %s, set %v, %d sessions ended", verdictsOf(s), w.mailboxes.passwords(), w.mailboxes.ended)
	}
	if s.Incident.Suspect(stolen).Forwarding != incident.ForwardingRemoved || len(w.mailboxes.boxes[stolen].Forwarding.Addresses) != 0 {
		t.Error("the thief's forwarding is still there")
	}
}

func TestMailIsStoppedAgainWhenTheAPIStaysSilent(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.ResetPassword{Account: stolen})
	w.mailboxes.mu.Lock()
	w.mailboxes.dead = true
	w.mailboxes.mu.Unlock()
	err := rb.Do(t.Context(), steps.StartService{})
	if err == nil || !strings.Contains(err.Error(), "mail was stopped again") {
		t.Fatalf("got %v", err)
	}
	s := rb.State()
	if s.Live.Service.State != steps.ServiceStopped || s.Incident.MailDown.IsZero() || s.Incident.Steps[incident.Restart].State != incident.Failed {
		t.Errorf("service %s, %s", s.Live.Service.State, verdictsOf(s))
	}
	if s.Incident.Suspect(stolen).Reset != incident.ResetHeld {
		t.Errorf("the reset is %s, want it still held", s.Incident.Suspect(stolen).Reset)
	}
}

func TestAHeldResetIsGoneWithTheProcess(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.ResetPassword{Account: stolen})
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}
	again := w.resume()
	s := again.State()
	if s.Incident.Current() != incident.Reset || s.Incident.Steps[incident.Reset].State != incident.ToDo || s.Incident.Epoch != 2 {
		t.Fatalf("resumed at %s: %s", s.Incident.Current(), verdictsOf(s))
	}
	w.refused(again, steps.StartService{}, "the stolen password of "+stolen+" still works")
	w.do(again, steps.StartService{Reason: "the owner disabled the account"})
	if s := again.State(); !slices.ContainsFunc(again.Records(), func(r incident.Record) bool {
		i, ok := r.Fact.(incident.Intended)
		return ok && i.Intent == "StartService" && strings.Contains(string(i.Args), "the owner disabled")
	}) {
		t.Errorf("the typed reason is not in the record: %s", verdictsOf(s))
	}
}

func TestTheSpamComesBack(t *testing.T) {
	w := newWorld(t)
	w.settings.WatchRestart = time.Minute
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.StartService{Reason: "practice"})
	w.spam(3)
	w.until(rb, "a second round", func(s steps.State) bool { return s.Incident.Round == 2 })
	s := rb.State()
	if s.Incident.Current() != incident.Stop || s.Incident.Suspect(stolen).Reset != incident.ResetToDo || s.Incident.Purges[0].Moved != 120 {
		t.Errorf("round 2 begins at %s: %s; the history %+v", s.Incident.Current(), verdictsOf(s), s.Incident.Purges)
	}
	w.spam(3)
	w.until(rb, "the spool to be seen again", func(s steps.State) bool { return s.Live.Spool.Len() == 46 })
	w.do(rb, steps.StopService{})
	if s := rb.State(); s.Incident.Round != 2 {
		t.Errorf("more of the same spam opened round %d", s.Incident.Round)
	}
}

func TestTheOwnersOwnMailIsNoRelapse(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	w.purge(rb, "account:"+stolen)
	go func() {
		time.Sleep(20 * time.Millisecond)
		spooltest.Write(t, w.root, spooltest.Pair{ID: "SubSpool1/99999999", Auth: stolen, IP: "192.0.2.8"})
	}()
	w.do(rb, steps.StartService{})
	w.until(rb, "Verify", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Done })
	if s := rb.State(); s.Incident.Round != 1 {
		t.Errorf("round %d", s.Incident.Round)
	}
}

func TestNothingIsMovedWhileMailRuns(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	before := files(t, w.root)
	w.do(rb, steps.Search{Query: "account:" + stolen})
	w.do(rb, steps.PlanPurge{Query: "x", IDs: []spool.ID{rb.State().Live.Results.Hits[0].ID}})
	w.refused(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: 1}, "only while mail is stopped")
	if !reflect.DeepEqual(before, files(t, w.root)) {
		t.Error("the spool changed")
	}
}

func TestWhatIsRefusedAndWhy(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.refused(rb, steps.Search{Query: "  "}, "an empty search matches nothing")
	w.refused(rb, steps.Search{Query: "size:>banana"}, "size")
	w.refused(rb, steps.PlanPurge{}, "search first")
	w.do(rb, steps.Search{Query: "account:" + stolen})
	w.refused(rb, steps.PlanPurge{}, "no message is marked")
	w.refused(rb, steps.Quarantine{PlanID: "other"}, "not the one on the screen")
	var all []spool.ID
	for _, hit := range rb.State().Live.Results.Hits {
		all = append(all, hit.ID)
	}
	w.do(rb, steps.PlanPurge{Query: "q", IDs: all})
	w.refused(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: 7}, "type the number of messages to go on: 120")
	w.refused(rb, steps.Restore{IDs: all, Count: 120}, "the quarantine is empty")
	w.refused(rb, steps.Skip{Step: incident.Purge}, "needs a reason")
	w.refused(rb, steps.CloseIncident{}, "mail is down")
	w.refused(rb, steps.ResetPassword{Account: "nobody@example"}, "is not marked as stolen")
	w.refused(rb, steps.AddNote{}, "an empty note")
	w.refused(rb, steps.MarkSuspect{}, "no account")
}

func TestRestorePutsBackExactlyWhatWasTaken(t *testing.T) {
	w := newWorld(t)
	before := files(t, w.root)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "account:"+stolen)
	var ids []spool.ID
	for _, held := range rb.State().Live.Held {
		ids = append(ids, held.ID)
	}
	w.refused(rb, steps.Restore{IDs: ids}, "type the number of messages to go on: 120")
	w.do(rb, steps.Restore{IDs: ids, Count: 120})
	if !reflect.DeepEqual(before, files(t, w.root)) {
		t.Error("the spool is not what it was")
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	w := newWorld(t)
	w.mode.DryRun = true
	before := files(t, filepath.Dir(w.root))
	real := w.service
	hands := w.hands()
	hands.Service = steps.NewDryService(w.service)
	hands.Mailboxes = steps.DryMailboxes{Mailboxes: w.mailboxes, Say: func(string) {}}
	rb, err := steps.Begin(filepath.Join(w.incidents, "7F3A"), incident.Opened{ID: "7F3A", Spool: w.root, Mode: w.mode, Addresses: nil},
		incident.Started{}, "maria@mail01", hands, w.settings)
	if err != nil {
		t.Fatal(err)
	}
	rb.Start()
	defer rb.Close()
	w.until(rb, "the spool", func(s steps.State) bool {
		return s.Live.Spool != nil && len(s.Incident.Suspects) == 1 && s.Live.APIReady
	})
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	w.purge(rb, "account:"+stolen)
	if s := rb.State(); s.Incident.Steps[incident.Purge].State != incident.Done {
		t.Errorf("the dry run does not go on: %s", verdictsOf(s))
	}
	if !reflect.DeepEqual(before, files(t, filepath.Dir(w.root))) {
		t.Error("a dry run wrote beside or into the spool")
	}
	if report, _ := real.Look(t.Context()); report.State != steps.ServiceRunning || len(w.mailboxes.passwords()) != 0 {
		t.Error("a dry run stopped mail or set a password")
	}
}

func TestReadOnlyLooksAndReports(t *testing.T) {
	w := newWorld(t)
	w.mode.ReadOnly = true
	rb := w.open()
	w.refused(rb, steps.StopService{}, "read-only")
	w.refused(rb, steps.LockOut{}, "read-only")
	w.do(rb, steps.FinishLook{})
	w.do(rb, steps.CloseIncident{})
}

func TestUnknownIsNotClear(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.lists.mu.Lock()
	w.lists.silent = map[string]bool{"Spamhaus ZEN": true, "ZenRBL": true}
	w.lists.mu.Unlock()
	w.do(rb, steps.AskLists{})
	inc := rb.State().Incident
	if l := inc.Listing(serverIP, "Spamhaus CSS"); l == nil || !l.Gone.IsZero() || !slices.Contains(inc.NoAnswer, "Spamhaus ZEN") {
		t.Errorf("a list that gave no answer ended its listing: %+v", l)
	}
	if slices.Contains(inc.NoAnswer, "ZenRBL") {
		t.Error("the silence of a list of tier 3 is told")
	}
	w.lists.mu.Lock()
	w.lists.silent = nil
	w.lists.mu.Unlock()
	w.lists.set("Spamhaus ZEN", false)
	w.do(rb, steps.AskLists{})
	inc = rb.State().Incident
	if l := inc.Listing(serverIP, "Spamhaus CSS"); l.Gone.IsZero() || l.State != incident.ListingCleared {
		t.Errorf("the listing is clear and still stands: %+v", l)
	}
}

func TestANewPasswordIsShownUntilTheOwnerWasTold(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	secret, ok := rb.Reveal(stolen)
	if !ok || secret.Reveal() != password {
		t.Fatalf("revealed %v", ok)
	}
	if again, ok := rb.Reveal(stolen); !ok || again.Reveal() != password {
		t.Error("it is lost before the owner has it")
	}
	if n := strings.Count(w.said(), "was shown to the operator"); n != 1 {
		t.Errorf("the record tells %d times that it was shown", n)
	}
	w.do(rb, steps.OwnerTold{How: "by phone"})
	if _, ok := rb.Reveal(stolen); ok {
		t.Error("it is kept after the owner was told")
	}
}

func TestSomebodyElseStartsMail(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.service.set(steps.ServiceRunning)
	w.until(rb, "the start to be noticed", func(s steps.State) bool { return s.Incident.MailDown.IsZero() })
	s := rb.State()
	if s.Incident.Current() != incident.Stop {
		t.Errorf("the runbook goes on at %s: %s", s.Incident.Current(), verdictsOf(s))
	}
	w.do(rb, steps.StopService{})
}

func TestAServiceByHandIsTakenAtItsOperatorsWord(t *testing.T) {
	w := newWorld(t)
	w.service.byHand, w.mailboxes.byHand = true, true
	w.service.set(steps.ServiceUnknown)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	s := rb.State()
	if a, _ := first(rb, incident.Stop); a.ID != steps.ActStopped || s.Incident.Current() != incident.Stop || s.Incident.Steps[incident.Stop].State != incident.Running {
		t.Fatalf("asked to stop: %s, Enter is %q", verdictsOf(s), a.ID)
	}
	w.do(rb, steps.ConfirmStopped{})
	w.purge(rb, "account:"+stolen)
	if a, _ := first(rb, incident.Reset); a.ID != steps.ActResetByHand {
		t.Fatalf("no way into SmarterMail: Enter is %q", a.ID)
	}
	w.refused(rb, steps.ResetPassword{Account: stolen}, "do it by hand")
	w.do(rb, steps.ResetByHand{Account: stolen})
	w.refused(rb, steps.ConfirmStarted{}, "begin with starting mail")
	w.do(rb, steps.StartService{})
	if a, _ := first(rb, incident.Restart); a.ID != steps.ActStarted {
		t.Fatalf("mail is to be started by hand: Enter is %q", a.ID)
	}
	w.refused(rb, steps.ConfirmStarted{}, "no mail port answers here yet")
	w.do(rb, steps.ConfirmStarted{Despite: "the web interface answers"})
	w.refused(rb, steps.ConfirmReset{Account: stolen}, "was not shown yet")
	rb.Reveal(stolen)
	if a, _ := first(rb, incident.Restart); a.ID != steps.ActResetDone {
		t.Fatalf("mail runs and the password is to be set by hand: Enter is %q", a.ID)
	}
	w.do(rb, steps.ConfirmReset{Account: stolen})
	w.until(rb, "Verify to begin", func(s steps.State) bool { return s.Incident.Steps[incident.Restart].State == incident.Done })
	if s := rb.State(); s.Incident.Suspect(stolen).Reset != incident.ResetDone {
		t.Errorf("by hand: %s", verdictsOf(s))
	}
}

func TestStoppingMailNeverWaits(t *testing.T) {
	w := newWorld(t)
	w.settings.APIDeadline = time.Hour
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	w.purge(rb, "account:"+stolen)
	w.mailboxes.slow.Store(true)
	w.do(rb, steps.ResetPassword{Account: stolen})
	started := make(chan error, 1)
	go func() { started <- rb.Do(context.Background(), steps.StartService{}) }()
	w.until(rb, "the wait for the API after the start", func(s steps.State) bool { return s.Live.Doing != nil && s.Incident.MailDown.IsZero() })
	s := rb.State()
	for _, a := range s.Actions(incident.Restart) {
		if a.ID == steps.ActStop && a.Refused != "" {
			t.Errorf("Stop is refused while the API is waited for: %s", a.Refused)
		}
	}
	w.refused(rb, steps.AskLists{}, "is still running")
	var refused *steps.Refusal
	if err := rb.Do(t.Context(), steps.StopService{}); err != nil && !errors.As(err, &refused) { // the wait stops mail itself when it ends
		t.Fatal(err)
	}
	if err := <-started; err == nil {
		t.Error("the wait was not broken off")
	}
	if s := rb.State(); s.Incident.MailDown.IsZero() || s.Incident.Steps[incident.Restart].State.Passed() {
		t.Errorf("at %s: %s", s.Incident.Current(), verdictsOf(s))
	}
}

// TestTheWayBackIsPrintedAsItRuns: before a move, and in what is left to do, stand the commands for this program as it was
// started.
func TestTheWayBackIsPrintedAsItRuns(t *testing.T) {
	w := newWorld(t)
	w.settings.Command = func(words ...string) string { return "./delist " + strings.Join(words, " ") + " --incidents '/in c'" }
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.do(rb, steps.Search{Query: "account:" + stolen})
	var ids []spool.ID
	for _, hit := range rb.State().Live.Results.Hits {
		ids = append(ids, hit.ID)
	}
	w.do(rb, steps.PlanPurge{Query: "q", IDs: ids})
	s := rb.State()
	move := s.Actions(incident.Purge)[0]
	if want := "./delist restore 7F3A --plan " + s.Live.Plan.Plan.ID + " --incidents '/in c'"; move.ID != steps.ActQuarantine || !strings.HasSuffix(move.About, want) {
		t.Errorf("before the move it says %q, want %q", move.About, want)
	}
}
