package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// TestWaitingTime: the table of a search says how long a message waits in words, and nothing where nobody knows.
func TestWaitingTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 41, 0, 0, time.UTC)
	root := t.TempDir()
	if err := writePairs(root, []spooltest.Pair{{ID: spool.NewID("", "10000001"), Auth: "joe@quayside.example", Subject: "Lunch",
		Created: now.Add(-2*time.Hour - 5*time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	query, err := parseQuery("Lunch")
	if err != nil {
		t.Fatal(err)
	}
	snap, results, err := sp.ScanFor(t.Context(), query, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	searchView{root: root, snap: snap, results: results, now: now}.people(&out)
	if !strings.Contains(out.String(), "  2 h 5 min  ") {
		t.Errorf("the waiting time is not in words:\n%s", &out)
	}
	if got := waited(spool.Message{}, now); got != "-" {
		t.Errorf("a message without a date waits %q", got)
	}
}
