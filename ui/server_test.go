package ui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"delist/checks/bounce"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/mailbox"
	"delist/steps/service"
	"delist/testdata"
	"delist/ui"
	"delist/ui/uitest"
)

// server is a mail server with an operator at its screen. The runbook, the spool and the record are real, and so is the
// time, which is short.
type server struct {
	*uitest.Driver

	t         *testing.T
	root      string // of the spool
	incidents string
	service   func() steps.Service // as a process finds it
	mailboxes steps.Mailboxes
	senders   steps.AskLogs // nil: there are no logs
	settings  steps.Settings
	mode      incident.Mode

	runbook *steps.Runbook
	options ui.Options
	copied  string // what was put on the clipboard last
	next    int    // name of a message
	made    int    // passwords made
}

// newServer is a server with 120 messages of the thief among 40 of others.
func newServer(t *testing.T, s func() steps.Service, boxes steps.Mailboxes) *server {
	t.Helper()
	home := t.TempDir()
	v := &server{
		t: t, root: filepath.Join(home, "mail", "Spool"), incidents: filepath.Join(home, "incidents"), service: s, mailboxes: boxes,
		settings: steps.Settings{
			RescanEvery: 20 * time.Millisecond, LookEvery: 20 * time.Millisecond, LogsEvery: 20 * time.Millisecond, ListsEvery: time.Minute,
			WatchRestart: 200 * time.Millisecond, VerifyWait: 400 * time.Millisecond, APIDeadline: 2 * time.Second,
			SuggestAside: time.Minute, BusyPerHour: 50, BacklogMessages: 50, BacklogShare: 0.1,
		},
	}
	v.options = ui.Options{Copy: func(_ context.Context, text string) (string, error) { v.copied = text; return "the clipboard", nil }}
	v.spam(120)
	for i := range 40 {
		spooltest.Write(t, v.root, spooltest.Pair{ID: v.id(), Auth: fmt.Sprintf("user%d@quayside.example", i%8), IP: "192.0.2.8"})
	}
	return v
}

func (v *server) id() spool.ID {
	v.next++
	return spool.NewID(fmt.Sprintf("SubSpool%d", v.next%10), fmt.Sprintf("%08d", 10_000_000+v.next))
}

// spam puts more of the thief's mail into the spool.
func (v *server) spam(n int) {
	for i := range n {
		spooltest.Write(v.t, v.root, spooltest.Pair{ID: v.id(), Auth: testdata.Stolen, MailFrom: "pay@bank.test",
			IP: fmt.Sprintf("198.51.100.%d", 1+i%61), Subject: fmt.Sprintf("Invoice %d overdue", 48000+i)})
	}
}

func (v *server) hands() steps.Hands {
	opened, err := spool.Open(v.root)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = opened.Close() })
	return steps.Hands{
		Service: v.service(), Mailboxes: v.mailboxes, Senders: v.senders, Spool: opened, Reporter: reporter{}, Clock: time.Now, Listen: func(steps.Event) {},
		NewPassword: func() (steps.Secret, error) { v.made++; return steps.NewSecret(fmt.Sprintf("New-%d-Kq7", v.made)), nil },
		ReadBounce:  bounce.ReadText,
	}
}

// sitDown opens the incident, or goes on with it as a new process would, and waits for the first looks.
func (v *server) sitDown() *server {
	v.t.Helper()
	dir, started, who := filepath.Join(v.incidents, "7F3A"), incident.Started{PID: os.Getpid()}, "maria@mail01"
	var err error
	if _, missing := os.Stat(dir); missing != nil {
		opened := incident.Opened{ID: "7F3A", Host: "mail01.example", Spool: v.root, Mode: v.mode}
		v.runbook, err = steps.Begin(dir, opened, started, who, v.hands(), v.settings)
	} else {
		v.runbook, err = steps.Resume(dir, started, who, v.hands(), v.settings)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	runbook := v.runbook
	v.t.Cleanup(func() { _ = runbook.Close() })
	runbook.Start()
	v.Driver = uitest.New(v.t, runbook, v.options)
	v.until("the first looks", func(s *steps.State) bool {
		return s.Live.Spool != nil && !s.Live.Service.At.IsZero() && (s.Live.ByHand || s.Live.APIReady || s.Live.APIErr != "" || s.Live.Service.State == steps.ServiceStopped)
	})
	return v
}

// leave ends the program by its own key, which says these words before.
func (v *server) leave(words ...string) {
	v.t.Helper()
	v.News(v.runbook.State()).Press("q").ExpectDialog("Leave delist?", words...).Press("y").ExpectQuit(true)
	if err := v.runbook.Close(); err != nil {
		v.t.Fatal(err)
	}
}

// comeBack leaves, and sits down again.
func (v *server) comeBack() *server {
	v.t.Helper()
	v.leave()
	return v.sitDown()
}

// until waits until the runbook is so far, and shows it.
func (v *server) until(what string, ok func(*steps.State) bool) *server {
	v.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if s := v.runbook.State(); ok(&s) {
			v.News(s)
			return v
		}
	}
	v.News(v.runbook.State())
	v.t.Fatalf("waited in vain for %s; the record:\n%s\nthe screen:\n%s", what, v.record(), v.Screen())
	return v
}

// untilDone waits until a step is done.
func (v *server) untilDone(step incident.Step) *server {
	v.t.Helper()
	return v.until(step.String(), func(s *steps.State) bool { return s.Incident.Steps[step].State == incident.Done })
}

// untilSeen waits until mail was seen to run, and what that began is over.
func (v *server) untilSeen() *server {
	v.t.Helper()
	return v.until("mail to be seen", func(s *steps.State) bool { return s.Incident.MailDown.IsZero() && s.Live.Doing == nil })
}

// record is what the record says, a line a fact.
func (v *server) record() string {
	var lines []string
	for _, r := range v.runbook.Records() {
		lines = append(lines, r.Fact.Say())
	}
	return strings.Join(lines, "\n")
}

// state is the state of a step.
func (v *server) state(step incident.Step) incident.StepState {
	return v.runbook.State().Incident.Steps[step].State
}

// expectStep looks which step the incident is at, and whether the screen shows it.
func (v *server) expectStep(step incident.Step) *server {
	v.t.Helper()
	if s := v.runbook.State(); s.Incident.Current() != step {
		v.t.Errorf("the incident is at %s, want %s; the record:\n%s", s.Incident.Current(), step, v.record())
	}
	v.Expect(" " + step.String() + ": " + firstWords(step.Purpose()))
	return v
}

// firstWords are the words of a purpose that every window has room for.
func firstWords(s string) string {
	words := strings.Fields(s)
	return strings.Join(words[:min(3, len(words))], " ")
}

// enter looks what Enter is said to do, does it, and answers the box that opens.
func (v *server) enter(words string, answers ...string) *server {
	v.t.Helper()
	v.News(v.runbook.State())
	v.Expect("Enter: " + words).Press("enter")
	for _, answer := range answers {
		if len(answer) == 1 || answer == "esc" {
			v.Press(answer)
			continue
		}
		v.Wait(time.Second).Type(answer).Press("enter")
	}
	return v
}

// purge moves the thief's mail by the keys that the screen offers, and comes to Reset.
func (v *server) purge() *server {
	v.t.Helper()
	return v.purgeTo().expectStep(incident.Reset)
}

// purgeTo moves the thief's mail, whatever is next then.
func (v *server) purgeTo() *server {
	v.t.Helper()
	v.enter("search").ExpectDialog("Search", testdata.Stolen).Press("enter")
	return v.enter("quarantine 120", "120")
}

// control is a mail service that delist stops and starts.
type control struct {
	mu    sync.Mutex
	state steps.ServiceState
	err   error // of each look
}

// controlled is a server of which delist stops and starts the service, and reaches the accounts.
func controlled(t *testing.T) (*server, *control, *api) {
	t.Helper()
	c := &control{state: steps.ServiceRunning}
	boxes := &api{Mailboxes: mailbox.ByHand{}, service: c}
	return newServer(t, func() steps.Service { return c }, boxes), c, boxes
}

func (*control) Name() string { return "MailService" }
func (*control) ByHand() bool { return false }
func (c *control) Look(context.Context) (steps.ServiceReport, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return steps.ServiceReport{State: c.state, At: time.Now()}, c.err
}
func (c *control) Stop(context.Context, func(string)) error {
	c.set(steps.ServiceStopped)
	return nil
}
func (c *control) Start(context.Context, func(string)) error {
	c.set(steps.ServiceRunning)
	return nil
}
func (c *control) set(state steps.ServiceState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
}

// byHand is a service that its operator stops and starts, and the mail port that tells whether it runs.
func byHand() (s func() steps.Service, up *atomic.Bool) {
	up = &atomic.Bool{}
	up.Store(true)
	return func() steps.Service {
		return service.NewByHand("SmarterMail's service", func(context.Context) []string {
			if up.Load() {
				return []string{"port 25 (127.0.0.1)"}
			}
			return nil
		})
	}, up
}

// api is a way into the accounts that works while the service runs.
type api struct {
	steps.Mailboxes // by hand, where nothing else is said

	service *control
	refuses string // why it lets nobody in

	mu  sync.Mutex
	set []string
}

func (*api) Name() string { return "the API" }
func (*api) ByHand() bool { return false }
func (a *api) Ready(ctx context.Context) error {
	report, _ := a.service.Look(ctx)
	switch {
	case report.State != steps.ServiceRunning:
		return errors.New("connection refused")
	case a.refuses != "":
		return errors.New(a.refuses)
	}
	return nil
}
func (*api) Read(_ context.Context, account string) (incident.Mailbox, error) {
	return incident.Mailbox{Account: account, Exists: true, LocalPassword: true, Forwarding: incident.Forwarding{Known: true}}, nil
}
func (a *api) SetPassword(_ context.Context, account string, p steps.Secret) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.set = append(a.set, account+" "+p.Reveal())
	return nil
}
func (*api) Prove(context.Context, string, steps.Secret) error { return nil }
func (*api) EndSessions(context.Context, string) error         { return nil }
func (*api) Disable(context.Context, string) error             { return nil }
func (a *api) passwords() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.set...)
}

// reporter writes a short report.
type reporter struct{}

func (reporter) Write(_ context.Context, dir string, inc incident.Incident, records []incident.Record) (string, error) {
	path := filepath.Join(dir, "report.md")
	return path, os.WriteFile(path, fmt.Appendf(nil, "%s %d records", inc.ID, len(records)), 0o600)
}
