package ui_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
)

// idle is a runbook in which nothing happens.
type idle struct{}

func (idle) State() steps.State {
	return steps.State{
		Now: time.Now(), Settings: steps.DefaultSettings(),
		Incident: incident.Incident{ID: "7F3A", Host: "mail01.example", Opened: time.Now(), Permit: incident.May, Round: 1},
	}
}
func (idle) Do(context.Context, steps.Intent) error { return nil }
func (idle) Reveal(string) (steps.Secret, bool)     { return steps.Secret{}, false }
func (idle) Cancel() bool                           { fmt.Fprint(os.Stderr, "stopped safely"); return false }

// wizard is the program that the terminal tests run.
func wizard() int {
	model := ui.New(idle{}, ui.Options{Glyphs: ui.LineGlyphs(), Colour: true})
	if err := ui.Run(context.Background(), model, make(chan struct{}), true); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprint(os.Stderr, "ended in good order")
	return 0
}
