package spool_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

func TestLooksLikeSpool(t *testing.T) {
	tests := []struct {
		name   string
		make   func(t *testing.T, dir string)
		want   bool
		ground string
	}{
		{"SubSpool folders", func(t *testing.T, dir string) {
			spooltest.File(t, dir, "SubSpool0/x", nil, time.Time{})
			spooltest.File(t, dir, "subspool12/x", nil, time.Time{})
		}, true, "2 SubSpool folders"},
		{"pairs", func(t *testing.T, dir string) { spooltest.Write(t, dir, spooltest.Pair{ID: "67518204"}) }, true, "pairs"},
		{"messages without envelopes", func(t *testing.T, dir string) { spooltest.File(t, dir, "1.eml", nil, time.Time{}) }, false, "neither"},
		{"a folder that only sounds like it", func(t *testing.T, dir string) { spooltest.File(t, dir, "SubSpoolX/1.eml", nil, time.Time{}) }, false, "neither"},
		{"empty, of the right name", func(*testing.T, string) {}, true, "name is Spool"},
		{"no folder", func(t *testing.T, dir string) {
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
		}, false, "cannot be opened"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "Spool")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			tt.make(t, dir)
			if got, ground := spool.LooksLikeSpool(dir); got != tt.want || !strings.Contains(ground, tt.ground) {
				t.Errorf("LooksLikeSpool = %v, %q; want %v, %q", got, ground, tt.want, tt.ground)
			}
		})
	}
}

func TestIsNetworkShareIsCarefulWithTheUnknown(t *testing.T) {
	if share, ground := spool.IsNetworkShare(filepath.Join(t.TempDir(), "none")); ground == "" || (!share && os.PathSeparator == '/') {
		t.Errorf("a missing folder: %v, %q; want unknown taken as a share", share, ground)
	}
	if _, ground := spool.IsNetworkShare(t.TempDir()); ground == "" {
		t.Error("no ground given")
	}
}
