package spool_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
)

// benchPairs is how many messages a benchmark's spool holds: $DELIST_PAIRS, or few.
func benchPairs(b *testing.B) int {
	b.Helper()
	if n, err := strconv.Atoi(os.Getenv("DELIST_PAIRS")); err == nil {
		return n
	}
	return 20_000
}

// benchSpool is a spool of that many messages, and what a look at it shows.
func benchSpool(b *testing.B) (root string, s *spool.Spool, snap *spool.Snapshot) {
	b.Helper()
	root = b.TempDir()
	if err := (spooltest.Tree{Pairs: benchPairs(b), Folders: 10}).Write(root); err != nil {
		b.Fatal(err)
	}
	s, err := spool.Open(root)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if snap, err = s.Scan(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	return root, s, snap
}

// BenchmarkSearch is a search of the index alone, for each kind of term; ns/message is what counts.
func BenchmarkSearch(b *testing.B) {
	_, s, snap := benchSpool(b)
	pairs := snap.Len()
	for _, query := range []string{"account:" + spooltest.Thief, "invoice 777", "overdue", "from:bank3.test -subject:overdue", "to:r0007919@web1.test", "ip:198.51.100.0/26 size:>1k"} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			q, err := spool.ParseQuery(query)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Search(b.Context(), snap, q, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pairs), "ns/message")
		})
	}
}

// BenchmarkRescan looks again at a spool of which 1 % came or went; CPU-ns/message is what counts.
func BenchmarkRescan(b *testing.B) {
	root, s, snap := benchSpool(b)
	pairs := snap.Len()
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for i := 0; i < snap.Len(); i += 200 { // half a percent goes, half a percent comes
			id := snap.At(i).ID
			for _, name := range []string{id.HDR(), id.EML()} {
				if err := os.Rename(filepath.Join(root, name), filepath.Join(root, strings.Replace(name, "/", "/9", 1))); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.StartTimer()
		var err error
		if snap, _, err = s.Rescan(b.Context(), snap, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pairs), "ns/message")
}
