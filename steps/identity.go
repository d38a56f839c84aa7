package steps

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"delist/checks/identity"
	"delist/steps/incident"
)

// Identity looks at who the world sees when this server sends.
type Identity interface {
	// Check always gives a report: what could not be told is a finding of its own.
	Check(ctx context.Context, in identity.Input) identity.Report
}

// checkIdentity looks at who the world sees, and writes down what is news.
func (r *Runbook) checkIdentity(ctx context.Context) error {
	if r.hands.Identity == nil {
		return nil
	}
	s := r.State()
	report := r.hands.Identity.Check(ctx, s.identityInput())
	if ctx.Err() != nil {
		return nil // stopped: what was not asked any more is no finding
	}
	if known := s.Incident.Identity; known != nil && known.Same(report) {
		return nil // what the lists say is the news
	}
	return r.record(incident.IdentityChecked{Report: report})
}

// identityInput is what the incident knows of the server.
func (s *State) identityInput() identity.Input {
	in := identity.Input{Given: s.Incident.Addresses, Bounced: s.Incident.BouncedIPs(), Host: s.Incident.Host, HELO: s.Settings.HELO,
		Domains: s.senderDomains(), Foreign: s.Live.Control == NoService || slices.ContainsFunc(s.Incident.Others, isPort25)}
	if s.Live.Preflight != nil {
		in.Preflight = *s.Live.Preflight
	}
	return in
}

// isPort25 says that a port, as looks at a service by hand name it, is that of SMTP.
func isPort25(port string) bool { return strings.HasPrefix(port+" ", "port 25 ") }

// senderDomains are the domains of the accounts that are proven to send, the one with the most waiting mail first.
func (s *State) senderDomains() []string {
	queued := map[string]int{}
	for _, row := range s.Live.Senders {
		if _, domain, ok := strings.Cut(row.Account, "@"); ok && row.Basis.Proven() {
			queued[strings.ToLower(domain)] += row.Queued
		}
	}
	return slices.SortedFunc(maps.Keys(queued), func(a, b string) int {
		return cmp.Or(cmp.Compare(queued[b], queued[a]), strings.Compare(a, b))
	})
}

// spoolPatience is how long the first look at the server's identity waits for the senders' domains.
const spoolPatience = 30 * time.Second

// awaitSenders waits until the spool was looked at for the first time, or could not be, or takes too long.
func (r *Runbook) awaitSenders(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, spoolPatience)
	defer cancel()
	for {
		if live := r.State().Live; r.hands.Spool == nil || live.Spool != nil || live.SpoolErr != "" {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}
