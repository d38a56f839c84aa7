package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/traffic"
	"delist/steps"
	"delist/steps/incident"
)

// playedService is a service that delist controls.
type playedService struct{ *playground }

func (playedService) Name() string { return "MailService" }
func (playedService) ByHand() bool { return false }

func (s playedService) Look(context.Context) (steps.ServiceReport, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.unseen:
		return steps.ServiceReport{}, errors.New("the service manager gives no answer")
	case s.runs:
		return steps.ServiceReport{State: steps.ServiceRunning, At: s.clock()}, nil
	}
	return steps.ServiceReport{State: steps.ServiceStopped, At: s.clock()}, nil
}

func (s playedService) Stop(ctx context.Context, _ func(string)) error  { return s.turn(ctx, false) }
func (s playedService) Start(ctx context.Context, _ func(string)) error { return s.turn(ctx, true) }

// turn takes its time, as a service does.
func (s playedService) turn(ctx context.Context, runs bool) error {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	s.mu.Lock()
	stuck := s.stuck
	s.mu.Unlock()
	if stuck {
		return errors.New("MailService does not do what it is told; look at its log")
	}
	s.set(runs)
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// playedMailboxes is the API, or the operator's own hands.
type playedMailboxes struct{ *playground }

func (m *playedMailboxes) Name() string { return "the API" }
func (m *playedMailboxes) ByHand() bool { return !m.setup.API }

var errNoAnswer = errors.New("connection refused")

// ask waits as the API lets one wait, and says whether it answers.
func (m *playedMailboxes) ask(ctx context.Context) error {
	m.mu.Lock()
	deaf, refuses, runs := m.deaf, m.refuses, m.runs || m.setup.Control == steps.NoService // then the accounts are elsewhere
	m.mu.Unlock()
	switch {
	case m.ByHand():
		return errors.New("there is no API here")
	case !runs:
		return errNoAnswer
	case deaf:
		return errors.Join(errors.New("the API gives no answer"), pause(ctx, 9*time.Second))
	case refuses:
		return fmt.Errorf("%w: the administrator is not let in", steps.ErrLogin)
	}
	return nil
}

func (m *playedMailboxes) Ready(ctx context.Context) error { return m.ask(ctx) }

func (m *playedMailboxes) Read(ctx context.Context, account string) (incident.Mailbox, error) {
	if err := m.ask(ctx); err != nil {
		return incident.Mailbox{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	box := incident.Mailbox{Account: account, Exists: true, LocalPassword: true, Forwarding: incident.Forwarding{Known: true}}
	if m.forwards[account] {
		box.Forwarding.Addresses = []string{"k.w0rd@freemail.test"}
	}
	return box, nil
}

func (m *playedMailboxes) SetPassword(ctx context.Context, account string, password steps.Secret) error {
	if err := m.ask(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.passwords[account], m.changed[account] = password.Reveal(), true
	if m.dies {
		m.refuses = true
		return errors.New("the connection broke off")
	}
	return nil
}

func (m *playedMailboxes) Prove(ctx context.Context, account string, password steps.Secret) error {
	if err := m.ask(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.passwords[account] != password.Reveal() {
		return errors.New("the password is refused")
	}
	return nil
}

func (m *playedMailboxes) EndSessions(ctx context.Context, _ string) error { return m.ask(ctx) }

func (m *playedMailboxes) Disable(ctx context.Context, account string) error {
	if err := m.ask(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disabled[account] = true
	return nil
}

func (m *playedMailboxes) RemoveForwarding(ctx context.Context, account string) error {
	if err := m.ask(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forwards[account] = false
	return nil
}

// playedLists are lists that all answer, and two of which have the server.
type playedLists struct{ catalogue *dnsbl.Catalogue }

func (p playedLists) Check(_ context.Context, ips []netip.Addr, each func(dnsbl.Result)) (dnsbl.Report, error) {
	report := dnsbl.Report{At: time.Now()}
	for _, ip := range ips {
		a := dnsbl.Address{IP: ip}
		for _, l := range p.catalogue.Blocklists() {
			res := dnsbl.Result{IP: ip, List: l, Verdict: dnsbl.Clear, At: time.Now()}
			if l.Name == "Spamhaus ZEN" || l.Name == "SpamCop" {
				res.Verdict, res.Codes = dnsbl.Listed, (&fakeLists{}).codes(l)
			}
			a.Results = append(a.Results, res)
			each(res)
		}
		report.Addresses = append(report.Addresses, a)
	}
	return report, nil
}

// playedLogs are a folder of logs, which may not be readable, or tell nothing.
type playedLogs struct {
	*playground
	logs *traffic.Logs
}

func (l *playedLogs) Read(ctx context.Context) (*traffic.Report, error) {
	l.mu.Lock()
	broken := l.noLog
	l.mu.Unlock()
	if broken {
		return nil, errors.New("the logs cannot be read")
	}
	return l.logs.Read(ctx)
}
