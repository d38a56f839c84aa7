package cli

import (
	"context"
	"errors"

	"delist/checks/identity"
	"delist/checks/traffic"
	"delist/steps"
)

// What the wizard looks through for the lines behind a suspicion, and how much of it is shown; delist logs has all.
const (
	lineDays           = 3
	shownConversations = 20
)

// readLogs lets the runbook read SmarterMail's logs, and the look at this server's identity hear who takes its mail.
func (p *program) readLogs(h *steps.Hands, dir string) {
	logs := traffic.Open(dir, traffic.Options{Clock: p.env.Clock})
	h.Traffic = logs
	h.Lines = func(ctx context.Context, s traffic.Search) (*traffic.Found, error) {
		return traffic.Trace(ctx, dir, s, traffic.Options{Days: lineDays, Clock: p.env.Clock}, shownConversations)
	}
	if seer, ok := h.Identity.(*identity.Checker); ok {
		seer.Deliveries = func(context.Context) (map[string]int, int, error) {
			report := logs.Newest()
			if report == nil {
				return nil, 0, errors.New("the logs are not read yet")
			}
			return report.Remotes, report.RemoteDomains, nil
		}
	}
}
