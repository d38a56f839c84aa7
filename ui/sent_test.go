package ui_test

import (
	"context"
	"testing"

	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// What was confirmed runs from then on, long before the runbook tells how far it is: Ctrl+C stops it, its keys are gone,
// and leaving says what it does to it.
func TestWhatWasConfirmedRuns(t *testing.T) {
	for _, test := range []struct {
		name  string
		step  incident.Step
		state func(*steps.State)
		in    steps.Intent
		keys  []string
		says  string
		gone  string
	}{
		{"a move", incident.Purge, func(s *steps.State) { _ = planned(s, 34) }, steps.Quarantine{PlanID: "0a1b2c3d", Count: 34}, []string{"3", "4", "enter"},
			"move messages into the quarantine", "back, move nothing"},
		{"a plan", incident.Purge, nil, nil, []string{"enter"}, "plan the move", "Enter: quarantine"},
		{"a stop", incident.Stop, nil, steps.StopService{}, []string{"enter", "y"}, "stop mail", "Enter: stop ALL"},
		{"a start", incident.Restart, nil, steps.StartService{}, []string{"enter", "y"}, "start mail", "Enter: start"},
		{"locking out", incident.Look, nil, steps.LockOut{}, []string{"enter", "y"}, "lock the thief out", "Enter: lock"},
		{"a password", incident.Reset, nil, steps.ResetPassword{Account: uitest.Stolen}, []string{"enter", "y"}, "make a new password", "Enter: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			state := uitest.At(t, test.step)
			if test.state != nil {
				test.state(&state)
			}
			if test.in == nil {
				test.in = steps.PlanPurge{Query: "account:" + uitest.Stolen, IDs: stolenIDs(state)}
			}
			d, runbook := with(t, state, ui.Options{})
			runbook.Expect(test.in, func(*steps.State) error {
				d.Expect("Ctrl+C stops it safely").ExpectNot(test.gone)
				d.Press("q").ExpectDialog("Leave delist?", "What runs now is stopped safely", test.says).Press("n")
				d.Press("ctrl+c").ExpectNoDialog().Expect("Stopping safely, after the item it is at.")
				if runbook.Stopped() != context.Canceled || runbook.Canceled() != 1 {
					t.Error("Ctrl+C did not stop it")
				}
				return nil
			})
			d.Press(test.keys...).ExpectNot("Ctrl+C stops it safely", "Stopping safely")
			d.Press("down", "ctrl+c").ExpectDialog("Leave delist?").ExpectNot("What runs now")
		})
	}
}

// A search is stopped likewise, and holds no act up.
func TestASearchThatWasSentIsStopped(t *testing.T) {
	d, runbook := at(t, incident.Purge, ui.Options{})
	runbook.Expect(steps.Search{Query: "subject:invoice"}, func(*steps.State) error {
		d.Expect("Enter: quarantine 34").Press("ctrl+c").ExpectNoDialog().Expect("Stopping the search.")
		if runbook.Stopped() != context.Canceled {
			t.Error("Ctrl+C did not stop it")
		}
		return nil
	})
	d.Press("/", "ctrl+u").Type("subject:invoice").Press("enter")
}

// A window that is closed stops what was sent, and says so: nobody pressed a key for it.
func TestAClosedWindowStopsWhatWasSent(t *testing.T) {
	d, runbook := at(t, incident.Stop, ui.Options{})
	runbook.Expect(steps.StopService{}, func(*steps.State) error {
		d.Send(ui.End)
		if why := runbook.Stopped(); why != steps.ErrClosed {
			t.Errorf("it is stopped: %v", why)
		}
		return nil
	})
	d.Press("enter", "y").ExpectQuit(true)
}
