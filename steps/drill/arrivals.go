package drill

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"delist/steps/drill/smartermail"
)

// Arrival is one message of the practice server that has arrived outside.
type Arrival struct {
	At         time.Time        `json:"at"`
	ID         string           `json:"id"`                  // its name in the spool
	MessageID  string           `json:"messageId,omitempty"` // the same for every copy of it; a bounce has none
	From       string           `json:"from"`                // the envelope's sender
	Recipients int              `json:"recipients"`
	Kind       smartermail.Kind `json:"kind"`
}

// Counts are messages by what they are.
type Counts struct{ Spam, Bounces, Good int }

// Tally is all that has left the practice server since the drill began, the oldest first, and what good mail has not.
type Tally struct {
	Arrivals []Arrival
	Repeated []smartermail.Written // good messages that arrived more than once
	Waiting  []smartermail.Written // good messages that have not arrived: in the spool, outside of it, or lost
}

// Before counts what had arrived by that time.
func (t Tally) Before(at time.Time) Counts {
	return t.count(func(a Arrival) bool { return !a.At.After(at) })
}

// After counts what has arrived since.
func (t Tally) After(at time.Time) Counts {
	return t.count(func(a Arrival) bool { return a.At.After(at) })
}

func (t Tally) count(among func(Arrival) bool) Counts {
	var c Counts
	for _, a := range t.Arrivals {
		if !among(a) {
			continue
		}
		switch a.Kind {
		case smartermail.KindSpam:
			c.Spam++
		case smartermail.KindBounce:
			c.Bounces++
		case smartermail.KindGood:
			c.Good++
		}
	}
	return c
}

// Delivered tells what has arrived outside, over all the times that the drill was left and taken up again.
func (p *Practice) Delivered() (Tally, error) { return DeliveredIn(p.Dir) }

// DeliveredIn is Delivered for the drill kept in dir, which need not be under way.
func DeliveredIn(dir string) (Tally, error) {
	var t Tally
	b, err := os.ReadFile(arrivalsFile(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t, fmt.Errorf("read what was delivered: %w", err)
	}
	whole := b[:bytes.LastIndexByte(b, '\n')+1] // a line cut short was never acknowledged
	for line := range bytes.Lines(whole) {
		var a Arrival
		if err := json.Unmarshal(line, &a); err != nil {
			return t, fmt.Errorf("read what was delivered: %w", err)
		}
		t.Arrivals = append(t.Arrivals, a)
	}
	good, err := smartermail.Good(ServerIn(dir))
	if err != nil {
		return t, err
	}
	times := map[string]int{}
	for _, a := range t.Arrivals {
		times[a.MessageID]++
	}
	for _, message := range good {
		switch n := times[message.MessageID]; {
		case n == 0:
			t.Waiting = append(t.Waiting, message)
		case n > 1:
			t.Repeated = append(t.Repeated, message)
		}
	}
	return t, nil
}

// arrivals is the file of what has arrived: a line of JSON a message, only ever added to.
type arrivals struct {
	mu   sync.Mutex
	file *os.File
}

func arrivalsFile(dir string) string { return filepath.Join(dir, "delivered.jsonl") }

// openArrivals opens the file to add to it. A line that a killed process left unfinished is taken off.
func openArrivals(dir string) (*arrivals, error) {
	name := arrivalsFile(dir)
	b, err := os.ReadFile(name)
	if end := bytes.LastIndexByte(b, '\n') + 1; err == nil && end < len(b) {
		err = os.Truncate(name, int64(end))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open what was delivered: %w", err)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open what was delivered: %w", err)
	}
	return &arrivals{file: file}, nil
}

// add writes one line, in one write.
func (a *arrivals) add(one Arrival) error {
	b, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("note what was delivered: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.file.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("note what was delivered: %w", err)
	}
	return nil
}

func (a *arrivals) close() error { return a.file.Close() }
