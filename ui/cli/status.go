package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"delist/spool/message"
	"delist/steps"
)

// Status is how delist ends, for scripts.
type Status int

// The exit statuses. Where several hold, the first of Usage, Unfinished, BadNews, NoAnswer counts.
const (
	Good       Status = 0
	BadNews    Status = 1 // the answer is bad news: listed, no match, refused by a rule
	Usage      Status = 2 // wrong usage or configuration
	NoAnswer   Status = 3 // could not tell, or could not reach
	Unfinished Status = 4 // stopped part way, resumable
)

// statusHelp ends the help of every command.
const statusHelp = `
Exit status:
  0  good
  1  the answer is bad news: %s
  2  wrong usage or configuration
  3  could not tell, or could not reach
  4  stopped part way; the last line says what goes on
`

// worse gives the status that counts where both hold.
func worse(a, b Status) Status {
	order := []Status{Good, NoAnswer, BadNews, Unfinished, Usage}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// ending is an error that carries its exit status. Without a reason there is nothing left to say: the answer that was
// printed says it.
type ending struct {
	status Status
	reason error
}

func (e *ending) Error() string {
	if e.reason == nil {
		return ""
	}
	return e.reason.Error()
}

// Unwrap gives the reason.
func (e *ending) Unwrap() error { return e.reason }

// silent ends with a status whose reason stands in the answer already.
func silent(status Status) error {
	if status == Good {
		return nil
	}
	return &ending{status: status}
}

func usage(format string, args ...any) error {
	return &ending{Usage, fmt.Errorf(format, args...)}
}

func badNews(format string, args ...any) error {
	return &ending{BadNews, fmt.Errorf(format, args...)}
}

func noAnswer(format string, args ...any) error {
	return &ending{NoAnswer, fmt.Errorf(format, args...)}
}

func unfinished(format string, args ...any) error {
	return &ending{Unfinished, fmt.Errorf(format, args...)}
}

// statusOf is the exit status of an error. What nobody gave a status could not be done.
func statusOf(err error) Status {
	var end *ending
	var refusal *steps.Refusal
	switch {
	case err == nil:
		return Good
	case errors.As(err, &end):
		return end.status
	case errors.As(err, &refusal), errors.Is(err, steps.ErrTakenOver):
		return BadNews
	case errors.Is(err, context.Canceled):
		return Unfinished
	}
	return NoAnswer
}

// sentence makes one line of an error, as people read it: no line breaks, nothing unprintable.
func sentence(err error) string {
	var parts []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(parts, line) {
			parts = append(parts, line)
		}
	}
	return message.Printable(strings.Join(parts, "; "))
}
