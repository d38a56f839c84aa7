package steps_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/service"
	"delist/testdata"
)

// littleWorld has usual mail, and three messages that nothing explains: too few to be taken for spam.
func littleWorld(t *testing.T) (*world, *steps.Runbook) {
	t.Helper()
	w := emptyWorld(t)
	w.settings.BacklogMessages, w.settings.BacklogShare = 50, 0.1
	for i := range 40 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: fmt.Sprintf("user%d@quayside.example", i%8), IP: "192.0.2.8"})
	}
	for range 3 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), HDR: "nothing that anybody has seen before"})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	return w, rb
}

func canDo(rb *steps.Runbook, step incident.Step, id steps.ActionID) *steps.Action {
	s := rb.State()
	for _, a := range s.Actions(step) {
		if a.ID == id && a.Refused == "" {
			return &a
		}
	}
	return nil
}

// What the operator has said to be good is moved only by who asks for that.
func TestWhatIsExplainedIsNotWhatEnterMoves(t *testing.T) {
	w := emptyWorld(t)
	w.settings.BacklogMessages, w.settings.BacklogShare = 50, 0.1
	for i := range 80 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "news@quayside.example", IP: "192.0.2.8", To: []string{fmt.Sprintf("reader%d@list%d.test", i, i%9)},
			Subject: "Our programme", Headers: "List-Unsubscribe: <https://quayside.example/u>\r\n"})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	enter := func() steps.ActionID {
		s := rb.State()
		a, _ := s.Recommended(incident.Purge)
		return a.ID
	}
	w.do(rb, steps.Search{Query: "account:news@quayside.example"})
	if found := rb.State().Live.Results; len(found.Hits) != 80 || found.Marked() != 80 || enter() != steps.ActPlan {
		t.Fatalf("%d found, Enter is %s", len(found.Hits), enter())
	}
	w.do(rb, steps.Explain{Row: "news@quayside.example", Word: "our programme, its readers asked for it"})
	if found := rb.State().Live.Results; found != nil || enter() != steps.ActPurgeDone {
		t.Errorf("what was marked before still stands: %+v; Enter is %s", found, enter())
	}
	w.do(rb, steps.Search{Query: "account:news@quayside.example"})
	if enter() != steps.ActPurgeDone {
		t.Errorf("Enter is %s", enter())
	}
	if canDo(rb, incident.Purge, steps.ActSearch) == nil {
		t.Error("nobody can search for it")
	}
}

// Who does not know what some mail is says so: nothing is called explained or not needed, and it stays on the list.
func TestNobodyHasToKnow(t *testing.T) {
	w, rb := littleWorld(t)
	leave := canDo(rb, incident.Look, steps.ActLeaveOpen)
	if leave == nil || leave.Ask != steps.AskYes {
		t.Fatalf("%+v", leave)
	}
	w.do(rb, leave.Intent(steps.Answer{}))
	inc := rb.State().Incident
	for _, step := range []incident.Step{incident.Stop, incident.Purge} {
		if st := inc.Steps[step]; st.State != incident.Skipped || !strings.Contains(st.Reason, "nobody knows") {
			t.Errorf("%s: %s, %s", step, st.State, st.Reason)
		}
	}
	if len(inc.Explained) > 0 {
		t.Errorf("explained: %+v", inc.Explained)
	}
	if todo := strings.Join(inc.StillToDo(), "\n"); !strings.Contains(todo, "look at what Purge left in the spool, and what left it after the start: 3 of") {
		t.Errorf("still to do:\n%s", todo)
	}
}

// What the operator has explained is their word: Enter asks, the record names the word, and it can be taken back.
func TestAnExplanationIsAWordThatCanBeTakenBack(t *testing.T) {
	w, rb := littleWorld(t)
	s := rb.State()
	waiting := s.Waiting()
	row := waiting.Unexplained[0].Row
	if canDo(rb, incident.Look, steps.ActUnexplain) != nil {
		t.Error("nothing is explained yet")
	}
	w.do(rb, steps.Explain{Row: row, Word: "the new scanner's reports"})
	w.refused(rb, steps.Explain{Row: row, Word: "once more"}, "explained already")
	a, _ := first(rb, incident.Look)
	if a.ID != steps.ActLookDone || a.Ask != steps.AskYes || !strings.Contains(a.Label, "explained by you") || !strings.Contains(a.About, "the new scanner's reports") {
		t.Errorf("Enter: %+v", a)
	}
	w.do(rb, a.Intent(steps.Answer{}))
	if st := rb.State().Incident.Steps[incident.Purge]; st.State != incident.NotNeeded || !strings.Contains(st.Reason, "the operator explains: "+row+": the new scanner's reports") {
		t.Errorf("Purge: %s, %s", st.State, st.Reason)
	}
	back := canDo(rb, incident.Look, steps.ActUnexplain)
	if back == nil {
		t.Fatal("it cannot be taken back")
	}
	w.do(rb, back.Intent(steps.Answer{}))
	inc := rb.State().Incident
	if len(inc.Explained) > 0 || inc.Steps[incident.Stop].State != incident.ToDo || inc.Steps[incident.Purge].State != incident.ToDo {
		t.Errorf("explained: %+v, Stop %s, Purge %s", inc.Explained, inc.Steps[incident.Stop].State, inc.Steps[incident.Purge].State)
	}
	w.refused(rb, steps.Unexplain{Row: row}, "nothing was explained")
}

// What is left in the spool when Purge ends, and what was moved though nobody could read it, is somebody's to look at.
func TestWhatIsLeftAndWhatIsUnreadStaysToDo(t *testing.T) {
	w, rb := layoutWorld(t, "binary")
	w.do(rb, steps.StopService{})
	w.do(rb, steps.Search{Query: "text:" + spooltest.LayoutString})
	found := len(rb.State().Live.Results.Hits)
	w.do(rb, steps.PlanPurge{Query: "text:" + spooltest.LayoutString, All: true})
	w.do(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: found})
	inc := rb.State().Incident
	if todo := strings.Join(inc.StillToDo(), "\n"); !strings.Contains(todo, fmt.Sprintf("look through the quarantine: %d messages there", found)) {
		t.Errorf("still to do:\n%s", todo)
	}
	w, rb = littleWorld(t)
	w.do(rb, steps.StopService{})
	w.do(rb, steps.FinishPurge{})
	if left := rb.State().Incident.Steps[incident.Purge].Left; !strings.HasPrefix(left, "3 of ") {
		t.Errorf("left: %q", left)
	}
}

// Where there is no mail service nothing is stopped and nothing runs, whatever ends the watching, and another program's
// greeting on this machine is not the mail server's.
func TestNothingIsSaidOfAServiceThatIsNotHere(t *testing.T) {
	w := newWorld(t)
	w.identity = &fakeIdentity{}
	hands := w.hands()
	hands.Service = service.None{}
	rb, err := steps.Begin(filepath.Join(w.incidents, "7F3A"), incident.Opened{ID: "7F3A", Host: "mail01.example", Spool: w.root,
		Addresses: []netip.Addr{serverIP}}, incident.Started{PID: os.Getpid()}, "maria@mail01", hands, w.settings)
	w.must(err)
	w.service.set(steps.ServiceStopped) // the world's own is not asked
	w.begin(rb)
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.Skip{Step: incident.Reset, Reason: "a copy"})
	s := rb.State()
	if text := fmt.Sprint(s.Page(incident.Restart)); strings.Contains(text, "After the start") || strings.Contains(text, "it is") {
		t.Errorf("Restart says %s", text)
	}
	w.do(rb, steps.StartService{})
	w.do(rb, steps.JudgeQuiet{Reason: "nothing can come"})
	inc := rb.State().Incident
	if st := inc.Steps[incident.Restart]; strings.Contains(st.Result, "mail runs") {
		t.Errorf("Restart: %s", st.Result)
	}
	if len(inc.Outages) > 0 || inc.Downtime(inc.Opened.AddDate(0, 0, 1)) != 0 {
		t.Errorf("mail was down: %v", inc.Outages)
	}
	w.until(rb, "who the world sees", func(s steps.State) bool { return s.Incident.Identity != nil })
	if asked := w.identity.inputs(); len(asked) == 0 || !asked[0].Foreign {
		t.Errorf("this machine's own greeting was looked at: %+v", asked)
	}
}

// How the owner was told is not "not yet": that passes the step over, and it stays to do.
func TestNotYetIsNotTold(t *testing.T) {
	w, rb := readyToStart(t)
	w.do(rb, steps.StartService{})
	w.until(rb, "Notify", func(s steps.State) bool { return s.Incident.Current() == incident.Notify })
	rb.Reveal(stolen)
	w.refused(rb, steps.OwnerTold{How: "Not yet."}, "then nobody was told")
	later := canDo(rb, incident.Notify, steps.ActSkip)
	if later == nil || later.Label != "not told yet: go on" {
		t.Fatalf("%+v", later)
	}
	w.do(rb, later.Intent(steps.Answer{Text: "Maria calls on Monday"}))
	inc := rb.State().Incident
	if todo := strings.Join(inc.StillToDo(), "\n"); !strings.Contains(todo, "tell the owner of "+stolen) {
		t.Errorf("still to do:\n%s", todo)
	}
}

// What is left of an account's mail, once some of it was moved, is not usual mail: nobody has said what it is.
func TestWhatIsLeftOfMovedMailIsNotUsual(t *testing.T) {
	w := emptyWorld(t)
	w.settings.BacklogMessages, w.settings.BacklogShare = 50, 0.1
	const news = "news@quay.example"
	for range 70 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: news, IP: "192.0.2.9"})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.do(rb, steps.Search{Query: "account:" + news})
	hits := rb.State().Live.Results.Hits
	var ids []spool.ID
	for _, hit := range hits[:61] {
		ids = append(ids, hit.ID)
	}
	w.do(rb, steps.PlanPurge{Query: "account:" + news, IDs: ids})
	w.do(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: 61})
	s := rb.State()
	waiting := s.Waiting()
	if len(waiting.Unexplained) != 1 || waiting.Unexplained[0].Count != 9 || !strings.Contains(waiting.Unexplained[0].Why, "was moved") || waiting.Usual != 0 {
		t.Errorf("waiting: %+v", waiting)
	}
	w.do(rb, steps.FinishPurge{})
	inc := rb.State().Incident
	todo := strings.Join(inc.StillToDo(), "\n")
	for _, want := range []string{"9 of " + news, "find out who sent what was moved of " + news} {
		if !strings.Contains(todo, want) {
			t.Errorf("%q is not to do:\n%s", want, todo)
		}
	}
}

// A reason to go on with spam that waits says why it may stay, not that it is none: its cause stays found, Verify names it,
// and so does the list of what is to do.
func TestAReasonToLeaveSpamIsNoExplanation(t *testing.T) {
	var inc incident.Incident
	at := testdata.Opened()
	for _, f := range []incident.Fact{
		incident.Opened{ID: "7F3A"}, incident.CauseFound{Cause: incident.Cause{Class: incident.Relay, Name: "10.20.0.7", Count: 30}},
		incident.Explained{Rows: []string{"10.20.0.7"}, Why: "the owner wants it out", Stays: true},
	} {
		inc.Fold(incident.Record{At: at, Fact: f})
	}
	if len(inc.Causes) != 1 || !strings.Contains(strings.Join(inc.Undone(), "\n"), "put right") {
		t.Errorf("causes %+v, to do %q", inc.Causes, inc.Undone())
	}
	w := newWorld(t)
	w.settings.BacklogMessages, w.settings.BacklogShare = 10, 0.1
	for i := range 30 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), HDR: fmt.Sprintf("nothing that anybody has seen before, %d", i)})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	w.purge(rb, "account:"+stolen)
	w.refused(rb, steps.FinishPurge{Reason: "y"}, "it still holds")
	w.do(rb, steps.FinishPurge{Reason: "they are wanted"})
	w.do(rb, steps.KeepForwarding{Account: stolen})
	w.do(rb, steps.StartService{})
	w.until(rb, "the end of Verify", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Done })
	for _, step := range []incident.Step{incident.Restart, incident.Verify} {
		if st := rb.State().Incident.Steps[step]; !strings.Contains(st.Result, "30 messages that the operator lets stay still waited") {
			t.Errorf("%s: %s", step, st.Result)
		}
	}
}

// An explanation that is taken back after "I do not know" makes Stop and Purge to do again.
func TestTakingBackAfterNobodyKnew(t *testing.T) {
	var inc incident.Incident
	for _, f := range []incident.Fact{
		incident.Opened{ID: "7F3A"}, incident.Explained{Rows: []string{"promo@quay.example"}, Why: "a newsletter"},
		incident.StepChanged{Step: incident.Stop, State: incident.Skipped, Reason: "nobody knows", Left: "3 of (nobody)"},
		incident.StepChanged{Step: incident.Purge, State: incident.Skipped, Reason: "nobody knows", Left: "3 of (nobody)"},
		incident.Explained{Rows: []string{"promo@quay.example"}},
	} {
		inc.Fold(incident.Record{At: testdata.Opened(), Fact: f})
	}
	if inc.Steps[incident.Stop].State != incident.ToDo || inc.Steps[incident.Purge].State != incident.ToDo {
		t.Errorf("Stop %s, Purge %s", inc.Steps[incident.Stop].State, inc.Steps[incident.Purge].State)
	}
}

// A kill while a password is being set leaves it not known whether it was, however often one is made and lost after that.
func TestWhetherAPasswordWasSetIsNotKnown(t *testing.T) {
	for name, facts := range map[string][]incident.Fact{
		"by the API, killed in the middle": {incident.ResetChanged{Account: stolen, State: incident.ResetToDo, Begun: true}, incident.Started{}},
		"held for the API":                 {incident.ResetChanged{Account: stolen, State: incident.ResetHeld, Made: true}, incident.ResetChanged{Account: stolen, State: incident.ResetHeld, Begun: true}, incident.Started{}},
		"shown, and another one made": {incident.ResetChanged{Account: stolen, State: incident.ResetHeld, ByHand: true, Made: true}, incident.PasswordShown{Account: stolen}, incident.Started{},
			incident.ResetChanged{Account: stolen, State: incident.ResetHeld, ByHand: true, Made: true}, incident.Started{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := steps.State{Settings: steps.DefaultSettings(), Now: testdata.Opened()}
			for _, f := range append([]incident.Fact{incident.Opened{ID: "7F3A"}, incident.SuspectMarked{Account: stolen}}, facts...) {
				s.Incident.Fold(incident.Record{At: testdata.Opened(), Fact: f})
			}
			p := s.Incident.Suspect(stolen)
			if p.Reset != incident.ResetToDo || !p.Unsaid {
				t.Fatalf("%+v", p)
			}
			page := s.Page(incident.Reset)
			if !strings.Contains(page.Alarm, "IS NOT KNOWN") || strings.Contains(fmt.Sprint(page.Facts), "not made yet") {
				t.Errorf("%s %v", page.Alarm, page.Facts)
			}
			for _, f := range []incident.Fact{incident.ResetChanged{Account: stolen, State: incident.ResetSet, Made: true}, incident.ResetChanged{Account: stolen, State: incident.ResetDone}} {
				s.Incident.Fold(incident.Record{At: testdata.Opened(), Fact: f})
			}
			if s.Incident.Suspect(stolen).Unsaid {
				t.Error("it is changed now")
			}
		})
	}
}
