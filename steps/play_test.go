package steps_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"delist/checks/dnsbl"
	"delist/steps"
	"delist/steps/incident"
)

// runLength is how many moves a random run has.
const runLength = 60

// moves draws a script. What an honest operator does comes most often, so that runs get far.
func moves(t *rapid.T) []move {
	weights := map[doing]int{rest: 1, enter: 14, enterAt: 2, offered: 5, careless: 2, anything: 4, wait: 7, mischief: 5, leave: 1, kill: 2, setClock: 1}
	var kinds []doing
	for do := range doingCount {
		for range weights[do] {
			kinds = append(kinds, do)
		}
	}
	one := rapid.Custom(func(t *rapid.T) move {
		return move{rapid.SampledFrom(kinds).Draw(t, "do"), rapid.IntRange(0, 9999).Draw(t, "a"), rapid.IntRange(0, 9999).Draw(t, "b")}
	})
	return rapid.SliceOfN(one, runLength, runLength).Draw(t, "moves")
}

func setups(t *rapid.T) setup {
	return setup{
		Control: rapid.SampledFrom([]steps.Control{steps.Controlled, steps.Controlled, steps.ByHand, steps.NoService}).Draw(t, "control"),
		API:     rapid.Bool().Draw(t, "api"), Logs: logsKind(rapid.IntRange(0, 2).Draw(t, "logs")),
		Thieves: rapid.SampledFrom([]int{1, 1, 1, 0, 2}).Draw(t, "thieves"), Spam: rapid.IntRange(4, 40).Draw(t, "spam"),
		Good: rapid.IntRange(0, 25).Draw(t, "good"), Nobody: rapid.IntRange(0, 20).Draw(t, "nobody"), Relayed: rapid.SampledFrom([]int{0, 0, 24}).Draw(t, "relayed"), Bounces: rapid.IntRange(0, 4).Draw(t, "bounces"),
		Forwards: rapid.Bool().Draw(t, "forwards"),
	}
}

// theatre is where runs are played.
type theatre struct{ catalogue *dnsbl.Catalogue }

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	return &theatre{catalogue}
}

// run plays a script in a world of its own, in which time is simulated, and tells what broke. It goes on with Enter and
// honest answers until the incident is closed.
func (th *theatre) run(t *testing.T, s setup, script []move) (g *game, err error) {
	t.Helper()
	today := time.Now()
	home, err := os.MkdirTemp(memory(), "play-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(home)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today.Truncate(time.Second))) // the times of files count
		g = &game{playground: newPlayground(t, s, th.catalogue, home), watcher: watcher{blind: map[string]*blindness{}, shown: map[string]bool{}}}
		err = g.alive(func() error { return g.playOut(script) })
	})
	return g, err
}

// alive plays while the server lives and delist runs on it.
func (g *game) alive(play func() error) (err error) {
	ctx, end := context.WithCancel(context.Background())
	lives := make(chan struct{})
	go func() { defer close(lives); g.live(ctx) }()
	defer func() { end(); <-lives }()
	if err := g.start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.end(err != nil)) }()
	return play()
}

func (g *game) playOut(script []move) error {
	for i, m := range script {
		if err := errors.Join(g.play(m), g.check()); err != nil {
			return fmt.Errorf("move %d, %+v: %w", i, m, err)
		}
	}
	if err := g.finish(); err != nil {
		return fmt.Errorf("from the last state on: %w", err)
	}
	return nil
}

// memory is a folder in memory, where the machine has one.
func memory() string {
	const shared = "/dev/shm"
	probe, err := os.CreateTemp(shared, "play-")
	if err != nil {
		return ""
	}
	_, _ = probe.Close(), os.Remove(probe.Name())
	return shared
}

// plays is how many runs are played.
func plays(usual, short int) int {
	if n, err := strconv.Atoi(os.Getenv("DELIST_PLAYS")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return short
	}
	return usual
}

// TestAnyOperatorOnAnyServer plays random operators on simulated servers, and holds all that delist says against the truth.
// DELIST_PLAYS=20000 plays as many, each time others; without it the same are played each time, so that a check of the
// project does not fail by the day.
func TestAnyOperatorOnAnyServer(t *testing.T) {
	const stages = 2 // at once
	n := plays(300, 40)
	checks := flag.Lookup("rapid.checks")
	was := checks.Value.String()
	if err := checks.Value.Set(strconv.Itoa((n + stages - 1) / stages)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = checks.Value.Set(was) }()
	if os.Getenv("DELIST_PLAYS") == "" {
		seed := flag.Lookup("rapid.seed")
		if err := seed.Value.Set("28"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = seed.Value.Set("0") }()
	}
	th := newTheatre(t)
	var runs, acts, done, unclear atomic.Int64
	t.Run("stages", func(t *testing.T) {
		for stage := range stages {
			t.Run(strconv.Itoa(stage), func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(rt *rapid.T) {
					for range stage { // from one seed each stage plays others
						rapid.Bool().Draw(rt, "another")
					}
					s, script := setups(rt), moves(rt)
					g, err := th.run(t, s, script)
					if err != nil {
						rt.Fatalf("%v\n%s", err, story(g, s, script))
					}
					runs.Add(1)
					acts.Add(int64(g.acts))
					done.Add(int64(g.done))
					unclear.Add(int64(g.unclear))
				})
			})
		}
	})
	t.Logf("%d runs, %d acts; %d times quiet or done by looks, %d of them after a warning", runs.Load(), acts.Load(), done.Load(), unclear.Load())
}

// TestFromEveryStateOfARun goes on with Enter and honest answers from each state of some random runs. DELIST_STATES=200
// takes as many runs, each time others.
func TestFromEveryStateOfARun(t *testing.T) {
	runs, first := 1, 28
	if n, err := strconv.Atoi(os.Getenv("DELIST_STATES")); err == nil && n > 0 {
		runs, first = n, time.Now().Nanosecond()
	} else if testing.Short() {
		t.Skip("sixty runs for each one")
	}
	th := newTheatre(t)
	plot := rapid.Custom(func(rt *rapid.T) scenario { return scenario{setups(rt), moves(rt)} })
	for i := range runs {
		t.Run(strconv.Itoa(first+i), func(t *testing.T) {
			t.Parallel()
			s := plot.Example(first + i)
			for length := range s.script {
				if g, err := th.run(t, s.setup, s.script[:length]); err != nil {
					t.Fatalf("after %d moves: %v\n%s", length, err, story(g, s.setup, s.script[:length]))
				}
			}
		})
	}
}

// scenario is a server, and what happens on it.
type scenario struct {
	setup  setup
	script []move
}

// story is what happened in a run, for whoever mends what it broke.
func story(g *game, s setup, script []move) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%#v\n%#v\n", s, script)
	if g != nil && g.memory != nil {
		records, _ := g.memory.Records()
		for _, r := range records {
			if _, seen := r.Fact.(incident.WatchSeen); seen {
				continue
			}
			fmt.Fprintf(&b, "%s  %s\n", r.At.Format("15:04:05.0"), r.Fact.Say())
		}
		b.WriteString(strings.Join(g.lines, "\n"))
	}
	return b.String()
}
