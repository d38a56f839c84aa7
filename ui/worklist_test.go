package ui_test

import (
	"context"
	"testing"
	"time"

	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// worklistRows are the places where a server is usually listed, in the order of the work, after Spamhaus, with which
// TestScreens begins.
var worklistRows = []string{"barracuda", "outlook", "spamcop", "uceprotect-2"}

// TestWorklistScreens holds the worklist to its golden files, with the cursor at each of the other rows: whoever reads one
// has to know what to do there, and that it is nothing at two of them.
func TestWorklistScreens(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	for i, row := range worklistRows {
		t.Run(row, func(t *testing.T) {
			ui.InEveryWindow(t, "delist-worklist-"+row, func(w, h int, g ui.Glyphs) string {
				d := uitest.New(t, uitest.NewRunbook(t, state), ui.Options{Glyphs: g}).Resize(w, h)
				for range i + 1 {
					d.Press("down")
				}
				return d.View()
			})
		})
	}
}

// TestWorklistScreensLater are those of the day after: asked with a ticket, cleared, back again, marked by hand.
func TestWorklistScreensLater(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	uitest.Asked(&state, "Barracuda", "BBR-4711")
	server := state.Incident.Addresses[0]
	css, spamcop := state.Incident.Listing(server, "Spamhaus CSS"), state.Incident.Listing(server, "SpamCop")
	css.Back = state.Now.Add(-5 * time.Minute)
	spamcop.State, spamcop.Gone = incident.ListingCleared, state.Now.Add(-time.Hour)
	for name, keys := range map[string][]string{"delist-back": nil, "delist-asked": {"down"}, "delist-request": {"enter"}, "delist-help": {"?"}} {
		t.Run(name, func(t *testing.T) {
			ui.InEveryWindow(t, name, func(w, h int, g ui.Glyphs) string {
				nowhere := func(context.Context, string) (string, error) { return "", nil }
				return uitest.New(t, uitest.NewRunbook(t, state), ui.Options{Glyphs: g, NoBrowser: "you work over SSH", Copy: nowhere,
					Write: func(context.Context, string, string) (string, error) { return "", nil }}).Resize(w, h).Press(keys...).View()
			})
		})
	}
}

// TestWorklistScreenOfTwoSublists is that of an address on two of Spamhaus' sublists: the provider comes first, and the other has to wait.
func TestWorklistScreenOfTwoSublists(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	uitest.ListedAlso(t, &state, "SBL")
	ui.InEveryWindow(t, "delist-sbl", func(w, h int, g ui.Glyphs) string {
		return uitest.New(t, uitest.NewRunbook(t, state), ui.Options{Glyphs: g}).Resize(w, h).Press("down").View()
	})
}
