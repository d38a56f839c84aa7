package service

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"delist/steps"
)

// TestMain lets the test program be the service that it tests with: `service.test.exe -testservice KIND`.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "-testservice" {
		if err := svc.Run("", testService(os.Args[2])); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// testService is a service that behaves as its name says: good, slow, hang-stop, deaf, crash or refuse-start.
type testService string

// slowness is how long a slow service takes to start and to stop.
const slowness = 1200 * time.Millisecond

// Execute implements svc.Handler.
func (kind testService) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.StartPending, WaitHint: 5000}
	switch kind {
	case "slow":
		time.Sleep(slowness)
	case "refuse-start":
		return true, 7
	}
	accepts := svc.AcceptStop
	if kind == "deaf" {
		accepts = 0
	}
	status <- svc.Status{State: svc.Running, Accepts: accepts}
	if kind == "crash" {
		time.Sleep(time.Second / 2)
		os.Exit(3)
	}
	for r := range requests {
		switch r.Cmd {
		case svc.Interrogate:
			status <- r.CurrentStatus
		case svc.Stop:
			status <- svc.Status{State: svc.StopPending, WaitHint: 5000}
			switch kind {
			case "slow":
				time.Sleep(slowness)
			case "hang-stop":
				time.Sleep(20 * time.Second)
			}
			return false, 0
		}
	}
	return false, 0
}

// install registers the test program as a service of some kind, and removes it at the end of the test.
func install(t *testing.T, name, image, kind string, startType uint32) {
	t.Helper()
	err := withManager(windows.SC_MANAGER_CONNECT|windows.SC_MANAGER_CREATE_SERVICE, func(m *mgr.Mgr) error {
		s, err := m.CreateService(name, image, mgr.Config{StartType: startType}, "-testservice", kind)
		if err != nil {
			return err
		}
		return s.Close()
	})
	if err != nil {
		t.Fatalf("install %s: %v", name, err)
	}
	t.Cleanup(func() {
		_ = withService(name, windows.SERVICE_STOP|windows.DELETE|windows.SERVICE_QUERY_STATUS, func(s *mgr.Service) error {
			if st, err := s.Query(); err == nil && st.ProcessId != 0 {
				if p, err := os.FindProcess(int(st.ProcessId)); err == nil {
					_ = p.Kill()
				}
			}
			return s.Delete()
		})
	})
}

// wineService installs a service of some kind and returns it as the wizard would hold it.
func wineService(t *testing.T, kind string, limit time.Duration) steps.Service {
	t.Helper()
	needBed(t, "DELIST_WINE_BED", ".ci/beds")
	image, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("DelistTest-%s-%d", kind, os.Getpid())
	install(t, name, image, kind, mgr.StartManual)
	s, err := New(name, Options{Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func state(t *testing.T, s steps.Service) steps.ServiceReport {
	t.Helper()
	r, err := s.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWineServiceStartsAndStops(t *testing.T) {
	for _, kind := range []string{"good", "slow"} {
		t.Run(kind, func(t *testing.T) {
			s := wineService(t, kind, 30*time.Second)
			if r := state(t, s); r.State != stopped || r.Detail != "" {
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
			if p, err := holdProcess(pid); err == nil {
				if p.Alive() {
					t.Errorf("seen stopped, but process %d lives", pid)
				}
				_ = p.Close()
			}
			all := strings.Join(said, "\n")
			if strings.Count(all, "asked "+s.Name()) != 2 {
				t.Errorf("said:\n%s", all)
			}
			if kind == "slow" && (!strings.Contains(all, "is starting") || !strings.Contains(all, "is stopping")) {
				t.Errorf("said:\n%s", all)
			}
		})
	}
}

func TestWineServiceThatHangs(t *testing.T) {
	s := wineService(t, "hang-stop", 2*time.Second)
	if err := s.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err := s.Stop(t.Context(), nil)
	if !errors.Is(err, ErrSlow) || !strings.Contains(err.Error(), "still stopping") {
		t.Errorf("%v", err)
	}
	if r := state(t, s); r.State != stopping {
		t.Errorf("%+v", r)
	}
}

func TestWineServiceThatTakesNoStop(t *testing.T) {
	s := wineService(t, "deaf", 2*time.Second)
	if err := s.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context(), nil); err == nil {
		t.Error("stopped a service that takes no stop")
	} else {
		t.Log(err)
	}
	if r := state(t, s); r.State != running {
		t.Errorf("%+v", r)
	}
}

func TestWineServiceThatCrashes(t *testing.T) {
	s := wineService(t, "crash", 10*time.Second)
	if err := s.Start(t.Context(), nil); err != nil && !strings.Contains(err.Error(), "ended again") {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for state(t, s).State != stopped {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", state(t, s))
		}
		time.Sleep(50 * time.Millisecond)
	}
	if r := state(t, s); !strings.Contains(r.Detail, "its last run ended badly") {
		t.Errorf("%+v", r)
	}
}

func TestWineServiceThatDoesNotStart(t *testing.T) {
	s := wineService(t, "refuse-start", 10*time.Second)
	err := s.Start(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "own code 7") {
		t.Errorf("%v", err)
	}
}

func TestWineServiceThatIsDisabledOrMissing(t *testing.T) {
	needBed(t, "DELIST_WINE_BED", ".ci/beds")
	image, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("DelistTest-disabled-%d", os.Getpid())
	install(t, name, image, "good", mgr.StartDisabled)
	s, _ := New(name, Options{})
	if err := s.Start(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "is disabled") {
		t.Errorf("%v", err)
	}
	gone, _ := New("DelistTest-gone", Options{})
	if _, err := gone.Look(t.Context()); !errors.Is(err, ErrMissing) {
		t.Errorf("%v", err)
	}
}

func TestWineFindsSmarterMail(t *testing.T) {
	needBed(t, "DELIST_WINE_BED", ".ci/beds")
	before, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "SmarterMail")
	image := filepath.Join(folder, "Service", "MailService.exe")
	copyProgram(t, image)
	name := fmt.Sprintf("MailService-%d", os.Getpid())
	install(t, name, image, "good", mgr.StartAutomatic)
	other := filepath.Join(t.TempDir(), "OtherMail", "MailService.exe")
	copyProgram(t, other)
	install(t, name+"-other", other, "good", mgr.StartManual)

	found, err := Find(t.Context())
	if err != nil || len(found) != len(before)+1 {
		t.Fatalf("%+v, %v", found, err)
	}
	i := slices.IndexFunc(found, func(f Found) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("%+v, want %s", found, name)
	}
	if f := found[i]; !strings.EqualFold(f.Image, image) || !strings.EqualFold(f.Folder, folder) {
		t.Errorf("%+v, want %s at %s", f, name, folder)
	}
	var said []string
	s, _ := New(name, Options{})
	if err := s.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context(), func(text string) { said = append(said, text) }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(said, "\n"), "starts by itself when this server restarts") {
		t.Errorf("said %q", said)
	}
}

func TestWineLocateEnds(t *testing.T) {
	needBed(t, "DELIST_WINE_BED", ".ci/beds")
	if l := Locate(t.Context()); l.ServiceErr != nil {
		t.Errorf("%+v", l)
	}
}

func copyProgram(t *testing.T, to string) {
	t.Helper()
	from, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
