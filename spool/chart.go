package spool

import "time"

// The chart of when waiting mail came: ChartSteps stretches of ChartStep each, the last one ending with the look at the
// spool. Thieves' mail shows as a wall, people's as single strokes.
const (
	ChartSteps = 12
	ChartStep  = 10 * time.Minute
)

// Chart counts the waiting messages by when the server took them in, the oldest stretch first. What is older than the
// chart is left out.
type Chart [ChartSteps]int

// add counts one message that came at created, in a chart that ends at end.
func (c *Chart) add(created, end time.Time) {
	age := max(0, end.Sub(created)) // the clock of the server may be a little ahead
	if step := int(age / ChartStep); step < ChartSteps {
		c[ChartSteps-1-step]++
	}
}
