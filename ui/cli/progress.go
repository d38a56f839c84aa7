package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"

	"delist/spool"
	"delist/steps"
	"delist/ui/plain"
)

// progressEvery is how often what takes long says how far it is.
const progressEvery = 2 * time.Second

// progressTo tells on standard error how far a look at the spool is, a line each time: for people and for logs.
func progressTo(w io.Writer, what string) func(spool.Progress) {
	said := time.Now()
	return func(p spool.Progress) {
		now := time.Now()
		if now.Sub(said) < progressEvery || p.Done >= p.Total {
			return
		}
		said = now
		fmt.Fprintln(w, lookLine(what, p, now))
	}
}

// lookLine says how far a look at the spool is.
func lookLine(what string, p spool.Progress, now time.Time) string {
	if p.Listing {
		return fmt.Sprintf("%s: %s messages so far", what, humanize.Comma(int64(p.Done)))
	}
	line := fmt.Sprintf("%s: %s of %s messages", what, humanize.Comma(int64(p.Done)), humanize.Comma(int64(p.Total)))
	if left := p.Left(now); left > 0 {
		line += fmt.Sprintf(", about %s to go", plain.Span(left))
	}
	return line
}

// telling does what an intent asks for, and says on w how far it is, a line each time.
func (s *session) telling(ctx context.Context, w io.Writer, in steps.Intent) error {
	done := make(chan error, 1)
	go func() { done <- s.Do(ctx, in) }()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case now := <-tick.C:
			if line := actLine(s.State().Live, now); line != "" {
				fmt.Fprintln(w, line)
			}
		}
	}
}

// actLine says what runs and how far it is; it is empty where that cannot be told.
func actLine(live steps.Live, now time.Time) string {
	switch {
	case live.Finding != nil:
		return lookLine("looking through the spool", *live.Finding, now)
	case live.Scanning != nil:
		return lookLine("reading the spool", *live.Scanning, now)
	case live.Doing != nil && live.Doing.Total > 0:
		return fmt.Sprintf("%s: %s of %s", live.Doing.What, humanize.Comma(int64(live.Doing.Done)), humanize.Comma(int64(live.Doing.Total)))
	}
	return ""
}
