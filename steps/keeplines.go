package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/checks/traffic"
	"delist/spool/message"
	"delist/steps/incident"
	"delist/steps/words"
)

// Bounds of the lines that are kept as evidence: of one account, and how long the logs are looked through for them.
const (
	maxKeptLines = 20
	linesTimeout = 30 * time.Second
)

// Lines looks through the logs for the conversations behind a search. It changes nothing.
func (r *Runbook) Lines(ctx context.Context, s traffic.Search) (*traffic.Found, error) {
	if r.hands.Lines == nil {
		return nil, errors.New("no logs are known; name their folder with --logs")
	}
	return r.hands.Lines(ctx, s)
}

// LinesText is what was found of a search, for reading: what is not known first, and how to see more last.
func (s *State) LinesText(search traffic.Search, found *traffic.Found) string {
	var parts []string
	for _, why := range found.Unread {
		parts = append(parts, "Not known: "+message.Printable(why)+".")
	}
	if !s.Live.ReadingLogs && len(found.Conversations) == 0 && len(found.Unread) == 0 && s.Live.Traffic != nil {
		if silence := s.Live.Traffic.Silence(); silence != "" {
			parts = append(parts, "Not known: "+message.Printable(silence)+".")
		}
	}
	switch from := found.From.Format("Mon 2 Jan"); {
	case found.From.IsZero():
		parts = append(parts, "There are no logs that can be read.")
	case len(found.Conversations) == 0:
		parts = append(parts, "Nothing in the logs since "+from+" is about it.")
	default:
		parts = append(parts, "From the logs since "+from+", the newest first. What may be a password is left out.", found.Text())
	}
	if command := s.Settings.Command; command != nil && (found.More > 0 || len(found.Conversations) == 0) {
		parts = append(parts, "To look further back, in another window: "+command("logs", "--logs", s.Incident.Logs, "--days", "30", search.String()))
	}
	return strings.Join(parts, "\n\n")
}

// keepLines writes down the lines of the logs behind each suspicion, once: by the time somebody asks, the logs may be gone.
func (r *Runbook) keepLines(ctx context.Context) error {
	s := r.State()
	if r.hands.Lines == nil || s.Live.ReadingLogs || !s.Incident.Closed.IsZero() {
		return nil
	}
	for _, p := range s.Incident.Suspects {
		if len(p.Lines) > 0 || r.traced[p.Account] {
			continue
		}
		r.traced[p.Account] = true
		looking, cancel := context.WithTimeout(ctx, linesTimeout)
		found, err := r.Lines(looking, traffic.Search{Account: p.Account})
		cancel()
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = errors.New("looking through the logs took more than " + words.Span(linesTimeout))
		}
		if err != nil {
			return fmt.Errorf("the log lines of %s were not kept: %w", message.Printable(p.Account), err)
		}
		lines := tellingLines(found, &s.Incident)
		if len(lines) == 0 {
			continue
		}
		if err := r.record(incident.LinesKept{Account: p.Account, Lines: lines}); err != nil {
			return err
		}
	}
	return nil
}

// tellingLines are the first lines of the newest conversation from an address that the thief used; where none is known,
// of the newest one in which mail was sent.
func tellingLines(found *traffic.Found, inc *incident.Incident) (lines []incident.LogLine) {
	all := found.Conversations
	at := slices.IndexFunc(all, func(c traffic.Conversation) bool {
		return slices.Contains(inc.ThiefIPs, c.Client) && len(c.Messages) > 0
	})
	if at < 0 {
		at = slices.IndexFunc(all, func(c traffic.Conversation) bool { return len(c.Messages) > 0 })
	}
	if at < 0 {
		return nil
	}
	for _, l := range all[at].Lines[:min(len(all[at].Lines), maxKeptLines)] {
		lines = append(lines, incident.LogLine{File: l.File, Line: l.Number, Text: l.Text})
	}
	return lines
}
