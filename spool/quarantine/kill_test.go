package quarantine

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
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

// A process that moves 2,000 messages (DELIST_PAIRS) out of the spool, or back, is killed at random instants. After every kill each
// file is there once, byte for byte; after Recover each message is whole, where the manifest says.
func TestKilled(t *testing.T) {
	rounds := kills(20)
	messages := pairsFrom(2000)
	if testing.Short() || runtime.GOOS == "windows" {
		messages, rounds = 200, min(rounds, 5)
	}
	b := newBench(t, messages, 10)
	if err := b.plan.Save(b.dir); err != nil {
		t.Fatal(err)
	}
	whole := map[verb]time.Duration{} // what an act takes that is not killed
	for _, v := range []verb{moving, restoring} {
		start := b.start(v)
		if err := start.cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		whole[v] = time.Since(start.at)
	}
	cut, v := 0, moving
	for range rounds {
		c := b.start(v)
		time.Sleep(rand.N(whole[v] * 3 / 4))
		c.cmd.Process.Kill()
		killed := c.cmd.Wait() != nil
		if killed {
			cut++
		}
		b.wantOnce()
		if killed && rand.N(4) == 0 {
			continue // the next child recovers, and may be killed while it does
		}
		s := b.store()
		if _, err := s.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		held := b.wantWhole(s)
		s.Close()
		switch { // go on as it was until there is nothing left to do
		case held == len(b.ids):
			v = restoring
		case held == 0:
			v = moving
		}
	}
	t.Logf("%d of %d runs were killed before their end", cut, rounds)
	if cut == 0 {
		t.Error("no run was killed before its end")
	}
	s := b.store()
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.move(s)
	b.restore(s)
	if held := b.wantWhole(s); held != 0 {
		t.Fatalf("%d left in quarantine", held)
	}
}

// A process that deletes what is in quarantine is killed at random instants. After Recover each message is whole in
// quarantine or gone, and the manifest says which.
func TestKilledInADelete(t *testing.T) {
	b := newBench(t, 300, 3)
	if err := b.plan.Save(b.dir); err != nil {
		t.Fatal(err)
	}
	s := b.store()
	b.move(s)
	s.Close()
	for held := len(b.ids); held > 0; {
		c := b.start(deleting)
		time.Sleep(rand.N(4 * time.Millisecond))
		c.cmd.Process.Kill()
		c.cmd.Wait()
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
