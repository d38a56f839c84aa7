package quarantine

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"delist/spool"
)

const (
	childEnv = "DELIST_TEST_QUARANTINE" // the verb: the test's own program is to act and be killed
	killsEnv = "DELIST_KILLS"           // how often
)

func TestMain(m *testing.M) {
	if v := os.Getenv(childEnv); v != "" {
		if err := child(verb(v), os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// kills is how many runs are killed: DELIST_KILLS, or else n.
func kills(n int) int {
	if v, err := strconv.Atoi(os.Getenv(killsEnv)); err == nil {
		return v
	}
	return n
}

// child recovers what the one before it left, then moves, restores or deletes everything.
func child(v verb, dir, plan string) error {
	ctx := context.Background()
	if v == setting {
		fmt.Println("started")
		return setAsideAndBack(dir, plan)
	}
	s, err := Open(dir, AnyVolume)
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := LoadPlan(dir, plan)
	if err != nil {
		return err
	}
	fmt.Println("started")
	if _, err := s.Recover(ctx); err != nil {
		return err
	}
	if v == moving {
		_, err = s.Move(ctx, p, stopped, nil)
		return err
	}
	act := s.Restore
	if v == deleting {
		act = s.Delete
	}
	var ids []spool.ID
	for _, h := range s.Held() {
		ids = append(ids, h.ID)
	}
	_, err = act(ctx, ids, stopped, nil)
	return err
}

// A process that moves 400 messages (DELIST_PAIRS) out of the spool, or back, is killed at random instants (DELIST_KILLS
// of them). After every kill each file is there once; after Recover each message is whole, byte for byte, where the
// manifest says.
func TestKilled(t *testing.T) {
	n, messages := kills(12), pairsFrom(400)
	if testing.Short() || runtime.GOOS == "windows" {
		messages, n = 200, min(n, 5)
	}
	b := newBench(t, messages, 10)
	b.surviveKills(n, b.wantNamedOnce)
}

// surviveKills goes on, with the same messages, until n children were killed: out of the spool, back, out again. look is
// what has to hold at any instant.
func (b *bench) surviveKills(n int, look func()) {
	b.t.Helper()
	b.savePlan()
	whole := map[verb]time.Duration{} // what an act takes that is not killed
	for _, v := range []verb{moving, restoring} {
		start := b.start(v)
		if err := start.cmd.Wait(); err != nil {
			b.t.Fatal(err)
		}
		whole[v] = time.Since(start.at)
	}
	cut, runs, v := map[verb]int{}, 0, moving
	for ; cut[moving]+cut[restoring] < n; runs++ {
		if runs > 20*n {
			b.t.Fatalf("only %d of %d runs were killed before their end", cut[moving]+cut[restoring], runs)
		}
		c := b.start(v)
		time.Sleep(rand.N(whole[v]))
		c.cmd.Process.Kill()
		killed := c.cmd.Wait() != nil
		if killed {
			if cut[v]++; (cut[moving]+cut[restoring])%50 == 0 {
				b.t.Logf("%d killed on the way into quarantine, %d on the way back", cut[moving], cut[restoring])
			}
		}
		look()
		if killed && rand.N(4) == 0 {
			continue // the next child recovers, and may be killed while it does
		}
		switch b.settled() { // go on as it was until there is nothing left to do
		case len(b.ids):
			v = restoring
		case 0:
			v = moving
			b.renew()
		}
	}
	b.t.Logf("%d runs of %d messages, killed %d times on the way into quarantine and %d times on the way back; an act takes %v and %v",
		runs, len(b.ids), cut[moving], cut[restoring], whole[moving].Round(time.Millisecond), whole[restoring].Round(time.Millisecond))
	b.settled()
	s := b.store()
	b.move(s)
	b.restore(s)
	if held := b.wantWhole(s); held != 0 {
		b.t.Fatalf("%d left in quarantine", held)
	}
}

// settled recovers as a next run does, and returns how many messages are in quarantine.
func (b *bench) settled() int {
	b.t.Helper()
	s := b.store()
	defer s.Close()
	if _, err := s.Recover(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return b.wantWhole(s)
}

func (b *bench) savePlan() {
	b.t.Helper()
	if err := b.plan.Save(b.dir); err != nil {
		b.t.Fatal(err)
	}
}

// renew begins a new quarantine once the manifest is long: no incident moves everything a hundred times.
func (b *bench) renew() {
	b.t.Helper()
	const long = 4 << 20
	if fi, err := os.Stat(filepath.Join(b.dir, manifestName)); err != nil || fi.Size() < long {
		return
	}
	if err := os.RemoveAll(b.dir); err != nil {
		b.t.Fatal(err)
	}
	b.store().Close()
	b.savePlan()
}

// A process that deletes what is in quarantine is killed at random instants. After Recover each message is whole in
// quarantine or gone, and the manifest says which.
func TestKilledInADelete(t *testing.T) {
	b := newBench(t, 300, 3)
	b.savePlan()
	s := b.store()
	b.move(s)
	s.Close()
	cut := 0
	// Each child has a little longer than the one before it, so that one gets to the end, however slow the machine.
	for held, patience := len(b.ids), time.Millisecond; held > 0; patience += time.Millisecond {
		c := b.start(deleting)
		time.Sleep(rand.N(patience))
		c.cmd.Process.Kill()
		if c.cmd.Wait() != nil {
			cut++
		}
		s := b.store()
		if _, err := s.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := b.wantDeleted(s)
		if left > held {
			t.Fatalf("%d held, %d before", left, held)
		}
		held = left
		s.Close()
	}
	if cut == 0 {
		t.Fatal("no child was killed before its end")
	}
	t.Logf("%d children killed while they deleted", cut)
}

type running struct {
	cmd *exec.Cmd
	at  time.Time
}

// start starts a child and returns when it is about to act.
func (b *bench) start(v verb) running {
	b.t.Helper()
	cmd := exec.Command(os.Args[0], b.dir, b.plan.ID)
	cmd.Env = append(os.Environ(), childEnv+"="+string(v))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		b.t.Fatalf("the child said nothing: %v", cmd.Wait())
	}
	return running{cmd, time.Now()}
}
