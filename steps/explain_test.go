package steps_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/service"
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
	if todo := strings.Join(inc.StillToDo(), "\n"); !strings.Contains(todo, "look at what was left in the spool: 3 of") {
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
