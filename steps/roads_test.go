package steps_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// readyToStart is a server that was purged and has its new password, with mail down. A step is watched for long enough to
// be disturbed.
func readyToStart(t *testing.T) (*world, *steps.Runbook) {
	t.Helper()
	w := newWorld(t)
	w.settings.WatchRestart, w.settings.VerifyWait = 400*time.Millisecond, 400*time.Millisecond
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	return w, rb
}

// TestRoads5NothingIsQuietThatWasNotSeen: for three times as long as it is watched something is out of sight. The step ends only after that, with the looks that it rests on.
func TestRoads5NothingIsQuietThatWasNotSeen(t *testing.T) {
	for name, c := range map[string]struct {
		disturb func(*world, *steps.Runbook) (heal func())
		says    string // why it does not end
	}{
		"the spool cannot be read": {func(w *world, _ *steps.Runbook) func() {
			away := w.root + ".away"
			w.must(os.Rename(w.root, away))
			return func() { w.must(os.Rename(away, w.root)) }
		}, "the spool has not been seen for"},
		"a look at the spool hangs": {func(w *world, rb *steps.Runbook) func() {
			release, err := rb.HangLooking(t.Context())
			w.must(err)
			return release
		}, "the spool has not been seen for"},
		"the service cannot be seen": {func(w *world, _ *steps.Runbook) func() {
			w.service.set(steps.ServiceUnknown)
			return func() { w.service.set(steps.ServiceRunning) }
		}, "the service has not been seen for"},
	} {
		for _, step := range []incident.Step{incident.Restart, incident.Verify} {
			t.Run(step.String()+": "+name, func(t *testing.T) {
				w, rb := readyToStart(t)
				w.do(rb, steps.StartService{})
				w.until(rb, "the watching", func(s steps.State) bool { return s.Live.Watched != nil && s.Live.Watched.Step == step })
				heal := c.disturb(w, rb)
				time.Sleep(3 * 400 * time.Millisecond)
				s := rb.State()
				if state := s.Incident.Steps[step].State; state != incident.Running || s.Live.Watched == nil || !strings.Contains(s.Live.Watched.Trap, c.says) {
					t.Errorf("%s is %s, held up by %+v, want %q; the record:\n%s", step, state, s.Live.Watched, c.says, w.said())
				}
				if alarm := s.Page(step).Alarm; !strings.Contains(alarm, c.says) {
					t.Errorf("the page says %q, want %q", alarm, c.says)
				}
				heal()
				w.until(rb, "the end of "+step.String(), func(s steps.State) bool { return s.Incident.Steps[step].State == incident.Done })
				inc := rb.State().Incident
				if seen := inc.Steps[step].Seen; len(seen) != 2 || seen[0].Made < 4 || seen[1].Made < 4 {
					t.Errorf("it rests on %s", incident.SayLooks(seen))
				}
			})
		}
	}
}

func TestRoads5ServiceThatDiesIsMailDown(t *testing.T) {
	for _, step := range []incident.Step{incident.Restart, incident.Verify} {
		w, rb := readyToStart(t)
		w.do(rb, steps.StartService{})
		w.until(rb, "the watching", func(s steps.State) bool { return s.Live.Watched != nil && s.Live.Watched.Step == step })
		w.service.set(steps.ServiceStopped)
		w.until(rb, "mail to be down", func(s steps.State) bool { return !s.Incident.MailDown.IsZero() })
		s := rb.State()
		if a, _ := s.Recommended(incident.Restart); s.Incident.Current() != incident.Restart || a.ID != steps.ActStart || !strings.Contains(strings.Join(s.Head().Alarms, " "), "MAIL DOWN") {
			t.Errorf("it died in %s: at %s Enter is %q, the head has %q", step, s.Incident.Current(), a.ID, s.Head().Alarms)
		}
		if s.Incident.Steps[incident.Verify].State.Passed() {
			t.Errorf("Verify is %s", s.Incident.Steps[incident.Verify].State)
		}
	}
}

// Whoever starts mail against the warning is watched until the spam is gone, in Verify too.
func TestRoads5NothingIsQuietWhileSpamWaits(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	w.refused(rb, steps.StartService{}, "120 messages of the spam would be delivered")
	w.do(rb, steps.StartService{Reason: "the director insists"})
	for _, step := range []incident.Step{incident.Restart, incident.Verify} {
		time.Sleep(3 * max(w.settings.WatchRestart, w.settings.VerifyWait))
		s := rb.State()
		if state := s.Incident.Steps[step].State; state != incident.Running || !strings.Contains(s.Page(step).Alarm, "120 messages of the spam still waiting") {
			t.Fatalf("%s is %s: %q; the record:\n%s", step, state, s.Page(step).Alarm, w.said())
		}
		if a, _ := s.Recommended(incident.Restart); step == incident.Restart && a.ID != steps.ActStop {
			t.Errorf("Enter is %q, want Stop", a.ID)
		}
		if step == incident.Restart {
			w.do(rb, steps.JudgeQuiet{Reason: "to Verify, then"})
		}
	}
}

// must fails the test for an error of the world itself.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
