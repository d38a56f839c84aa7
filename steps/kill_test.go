package steps_test

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// killDir names the folder in which this test binary, started again as a child, purges until it is killed.
const killDir = "DELIST_TEST_PURGE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := purgeUntilKilled(dir); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// stoppedHands are the hands for a spool whose service is stopped.
func stoppedHands(root string) (steps.Hands, error) {
	s, err := spool.Open(root)
	service := &fakeService{state: steps.ServiceStopped}
	return steps.Hands{Service: service, Mailboxes: &fakeMailboxes{service: service}, Spool: s, Lists: &fakeLists{}, Clock: time.Now,
		Reporter: fakeReporter{}, NewPassword: func() (steps.Secret, error) { return steps.NewSecret(password), nil }}, err
}

// quickly are settings without waiting.
var quickly = steps.Settings{RescanEvery: time.Hour, LookEvery: time.Hour, ListsEvery: time.Hour, BusyPerHour: 50}

// purgeUntilKilled is the child: a whole incident up to the purge, which it announces on standard output.
func purgeUntilKilled(dir string) error {
	root := filepath.Join(dir, "mail", "Spool")
	hands, err := stoppedHands(root)
	if err != nil {
		return err
	}
	rb, err := steps.Begin(filepath.Join(dir, "incidents", "7F3A"), incident.Opened{ID: "7F3A", Spool: root, Addresses: []netip.Addr{serverIP}},
		incident.Started{PID: os.Getpid()}, "child@test", hands, quickly)
	if err != nil {
		return err
	}
	if err := rb.Do(context.Background(), steps.Allow{May: true}); err != nil {
		return err
	}
	if err := rb.Do(context.Background(), steps.StopService{}); err != nil {
		return err
	}
	act := purgeAll
	if _, err := os.Stat(filepath.Join(dir, asideMark)); err == nil {
		act = asideAndBack
		rb.Start()
		for rb.State().Live.Spool == nil {
			time.Sleep(time.Millisecond)
		}
	}
	fmt.Println("purging")
	if err := act(rb); err != nil {
		return err
	}
	fmt.Println("done")
	return rb.Close()
}

// asideMark is a file that tells the child to set the spool aside as well.
const asideMark = "aside"

// asideAndBack sets the spool aside, purges it there, and puts back what is left.
func asideAndBack(rb *steps.Runbook) error {
	ctx := context.Background()
	s := rb.State()
	if s.Incident.Aside.Dir == "" && len(s.Live.Held) == 0 {
		if err := rb.Do(ctx, steps.SetAside{Count: s.Live.Spool.Len()}); err != nil {
			return err
		}
	}
	if err := purgeAll(rb); err != nil {
		return err
	}
	if s := rb.State(); s.Incident.Aside.Dir == "" {
		return nil
	}
	if err := rb.Do(ctx, steps.FinishPurge{}); err != nil {
		return err
	}
	return rb.Do(ctx, steps.PutGoodBack{})
}

func TestASetAsideThatIsKilledLosesNothing(t *testing.T) {
	var whole time.Duration // of one that nobody kills
	for round := range kills() {
		w := newWorld(t)
		dir := filepath.Dir(filepath.Dir(w.root))
		before := files(t, w.root)
		if err := os.WriteFile(filepath.Join(dir, asideMark), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wait := time.Duration(-1)
		if round > 0 {
			wait = time.Duration(rand.Int64N(int64(whole)))
		}
		took := runAndKill(t, dir, wait)
		if round == 0 {
			whole = took
		}
		if err := steps.MendSpool(w.root); err != nil {
			t.Fatal(err)
		}
		hands, err := stoppedHands(w.root)
		if err != nil {
			t.Fatal(err)
		}
		rb, err := steps.Resume(filepath.Join(dir, "incidents", "7F3A"), incident.Started{}, "maria@mail01", hands, quickly)
		if err != nil {
			t.Fatalf("killed after %s: resume: %v", wait, err)
		}
		told := 0
		for _, p := range rb.State().Incident.Purges {
			told += p.Moved
		}
		if held := len(rb.State().Live.Held); told != held {
			t.Errorf("killed after %s: the record tells of %d moved, %d are held", wait, told, held)
		}
		exactlyOnce(t, before, w.root, wait)
		rb.Start()
		w.until(rb, "the spool", func(s steps.State) bool { return s.Live.Spool != nil && s.Live.Service.State == steps.ServiceStopped })
		if err := asideAndBack(rb); err != nil {
			t.Fatalf("killed after %s: again: %v", wait, err)
		}
		exactlyOnce(t, before, w.root, wait)
		if n, s := len(files(t, w.root)), rb.State(); n != 80 || len(s.Live.Held) != 120 || s.Incident.Aside.Dir != "" {
			t.Fatalf("killed after %s: %d files in the spool, %d held, %+v", wait, n, len(s.Live.Held), s.Incident.Aside)
		}
		if err := rb.Close(); err != nil {
			t.Fatal(err)
		}
		_ = hands.Spool.Close()
		_ = os.RemoveAll(dir)
	}
}

// purgeAll moves everything that the stolen account sent.
func purgeAll(rb *steps.Runbook) error {
	ctx := context.Background()
	if err := rb.Do(ctx, steps.Search{Query: "account:" + stolen}); err != nil {
		return err
	}
	var ids []spool.ID
	for _, hit := range rb.State().Live.Results.Hits {
		ids = append(ids, hit.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	if err := rb.Do(ctx, steps.PlanPurge{Query: "account:" + stolen, IDs: ids}); err != nil {
		return err
	}
	return rb.Do(ctx, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: len(ids)})
}

// kills is how many purges are killed: DELIST_KILLS, or a few.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("DELIST_KILLS")); err == nil {
		return n
	}
	return 6
}

func TestAPurgeThatIsKilledLosesNothing(t *testing.T) {
	var whole time.Duration // of a purge that nobody kills
	for round := range kills() {
		w := newWorld(t)
		w.spam(380)
		dir := filepath.Dir(filepath.Dir(w.root))
		before := files(t, w.root)
		wait := time.Duration(-1)
		if round > 0 {
			wait = time.Duration(rand.Int64N(int64(whole)))
		}
		took := runAndKill(t, dir, wait)
		if round == 0 {
			whole = took
		}
		hands, err := stoppedHands(w.root)
		if err != nil {
			t.Fatal(err)
		}
		rb, err := steps.Resume(filepath.Join(dir, "incidents", "7F3A"), incident.Started{}, "maria@mail01", hands, quickly)
		if err != nil {
			t.Fatalf("killed after %s: resume: %v", wait, err)
		}
		exactlyOnce(t, before, w.root, wait)
		rb.Start()
		w.until(rb, "the spool", func(s steps.State) bool { return s.Live.Spool != nil })
		if err := purgeAll(rb); err != nil {
			t.Fatalf("killed after %s: purge again: %v", wait, err)
		}
		exactlyOnce(t, before, w.root, wait)
		if s := rb.State(); len(s.Live.Held) != 500 || s.Live.Spool.Len() != 40 {
			t.Fatalf("killed after %s: %d held, %d in the spool, want 500 and 40", wait, len(s.Live.Held), s.Live.Spool.Len())
		}
		if err := rb.Close(); err != nil {
			t.Fatal(err)
		}
		_ = hands.Spool.Close()
		_ = os.RemoveAll(dir)
	}
}

// runAndKill runs the child, kills it so long after it began to purge (never when negative), and says how long it purged.
func runAndKill(t *testing.T, dir string, wait time.Duration) time.Duration {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var began time.Time
	var took time.Duration
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "purging":
			began = time.Now()
			if wait >= 0 {
				time.Sleep(wait)
				_ = child.Process.Kill()
			}
		case line == "done":
			took = time.Since(began)
		case strings.HasPrefix(line, "failed"):
			t.Fatal(line)
		}
	}
	_ = child.Wait()
	if began.IsZero() {
		t.Fatal("the child never began to purge")
	}
	return took
}

// exactlyOnce checks that every file of the spool is in the spool or in the quarantine, once, byte for byte.
func exactlyOnce(t *testing.T, before map[string]string, root string, wait time.Duration) {
	t.Helper()
	found := map[string]string{}
	count := func(dir string) {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".hdr" && filepath.Ext(path) != ".eml" {
				return err
			}
			name := filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path))
			if _, twice := found[name]; twice {
				t.Errorf("killed after %s: %s is there twice", wait, name)
			}
			data, err := os.ReadFile(path)
			found[name] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count(filepath.Dir(root)) // the quarantine lies beside the spool
	for name, content := range before {
		if got, ok := found[name]; !ok || got != content {
			t.Errorf("killed after %s: %s is lost or changed (found: %v)", wait, name, ok)
		}
	}
	if len(found) != len(before) {
		t.Errorf("killed after %s: %d files, want %d", wait, len(found), len(before))
	}
}
