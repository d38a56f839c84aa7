package cli

import (
	"testing"
	"time"

	"delist/spool"
	"delist/steps"
)

func TestActLine(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 10, 0, time.UTC)
	for _, c := range []struct {
		name string
		live steps.Live
		want string
	}{
		{"nothing runs", steps.Live{}, ""},
		{"an act that counts", steps.Live{Doing: &steps.Doing{What: "put messages back into the spool", Done: 1200, Total: 100000}},
			"put messages back into the spool: 1,200 of 100,000"},
		{"an act that cannot tell", steps.Live{Doing: &steps.Doing{What: "start mail"}}, ""},
		{"folders are listed", steps.Live{Scanning: &spool.Progress{Done: 4000, Listing: true}}, "reading the spool: 4,000 messages so far"},
		{"a look, with what is left", steps.Live{Scanning: &spool.Progress{Done: 4000, Total: 5000, Began: now.Add(-8 * time.Second)}},
			"reading the spool: 4,000 of 5,000 messages, about 2 s to go"},
		{"a search within an act", steps.Live{Finding: &spool.Progress{Done: 1, Total: 2}, Doing: &steps.Doing{What: "move", Total: 9}},
			"looking through the spool: 1 of 2 messages"},
	} {
		if got := actLine(c.live, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
