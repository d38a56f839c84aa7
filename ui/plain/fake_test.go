package plain

import (
	"bytes"
	"context"
	"flag"
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

	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
	"delist/ui/uitest"
)

var update = flag.Bool("update", false, "write the golden transcripts anew; read the difference before committing it")

func TestMain(m *testing.M) {
	time.Local = time.UTC // the operator sees local times
	flag.Parse()
	os.Exit(m.Run())
}

const (
	stolen   = testdata.Stolen
	password = "Kq7-Rw4x-Pz9t"
	hostile  = "Invoice\x1b]0;owned\x07\x1b[2J \u009b31m\u202e48213\r\nEnter: yes"
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
	began   time.Time
	records []incident.Record
	live    steps.Live
	acts    []act
	shown   bool
	options Options
}

// newFake is the recorded incident as it begins, with everything seen and nothing asked.
func newFake(t *testing.T) *fake {
	seen := uitest.At(t, incident.Look)
	f := &fake{t: t, hear: func(steps.Event) {}, began: seen.Now, live: seen.Live}
	for _, r := range testdata.Incident(incident.Look) {
		if _, asked := r.Fact.(incident.Intended); asked {
			break
		}
		f.tell(r.Fact)
	}
	f.tell(wrote("MarkSuspect")...)
	return f
}

// wrote is what the runbook wrote for an intent in the recorded incident, and until the next one.
func wrote(intent string) []incident.Fact {
	var facts []incident.Fact
	in := false
	for _, r := range testdata.Whole() {
		if f, ok := r.Fact.(incident.Intended); ok {
			in = f.Intent == intent
		} else if in {
			facts = append(facts, r.Fact)
		}
	}
	return facts
}

// State implements Runbook.
func (f *fake) State() steps.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return steps.State{Incident: incident.Fold(f.records), Live: f.live, Settings: steps.DefaultSettings(), Now: f.now()}
}

// now is a little later with every record.
func (f *fake) now() time.Time { return f.began.Add(time.Duration(len(f.records)) * time.Second / 4) }

// tell records facts and lets the session hear them.
func (f *fake) tell(facts ...incident.Fact) {
	for _, fact := range facts {
		f.mu.Lock()
		r := incident.Record{Seq: len(f.records) + 1, At: f.now(), Epoch: 1, By: testdata.Operator, Fact: fact}
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
	f.options.Echo = true
	s := New(f, out, f.options)
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
