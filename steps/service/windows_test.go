package service

import (
	"context"
	"errors"
	"strings"
	"testing"

	"delist/steps"
)

// fakeProcess ends after some looks.
type fakeProcess struct {
	left   int
	closed bool
}

func (p *fakeProcess) Alive() bool  { p.left--; return p.left >= 0 }
func (p *fakeProcess) Close() error { p.closed = true; return nil }

// quietSCM is a manager with one running service that takes every request.
func quietSCM() scm {
	return scm{
		status:     func(string) (scmStatus, error) { return scmStatus{state: scmRunning, pid: 42, ownProcess: true}, nil },
		stop:       func(string) error { return nil },
		start:      func(string) error { return nil },
		dependents: func(string) ([]string, error) { return nil, nil },
		startType:  func(string) (uint32, error) { return startAutomatic, nil },
		hold:       func(int) (process, error) { return nil, errAccessDenied },
	}
}

func TestWindowsStates(t *testing.T) {
	cases := map[uint32]steps.ServiceState{
		scmStopped: stopped, scmStartPending: starting, scmStopPending: stopping, scmRunning: running,
		scmContinuePending: running, scmPausePending: running, scmPaused: running, 0: unknown, 99: unknown,
	}
	for state, want := range cases {
		m := quietSCM()
		m.status = func(string) (scmStatus, error) { return scmStatus{state: state}, nil }
		s, err := (&windowsService{name: "MailService", scm: m}).look(t.Context())
		if err != nil || s.State != want {
			t.Errorf("state %d: %v, %v, want %v", state, s.State, err, want)
		}
	}
}

func TestWindowsStoppedMeansTheProcessHasEnded(t *testing.T) {
	m := quietSCM()
	st := scmStatus{state: scmRunning, pid: 42, ownProcess: true}
	p := &fakeProcess{left: 1}
	m.status = func(string) (scmStatus, error) { return st, nil }
	m.stop = func(string) error { st = scmStatus{state: scmStopped}; return nil }
	m.hold = func(pid int) (process, error) { return p, nil }
	w := &windowsService{name: "MailService", scm: m}
	if err := w.stop(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	if s, _ := w.look(t.Context()); s.State != stopping || s.Detail == "" {
		t.Errorf("with its process alive: %v %q", s.State, s.Detail)
	}
	if s, _ := w.look(t.Context()); s.State != stopped || !p.closed {
		t.Errorf("with its process gone: %v, closed %v", s.State, p.closed)
	}
}

func TestWindowsSharedProcessIsNotWaitedFor(t *testing.T) {
	m := quietSCM()
	m.status = func(string) (scmStatus, error) { return scmStatus{state: scmRunning, pid: 42}, nil }
	m.hold = func(int) (process, error) { t.Error("held a process that serves others"); return nil, errAccessDenied }
	if err := (&windowsService{name: "MailService", scm: m}).stop(t.Context(), func(string) {}); err != nil {
		t.Error(err)
	}
}

func TestWindowsRefusalsToStop(t *testing.T) {
	cases := map[winError]struct {
		is   error
		says string
	}{
		errAccessDenied:               {ErrRights, "Run as administrator"},
		errDependentServicesRunning:   {nil, "Backup Agent, SmarterMail Guard. Stop those first"},
		errInvalidServiceControl:      {nil, "does not take this request"},
		errServiceDoesNotExist:        {ErrMissing, "--service"},
		errServiceCannotAcceptControl: {errNotNow, ""},
		errShutdownInProgress:         {nil, "shutting down"},
		4711:                          {nil, "Windows error 4711"},
	}
	for code, c := range cases {
		m := quietSCM()
		m.stop = func(string) error { return code }
		m.dependents = func(string) ([]string, error) { return []string{"Backup Agent", "SmarterMail Guard"}, nil }
		err := (&windowsService{name: "MailService", scm: m}).stop(t.Context(), func(string) {})
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d: %v, want %v, %q", code, err, c.is, c.says)
		}
	}
}

func TestWindowsRequestsThatCountAsMade(t *testing.T) {
	for _, code := range []winError{errServiceNotActive, errServiceRequestTimeout} {
		m := quietSCM()
		m.stop = func(string) error { return code }
		if err := (&windowsService{name: "MailService", scm: m}).stop(t.Context(), func(string) {}); err != nil {
			t.Errorf("stop, %d: %v", code, err)
		}
	}
	for _, code := range []winError{errServiceAlreadyRunning, errServiceRequestTimeout} {
		m := quietSCM()
		m.start = func(string) error { return code }
		if err := (&windowsService{name: "MailService", scm: m}).start(t.Context(), func(string) {}); err != nil {
			t.Errorf("start, %d: %v", code, err)
		}
	}
}

func TestWindowsRefusalsToStart(t *testing.T) {
	for code, says := range map[winError]string{
		errAccessDenied:             "Run as administrator",
		errServiceDisabled:          "is disabled; set its start type",
		errProcessAborted:           "ended by itself",
		errServiceDependencyFail:    "a service that it needs",
		errServiceLogonFailed:       "Log On",
		errServiceMarkedForDelete:   "marked to be deleted",
		errServiceDoesNotExist:      "services.msc",
		errDependentServicesRunning: "Windows error 1051",
	} {
		m := quietSCM()
		m.start = func(string) error { return code }
		err := (&windowsService{name: "MailService", scm: m}).start(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "start MailService: ") {
			t.Errorf("%d: %v, want %q", code, err, says)
		}
	}
}

func TestWindowsSaysWhatToKnowBeforeTheStop(t *testing.T) {
	m := quietSCM()
	m.dependents = func(string) ([]string, error) { return []string{"Backup\x1b[2J"}, nil }
	var said []string
	if err := (&windowsService{name: "MailService", scm: m}).stop(context.Background(), func(s string) { said = append(said, s) }); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(said, "|")
	if !strings.Contains(got, "starts by itself when this server restarts") || !strings.Contains(got, "these services need MailService: Backup[2J") {
		t.Errorf("said %q", got)
	}
}

func TestWindowsSaysHowTheLastRunEnded(t *testing.T) {
	cases := map[scmStatus]string{
		{state: scmStopped}: "",
		{state: scmStopped, exitCode: uint32(errServiceNeverStarted)}:              "",
		{state: scmStopped, exitCode: uint32(errProcessAborted)}:                   "its last run ended badly: its process ended by itself (1067)",
		{state: scmStopped, exitCode: uint32(errServiceSpecific), specificCode: 7}: "its last run ended badly: it gave its own code 7",
		{state: scmStopped, exitCode: 2}:                                           "its last run ended badly: Windows error 2",
	}
	for st, want := range cases {
		m := quietSCM()
		m.status = func(string) (scmStatus, error) { return st, nil }
		r, err := newManaged("MailService", &windowsService{name: "MailService", scm: m}, Options{}).Look(t.Context())
		if err != nil || r.Detail != want {
			t.Errorf("%+v: %q, %v, want %q", st, r.Detail, err, want)
		}
	}
}
