package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"delist/checks/traffic"
	"delist/spool/message"
	"delist/steps/incident"
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
