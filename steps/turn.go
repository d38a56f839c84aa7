package steps

import "context"

// turn is held by one at a time. Unlike a mutex, whoever waits for it can give up: what holds it may hang on a sick disk.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits until the turn is ours, or ctx ends.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// takeNow takes the turn if nobody has it.
func (t turn) takeNow() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

// leave lets the next one in.
func (t turn) leave() { <-t }
