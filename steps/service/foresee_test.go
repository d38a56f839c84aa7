package service

import (
	"context"
	"errors"
	"strings"
	"testing"

	"delist/steps"
)

func TestSystemdMayStop(t *testing.T) {
	for name, c := range map[string]struct {
		out   string
		err   error
		euid  int
		state steps.ReadyState
		says  string
	}{
		"root":          {"LoadState=loaded\nRefuseManualStop=no\n", nil, 0, steps.Ready, ""},
		"not root":      {"LoadState=loaded\nRefuseManualStop=no\n", nil, 1000, steps.NotKnown, "sudo"},
		"nobody may":    {"LoadState=loaded\nRefuseManualStop=yes\n", nil, 0, steps.NotReady, "RefuseManualStop"},
		"no such unit":  {"LoadState=not-found\n", nil, 0, steps.NotReady, "--service"},
		"silence":       {"", nil, 0, steps.NotKnown, "said nothing"},
		"systemd hangs": {"", errors.New("systemctl show did not answer"), 0, steps.NotKnown, "did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			u := newSystemdUnit("smartermail", said(c.out, c.err))
			u.euid = func() int { return c.euid }
			state, why, remedy := newManaged("smartermail", u, Options{}).MayStop(t.Context())
			if text := why + " " + remedy; state != c.state || !strings.Contains(text, c.says) {
				t.Errorf("%v: %q, want %v with %q", state, text, c.state, c.says)
			}
		})
	}
}

func TestSystemdStartsAgain(t *testing.T) {
	for name, c := range map[string]struct{ unit, monit, want string }{
		"nothing":      {"TriggeredBy=\nUpheldBy=\n", "ActiveState=inactive\n", ""},
		"a timer":      {"TriggeredBy=smartermail.timer smartermail.socket\n", "ActiveState=inactive\n", "smartermail.timer smartermail.socket"},
		"upheld":       {"TriggeredBy=\nUpheldBy=mail.target\n", "", "mail.target"},
		"a watchdog":   {"TriggeredBy=\n", "ActiveState=active\n", "monit.service"},
		"hostile name": {"TriggeredBy=a\x1b[2J.timer\n", "", "a[2J.timer"},
	} {
		t.Run(name, func(t *testing.T) {
			u := newSystemdUnit("smartermail", func(_ context.Context, args ...string) (string, error) {
				if args[len(args)-1] == "monit.service" {
					return c.monit, nil
				}
				return c.unit, nil
			})
			seen, err := u.startsAgain(t.Context())
			if got := strings.Join(seen, " "); err != nil || got != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
	if _, err := newSystemdUnit("smartermail", said("", errors.New("hung"))).startsAgain(t.Context()); err == nil {
		t.Error("not seen, and no error")
	}
}

func TestWindowsMayStop(t *testing.T) {
	for name, c := range map[string]struct {
		open    error
		needing []string
		state   steps.ReadyState
		says    string
	}{
		"may":        {nil, nil, steps.Ready, ""},
		"may not":    {errAccessDenied, nil, steps.NotReady, "Run as administrator"},
		"missing":    {errServiceDoesNotExist, nil, steps.NotReady, "services.msc"},
		"odd":        {winError(1234), nil, steps.NotKnown, "1234"},
		"dependents": {nil, []string{"MailGateway"}, steps.NotReady, "MailGateway"},
	} {
		t.Run(name, func(t *testing.T) {
			m := quietSCM()
			m.mayStop = func(string) error { return c.open }
			m.dependents = func(string) ([]string, error) { return c.needing, nil }
			m.stop = func(string) error { t.Error("it was asked to stop"); return nil }
			state, why, remedy := (&windowsService{name: "MailService", scm: m}).mayStop(t.Context())
			if text := why + " " + remedy; state != c.state || !strings.Contains(text, c.says) {
				t.Errorf("%v: %q, want %v with %q", state, text, c.state, c.says)
			}
		})
	}
}

func TestWindowsStartsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		restarts bool
		err      error
		want     string
	}{
		"nothing seen": {false, nil, ""},
		"recovery":     {true, nil, "recovery actions"},
		"not readable": {false, errAccessDenied, "!not permitted"},
	} {
		t.Run(name, func(t *testing.T) {
			m := quietSCM()
			m.recovers = func(string) (bool, error) { return c.restarts, c.err }
			seen, err := (&windowsService{name: "MailService", scm: m}).startsAgain(t.Context())
			if part, fails := strings.CutPrefix(c.want, "!"); fails {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%v, want %q", err, part)
				}
			} else if got := strings.Join(seen, " "); err != nil || !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}
