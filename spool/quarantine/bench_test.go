package quarantine

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

const pairsEnv = "DELIST_PAIRS" // how many messages the benchmark and the kill test make

// pairsFrom is the number of messages that the environment asks for, or else n.
func pairsFrom(n int) int {
	if v, err := strconv.Atoi(os.Getenv(pairsEnv)); err == nil && v > 0 {
		return v
	}
	return n
}

// BenchmarkMove moves and restores pairs (DELIST_PAIRS, 10,000 if not said), with record and syncs, against the bare
// renames of the same files, one after the other in a loop. The metrics are medians over the rounds; "times" says how
// many times as long as the bare renames.
func BenchmarkMove(b *testing.B) {
	n := pairsFrom(10_000)
	q := newBench(b, n, 10)
	s := q.store()
	var bare, moved, restored []time.Duration
	for b.Loop() {
		bare = append(bare, q.bareRenames())
		at := time.Now()
		if out := q.move(s); out.Moved != n {
			b.Fatalf("moved %d of %d", out.Moved, n)
		}
		moved = append(moved, time.Since(at))
		at = time.Now()
		if out := q.restore(s); out.Restored != n {
			b.Fatalf("put %d of %d back", out.Restored, n)
		}
		restored = append(restored, time.Since(at))
	}
	loop, move, back := median(bare), median(moved), median(restored)
	b.ReportMetric(loop.Seconds(), "bare-s")
	b.ReportMetric(move.Seconds(), "move-s")
	b.ReportMetric(back.Seconds(), "restore-s")
	b.ReportMetric(move.Seconds()/loop.Seconds(), "move-times")
	b.ReportMetric(back.Seconds()/loop.Seconds(), "restore-times")
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// bareRenames renames all files to another folder, and returns how long that took; then it puts them back.
func (b *bench) bareRenames() time.Duration {
	b.t.Helper()
	out := filepath.Join(filepath.Dir(b.root), "bare")
	rename := func(from, to string) {
		for _, id := range b.ids {
			for _, name := range []string{id.HDR(), id.EML()} {
				if err := os.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
					b.t.Fatal(err)
				}
			}
		}
	}
	for _, id := range b.ids {
		if err := os.MkdirAll(filepath.Join(out, id.Dir()), 0o700); err != nil {
			b.t.Fatal(err)
		}
	}
	at := time.Now()
	rename(b.root, out)
	took := time.Since(at)
	rename(out, b.root)
	return took
}
