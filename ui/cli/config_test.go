package cli

import (
	"testing"
	"time"

	"delist/steps"
)

// TestConfiguredSettings: what the file says of waits and thresholds reaches the runbook, and nothing is the default.
func TestConfiguredSettings(t *testing.T) {
	preset := steps.DefaultSettings()
	for _, c := range []struct {
		text          string
		watch, verify time.Duration
		busy, backlog int
		share         float64
	}{
		{"", preset.WatchRestart, preset.VerifyWait, preset.BusyPerHour, 50, 0.1},
		{"verify_minutes = 5", preset.WatchRestart, 5 * time.Minute, preset.BusyPerHour, 50, 0.1},
		{"watch_restart_seconds = 3\nverify_seconds = 7\nbusy_per_hour = 9\nbacklog_messages = 20\nbacklog_share = 0.25", 3 * time.Second, 7 * time.Second, 9, 20, 0.25},
	} {
		file, err := parseConfig(c.text)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		o, err := file.options("delist.toml")
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		got := (&program{}).settings(o)
		if got.WatchRestart != c.watch || got.VerifyWait != c.verify || got.BusyPerHour != c.busy || got.BacklogMessages != c.backlog || got.BacklogShare != c.share {
			t.Errorf("%q gives %s, %s, %d, %d, %v", c.text, got.WatchRestart, got.VerifyWait, got.BusyPerHour, got.BacklogMessages, got.BacklogShare)
		}
	}
}
