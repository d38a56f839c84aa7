package ui_test

import (
	"strings"
	"testing"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// TestScreens holds the screen of every step, in every window and both glyph sets, to
// its golden file.
func TestScreens(t *testing.T) {
	for _, step := range incident.AllSteps() {
		t.Run(strings.ToLower(step.String()), func(t *testing.T) {
			state := uitest.At(t, step)
			if state.Incident.Current() != step && step != incident.Verify {
				t.Fatalf("the runbook is at %s", state.Incident.Current())
			}
			ui.InEveryWindow(t, strings.ToLower(step.String()), func(w, h int, g ui.Glyphs) string {
				return uitest.New(t, uitest.NewRunbook(t, state), ui.Options{Glyphs: g}).Resize(w, h).View()
			})
		})
	}
}

// TestScreensBearAnyMoment draws every step at the moments that pass too quickly for a golden file: while something is
// looked for, asked or done, and before the first answer to it is there.
func TestScreensBearAnyMoment(t *testing.T) {
	moments := map[string]func(*steps.State){
		"looking for messages, none found yet": func(s *steps.State) { s.Live.Results, s.Live.Finding = nil, &spool.Progress{} },
		"looking for messages again":           func(s *steps.State) { s.Live.Finding = &spool.Progress{Total: 5} },
		"nothing seen yet":                     func(s *steps.State) { s.Live = steps.Live{} },
		"the spool went away":                  func(s *steps.State) { s.Live.Spool, s.Live.SpoolErr = nil, "the folder is gone" },
		"asking the lists":                     func(s *steps.State) { s.Live.Asking = true },
		"something is done":                    func(s *steps.State) { s.Live.Doing = &steps.Doing{What: "work", Since: s.Now} },
		"no suspects, no listings":             func(s *steps.State) { s.Incident.Suspects, s.Incident.Listings = nil, nil },
	}
	for _, step := range incident.AllSteps() {
		for moment, change := range moments {
			state := uitest.At(t, step)
			d := uitest.New(t, uitest.NewRunbook(t, state), ui.Options{})
			change(&state)
			for _, keys := range [][]string{nil, {"v"}, {"tab"}, {"left"}, {"right"}} {
				if screen := d.News(state).Press(keys...).Screen(); screen == "" {
					t.Errorf("%s, %s: nothing is drawn after %q", step, moment, keys)
				}
			}
		}
	}
}
