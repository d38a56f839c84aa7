package quarantine

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkMove moves and restores 10,000 pairs, with record and syncs, against the bare renames of the same files, one
// after the other in a loop: "times" says how many times as long.
func BenchmarkMove(b *testing.B) {
	q := newBench(b, 10_000, 10)
	s := q.store()
	var bare, moved, restored time.Duration
	for b.Loop() {
		bare += q.bareRenames()
		at := time.Now()
		q.move(s)
		moved += time.Since(at)
		at = time.Now()
		q.restore(s)
		restored += time.Since(at)
	}
	b.ReportMetric(moved.Seconds()/bare.Seconds(), "move-times")
	b.ReportMetric(restored.Seconds()/bare.Seconds(), "restore-times")
	b.ReportMetric(bare.Seconds()/float64(b.N), "bare-s")
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
