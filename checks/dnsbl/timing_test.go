package dnsbl_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"
)

// The wire of the timing tests: an answer takes 50 ms, and of the datagrams 2 % get lost, each way.
const (
	wireDelay = 50 * time.Millisecond
	wireLoss  = 0.02
)

// timed is when a run over the wire had what.
type timed struct {
	median time.Duration // the median list whose operator sets no limit had its verdict
	whole  time.Duration // the run ended
	lists  int
	wrong  []string // verdicts that are not what the server said
}

// timedRun checks one address that every list has, with a text, behind the
// wire; the lists named are silent.
func timedRun(t *testing.T, seed uint64, silent ...string) timed {
	cat := catalogue(t)
	s := healthy(t, cat)
	for i := range cat.Lists {
		l := &cat.Lists[i]
		switch {
		case l.Zone == "" || !l.Covers(ip4):
		case slices.Contains(silent, l.ID):
			s.Unset(dnsbltest.Reverse(l.PositiveTest().String()) + "." + l.Zone)
			s.Handle(l.Zone, silence)
		default:
			s.List(l.Zone, ip4.String(), dnsbltest.Reply{A: []string{l.TestAnswers()[0].String()}, TXT: []string{"spam"}})
		}
	}
	s.Wire(wireDelay, wireLoss, seed)
	checker := dnsbl.New(resolver.New([]resolver.Server{{Addr: s.Addr()}}, resolver.Options{}), cat, dnsbl.Options{})
	var took timed
	var free []time.Duration
	began := time.Now()
	_, err := checker.Check(t.Context(), []netip.Addr{ip4}, func(r dnsbl.Result) {
		took.lists++
		if cat.Operators[r.List.Operator].Interval == 0 {
			free = append(free, time.Since(began))
		}
		want := dnsbl.Listed
		if slices.Contains(silent, r.List.ID) {
			want = dnsbl.Unusable
		}
		if r.List.Allow && want == dnsbl.Listed {
			if r.Trusted() == "" { // the same answer is good news from it
				took.wrong = append(took.wrong, fmt.Sprintf("%s: %v %s, want good news", r.List.ID, r.Verdict, r.Note))
			}
			return
		}
		if r.Verdict != want || (want == dnsbl.Listed && r.Reason != "spam") {
			took.wrong = append(took.wrong, fmt.Sprintf("%s: %v %s %q", r.List.ID, r.Verdict, r.Note, r.Reason))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	took.whole = time.Since(began)
	slices.Sort(free)
	took.median = free[len(free)/2]
	return took
}

// Losses and silent lists cost time, and no verdict.
func TestLossesChangeNoVerdict(t *testing.T) {
	t.Parallel()
	for _, wrong := range timedRun(t, 1, "psbl", "gbudb").wrong {
		t.Error(wrong)
	}
}

// TestTiming measures what an operator waits for, five runs of each kind, and
// prints rows of Markdown. It runs when $DELIST_TIMING is set.
func TestTiming(t *testing.T) {
	if os.Getenv("DELIST_TIMING") == "" {
		t.Skip("set DELIST_TIMING=1 to measure")
	}
	fmt.Println("| one address, 50 ms, 2 % loss each way | lists | median list | the run |\n| --- | ---: | ---: | ---: |")
	for _, kind := range []struct {
		name   string
		silent []string
	}{{"all answer", nil}, {"six are silent", []string{"psbl", "gbudb", "kempt", "zapbl", "suomispam", "interserver"}}} {
		for seed := range uint64(5) {
			took := timedRun(t, seed, kind.silent...)
			fmt.Printf("| %s, run %d | %d | %d ms | %.1f s |\n", kind.name, seed+1, took.lists, took.median.Milliseconds(), took.whole.Seconds())
			for _, wrong := range took.wrong {
				t.Error(wrong)
			}
		}
	}
}
