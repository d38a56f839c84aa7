package cause_test

import (
	"os"
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps/cause"
)

// BenchmarkFind explains a large spool that one stolen account filled; Campaigns, for comparison, is what is made of it
// with every look anyway.
func BenchmarkFind(b *testing.B) {
	root, err := os.MkdirTemp("/dev/shm", "spool-")
	if err != nil {
		b.Skip(err)
	}
	defer os.RemoveAll(root)
	if err := (spooltest.Tree{Pairs: 100_000, Folders: 10}).Write(root); err != nil {
		b.Fatal(err)
	}
	sp, err := spool.Open(root)
	if err != nil {
		b.Fatal(err)
	}
	defer sp.Close()
	snap, err := sp.Scan(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	snap.Alike(0)
	b.Run("Find", func(b *testing.B) {
		for b.Loop() {
			cause.Find(snap, cause.Known{Here: map[string]bool{"quay.example": true}})
		}
	})
	b.Run("Campaigns", func(b *testing.B) {
		for b.Loop() {
			snap.Campaigns()
		}
	})
	b.Run("Senders", func(b *testing.B) {
		for b.Loop() {
			snap.Senders()
		}
	})
}
