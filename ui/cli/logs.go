package cli

import (
	"context"
	"errors"

	"delist/checks/identity"
	"delist/checks/traffic"
	"delist/spool"
	"delist/steps"
)

// What the wizard looks through for the lines behind a suspicion, and how much of it is shown; delist logs has all.
const (
	lineDays           = 3
	shownConversations = 20
)

// sendersIn asks the SMTP logs in a folder who sent messages.
func (p *program) sendersIn(dir string) steps.AskLogs {
	return func(ctx context.Context, asked []traffic.Spooled) (accounts, unknown []string, err error) {
		return traffic.Senders(ctx, dir, asked, traffic.Options{Clock: p.env.Clock})
	}
}

// nameSenders names who sent what the files of the spool do not tell, where logs are known. unknown is what those do not
// tell for lack of something.
func (p *program) nameSenders(ctx context.Context, settings options, snap *spool.Snapshot) (named *spool.Snapshot, unknown []string) {
	if settings.logs == "" {
		return snap, nil
	}
	return steps.NameSenders(ctx, snap, p.sendersIn(settings.logs))
}

// readLogs lets the runbook read SmarterMail's logs, and the look at this server's identity hear who takes its mail.
func (p *program) readLogs(h *steps.Hands, dir string) {
	logs := traffic.Open(dir, traffic.Options{Clock: p.env.Clock})
	h.Traffic, h.Senders = logs, p.sendersIn(dir)
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
