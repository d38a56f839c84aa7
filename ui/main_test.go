package ui_test

import (
	"os"
	"testing"
	"time"
)

// TestMain gives every clock on a golden screen the same zone, and lets the test binary
// play the wizard for the tests that need a terminal.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	if os.Getenv("UI_CHILD") != "" {
		os.Exit(wizard())
	}
	os.Exit(m.Run())
}
