package steps_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
)

const (
	stolen   = testdata.Stolen
	password = "Kq7-Rw4x-Pz9t-Hm3v"
)

var serverIP = testdata.Address()

// world is a small server: a real spool on disk, a service and mailboxes that do what they are told, lists that say what
// they are told.
type world struct {
	held    atomic.Bool // passing news is not heard before release is closed: what tells of it stands still
	release chan struct{}

	t         *testing.T
	root      string // of the spool
	incidents string
	service   *fakeService
	mailboxes *fakeMailboxes
	lists     *fakeLists
	identity  *fakeIdentity  // nil: nobody looks
	bounce    bounce.Finding // what every bounce says, beside its quote
	settings  steps.Settings
	mode      incident.Mode
	shared    func(root string) (bool, string) // nil: nobody else uses the spool
	traffic   steps.Traffic                    // nil: no logs
	trace     func(context.Context, traffic.Search) (*traffic.Found, error)
	senders   steps.AskLogs
	outbound  steps.Outbound // nil: nobody looks who else speaks to mail servers
	beside    func() *incident.Neighbour

	mu    sync.Mutex
	lines []string
	news  []string // passing, in order
	next  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := emptyWorld(t)
	w.spam(120)
	for i := range 40 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: fmt.Sprintf("user%d@quayside.example", i%8), IP: "192.0.2.8"})
	}
	return w
}

// emptyWorld is a server without mail.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	home := t.TempDir()
	w := &world{
		t: t, root: filepath.Join(home, "mail", "Spool"), incidents: filepath.Join(home, "incidents"),
		service:   &fakeService{state: steps.ServiceRunning},
		mailboxes: &fakeMailboxes{boxes: map[string]incident.Mailbox{}},
		lists:     &fakeLists{listed: map[string]bool{"Spamhaus ZEN": true, "SpamCop": true, "UCEPROTECT 2": true}},
		settings: steps.Settings{
			RescanEvery: 10 * time.Millisecond, LookEvery: 10 * time.Millisecond, LogsEvery: 10 * time.Millisecond, OutboundEvery: 10 * time.Millisecond, ListsEvery: 20 * time.Millisecond,
			WatchRestart: 150 * time.Millisecond, VerifyWait: 200 * time.Millisecond, APIDeadline: 300 * time.Millisecond,
			SuggestAside: time.Minute, BusyPerHour: 50,
		},
	}
	w.mailboxes.service = w.service
	w.mailboxes.boxes[stolen] = incident.Mailbox{Account: stolen, Exists: true, LocalPassword: true,
		Forwarding: incident.Forwarding{Known: true, Addresses: []string{"k.w0rd@freemail.test"}}}
	return w
}

func (w *world) id() spool.ID {
	w.next++
	return spool.NewID(fmt.Sprintf("SubSpool%d", w.next%10), fmt.Sprintf("%08d", 10_000_000+w.next))
}

// spam puts more of the thief's mail into the spool.
func (w *world) spam(n int) []spool.ID {
	var ids []spool.ID
	for i := range n {
		ids = append(ids, spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: stolen, MailFrom: "pay@bank.test",
			IP: fmt.Sprintf("198.51.100.%d", 1+i%61), Subject: fmt.Sprintf("Invoice %d overdue", 48000+i)}))
	}
	return ids
}

func (w *world) hands() steps.Hands {
	s, err := spool.Open(w.root)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	hands := steps.Hands{
		Service: w.service, Mailboxes: w.mailboxes, Spool: s, Shared: w.shared, Traffic: w.traffic, Lines: w.trace, Senders: w.senders, Outbound: w.outbound, Lists: w.lists, Reporter: fakeReporter{}, Clock: time.Now, Beside: w.beside,
		NewPassword: func() (steps.Secret, error) { return steps.NewSecret(password), nil },
		ReadBounce: func(text string) bounce.Report {
			if finding := w.bounce; finding.Kind != "" {
				finding.Quote = text
				return bounce.Report{Findings: []bounce.Finding{finding}}
			}
			return bounce.ReadText(text)
		},
		Listen: func(e steps.Event) {
			if e.Progress != nil && w.held.Load() {
				<-w.release
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			if e.Record != nil {
				w.lines = append(w.lines, e.Record.Fact.Say())
			}
			if e.Progress != nil {
				w.news = append(w.news, e.Progress.What)
			}
		},
	}
	if w.identity != nil {
		hands.Identity = w.identity
	}
	return hands
}

// open begins an incident and waits until Look has seen everything.
func (w *world) open() *steps.Runbook {
	w.t.Helper()
	rb, err := steps.Begin(filepath.Join(w.incidents, "7F3A"), incident.Opened{ID: "7F3A", Host: "mail01.example", Spool: w.root,
		Mode: w.mode, Addresses: []netip.Addr{serverIP}}, incident.Started{PID: os.Getpid()}, "maria@mail01", w.hands(), w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.begin(rb)
}

// resume continues it, as a new process would.
func (w *world) resume() *steps.Runbook {
	w.t.Helper()
	rb, err := steps.Resume(filepath.Join(w.incidents, "7F3A"), incident.Started{PID: os.Getpid()}, "maria@mail01", w.hands(), w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.begin(rb)
}

func (w *world) begin(rb *steps.Runbook) *steps.Runbook {
	w.t.Helper()
	rb.Start()
	w.t.Cleanup(func() { _ = rb.Close() })
	w.until(rb, "the first looks", func(s steps.State) bool {
		return s.Live.Spool != nil && !s.Incident.Asked.IsZero() && (w.service.byHand || s.Live.Service.State != steps.ServiceUnknown) &&
			(s.Live.ByHand || s.Live.APIReady || s.Live.APIErr != "" || s.Live.Service.State == steps.ServiceStopped) &&
			(!s.Live.APIReady || w.mailboxes.hangs || !slices.ContainsFunc(s.Incident.Suspects, func(p incident.Suspect) bool { return p.Mailbox == nil }))
	})
	return rb
}

// until waits for a state.
func (w *world) until(rb *steps.Runbook, what string, ok func(steps.State) bool) {
	w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if ok(rb.State()) {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.t.Fatalf("waited in vain for %s; the record:\n%s", what, strings.Join(w.lines, "\n"))
}

// told is the passing news so far, a line each.
func (w *world) told() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.news, "\n")
}

// said is the record so far, a line a fact.
func (w *world) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.lines, "\n")
}

// do carries an intent out, which has to succeed.
func (w *world) do(rb *steps.Runbook, in steps.Intent) {
	w.t.Helper()
	if err := rb.Do(w.t.Context(), in); err != nil {
		w.t.Fatalf("%T: %v", in, err)
	}
}

// refused carries an intent out, which has to be refused in these words.
func (w *world) refused(rb *steps.Runbook, in steps.Intent, words string) {
	w.t.Helper()
	err := rb.Do(w.t.Context(), in)
	var refusal *steps.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, words) {
		w.t.Fatalf("%T: got %v, want a refusal with %q", in, err, words)
	}
}

// purge searches, plans and quarantines what the query finds.
func (w *world) purge(rb *steps.Runbook, query string) {
	w.t.Helper()
	w.do(rb, steps.Search{Query: query})
	var ids []spool.ID
	for _, hit := range rb.State().Live.Results.Hits {
		if hit.Marked() {
			ids = append(ids, hit.ID)
		}
	}
	w.do(rb, steps.PlanPurge{Query: query, IDs: ids})
	plan := rb.State().Live.Plan
	w.do(rb, steps.Quarantine{PlanID: plan.Plan.ID, Count: len(ids)})
}

// files are all files below a folder with their contents.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

type fakeService struct {
	mu     sync.Mutex
	state  steps.ServiceState
	pid    int
	byHand bool
	stuck  bool
	late   atomic.Pointer[chan struct{}] // looks that begin while there is one are answered once it is closed
}

func (f *fakeService) Name() string { return "MailService" }
func (f *fakeService) ByHand() bool { return f.byHand }
func (f *fakeService) Look(context.Context) (steps.ServiceReport, error) {
	f.mu.Lock()
	report := steps.ServiceReport{State: f.state, PID: f.pid, At: time.Now()}
	f.mu.Unlock()
	if late := f.late.Load(); late != nil {
		<-*late
	}
	return report, nil
}
func (f *fakeService) set(s steps.ServiceState) { f.Confirm(steps.Word{State: s}) }
func (f *fakeService) Stop(context.Context, func(string)) error {
	if f.stuck {
		return errors.New("MailService is still stopping after 10 min; look at its open files, then try again")
	}
	f.set(steps.ServiceStopped)
	return nil
}
func (f *fakeService) Start(context.Context, func(string)) error {
	f.set(steps.ServiceRunning)
	return nil
}
func (f *fakeService) Confirm(w steps.Word) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = w.State
}

type fakeMailboxes struct {
	service *fakeService
	mu      sync.Mutex
	boxes   map[string]incident.Mailbox
	set     []string
	dead    bool
	slow    atomic.Bool // it answers only when nobody waits any more
	byHand  bool
	ended   int
	hangs   bool // reading a mailbox gets no answer
}

func (f *fakeMailboxes) Name() string { return "the API" }
func (f *fakeMailboxes) ByHand() bool { return f.byHand }
func (f *fakeMailboxes) Ready(ctx context.Context) error {
	if f.slow.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	report, _ := f.service.Look(context.Background())
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead || report.State != steps.ServiceRunning {
		return errors.New("connection refused")
	}
	return nil
}
func (f *fakeMailboxes) Read(ctx context.Context, account string) (incident.Mailbox, error) {
	if f.hangs {
		<-ctx.Done()
		return incident.Mailbox{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.boxes[account], nil
}
func (f *fakeMailboxes) SetPassword(_ context.Context, account string, p steps.Secret) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, account+" "+p.Reveal())
	return nil
}
func (f *fakeMailboxes) Prove(context.Context, string, steps.Secret) error { return nil }
func (f *fakeMailboxes) EndSessions(context.Context, string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended++
	return nil
}
func (f *fakeMailboxes) Disable(context.Context, string) error { return nil }
func (f *fakeMailboxes) RemoveForwarding(_ context.Context, account string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	box := f.boxes[account]
	box.Forwarding.Addresses = nil
	f.boxes[account] = box
	return nil
}
func (f *fakeMailboxes) passwords() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.set)
}

type fakeLists struct {
	mu     sync.Mutex
	listed map[string]bool
	silent map[string]bool
	parts  []string // the sublists of Spamhaus ZEN that have the server; nil: CSS
}

func (f *fakeLists) set(list string, listed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listed[list] = listed
}

func (f *fakeLists) Check(_ context.Context, ips []netip.Addr, each func(dnsbl.Result)) (dnsbl.Report, error) {
	cat, err := dnsbl.Default()
	if err != nil {
		return dnsbl.Report{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	report := dnsbl.Report{At: time.Now()}
	for _, ip := range ips {
		a := dnsbl.Address{IP: ip}
		for _, l := range cat.Blocklists() {
			res := dnsbl.Result{IP: ip, List: l, Verdict: dnsbl.Clear, At: time.Now()}
			if f.listed[l.Name] {
				res.Verdict = dnsbl.Listed
				res.Codes = f.codes(res.List)
			}
			if f.silent[l.Name] {
				res.Verdict = dnsbl.Unusable
			}
			a.Results = append(a.Results, res)
			each(res)
		}
		report.Addresses = append(report.Addresses, a)
	}
	return report, nil
}

// codes are the answers of a list that has the server.
func (f *fakeLists) codes(l *dnsbl.List) []dnsbl.Code {
	var codes []dnsbl.Code
	for _, rule := range l.Codes {
		if l.Name != "Spamhaus ZEN" || slices.Contains(f.parts, rule.Name) || f.parts == nil && rule.Name == "CSS" {
			codes = append(codes, dnsbl.Code{Name: rule.Name, Meaning: rule.Meaning, Removal: rule.Removal})
		}
	}
	return codes
}

type fakeReporter struct{}

func (fakeReporter) Write(_ context.Context, dir string, inc incident.Incident, records []incident.Record) (string, error) {
	path := filepath.Join(dir, "report.md")
	return path, os.WriteFile(path, fmt.Appendf(nil, "%s %d records", inc.ID, len(records)), 0o600)
}
