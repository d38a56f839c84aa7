package ui

import "sync"

// commands counts the commands that run, because Bubble Tea's loop ends without
// waiting for them.
type commands struct {
	mu       sync.Mutex
	finished bool
	running  sync.WaitGroup
}

// begin says whether a command may still start.
func (c *commands) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finished {
		return false
	}
	c.running.Add(1)
	return true
}

// end ends a command that began.
func (c *commands) end() { c.running.Done() }

// finish lets no further command start and waits for those that run.
func (c *commands) finish() {
	c.mu.Lock()
	c.finished = true
	c.mu.Unlock()
	c.running.Wait()
}
