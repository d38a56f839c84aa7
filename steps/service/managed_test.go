package service

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"delist/steps"
)

// fakeControl plays a service: look follows script, one entry a look, and stays at the last.
type fakeControl struct {
	script  []sight
	looks   int
	stops   []error // answers to stop, the last one stays
	starts  []error
	asked   []string
	lookErr error
}

func (f *fakeControl) look(context.Context) (sight, error) {
	s := f.script[min(f.looks, len(f.script)-1)]
	f.looks++
	return s, f.lookErr
}

func answer(list *[]error) error {
	if len(*list) == 0 {
		return nil
	}
	err := (*list)[0]
	if len(*list) > 1 {
		*list = (*list)[1:]
	}
	return err
}

func (f *fakeControl) stop(context.Context, func(string)) error {
	f.asked = append(f.asked, "stop")
	return answer(&f.stops)
}

func (f *fakeControl) start(context.Context, func(string)) error {
	f.asked = append(f.asked, "start")
	return answer(&f.starts)
}

func (f *fakeControl) stuck(sight) string { return "Look at the event log" }

func (f *fakeControl) mayStop(context.Context) (steps.ReadyState, string, string) {
	return steps.Ready, "", ""
}

func (f *fakeControl) startsAgain(context.Context) ([]string, error) { return nil, nil }

func seen(states ...steps.ServiceState) []sight {
	var script []sight
	for _, s := range states {
		script = append(script, sight{ServiceReport: steps.ServiceReport{State: s}})
	}
	return script
}

const (
	unknown  = steps.ServiceUnknown
	running  = steps.ServiceRunning
	starting = steps.ServiceStarting
	stopping = steps.ServiceStopping
	stopped  = steps.ServiceStopped
)

func TestStopWaitsUntilSeenStopped(t *testing.T) {
	refused := errors.New("refused")
	queued := sight{ServiceReport: steps.ServiceReport{State: stopped}, queued: true}
	cases := map[string]struct {
		script []sight
		stops  []error
		asked  int
		looks  int
		want   error
	}{
		"stopped already, nothing is asked":              {seen(stopped), nil, 0, 1, nil},
		"still running just after the request":           {seen(running, running, stopping, stopped), nil, 1, 4, nil},
		"somebody else stops it already":                 {seen(stopping, stopping, stopped), nil, 0, 3, nil},
		"busy starting: asked again until it is taken":   {seen(starting, starting, running, stopped), []error{errNotNow, errNotNow, nil}, 3, 4, nil},
		"unknown is not stopped":                         {seen(unknown, unknown, stopped), nil, 1, 3, nil},
		"stopped, but a start is queued":                 {append([]sight{queued}, seen(stopped)...), nil, 1, 2, nil},
		"refused":                                        {seen(running), []error{refused}, 1, 1, refused},
		"never gets there":                               {seen(running, stopping), nil, 1, 2001, ErrSlow},
		"takes the request and goes on as if it had not": {seen(running), nil, 1, 2001, ErrSlow},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeControl{script: c.script, stops: c.stops}
				err := newManaged("MailService", f, Options{}).Stop(t.Context(), nil)
				if !errors.Is(err, c.want) {
					t.Errorf("error %v, want %v", err, c.want)
				}
				if len(f.asked) != c.asked || f.looks != c.looks {
					t.Errorf("asked %d times in %d looks, want %d in %d", len(f.asked), f.looks, c.asked, c.looks)
				}
			})
		})
	}
}

func TestStartWaitsUntilSeenRunning(t *testing.T) {
	crashed := sight{ServiceReport: steps.ServiceReport{State: stopped}, fell: "its process ended by itself (1067)"}
	again := sight{ServiceReport: steps.ServiceReport{State: starting}, fell: "exit-code (exit status 3)"}
	cases := map[string]struct {
		script []sight
		asked  int
		want   string // in the error; empty for none
	}{
		"runs already":                           {seen(running), 0, ""},
		"slow":                                   {seen(stopped, starting, starting, running), 1, ""},
		"shown as stopped just after the start":  {seen(stopped, stopped, stopped, running), 1, ""},
		"its last run ended badly, this one not": {append([]sight{crashed, crashed}, seen(starting, running)...), 1, ""},
		"has to stop first":                      {seen(stopping, stopping, stopped, starting, running), 1, ""},
		"ends at once":                           {[]sight{crashed}, 1, "started and ended again: its process ended by itself (1067). Look at the event log"},
		"ends and is started again for ever":     {append(seen(stopped), again), 1, "exit status 3"},
		"starts for ever":                        {seen(stopped, starting), 1, "still starting, 10m"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeControl{script: c.script}
				err := newManaged("MailService", f, Options{}).Start(t.Context(), nil)
				if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				if len(f.asked) != c.asked {
					t.Errorf("asked %d times, want %d", len(f.asked), c.asked)
				}
			})
		})
	}
}

func TestWaitingCanBeCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeControl{script: seen(running, stopping)}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := newManaged("MailService", f, Options{}).Stop(ctx, nil)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "it is stopping") {
			t.Errorf("error %v", err)
		}
	})
}

func TestTheWaitingOperatorHearsOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeControl{script: seen(running)}
		for range 75 { // 22 s of looks
			f.script = append(f.script, seen(stopping)...)
		}
		f.script = append(f.script, seen(stopped)...)
		var said []string
		if err := newManaged("MailService", f, Options{}).Stop(t.Context(), func(s string) { said = append(said, s) }); err != nil {
			t.Fatal(err)
		}
		want := "asked MailService to stop|MailService is stopping|MailService is still stopping, 11s|MailService is still stopping, 21s"
		if got := strings.Join(said, "|"); got != want {
			t.Errorf("said  %s\nwant %s", got, want)
		}
	})
}

func TestALookThatFailsEndsTheWait(t *testing.T) {
	f := &fakeControl{script: seen(unknown), lookErr: ErrMissing}
	m := newManaged("MailService", f, Options{})
	if err := m.Stop(t.Context(), nil); !errors.Is(err, ErrMissing) || len(f.asked) != 0 {
		t.Errorf("stop: %v, asked %v", err, f.asked)
	}
	if err := m.Start(t.Context(), nil); !errors.Is(err, ErrMissing) || len(f.asked) != 0 {
		t.Errorf("start: %v, asked %v", err, f.asked)
	}
}

func TestNewTakesWhatTheFlagSays(t *testing.T) {
	for _, name := range []string{"", "-rf", "a/b", "a\nb", "a\x1b[2J", strings.Repeat("a", 257)} {
		if s, err := New(name, Options{}); err == nil {
			t.Errorf("%q gives %v", name, s)
		}
	}
	if s, err := New("by-hand", Options{}); err != nil || !s.ByHand() {
		t.Errorf("by-hand: %v, %v", s, err)
	}
	if s, err := New("none", Options{}); err != nil || s.ByHand() {
		t.Errorf("none: %v, %v", s, err)
	}
	if s, err := New("MailService", Options{}); err != nil || s.Name() != "MailService" || s.ByHand() {
		t.Errorf("MailService: %v, %v", s, err)
	}
}

func TestByHandIsWhatTheOperatorConfirmed(t *testing.T) {
	b := NewByHand("SmarterMail", func(context.Context) []string { return nil })
	var _ steps.Confirmer = b
	if r, err := b.Look(t.Context()); err != nil || r.State != unknown {
		t.Errorf("at first: %v, %v", r, err)
	}
	b.Confirm(steps.Word{}) // Stop has begun: there is no word that it takes back
	if r, _ := b.Look(t.Context()); !strings.HasPrefix(r.Detail, "nobody has said yet what it does") {
		t.Errorf("after a word that says nothing: %v", r)
	}
	err := b.Stop(t.Context(), nil)
	if !errors.Is(err, ErrByHand) || !strings.Contains(err.Error(), "stop SmarterMail") {
		t.Errorf("stop before it is confirmed: %v", err)
	}
	b.Confirm(steps.Word{State: stopped, Said: time.Now()})
	if r, _ := b.Look(t.Context()); r.State != stopped || !strings.HasPrefix(r.Detail, "you said so at ") {
		t.Errorf("after it is confirmed: %v", r)
	}
	if err := b.Stop(t.Context(), nil); err != nil {
		t.Errorf("stop after it is confirmed: %v", err)
	}
	if err := b.Start(t.Context(), nil); !errors.Is(err, ErrByHand) {
		t.Errorf("start before it is confirmed: %v", err)
	}
}

// What the operator calls another program's port answers all the same, and what was seen is nobody's word.
func TestByHandSaysWhatWasSeen(t *testing.T) {
	open := []string{"port 25 (127.0.0.1)"}
	b := NewByHand("SmarterMail", func(context.Context) []string { return slices.Clone(open) })
	b.Confirm(steps.Word{State: stopped, Said: time.Now(), Others: open})
	if r, _ := b.Look(t.Context()); r.State != stopped || !strings.Contains(r.Detail, "no mail port answers here but port 25 (127.0.0.1), another program's as you said") {
		t.Errorf("%v", r)
	}
	for _, state := range []steps.ServiceState{stopped, running} {
		b = NewByHand("SmarterMail", func(context.Context) []string { return nil })
		b.Confirm(steps.Word{State: state, Said: time.Now(), Seen: true})
		if r, _ := b.Look(t.Context()); r.State != stopped || strings.Contains(r.Detail, "you said") {
			t.Errorf("%s was seen: %v", state, r)
		}
	}
}

func TestNoneIsAlwaysStopped(t *testing.T) {
	if r, err := (None{}).Look(t.Context()); err != nil || r.State != stopped {
		t.Errorf("%v, %v", r, err)
	}
	if err := (None{}).Stop(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := (None{}).Start(t.Context(), nil); err != nil {
		t.Errorf("there is nothing to start: %v", err)
	}
}
