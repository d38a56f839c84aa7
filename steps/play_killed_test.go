package steps_test

import (
	"errors"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// each is how far apart the states are that a test begins from: DELIST_STATES takes all of them.
func each(usual, short int) int {
	switch {
	case os.Getenv("DELIST_STATES") != "":
		return 1
	case testing.Short():
		return short
	}
	return usual
}

// TestEnterLeadsToCloseFromEveryState leaves, or kills, delist after each number of Enters, and goes on from there.
func TestEnterLeadsToCloseFromEveryState(t *testing.T) {
	th := newTheatre(t)
	for name, s := range ordinarySetups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stride := each(2, 5)
			for enters := 0; enters < 26; enters += stride {
				for _, end := range []doing{leave, kill} {
					script := append(slices.Repeat([]move{{Do: enter}}, enters), move{Do: end, A: enters})
					if g, err := th.run(t, s, script); err != nil {
						t.Fatalf("after %d Enters, then %d: %v\n%s", enters, end, err, story(g, s, script))
					}
				}
			}
		})
	}
}

// TestKilledAfterAnyRecord kills delist after each number of records: what two of them tell together is told by one then.
func TestKilledAfterAnyRecord(t *testing.T) {
	th := newTheatre(t)
	for name, s := range ordinarySetups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stride := each(3, 7)
			for n, closed := 1, false; !closed; n += stride {
				th.stage(t, s, func(t *testing.T, g *game) {
					g.pen.KillAfter(n)
					if err := g.untilKilled(); err != nil {
						t.Fatalf("after %d records: %v", n, err)
					}
					if closed = !g.inc.Closed.IsZero(); closed {
						return
					}
					g.resumed(t, true)
					if err := g.finish(); err != nil {
						t.Fatalf("killed after %d records: %v", n, err)
					}
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestKilledWhileOnlyLooking kills delist after each record of a watching, under somebody who may only look, and lets them do
// more afterwards: what was to be watched is taken up, whatever let it be left.
func TestKilledWhileOnlyLooking(t *testing.T) {
	th := newTheatre(t)
	for n, over := 1, false; !over && !t.Failed(); n++ {
		th.stage(t, ordinarySetups["a service and an API"], func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Restart)
			g.must(t, steps.StartService{})
			g.must(t, steps.Allow{May: false})
			g.pen.KillAfter(n)
			time.Sleep(3 * time.Minute)
			if over = !g.pen.Dead(); over {
				return
			}
			g.resumed(t, true)
			g.must(t, steps.Allow{May: true})
			if err := g.finish(); err != nil {
				t.Errorf("killed after %d records: %v", n, err)
			}
		})
	}
}

// untilKilled presses Enter until delist is killed, or the incident closed.
func (g *game) untilKilled() error {
	for range 400 {
		s := g.rb.State()
		if g.pen.Dead() || !s.Incident.Closed.IsZero() {
			return nil
		}
		if err := g.enter(s.Incident.Current()); err != nil && !g.pen.Dead() {
			return err
		}
		time.Sleep(3 * time.Second)
	}
	return errors.New("the end is never reached")
}

// stage plays by hand in a world of its own.
func (th *theatre) stage(t *testing.T, s setup, play func(*testing.T, *game)) {
	t.Helper()
	today, home := time.Now(), t.TempDir()
	if shared := memory(); shared != "" {
		dir, err := os.MkdirTemp(shared, "play-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		home = dir
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today.Truncate(time.Second)))
		g := &game{playground: newPlayground(t, s, th.catalogue, home), watcher: watcher{blind: map[string]*blindness{}, shown: map[string]bool{}}}
		if err := g.alive(func() error { play(t, g); return g.check() }); err != nil {
			t.Errorf("%v\n%s", err, story(g, s, nil))
		}
	})
}
