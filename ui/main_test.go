package ui

import (
	"os"
	"testing"
	"time"
)

// TestMain gives every clock on a golden screen the same zone.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}
