package cli

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/checks/resolver"
)

// lists asks the blocklists for the runbook. What the newest preflight found of the resolver colours every verdict.
type lists struct {
	client    *resolver.Client
	catalogue *dnsbl.Catalogue
	clock     func() time.Time

	mu      sync.Mutex
	finding resolver.Finding
}

// Preflight tries the resolver.
func (l *lists) Preflight(ctx context.Context) resolver.Finding {
	finding := resolver.Preflight(ctx, l.client)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finding = finding
	return finding
}

// newCatalogue reads the lists that delist comes with, and lays the operator's own file over them.
func (o *options) newCatalogue() (*dnsbl.Catalogue, error) {
	if o.lists == "" {
		return dnsbl.Default()
	}
	f, err := os.Open(o.lists)
	if err != nil {
		return nil, usage("the file of lists cannot be read: %w; mend the key lists in %s", err, o.config)
	}
	defer f.Close()
	catalogue, err := dnsbl.DefaultWith(f)
	if err != nil {
		return nil, usage("%s, %w", o.lists, err)
	}
	return catalogue, nil
}

// Check implements steps.Lists.
func (l *lists) Check(ctx context.Context, ips []netip.Addr, each func(dnsbl.Result)) (dnsbl.Report, error) {
	return l.checker().Check(ctx, ips, each)
}

// AskDomains implements identity.DomainLists.
func (l *lists) AskDomains(ctx context.Context, names []string) (map[string]identity.DomainAnswer, error) {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !dnsbl.IsDomain(name) })
	if len(names) == 0 {
		return nil, nil
	}
	results, err := l.checker().CheckDomains(ctx, l.catalogue.DomainLists(), names, nil)
	if err != nil {
		return nil, err
	}
	answers := map[string]identity.DomainAnswer{}
	for _, r := range results {
		if !r.Shown() { // as every count leaves it out
			continue
		}
		a := answers[r.Domain]
		a.Asked++
		switch r.Verdict {
		case dnsbl.Listed:
			a.Listed = append(a.Listed, r.List.Name)
		case dnsbl.Clear:
		default:
			a.NoAnswer = append(a.NoAnswer, r.List.Name)
		}
		answers[r.Domain] = a
	}
	return answers, nil
}

func (l *lists) checker() *dnsbl.Checker {
	l.mu.Lock()
	finding := l.finding
	l.mu.Unlock()
	return dnsbl.New(l.client, l.catalogue, dnsbl.Options{Keys: l.catalogue.Keys(), Preflight: finding, Now: l.clock})
}
