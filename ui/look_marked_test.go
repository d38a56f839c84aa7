package ui_test

import (
	"fmt"
	"testing"

	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// The table has room for a few accounts: how many are marked is said.
func TestLookSaysHowManyAreMarked(t *testing.T) {
	for _, more := range []int{0, 1, 21, 1999} {
		state := uitest.At(t, incident.Look)
		for i := range more {
			uitest.Tell(&state, incident.SuspectMarked{Account: fmt.Sprintf("staff%d@quayside.example", i)})
		}
		d, _ := with(t, state, ui.Options{})
		if more == 0 {
			d.ExpectNot("are marked as stolen")
			continue
		}
		many := map[int][2]string{1: {"2", "1"}, 21: {"22", "21"}, 1999: {"2,000", "1,999"}}[more]
		d.Expect(many[0] + " accounts are marked as stolen: " + uitest.Stolen + " and " + many[1] + " more.")
	}
}
