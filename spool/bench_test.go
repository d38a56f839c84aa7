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

// BenchmarkSearch is a search of the index alone, for each kind of term; ns/message is what counts.
func BenchmarkSearch(b *testing.B) {
	root, pairs := b.TempDir(), benchPairs(b)
	if err := (spooltest.Tree{Pairs: pairs, Folders: 10}).Write(root); err != nil {
		b.Fatal(err)
	}
	s, err := spool.Open(root)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	snap, err := s.Scan(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
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
	root, pairs := b.TempDir(), benchPairs(b)
	if err := (spooltest.Tree{Pairs: pairs, Folders: 10}).Write(root); err != nil {
		b.Fatal(err)
	}
	s, err := spool.Open(root)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	snap, err := s.Scan(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
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
		if snap, _, err = s.Rescan(b.Context(), snap, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pairs), "ns/message")
}
