package plain

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/spool"
	"delist/spool/quarantine"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

var update = flag.Bool("update", false, "write the golden transcripts anew; read the difference before committing it")

func TestMain(m *testing.M) {
	time.Local = time.UTC // the operator sees local times
	flag.Parse()
	os.Exit(m.Run())
}

const (
	stolen   = "sales@harbourlight.example"
	password = "Kq7-Rw4x-Pz9t"
	hostile  = "Invoice\x1b]0;owned\x07\x1b[2J \u009b31m\u202e48213\r\nEnter: yes"
)

var (
	// noon is before every real clock and synctest's, so that the real look at the spool is never an old one.
	noon     = time.Date(1999, 7, 21, 12, 0, 0, 0, time.UTC)
	serverIP = netip.MustParseAddr("203.0.113.25")
)

// act is an intent that is expected next, and what comes of it.
type act struct {
	want  steps.Intent
	facts []incident.Fact
	live  func(*steps.Live)
	err   error
}

// fake is a strict runbook: any intent but the next expected one fails the test. Its incident is a real fold.
type fake struct {
	t    *testing.T
	hear func(steps.Event)

	mu      sync.Mutex
	records []incident.Record
	live    steps.Live
	acts    []act
	shown   bool
}

// newFake is an incident that has just begun, with everything seen.
func newFake(t *testing.T, subject string) *fake {
	f := &fake{t: t, hear: func(steps.Event) {}}
	f.live = steps.Live{Service: steps.ServiceReport{State: steps.ServiceRunning}, APIReady: true}
	s, snap := look(t, subject)
	t.Cleanup(func() { _ = s.Close() })
	f.live.Spool = snap
	for _, sender := range snap.Senders() {
		f.live.Senders = append(f.live.Senders, steps.SenderRow{Sender: sender, Rate: steps.Rate{In: 39, Known: true}, Marked: sender.Account == stolen})
	}
	css := &dnsbl.Removal{Kind: dnsbl.SelfService, URL: "https://check.spamhaus.org/?query={ip}", Need: "the address", Penalty: "Asking early brings it back.", Order: 3}
	f.tell(
		incident.Opened{ID: "7F3A", Host: "mail01.example", Spool: s.Root(), Service: "MailService", Addresses: []netip.Addr{serverIP}, Mode: incident.Mode{Drill: true}},
		incident.Started{PID: 1}, incident.StepChanged{Step: incident.Look, State: incident.Running},
		incident.SuspectMarked{Account: stolen, Why: []string{"61 client addresses", subject}},
		incident.ListsAsked{Asked: 38, NoAnswer: []string{"Validity"}, Listings: []incident.Listing{
			{IP: serverIP, List: "Spamhaus ZEN", Meaning: []string{"CSS: spam seen"}, Impact: "stops mail now", Removal: css},
			{IP: serverIP, List: "UCEPROTECT 2", Meaning: []string{subject}, Impact: "ignore", Removal: &dnsbl.Removal{Kind: dnsbl.NoRemoval, Order: 7, Advice: "Never pay for it."}},
		}},
	)
	return f
}

// look reads a small real spool: three spams, one ordinary message.
func look(t *testing.T, subject string) (*spool.Spool, *spool.Snapshot) {
	t.Helper()
	root := t.TempDir()
	for i := range 3 {
		spooltest.Write(t, root, spooltest.Pair{ID: spool.ID(fmt.Sprintf("SubSpool0/1000%d", i)), Auth: stolen, MailFrom: "pay@bank.test",
			IP: fmt.Sprintf("198.51.100.%d", i+1), Subject: spooltestHeader(subject), To: []string{"m.okafor@gmail.test", "j@web.test"}, Created: noon.Add(-72 * time.Minute)})
	}
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/20000", Auth: "info@quayside.example", Subject: "Minutes", Created: noon.Add(-time.Minute)})
	s, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, snap
}

// spooltestHeader encodes a subject as RFC 2047 has it, so that any bytes survive the header.
func spooltestHeader(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "=%02X", c)
	}
	return "=?UTF-8?Q?" + b.String() + "?="
}

// State implements Runbook.
func (f *fake) State() steps.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return steps.State{Incident: incident.Fold(f.records), Live: f.live, Settings: steps.DefaultSettings(), Now: f.now()}
}

// now is ten seconds later with every record.
func (f *fake) now() time.Time { return noon.Add(time.Duration(len(f.records)) * 10 * time.Second) }

// tell records facts and lets the session hear them.
func (f *fake) tell(facts ...incident.Fact) {
	for _, fact := range facts {
		f.mu.Lock()
		r := incident.Record{Seq: len(f.records) + 1, At: f.now(), Epoch: 1, By: "maria@mail01", Fact: fact}
		f.records = append(f.records, r)
		f.mu.Unlock()
		f.hear(steps.Event{Record: &r})
	}
}

// set changes what is seen, and lets the session hear that something did.
func (f *fake) set(change func(*steps.Live)) {
	f.mu.Lock()
	change(&f.live)
	f.mu.Unlock()
	f.hear(steps.Event{Progress: &steps.Progress{}})
}

// Do implements Runbook.
func (f *fake) Do(_ context.Context, in steps.Intent) error {
	f.mu.Lock()
	if len(f.acts) == 0 {
		f.mu.Unlock()
		f.t.Errorf("nobody expected %#v", in)
		return &steps.Refusal{Reason: "not expected"}
	}
	next := f.acts[0]
	f.acts = f.acts[1:]
	f.mu.Unlock()
	if diff := cmp.Diff(next.want, in, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		f.t.Errorf("another intent than expected (-want +got):\n%s", diff)
	}
	if next.live != nil {
		f.mu.Lock()
		next.live(&f.live)
		f.mu.Unlock()
	}
	f.tell(next.facts...)
	return next.err
}

// Reveal implements Runbook.
func (f *fake) Reveal(account string) (steps.Secret, bool) {
	if f.shown || account != stolen {
		return steps.Secret{}, false
	}
	f.shown = true
	return steps.NewSecret(password), true
}

// typed is one line of the operator; before runs when the line is waited for.
type typed struct {
	text   string
	before func()
}

func lines(texts ...string) []typed {
	all := make([]typed, len(texts))
	for i, text := range texts {
		all[i].text = text
	}
	return all
}

// keyboard gives a line for each read.
type keyboard struct{ script []typed }

func (k *keyboard) Read(p []byte) (int, error) {
	if len(k.script) == 0 {
		return 0, io.EOF
	}
	next := k.script[0]
	k.script = k.script[1:]
	if next.before != nil {
		next.before()
	}
	return copy(p, next.text+"\n"), nil
}

// screen is what the operator sees.
type screen struct {
	mu    sync.Mutex
	b     bytes.Buffer
	heard chan struct{} // closed once until was written; nil when nobody waits
	until string
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.b.Write(p)
	s.check()
	return n, err
}

// await gives a channel that is closed once the text was written.
func (s *screen) await(text string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := make(chan struct{})
	s.heard, s.until = heard, text
	s.check()
	return heard
}

func (s *screen) check() {
	if s.heard != nil && strings.Contains(s.b.String(), s.until) {
		close(s.heard)
		s.heard = nil
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// run plays a script against a runbook and gives the transcript. Every expected intent has to have come.
func run(t *testing.T, f *fake, script []typed) string {
	t.Helper()
	out := &screen{}
	s := New(f, out, Options{Echo: true})
	f.hear = s.Hear
	if err := s.Run(t.Context(), &keyboard{script}); err != nil {
		t.Fatal(err)
	}
	for _, a := range f.acts {
		t.Errorf("never asked for: %#v", a.want)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: go test ./ui/plain -update writes it", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("another transcript than before (-want +got):\n%s", diff)
	}
}

var (
	finding = bounce.Finding{Kind: bounce.Provider, Provider: "Cox", Quote: "554 blocked. Error Code: IPBL0100"}
	plan    = quarantine.Plan{ID: "0a1b2c3d", Query: "account:" + stolen, Bytes: 4200,
		Items: []quarantine.Item{{ID: "SubSpool0/10000"}, {ID: "SubSpool0/10001"}, {ID: "SubSpool0/10002"}}}
)
