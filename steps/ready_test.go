package steps_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// stopper is a service that says beforehand what a stop would meet.
type stopper struct {
	*fakeService
	state       steps.ReadyState
	why, remedy string
	again       []string
	againErr    error
}

func (s stopper) MayStop(context.Context) (steps.ReadyState, string, string) {
	return s.state, s.why, s.remedy
}
func (s stopper) StartsAgain(context.Context) ([]string, error) { return s.again, s.againErr }

// boxes are mailboxes whose way in answers as it is told.
type boxes struct {
	*fakeMailboxes
	ready func(context.Context) error
}

func (b boxes) Ready(ctx context.Context) error { return b.ready(ctx) }

// found is what was found of one thing.
func found(list []steps.Readiness, what string) steps.Readiness {
	for _, r := range list {
		if r.What == what {
			return r
		}
	}
	return steps.Readiness{}
}

// spoolAt makes a small spool.
func spoolAt(t *testing.T, root string) {
	t.Helper()
	for _, folder := range []string{"SubSpool0", "SubSpool1"} {
		spooltest.Write(t, root, spooltest.Pair{ID: spool.NewID(folder, "10000001"), Auth: stolen})
	}
}

func TestReadyOfTheServer(t *testing.T) {
	running := &fakeService{state: steps.ServiceRunning}
	no := func(context.Context) error { return errors.New("SmarterMail does not accept the login") }
	for name, c := range map[string]struct {
		hands steps.Hands
		what  string
		state steps.ReadyState
		says  []string // of sentence and remedy; none: not mentioned at all
	}{
		"may stop":           {steps.Hands{Service: stopper{fakeService: running, state: steps.Ready}}, steps.ReadyService, steps.Ready, []string{"may stop MailService"}},
		"may not":            {steps.Hands{Service: stopper{fakeService: running, state: steps.NotReady, why: "no right", remedy: "Use sudo."}}, steps.ReadyService, steps.NotReady, []string{"cannot be stopped", "no right", "Use sudo."}},
		"perhaps":            {steps.Hands{Service: stopper{fakeService: running, why: "not root"}}, steps.ReadyService, steps.NotKnown, []string{"perhaps", "not root"}},
		"in a dry run":       {steps.Hands{Service: steps.NewDryService(stopper{fakeService: running, state: steps.NotReady, why: "no right"})}, steps.ReadyService, steps.NotReady, []string{"no right"}},
		"by hand":            {steps.Hands{Service: stopper{fakeService: &fakeService{byHand: true}}}, steps.ReadyService, 0, nil},
		"no stopper":         {steps.Hands{Service: running}, steps.ReadyService, 0, nil},
		"a timer":            {steps.Hands{Service: stopper{fakeService: running, again: []string{"mail.timer", "monit.service"}}}, steps.ReadyAgain, steps.Warn, []string{"mail.timer, monit.service", "Switch that off"}},
		"nothing seen":       {steps.Hands{Service: stopper{fakeService: running}}, steps.ReadyAgain, steps.NotKnown, []string{"cannot be seen", "Pause"}},
		"not to be seen":     {steps.Hands{Service: stopper{fakeService: running, againErr: errors.New("hung")}}, steps.ReadyAgain, steps.NotKnown, []string{"hung"}},
		"let in":             {steps.Hands{Mailboxes: boxes{&fakeMailboxes{}, func(context.Context) error { return nil }}}, steps.ReadyAPI, steps.Ready, []string{"lets delist in"}},
		"refused":            {steps.Hands{Service: running, Mailboxes: boxes{&fakeMailboxes{}, no}}, steps.ReadyAPI, steps.NotReady, []string{"does not accept the login", "by hand", "--admin"}},
		"while mail is down": {steps.Hands{Service: &fakeService{state: steps.ServiceStopped}, Mailboxes: boxes{&fakeMailboxes{}, no}}, steps.ReadyAPI, steps.NotKnown, []string{"only while mail runs"}},
		"no API":             {steps.Hands{Mailboxes: boxes{&fakeMailboxes{byHand: true}, no}}, steps.ReadyAPI, 0, nil},
		"over ssh":           {steps.Hands{Connection: steps.ConnectionSSH}, steps.ReadySession, steps.Warn, []string{"SSH", "tmux"}},
		"remote desktop":     {steps.Hands{Connection: steps.ConnectionRDP}, steps.ReadySession, steps.Warn, []string{"logged off", "disconnect"}},
		"in tmux":            {steps.Hands{Connection: steps.ConnectionKept}, steps.ReadySession, steps.Ready, []string{"outlives"}},
		"hostile words":      {steps.Hands{Service: stopper{fakeService: running, again: []string{"a\x1b[2J"}}}, steps.ReadyAgain, steps.Warn, []string{"a[2J"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := steps.Preparation{Hands: c.hands}
			r := found(p.CheckReady(t.Context()), c.what)
			text := r.Sentence + " " + r.Remedy
			if r.State != c.state || (r.Sentence == "") != (c.says == nil) {
				t.Errorf("%v: %q, want %v", r.State, text, c.state)
			}
			for _, words := range c.says {
				if !strings.Contains(text, words) {
					t.Errorf("%q does not say %q", text, words)
				}
			}
		})
	}
}

func TestReadyOfTheSpool(t *testing.T) {
	for name, c := range map[string]struct {
		root, configured string
		file             string // that stands there
		what             string
		state            steps.ReadyState
		says             []string
	}{
		"rights":              {"mail/Spool", "", "", steps.ReadyRights, steps.Ready, []string{"3 folders"}},
		"place":               {"mail/Spool", "", "", steps.ReadyPlace, steps.Ready, []string{"mail/delist"}},
		"room":                {"mail/Spool", "", "", steps.ReadyRoom, steps.Ready, []string{"free at"}},
		"record":              {"mail/Spool", "", "", steps.ReadyRecord, steps.Ready, []string{"7F3A"}},
		"configured badly":    {"mail/Spool", "mail/Spool/q", "", steps.ReadyPlace, steps.NotReady, []string{"lies in the spool", "Take the line dir", "mail/delist"}},
		"configured relative": {"mail/Spool", "./q", "", steps.ReadyPlace, steps.NotReady, []string{"not an absolute path", "Take the line dir"}},
		"the program itself":  {"mail/Spool", "", "mail/delist", steps.ReadyPlace, steps.NotReady, []string{"the file ", "mail/delist stands where its folder would be made", "Move ", " elsewhere and start delist again", "[quarantine]\ndir = '", "mail/delist-quarantine'"}},
		"and its other name":  {"mail/Spool", "", "mail/delist-quarantine", steps.ReadyPlace, steps.Ready, []string{"mail/delist."}},
		"configured: a file":  {"mail/Spool", "held", "held", steps.ReadyPlace, steps.NotReady, []string{"held stands where", "held-quarantine'"}},
	} {
		t.Run(name, func(t *testing.T) {
			up := t.TempDir()
			root := filepath.Join(up, filepath.FromSlash(c.root))
			spoolAt(t, root)
			dir := filepath.Join(up, "incidents", "7F3A")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if c.file != "" {
				if err := os.WriteFile(filepath.Join(up, filepath.FromSlash(c.file)), []byte("x"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			p := steps.Preparation{Root: root, Dir: dir, Spare: filepath.Join(up, "incidents", "quarantine")}
			if c.configured != "" {
				p.Settings.QuarantineDir = c.configured
				if !strings.HasPrefix(c.configured, ".") {
					p.Settings.QuarantineDir = filepath.Join(up, filepath.FromSlash(c.configured))
				}
			}
			before := files(t, up)
			list := p.CheckReady(t.Context())
			r := found(list, c.what)
			text := r.Sentence + " " + r.Remedy
			if r.State != c.state {
				t.Errorf("%v: %q, want %v", r.State, text, c.state)
			}
			for _, words := range c.says {
				if !strings.Contains(filepath.ToSlash(text), words) {
					t.Errorf("%q does not say %q", text, words)
				}
			}
			if after := files(t, up); len(after) != len(before) {
				t.Errorf("it left something behind: %v", after)
			}
			if c.state == steps.NotReady && list[0].What != c.what {
				t.Errorf("the blocker does not come first: %+v", list)
			}
		})
	}
}

// An API that hangs delays neither the other answers nor, later, a second round.
func TestReadyWaitsForNobody(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.until(rb, "the checks", func(s steps.State) bool { return found(s.Live.Ready, steps.ReadyPlace).State == steps.Ready })
	if r := found(rb.State().Live.Ready, steps.ReadyAPI); r.State != steps.Ready {
		t.Errorf("%+v", r)
	}
	live := rb.State().Live
	if why := live.Unready(); len(why) > 0 {
		t.Errorf("%+v", why)
	}
	block := make(chan struct{})
	t.Cleanup(func() { close(block) })
	tries := steps.NewTries(20 * time.Millisecond)
	p := steps.Preparation{Hands: steps.Hands{Connection: steps.ConnectionSSH,
		Mailboxes: boxes{&fakeMailboxes{}, func(context.Context) error { <-block; return nil }}}}
	for range 2 {
		began := time.Now()
		list := p.Check(t.Context(), tries)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
		if r := found(list, steps.ReadyAPI); r.State != steps.NotKnown || !strings.Contains(r.Sentence, "no answer") {
			t.Errorf("%+v", r)
		}
		if r := found(list, steps.ReadySession); r.State != steps.Warn {
			t.Errorf("%+v", r)
		}
	}
}

// Who may not act is not told what would fail.
func TestReadyIsNotAskedInReadOnly(t *testing.T) {
	w := newWorld(t)
	w.mode = incident.Mode{ReadOnly: true}
	rb := w.open()
	time.Sleep(100 * time.Millisecond)
	if list := rb.State().Live.Ready; list != nil {
		t.Errorf("%+v", list)
	}
}
