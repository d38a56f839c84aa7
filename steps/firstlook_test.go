package steps

import (
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// TestEarlyRows: rows come while the spool is still read, and none after it is.
func TestEarlyRows(t *testing.T) {
	root := t.TempDir()
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/10000001", Auth: "ann@example.com"})
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	snap, err := sp.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := make(chan int, 10)
	early := earlyRows{wanted: make(chan struct{}, 1), sofar: make(chan *spool.Snapshot), show: func(s *spool.Snapshot) { shown <- s.Len() }}
	ended := make(chan struct{})
	go func() { defer close(ended); early.run() }()
	for len(shown) == 0 { // it may not be ready yet, and never waits
		early.offer(spool.Progress{SoFar: func() *spool.Snapshot { return snap }})
		time.Sleep(time.Millisecond)
	}
	early.offer(spool.Progress{}) // nothing to show is no news
	close(early.sofar)
	<-ended
	if n := <-shown; n != 1 {
		t.Errorf("%d messages were shown, want 1", n)
	}
}
