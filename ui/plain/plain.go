// Package plain is the wizard in line mode: for screen readers, dumb terminals and scripts. It prints one line a change,
// asks with a numbered menu, and never moves the cursor.
package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
)

// Runbook is what line mode needs of steps.Runbook.
type Runbook interface {
	// State is a copy of everything there is to show.
	State() steps.State
	// Do carries out one intent; an error says why not, in words for the operator.
	Do(ctx context.Context, in steps.Intent) error
	// Reveal gives the new password of an account, as long as it is kept.
	Reveal(account string) (steps.Secret, bool)
}

// Options are the choices of line mode. The zero value is ready.
type Options struct {
	// Wait is how long "wait" without a number takes at most; 60 s when zero.
	Wait time.Duration
	// Every is the pause between two lines of a running count; 10 s when zero.
	Every time.Duration
	// Lines looks through the logs; nil where nobody can.
	Lines func(context.Context, traffic.Search) (*traffic.Found, error)
	// SearchHeld names the messages in the quarantine that match a query, and ReadHeld reads some of them; nil where there is
	// no quarantine.
	SearchHeld func(ctx context.Context, query string) (map[spool.ID]bool, error)
	ReadHeld   func(context.Context, []spool.ID) (*spool.Snapshot, error)
	// Echo writes each answer behind its question, for answers that do not come from a terminal.
	Echo bool
}

// Session is one wizard in line mode. Only the goroutine in Run writes.
type Session struct {
	rb    Runbook
	out   io.Writer
	opts  Options
	news  news
	in    *input
	werr  error         // the first failure to write
	last  string        // the line written last
	step  incident.Step // whose menu is shown
	other bool          // the operator went to another step than the current one
	shown bool          // the head of this step was shown
	menu  menu
}

// New makes a session. Its Hear is to be plugged as the runbook's listener before Run.
func New(rb Runbook, out io.Writer, opts Options) *Session {
	if opts.Wait <= 0 {
		opts.Wait = time.Minute
	}
	if opts.Every <= 0 {
		opts.Every = 10 * time.Second
	}
	return &Session{rb: rb, out: out, opts: opts, news: news{poke: make(chan struct{}, 1)}}
}

// Hear takes in an event of the runbook. It never blocks and never calls back.
func (s *Session) Hear(e steps.Event) { s.news.hear(e) }

// errLeave ends a session in good order.
var errLeave = errors.New("leave")

// Run shows and asks until the incident is closed, the operator leaves, the answers in in end, or ctx is done. All of
// these are no error: the runbook's state says whether there is something to go on with. A read of in that hangs when
// ctx ends is left to hang; the process ends with it.
func (s *Session) Run(ctx context.Context, in io.Reader) error {
	s.in = readLines(in)
	defer s.in.close()
	for {
		err := s.turn(ctx)
		switch {
		case s.werr != nil:
			return fmt.Errorf("write to the operator: %w", s.werr)
		case errors.Is(err, errLeave), errors.Is(err, io.EOF), ctx.Err() != nil:
			s.tellNews()
			return nil
		case err != nil:
			return err
		}
	}
}

// turn shows the step and carries out one answer.
func (s *Session) turn(ctx context.Context) error {
	s.tellNews()
	state := s.rb.State()
	if !state.Incident.Closed.IsZero() {
		s.line("Incident %s is closed. Report: %s", state.Incident.ID, state.Incident.ReportAt)
		return errLeave
	}
	if current := state.Incident.Current(); !s.other && current != s.step {
		s.step, s.shown = current, false
	}
	s.show(&state)
	answer, err := s.command(ctx)
	if err != nil {
		return err
	}
	return s.obey(ctx, answer)
}

// line writes one line, with nothing in it that a terminal would obey.
func (s *Session) line(format string, args ...any) {
	s.last = message.Printable(fmt.Sprintf(format, args...))
	s.write(s.last + "\n")
}

// block writes text of several lines.
func (s *Session) block(text string) { s.write(message.PrintableBlock(text) + "\n") }

func (s *Session) write(text string) {
	if s.werr == nil {
		_, s.werr = io.WriteString(s.out, text)
	}
}

// tellNews writes what happened since.
func (s *Session) tellNews() {
	for _, line := range s.news.take() {
		s.tell(line)
	}
}

// tell writes a line that was not written just before.
func (s *Session) tell(line string) {
	if message.Printable(line) != s.last {
		s.line("%s", line)
	}
}
