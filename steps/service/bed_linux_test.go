package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"delist/steps"
)

// systemdService installs a unit of the box's systemd and returns it as the wizard would hold it.
func systemdService(t *testing.T, name, unit string, limit time.Duration) steps.Service {
	t.Helper()
	needBed(t, "DELIST_SYSTEMD_BED", ".ci/beds")
	file := "/etc/systemd/system/" + name + ".service"
	if err := os.WriteFile(file, []byte("[Service]\n"+unit), 0o644); err != nil {
		t.Fatal(err)
	}
	systemctlNow(t, "daemon-reload")
	t.Cleanup(func() {
		_ = exec.Command("systemctl", "kill", "--signal=KILL", name).Run()
		_ = os.Remove(file)
	})
	s, err := New(name, Options{Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func systemctlNow(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("systemctl", args...).CombinedOutput(); err != nil {
		t.Fatalf("systemctl %v: %v: %s", args, err, out)
	}
}

func state(t *testing.T, s steps.Service) steps.ServiceReport {
	t.Helper()
	r, err := s.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSystemdUnitStartsAndStops(t *testing.T) {
	cases := map[string]string{
		"delist-good": "ExecStart=/bin/sleep 600\n",
		"delist-slow": "Type=forking\nExecStart=/bin/sh -c 'sleep 1; sleep 600 & exit 0'\nExecStop=/bin/sleep 1\n",
	}
	for name, unit := range cases {
		t.Run(name, func(t *testing.T) {
			s := systemdService(t, name, unit, 30*time.Second)
			if r := state(t, s); r.State != stopped {
				t.Fatalf("at first: %+v", r)
			}
			var said []string
			say := func(text string) { said = append(said, text) }
			for range 2 { // the second time nothing is to do
				if err := s.Start(t.Context(), say); err != nil {
					t.Fatal(err)
				}
				if r := state(t, s); r.State != running || r.PID == 0 {
					t.Fatalf("after the start: %+v", r)
				}
			}
			pid := state(t, s).PID
			for range 2 {
				if err := s.Stop(t.Context(), say); err != nil {
					t.Fatal(err)
				}
				if r := state(t, s); r.State != stopped {
					t.Fatalf("after the stop: %+v", r)
				}
			}
			if err := syscall.Kill(pid, 0); err == nil {
				t.Errorf("seen stopped, but process %d lives", pid)
			}
			all := strings.Join(said, "\n")
			if strings.Count(all, "asked "+name) != 2 {
				t.Errorf("said:\n%s", all)
			}
			if name == "delist-slow" && (!strings.Contains(all, "is starting") || !strings.Contains(all, "is stopping")) {
				t.Errorf("said:\n%s", all)
			}
		})
	}
}

// stubborn is a program that takes no SIGTERM.
const stubborn = "ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 0.2; done'\n"

func TestSystemdUnitThatRefusesToStop(t *testing.T) {
	s := systemdService(t, "delist-stubborn", stubborn+"TimeoutStopSec=60\n", 2*time.Second)
	if err := s.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err := s.Stop(t.Context(), nil)
	if !errors.Is(err, ErrSlow) || !strings.Contains(err.Error(), "journalctl") {
		t.Errorf("%v", err)
	}
	if r := state(t, s); r.State != stopping {
		t.Errorf("%+v", r)
	}
}

func TestSystemdUnitThatIsGivenUpIsNotStopped(t *testing.T) {
	s := systemdService(t, "delist-given-up", stubborn+"TimeoutStopSec=1\nSendSIGKILL=no\n", 5*time.Second)
	if err := s.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context(), nil); !errors.Is(err, ErrSlow) {
		t.Errorf("%v", err)
	}
	if r := state(t, s); r.State == stopped || !strings.Contains(r.Detail, "still run") {
		t.Errorf("its process lives, and it is called %s: %s", r.State, r.Detail)
	}
}

func TestSystemdUnitThatCrashes(t *testing.T) {
	for name, unit := range map[string]string{
		"delist-crash":       "ExecStart=/bin/sh -c 'exit 3'\n",
		"delist-crash-again": "ExecStart=/bin/sh -c 'exit 3'\nRestart=always\nRestartSec=30\n",
	} {
		s := systemdService(t, name, unit+"Type=notify\n", 20*time.Second)
		err := s.Start(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), "ended again") {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Stop(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSystemdUnitThatIsMissing(t *testing.T) {
	needBed(t, "DELIST_SYSTEMD_BED", ".ci/beds")
	s, _ := New("delist-gone", Options{})
	if _, err := s.Look(t.Context()); !errors.Is(err, ErrMissing) {
		t.Errorf("%v", err)
	}
	if err := s.Stop(t.Context(), nil); !errors.Is(err, ErrMissing) {
		t.Errorf("%v", err)
	}
}

func TestSystemdRefusesTheUnprivileged(t *testing.T) {
	s := systemdService(t, "delist-guarded", "ExecStart=/bin/sleep 600\n", 20*time.Second)
	if err := s.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	// the same calls as another user
	asNobody := func(ctx context.Context, args ...string) (string, error) {
		dir := t.TempDir()
		script := fmt.Sprintf("#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups %s \"$@\"\n", "/usr/bin/systemctl")
		if err := os.WriteFile(dir+"/systemctl", []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		path := os.Getenv("PATH")
		t.Setenv("PATH", dir+":"+path)
		defer t.Setenv("PATH", path)
		return runSystemctl(ctx, args...)
	}
	nobody := newManaged("delist-guarded", newSystemdUnit("delist-guarded", asNobody), Options{})
	if r := state(t, nobody); r.State != running {
		t.Errorf("looking takes no rights: %+v", r)
	}
	err := nobody.Stop(t.Context(), nil)
	if !errors.Is(err, ErrRights) || !strings.Contains(err.Error(), "sudo") {
		t.Errorf("%v", err)
	}
	if r := state(t, s); r.State != running {
		t.Errorf("%+v", r)
	}
}

func TestSystemdFindsSmarterMail(t *testing.T) {
	needBed(t, "DELIST_SYSTEMD_BED", ".ci/beds")
	systemdService(t, "smartermail", "ExecStart=/bin/sleep 600\nWorkingDirectory=/var/lib\n", time.Minute)
	found, err := Find(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if f := found[0]; f.Name != "smartermail" || !strings.HasSuffix(f.Image, "/bin/sleep") || f.Folder != "/var/lib" {
		t.Errorf("%+v", f)
	}
	if l := Locate(t.Context()); l.ServiceErr != nil || len(l.Services) != 1 {
		t.Errorf("%+v", l)
	}
}
