package spool_test

import (
	"fmt"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// What waits and could not be read has a share, too: nobody's is all of the spool beside it.
func TestSharesCountWhatWasNotRead(t *testing.T) {
	root := t.TempDir()
	queue(t, root, "SubSpool1", 54, func(i int) spooltest.Pair {
		return spooltest.Pair{IP: "198.51.100.7", Subject: "Your invoice is due today"}
	})
	for i := range 6 {
		spooltest.File(t, root, fmt.Sprintf("SubSpool1/cut%d.em_", i), []byte("Subject: half"), time.Now().Add(-time.Hour))
	}
	snap := scan(t, open(t, root))
	if snap.Waiting() != 60 {
		t.Fatalf("%d wait, want 60: %v", snap.Waiting(), snap.Problems())
	}
	for name, share := range map[string]float64{"account": snap.Senders()[0].Share, "client": snap.Clients()[0].Share, "campaign": snap.Campaigns()[0].Share} {
		if got := spool.Percent(share); got != "90 %" {
			t.Errorf("the %s has %s of what waits, want 90 %%", name, got)
		}
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 0.004: "0 %", 0.846: "85 %", 0.994: "99 %", 0.999: "99 %", 59999.0 / 60000: "99 %", 1: "100 %"} {
		if got := spool.Percent(share); got != want {
			t.Errorf("%v is %q, want %q", share, got, want)
		}
	}
}
