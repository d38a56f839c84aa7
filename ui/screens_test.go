package ui_test

import (
	"strings"
	"testing"

	"delist/steps"
	"delist/ui"
	"delist/ui/uitest"
)

// TestScreens holds the screen of every step, in every window and both glyph sets, to
// its golden file.
func TestScreens(t *testing.T) {
	for _, step := range steps.AllSteps() {
		t.Run(strings.ToLower(step.String()), func(t *testing.T) {
			state := uitest.At(t, step)
			if state.Incident.Current() != step && step != steps.Verify {
				t.Fatalf("the runbook is at %s", state.Incident.Current())
			}
			ui.InEveryWindow(t, strings.ToLower(step.String()), func(w, h int, g ui.Glyphs) string {
				return uitest.New(t, uitest.NewRunbook(t, state), ui.Options{Glyphs: g}).Resize(w, h).View()
			})
		})
	}
}
