package drill_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/spool"
	"delist/steps"
	"delist/steps/drill"
	"delist/steps/incident"
	"delist/steps/mailbox"
	"delist/steps/report"
)

// played is one incident on the practice server.
type played struct {
	rb      *steps.Runbook
	records []incident.Record
	secrets []steps.Secret // every password that was made
	said    []string
}

// play lets the autopilot play a whole incident with everything real: spool, service process, API, DNS, report.
func play(t *testing.T, choose drill.Choices) *played {
	t.Helper()
	return playOn(t, begin(t, drill.Options{Messages: 200}), choose)
}

func playOn(t *testing.T, p *drill.Practice, choose drill.Choices) *played {
	t.Helper()
	s, err := spool.Open(p.SpoolDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	boxes, err := mailbox.NewREST(mailbox.Options{URL: p.APIURL, Admin: p.AdminUser, Password: p.AdminPassword})
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	var got played
	var mu sync.Mutex
	hands := steps.Hands{
		Service: p.Service(), Mailboxes: boxes, Spool: s, Outbound: eyesOf(t, p), Reporter: report.Reporter{}, Clock: time.Now,
		Lists: dnsbl.New(client(p), catalogue, dnsbl.Options{}),
		NewPassword: func() (steps.Secret, error) {
			secret, err := mailbox.Generate()
			mu.Lock()
			defer mu.Unlock()
			got.secrets = append(got.secrets, secret)
			return secret, err
		},
		ReadBounce: bounce.ReadText,
		Listen: func(e steps.Event) {
			if e.Record == nil {
				return
			}
			if f, ok := e.Record.Fact.(incident.ListingChanged); ok && f.State == incident.ListingAsked && f.Zone != "" {
				if err := p.Requested(f.Zone); err != nil {
					t.Error(err)
				}
			}
		},
	}
	dir := filepath.Join(p.IncidentsDir, "7F3A")
	got.rb, err = steps.Begin(dir, incident.Opened{ID: "7F3A", Mode: incident.Mode{Drill: true}, Host: drill.ServerName, Spool: p.SpoolDir,
		Service: p.Service().Name(), Mailboxes: boxes.Name(), Addresses: []netip.Addr{p.IP}},
		incident.Started{PID: os.Getpid()}, "maria@mail01", hands, p.Settings())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := got.rb.Close(); err != nil {
			t.Error(err)
		}
	})
	got.rb.Start()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = drill.Auto(ctx, got.rb, choose, func(line string) { got.said = append(got.said, line) })
	got.records = got.rb.Records()
	if err != nil {
		for _, r := range got.records {
			t.Log(r.Fact.Say())
		}
		t.Fatalf("%v; decided: %s", err, strings.Join(got.said, " | "))
	}
	return &got
}

// factsOf are the facts of one kind, in order.
func factsOf[F incident.Fact](records []incident.Record) []F {
	var found []F
	for _, r := range records {
		if f, ok := r.Fact.(F); ok {
			found = append(found, f)
		}
	}
	return found
}

func TestAutoPlaysTheWholeIncident(t *testing.T) {
	t.Parallel()
	got := play(t, drill.Choices{Bounce: drill.BounceText})
	inc := got.rb.State().Incident
	if len(inc.Speakers) > 0 {
		t.Errorf("the mail service is taken for another program: %+v", inc.Speakers)
	}
	for step, status := range inc.Steps {
		if !status.State.Passed() || status.State == incident.Held || status.State == incident.Skipped {
			t.Errorf("%s is %s: %s", incident.Step(step), status.State, status.Reason)
		}
	}
	suspect := inc.Suspect(drill.StolenAccount)
	if len(inc.Suspects) != 1 || suspect == nil || suspect.Reset != incident.ResetDone || suspect.Forwarding != incident.ForwardingRemoved {
		t.Errorf("suspects: %+v", inc.Suspects)
	}
	if inc.Round != 1 || inc.Told == "" || inc.Watch.Judged != "" || len(inc.Bounces) == 0 {
		t.Errorf("round %d, told %q, judged %q, %d bounces", inc.Round, inc.Told, inc.Watch.Judged, len(inc.Bounces))
	}
	moved := 0
	for _, p := range inc.Purges {
		moved += p.Moved
	}
	if moved < 150 {
		t.Errorf("%d messages moved", moved)
	}
	for _, l := range inc.Listings {
		if l.State == incident.ListingToDo {
			t.Errorf("%s is still to do", l.List)
		}
	}
	if asked := factsOf[incident.ListingChanged](got.records); len(asked) == 0 {
		t.Error("no listing was worked on")
	}
	t.Log(strings.Join(got.said, "\n"))
	reportIsFit(t, got, inc)
}

// reportIsFit holds that the report tells the incident, and that no password is in anything that was written.
func reportIsFit(t *testing.T, got *played, inc incident.Incident) {
	t.Helper()
	text, err := os.ReadFile(inc.ReportAt)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"DRILL", drill.StolenAccount, "IPBL0100", "Still to do by hand", "SHA-256"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if len(got.secrets) == 0 {
		t.Error("no password was made")
	}
	err = filepath.WalkDir(got.rb.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, secret := range got.secrets {
			if bytes.Contains(data, []byte(secret.Reveal())) {
				t.Errorf("%s holds the new password", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAutoWithoutAResetBringsTheSpamBack(t *testing.T) {
	t.Parallel()
	got := play(t, drill.Choices{NoReset: true})
	inc := got.rb.State().Incident
	relapses := factsOf[incident.Relapsed](got.records)
	if len(relapses) == 0 || !slices.Contains(relapses[0].Accounts, drill.StolenAccount) {
		t.Fatalf("relapses: %+v", relapses)
	}
	if inc.Round < 2 || inc.Suspect(drill.StolenAccount).Reset != incident.ResetDone {
		t.Errorf("round %d, suspects %+v", inc.Round, inc.Suspects)
	}
	t.Log(strings.Join(got.said, "\n"))
	said := func(step incident.Step) bool {
		return slices.ContainsFunc(got.said, func(line string) bool { return strings.HasPrefix(line, step.String()+": skip") })
	}
	if !said(incident.Reset) {
		t.Errorf("Reset was not skipped: %q", got.said)
	}
	text, err := os.ReadFile(inc.ReportAt)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("the spam came back")) {
		t.Error("the report does not say that the spam came back")
	}
}

// standing is a runbook in which nothing ever changes.
type standing struct {
	state  steps.State
	answer error
	asked  []steps.Intent
}

func (s *standing) State() steps.State {
	s.state.Now = time.Now()
	return s.state
}

func (s *standing) Do(_ context.Context, in steps.Intent) error {
	s.asked = append(s.asked, in)
	return s.answer
}

func TestAutoNeverHangs(t *testing.T) {
	at := func(step incident.Step, change func(*steps.State)) *standing {
		s := &standing{state: steps.State{Incident: incident.Incident{Permit: incident.May, Round: 1}, Settings: steps.DefaultSettings()}}
		for passed := range step {
			s.state.Incident.Steps[passed].State = incident.Done
		}
		if change != nil {
			change(&s.state)
		}
		return s
	}
	watching := func(s *steps.State) { s.Incident.Steps[incident.Verify].State = incident.Running }
	for name, c := range map[string]struct {
		rb   *standing
		want string
		asks int
	}{
		"nothing to see":     {at(incident.Look, nil), "Look does not go on: the spool is still being read", 0},
		"nothing to do":      {at(incident.Verify, watching), "Verify does not go on: judge it quiet myself: the waiting time begins when mail runs again", 0},
		"an act that fails":  {&standing{state: at(incident.Stop, nil).state, answer: errors.New("access denied")}, `"stop ALL mail now" changed nothing: access denied`, 3},
		"an act in vain":     {at(incident.Notify, nil), "Notify does not go on", 3},
		"a wait that is due": {at(incident.Verify, func(s *steps.State) { watching(s); s.Incident.Watch.Until = time.Unix(0, 0) }), "Verify does not go on", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := drill.Auto(t.Context(), c.rb, drill.Choices{}, quietly)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				if len(c.rb.asked) != c.asks {
					t.Errorf("%d intents: %v", len(c.rb.asked), c.rb.asked)
				}
			})
		})
	}
}

func TestAutoEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		rb := &standing{state: steps.State{Settings: steps.DefaultSettings()}}
		rb.state.Incident.Permit = incident.May
		if err := drill.Auto(ctx, rb, drill.Choices{}, quietly); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
