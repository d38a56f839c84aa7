package steps_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// TestADryRunClaimsNoDeed plays a dry run to its end: what its record says of mail, messages, passwords and forwarding is
// what would be, and mail is never said to be down.
func TestADryRunClaimsNoDeed(t *testing.T) {
	w := newWorld(t)
	w.mode.DryRun = true
	hands := w.hands()
	hands.Service = steps.NewDryService(w.service)
	hands.Mailboxes = steps.DryMailboxes{Mailboxes: w.mailboxes, Say: func(string) {}}
	rb, err := steps.Begin(filepath.Join(w.incidents, "7F3A"), incident.Opened{ID: "7F3A", Spool: w.root, Mode: w.mode},
		incident.Started{}, "maria@mail01", hands, w.settings)
	if err != nil {
		t.Fatal(err)
	}
	rb.Start()
	defer rb.Close()
	w.until(rb, "the spool", func(s steps.State) bool {
		return s.Live.Spool != nil && len(s.Incident.Suspects) == 1 && s.Incident.Suspects[0].Mailbox != nil
	})
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	if s := rb.State(); !s.Incident.MailDown.IsZero() {
		t.Error("a dry run says that mail is down")
	}
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.FinishPurge{Reason: "enough"})
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	w.do(rb, steps.ResetPassword{Account: stolen})
	w.do(rb, steps.StartService{})
	w.spam(3) // goes on, since nothing was done about it
	w.until(rb, "the newest spam", func(s steps.State) bool { return s.Live.Spool.Len() >= 163 })
	w.do(rb, steps.OwnerTold{How: "by phone"})
	w.until(rb, "the waiting time", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Done })
	w.do(rb, steps.Skip{Step: incident.Delist, Reason: "nothing is listed"})
	w.do(rb, steps.CloseIncident{})
	claimsNothing(t, rb.Records())
	saysSo(t, rb.State())
	inc := rb.State().Incident
	if inc.Round != 1 {
		t.Error("spam that a dry run did not stop is said to be back")
	}
	if p := inc.Suspects[0]; p.Password() != "would be changed (dry run)" || !p.Changed.IsZero() {
		t.Errorf("the password of %s is said to be %s, at %s", p.Account, p.Password(), p.Changed)
	}
	if !strings.HasPrefix(steps.Letter(&inc), "DRY RUN, do not send this") {
		t.Error("the letter does not say that nothing of it was done")
	}
}

// saysSo looks that each action that would change the server says that it does not.
func saysSo(t *testing.T, s steps.State) {
	t.Helper()
	s.Incident.Closed = time.Time{}
	for _, id := range []steps.ActionID{steps.ActStart, steps.ActReset, steps.ActRestore, steps.ActStop} {
		said := false
		for _, step := range incident.AllSteps() {
			for _, a := range s.Actions(step) {
				said = said || a.ID == id && strings.HasPrefix(a.About, "Dry run: nothing is changed.")
			}
		}
		if !said {
			t.Errorf("the action %s does not say that this is a dry run", id)
		}
	}
}

// claimsNothing holds every sentence of a dry run's record to what would be.
func claimsNothing(t *testing.T, records []incident.Record) {
	t.Helper()
	deed := regexp.MustCompile(`(?i)\b(moved|stopped|changed|set|started|removed|ended|runs|quiet|quarantine)\b`)
	negated := strings.NewReplacer("not changed yet", "", "NOT CHANGED YET, held until mail runs", "", "to be removed", "")
	would := 0
	for _, r := range records {
		switch r.Fact.(type) {
		case incident.Intended, incident.WatchBegan, incident.Ended, incident.Started:
			continue // a wish, an aim, and what happened to delist itself
		}
		say := r.Fact.Say()
		if strings.Contains(say, "would") {
			would++
		} else if deed.MatchString(negated.Replace(say)) && !strings.HasPrefix(say, "still to do by hand: in SmarterMail, ") {
			t.Errorf("a dry run says %q (%T)", say, r.Fact)
		}
	}
	if would < 8 {
		t.Errorf("the dry run says only %d times what would be", would)
	}
}
