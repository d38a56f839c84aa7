package ui_test

import (
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// Every question says what Enter does, and a no is said to be one: the screen behind it looks as before.
func TestANoIsSaid(t *testing.T) {
	for _, test := range []struct {
		name  string
		step  incident.Step
		state func(*steps.State)
		open  []string
		box   string // what Enter does, as the box says it
		no    []string
		said  string
	}{
		{"Enter", incident.Stop, nil, []string{"enter"}, "Enter, n or Esc: cancel y: stop mail", []string{"enter"}, "Cancelled: nothing was done. It was about: stop ALL mail now."},
		{"n", incident.Look, nil, []string{"enter"}, "Enter, n or Esc: cancel y: lock out", []string{"n"}, "Cancelled: nothing was done. It was about: lock the thief out"},
		{"Esc", incident.Restart, nil, []string{"enter"}, "Enter, n or Esc: cancel y: start mail", []string{"esc"}, "Cancelled: nothing was done. It was about: start mail again."},
		{"Tab back and Enter", incident.Stop, nil, []string{"enter", "tab"}, "Enter or y: stop mail n or Esc: cancel", []string{"tab", "enter"}, "Cancelled: nothing was done. It was about: stop ALL mail now."},
		{"a count not typed", incident.Purge, func(s *steps.State) { _ = planned(s, 34) }, nil, "Enter or Esc: cancel Once typed, Enter: move", []string{"enter"},
			"Cancelled: nothing was done. It was about: move 34 messages out of the spool."},
		{"a count half typed", incident.Purge, func(s *steps.State) { _ = planned(s, 34) }, []string{"3"}, "Once typed, Enter: move Esc: cancel", []string{"esc"},
			"Cancelled: nothing was done. It was about: move 34 messages out of the spool."},
		{"a count typed", incident.Purge, func(s *steps.State) { _ = planned(s, 34) }, []string{"3", "4"}, "Enter: move Esc: cancel", []string{"esc"},
			"Cancelled: nothing was done. It was about: move 34 messages out of the spool."},
		{"a paste", incident.Look, nil, []string{"b", "tab"}, "Tab: text, Cancel, Read", []string{"enter"}, "Cancelled: nothing was done. It was about: read a bounce."},
		{"leaving", incident.Stop, nil, []string{"q"}, "Enter, n or Esc: cancel y: leave", []string{"enter"}, "Cancelled: nothing was done. It was about: leave delist."},
	} {
		t.Run(test.name, func(t *testing.T) {
			state := uitest.At(t, test.step)
			if test.state != nil {
				test.state(&state)
			}
			d, runbook := with(t, state, ui.Options{})
			d.Wait(2 * time.Second).Press(test.open...).Expect(test.box).ExpectNot("Not done")
			if state.Live.Plan != nil {
				runbook.Expect(steps.DropPlan{}, func(s *steps.State) error { s.Live.Plan = nil; return nil })
			}
			d.Press(test.no...).ExpectNoDialog().Expect(test.said).Press("down").ExpectNot("Not done")
		})
	}
	d, runbook := at(t, incident.Stop, ui.Options{})
	runbook.Expect(steps.StopService{}, nil)
	d.Press("enter", "y").ExpectNot("Not done")
}
