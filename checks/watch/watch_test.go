package watch

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"delist/checks/dnsbl"
)

var ip = netip.MustParseAddr("203.0.113.25")

// twoLists is a catalogue of a list that wants a day of quiet, and one of tier 2 that wants a week.
func twoLists(t *testing.T) *dnsbl.Catalogue {
	t.Helper()
	const list = `[[list]]
id = "%[1]s"
name = "%[2]s"
zone = "%[1]s.test.example"
tier = %[3]d
families = ["ipv4"]
scope = "address"
impact = "stops mail now"
operator = "us"
lookup = "https://%[1]s.example/{ip}"
source = "made up"
confidence = "primary"
checked = "2026-11-20"
[[list.code]]
answer = "127.0.0.2"
meaning = "spam"
kind = "listed"
[list.removal]
kind = "waits"
expires = "a while"
advice = "Wait for it. Do nothing else."
wait_hours = %[4]d
order = 6
`
	cat, err := dnsbl.Load(strings.NewReader("[operator]\nus = {}\n" + fmt.Sprintf(list, "day", "Day", 1, 24) + fmt.Sprintf(list, "week", "Week", 2, 168)))
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// world answers for the lists, and writes down what is asked and told. Times count from the start.
type world struct {
	t       *testing.T
	cat     *dnsbl.Catalogue
	began   time.Time
	mu      sync.Mutex
	skew    time.Duration // of the clock
	answers map[string]dnsbl.Verdict
	asked   []string
	told    []string
	saved   Memory
}

func newWorld(t *testing.T) *world {
	return &world{t: t, cat: twoLists(t), began: time.Now(), answers: map[string]dnsbl.Verdict{"day": dnsbl.Clear, "week": dnsbl.Clear}}
}

func (w *world) settings() Settings {
	return Settings{
		Catalogue: w.cat, IPs: []netip.Addr{ip}, Clock: w.clock,
		Ask: func(_ context.Context, ips []netip.Addr, lists []*dnsbl.List) ([]dnsbl.Result, error) {
			var results []dnsbl.Result
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, l := range lists {
				w.asked = append(w.asked, fmt.Sprintf("%s %s", time.Since(w.began), l.ID))
				r := dnsbl.Result{IP: ips[0], List: l, Verdict: w.answers[l.ID]}
				if r.Verdict == dnsbl.Listed {
					r.Codes = []dnsbl.Code{{Meaning: "spam"}}
				}
				results = append(results, r)
			}
			return results, nil
		},
		Save: func(_ netip.Addr, known Memory) {
			w.saved = Memory{}
			for id, k := range known {
				w.saved[id] = k
			}
		},
		Tell: func(r Round) {
			for _, c := range r.Changes {
				w.told = append(w.told, fmt.Sprintf("%s %s %s -> %s", time.Since(w.began), c.List.ID, c.Was, c.Is))
			}
		},
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.skew)
}

// after lets a time go by in the watch's absence, and then something happen.
func (w *world) after(d time.Duration, do func()) {
	go func() {
		time.Sleep(d)
		w.mu.Lock()
		defer w.mu.Unlock()
		do()
	}()
}

func (w *world) expect(what string, got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEndsWhenAllAreClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers["day"] = dnsbl.Listed
		w.after(90*time.Minute, func() { w.answers["day"] = dnsbl.Clear })
		if err := New(w.settings(), nil).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.expect("asked", w.asked, "0s day", "0s week", "1h0m0s day", "2h0m0s day")
		w.expect("told", w.told, "2h0m0s day listed -> clear")
	})
}

func TestGuardReportsANewListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.settings()
		s.Guard = true
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Hour+time.Second)
		defer cancel()
		w.after(30*time.Minute, func() { w.answers["day"] = dnsbl.Listed })
		w.after(150*time.Minute, func() { w.answers["day"] = dnsbl.Clear })
		if err := New(s, nil).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		w.expect("told", w.told, "1h0m0s day clear -> listed", "3h0m0s day listed -> clear")
	})
}

// A list that refuses or breaks proves nothing: its listing stands, and nothing is told until it answers again.
func TestNoAnswerIsNoChangeAndNotClear(t *testing.T) {
	for _, silence := range []dnsbl.Verdict{dnsbl.Refused, dnsbl.Unusable} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.answers["day"] = dnsbl.Listed
			w.after(time.Minute, func() { w.answers["day"] = silence })
			w.after(24*time.Hour, func() { w.answers["day"] = dnsbl.Clear })
			watch := New(w.settings(), nil)
			if err := watch.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(w.told) != 1 || !strings.HasSuffix(w.told[0], "day listed -> clear") || time.Since(w.began) < 24*time.Hour {
				t.Errorf("%s: told %q after %s", silence, w.told, time.Since(w.began))
			}
		})
	}
}

func TestAClearListThatFallsSilentKeepsTheWatchGoing(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	l := &twoLists(t).Lists[0]
	k, _ := Known{}.with(dnsbl.Result{List: l, Verdict: dnsbl.Clear}, time.Hour, now)
	if k, _ = k.with(dnsbl.Result{List: l, Verdict: dnsbl.Unusable}, time.Hour, now); k.Counts() != dnsbl.Unusable {
		t.Errorf("a list that gives no answer counts as %s", k.Counts())
	}
	if k, changed := k.with(dnsbl.Result{List: l, Verdict: dnsbl.Listed}, time.Hour, now); !changed || k.Counts() != dnsbl.Listed {
		t.Errorf("clear, silent, listed is no change: %+v", k)
	}
}

// What gives no answer is asked again after 15 minutes, then less and less often; who refuses is left alone.
func TestSilentListsAreAskedLessAndLess(t *testing.T) {
	for _, test := range []struct {
		verdict dnsbl.Verdict
		want    []string
	}{
		{dnsbl.Unusable, []string{"0s week", "15m0s week", "45m0s week", "1h45m0s week", "3h45m0s week", "7h45m0s week", "13h45m0s week"}},
		{dnsbl.Refused, []string{"0s week", "6h0m0s week", "12h0m0s week"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.cat.Lists = w.cat.Lists[1:]
			w.answers["week"] = test.verdict
			s := w.settings()
			s.Guard = true
			ctx, cancel := context.WithTimeout(t.Context(), 14*time.Hour)
			defer cancel()
			New(s, nil).Run(ctx)
			w.expect(test.verdict.String(), w.asked, test.want...)
		})
	}
}

func TestGoesOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers["day"] = dnsbl.Listed
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		New(w.settings(), nil).Run(ctx)
		w.asked = nil

		// At once: nobody is asked twice within 15 minutes for a restart.
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		New(w.settings(), map[netip.Addr]Memory{ip: w.saved}).Run(ctx)
		w.expect("asked at once", w.asked)

		// What changed meanwhile is told.
		time.Sleep(40 * time.Minute)
		w.answers["day"] = dnsbl.Clear
		New(w.settings(), map[netip.Addr]Memory{ip: w.saved}).Run(t.Context())
		w.expect("told", w.told, "51m0s day listed -> clear")
	})
}

// A change that was not told to the end is told by the next watch.
func TestAChangeIsNotLostWithTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers["day"] = dnsbl.Listed
		ctx, cancel := context.WithCancel(t.Context())
		s := w.settings()
		s.Tell = func(r Round) {
			if len(r.Changes) > 0 {
				cancel()
			}
		}
		w.after(time.Minute, func() { w.answers["day"] = dnsbl.Clear })
		New(s, nil).Run(ctx)
		time.Sleep(time.Hour)
		New(w.settings(), map[netip.Addr]Memory{ip: w.saved}).Run(t.Context())
		w.expect("told", w.told, "2h0m0s day listed -> clear")
	})
}

// A clock that is set forward brings the looks at once, one that is set back does not put them off for its difference.
func TestBearsAClockThatIsSet(t *testing.T) {
	for _, jump := range []time.Duration{72 * time.Hour, -72 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.answers["day"] = dnsbl.Listed
			w.after(10*time.Minute, func() { w.skew = jump; w.answers["day"] = dnsbl.Clear })
			if err := New(w.settings(), nil).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(w.began); took > 12*time.Minute {
				t.Errorf("after a jump of %s the change was seen after %s", jump, took)
			}
		})
	}
}

func TestSchedule(t *testing.T) {
	for hours, want := range map[int]time.Duration{0: time.Hour, 1: 15 * time.Minute, 12: 30 * time.Minute, 24: time.Hour, 48: 2 * time.Hour, 168: 6 * time.Hour, 672: 6 * time.Hour} {
		if got := Schedule(&dnsbl.List{Removal: dnsbl.Removal{WaitHours: hours}}); got != want {
			t.Errorf("a list that wants %d h is looked at every %s, want %s", hours, got, want)
		}
	}
}
