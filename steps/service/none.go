package service

import (
	"context"
	"time"

	"delist/steps"
)

// None is the operator's word that nothing writes to the spool: a copy, or a disk taken from a dead server.
type None struct{}

// Name implements steps.Service.
func (None) Name() string { return "no service" }

// ByHand implements steps.Service.
func (None) ByHand() bool { return false }

// Nothing says that there is no service to turn off or on.
func (None) Nothing() bool { return true }

// Look implements steps.Service. It always says stopped.
func (None) Look(context.Context) (steps.ServiceReport, error) {
	return steps.ServiceReport{State: steps.ServiceStopped, At: time.Now(),
		Detail: "--service none was given: you said that nothing writes to this spool"}, nil
}

// Stop implements steps.Service; there is nothing to stop.
func (None) Stop(context.Context, func(string)) error { return nil }

// Start implements steps.Service; there is nothing to start.
func (None) Start(context.Context, func(string)) error { return nil }
