package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"delist/steps"
)

// said is a systemctl that prints the same for every call.
func said(out string, err error) systemctl {
	return func(context.Context, ...string) (string, error) { return out, err }
}

func TestSystemdStates(t *testing.T) {
	cases := map[string]struct {
		out    string
		state  steps.ServiceState
		pid    int
		detail string
		fell   string
		queued bool
	}{
		"runs":           {"LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=812\nResult=success\nControlGroup=/system.slice/lives\nJob=\n", running, 812, "", "", false},
		"reloads":        {"LoadState=loaded\nActiveState=reloading\n", running, 0, "", "", false},
		"starts":         {"LoadState=loaded\nActiveState=activating\nSubState=start\nResult=success\nJob=77\n", starting, 0, "", "", true},
		"fell, again":    {"LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nExecMainStatus=3\n", starting, 0, "about to start it again", "exit-code (exit status 3)", false},
		"stops":          {"LoadState=loaded\nActiveState=deactivating\nSubState=stop-sigterm\nMainPID=812\n", stopping, 812, "", "", false},
		"stopped":        {"LoadState=loaded\nActiveState=inactive\nSubState=dead\nMainPID=0\nResult=success\nControlGroup=\n", stopped, 0, "", "", false},
		"failed":         {"LoadState=loaded\nActiveState=failed\nResult=signal\nExecMainStatus=9\nControlGroup=/system.slice/gone\n", stopped, 0, "", "signal (exit status 9)", false},
		"left behind":    {"LoadState=loaded\nActiveState=failed\nResult=timeout\nControlGroup=/system.slice/lives\n", stopping, 0, "some of its processes still run", "timeout", false},
		"a later word":   {"LoadState=loaded\nActiveState=pondering\x1b[2J\n", unknown, 0, "systemd calls it pondering[2J", "", false},
		"stop is queued": {"LoadState=loaded\nActiveState=active\nJob=5\n", running, 0, "", "", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			u := newSystemdUnit("smartermail", said(c.out, nil))
			u.lives = func(group string) bool { return group == "/system.slice/lives" }
			s, err := u.look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if s.State != c.state || s.PID != c.pid || s.queued != c.queued || !strings.Contains(s.Detail, c.detail) || !strings.Contains(s.fell, c.fell) {
				t.Errorf("%+v", s)
			}
			if c.fell == "" && s.fell != "" {
				t.Errorf("fell %q", s.fell)
			}
		})
	}
}

func TestSystemdUnitThatIsNotThere(t *testing.T) {
	for out, want := range map[string]error{
		"LoadState=not-found\nActiveState=inactive\n": ErrMissing,
		"": nil, // silence is not "stopped"
	} {
		s, err := newSystemdUnit("smartermail", said(out, nil)).look(t.Context())
		if err == nil || want != nil && !errors.Is(err, want) || s.State != unknown {
			t.Errorf("%q: %v, %v", out, s.State, err)
		}
	}
}

func TestSystemdRefusals(t *testing.T) {
	cases := map[string]struct {
		status int
		is     error
		says   string
	}{
		"Failed to stop smartermail.service: Interactive authentication required.":                     {1, ErrRights, "sudo"},
		"Failed to stop smartermail.service: Access denied":                                            {4, ErrRights, "sudo"},
		"Failed to stop smartermail.service: Unit smartermail.service not loaded.":                     {5, ErrMissing, "--service"},
		"Failed to start smartermail.service: Unit smartermail.service is masked.":                     {1, nil, "unmask"},
		"System has not been booted with systemd as init system (PID 1). Can't operate.":               {1, ErrNoManager, "by-hand"},
		"Failed to connect to bus: No such file or directory":                                          {1, ErrNoManager, "by-hand"},
		"Failed to stop smartermail.service: Transaction for smartermail.service/stop is destructive.": {1, nil, "by-hand"},
	}
	for text, c := range cases {
		u := newSystemdUnit("smartermail", said("", &systemctlError{status: c.status, text: text}))
		for verb, err := range map[string]error{
			"stop":  u.stop(t.Context(), func(string) {}),
			"start": u.start(t.Context(), nil),
		} {
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), verb+" smartermail.service: ") {
				t.Errorf("%s, %q: %v", verb, text, err)
			}
		}
	}
}

func TestSystemdAsksWithoutBlocking(t *testing.T) {
	var calls []string
	u := newSystemdUnit("smartermail", func(_ context.Context, args ...string) (string, error) {
		calls = append(calls, strings.Join(args, " "))
		return "TriggeredBy=smartermail.socket\nUnitFileState=enabled\n", nil
	})
	var heard []string
	if err := u.stop(t.Context(), func(s string) { heard = append(heard, s) }); err != nil {
		t.Fatal(err)
	}
	if got := calls[len(calls)-1]; got != "--no-ask-password --no-block stop -- smartermail.service" {
		t.Errorf("called %q", got)
	}
	if got := strings.Join(heard, "|"); !strings.Contains(got, "smartermail.socket can start") || !strings.Contains(got, "when this server restarts") {
		t.Errorf("said %q", got)
	}
}

// TestRunSystemctl runs the caller against a program of our own under the name of systemctl.
func TestRunSystemctl(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("systemctl is a Linux program")
	}
	put := func(t *testing.T, script string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+":/usr/bin:/bin")
	}
	t.Run("status and words", func(t *testing.T) {
		put(t, `printf 'Failed\033[2J to stop\nmore\n' >&2; exit 4`)
		_, err := runSystemctl(t.Context(), "stop")
		var e *systemctlError
		if !errors.As(err, &e) || e.status != 4 || e.text != "Failed[2J to stop" {
			t.Errorf("%#v", err)
		}
	})
	t.Run("the language is fixed", func(t *testing.T) {
		put(t, `printf %s "$LC_ALL"`)
		if out, err := runSystemctl(t.Context(), "show"); out != "C" || err != nil {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("hangs", func(t *testing.T) {
		put(t, `exec sleep 60`)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := runSystemctl(ctx, "show"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	t.Run("not there", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if _, err := runSystemctl(t.Context(), "show"); !errors.Is(err, ErrNoManager) {
			t.Errorf("%v", err)
		}
	})
}

func TestGroupLives(t *testing.T) {
	mount := t.TempDir()
	for name, text := range map[string]string{
		"two/a/cgroup.events":          "populated 1\nfrozen 0\n",
		"two/b/cgroup.events":          "populated 0\nfrozen 0\n",
		"unified/hybrid/cgroup.events": "populated 1\n",
		"systemd/one/cgroup.procs":     "90\n103\n",
		"systemd/empty/cgroup.procs":   "",
	} {
		file := filepath.Join(mount, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for group, want := range map[string]bool{
		"/two/a": true, "/two/b": false, "/hybrid": true, "/one": true, "/empty": false, "/gone": false, "/": false, "/../two/a": true,
	} {
		if got := groupLives(mount, group); got != want {
			t.Errorf("%s: %v", group, got)
		}
	}
}
