package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"delist/checks/resolver"
	"delist/spool/message"
)

// Input is what is known already of the server.
type Input struct {
	Given     []netip.Addr     // the operator's: --ip, the configuration
	Bounced   []netip.Addr     // as bounces name the sender
	Host      string           // this server's name
	HELO      string           // what it says in HELO, as the operator gave it; empty: it is looked for
	Foreign   bool             // what answers on this machine's port 25 is not this mail server, says the operator
	Domains   []string         // of the senders, the busiest first; only the first few are looked at
	Preflight resolver.Finding // what is known of the resolver
}

// Bounds of one check.
const (
	maxDomains = 10
	maxIPs     = 8
	atOnce     = 6 // questions about domains that are under way together
)

// DefaultTimeout bounds a whole check; what has no answer by then is unknown.
const DefaultTimeout = 90 * time.Second

// Checker looks at the identity of this server.
type Checker struct {
	Resolver Asker
	Sources  []Source    // of addresses, beside those of the Input; Interfaces as a rule
	Lists    DomainLists // nil: not asked
	// Deliveries counts the newest deliveries by the host that took them, and the domains of their recipients; nil where no log says it.
	Deliveries func(context.Context) (remotes map[string]int, domains int, err error)
	SMTP       string // HOST:PORT of this server's own SMTP, to be asked for its name; empty: not asked
	Clock      func() time.Time
	Timeout    time.Duration // 0: DefaultTimeout
}

// Check looks at everything, and always gives a report: what could not be told is a finding of its own.
func (c *Checker) Check(ctx context.Context, in Input) Report {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r := Report{At: c.Clock().UTC().Round(0), HELO: message.Printable(in.HELO)}
	if in.Preflight.Kind == resolver.Rewriting {
		r.Findings = []Finding{{Kind: Unknown, About: OfPTR, Short: "the resolver makes up answers, so PTR, HELO and SPF are unknown",
			Sentence: "Nothing can be told of the server's name: " + in.Preflight.Sentence, Remedy: in.Preflight.Remedy}}
		return r
	}
	sources := []Source{Listed(FromOperator, "given", in.Given), Listed(FromBounce, "named in a bounce", in.Bounced)}
	sources = append(append(sources, c.Sources...), BehindName(c.Resolver, in.Host))
	r.Addresses, r.Findings = Addresses(ctx, sources...)
	r.Findings = append(r.Findings, c.checkRelay(ctx))
	said := c.findHELO(ctx, in)
	r.HELO = said.name
	ips := ToCheck(r.Addresses)
	ips = ips[:min(len(ips), maxIPs)]
	names := newNames()
	for _, ip := range ips {
		p, findings := checkPTR(ctx, c.Resolver, ip)
		r.Findings = append(append(r.Findings, findings...), checkHELO(ctx, c.Resolver, said, ip, p))
		names.add("PTR name", p.names...)
	}
	names.add("HELO name", r.HELO)
	domains := senderDomains(in.Domains)
	names.add("sender domain", domains...)
	r.Findings = append(r.Findings, c.checkDomains(ctx, ips, r.HELO, domains)...)
	r.Findings = doubted(append(r.Findings, c.checkNames(ctx, names)...), in.Preflight)
	return r
}

// doubted makes unknown what rests on an answer that a resolver did not give which is known to hold answers back.
func doubted(findings []Finding, preflight resolver.Finding) []Finding {
	if preflight.Kind != resolver.Filtered {
		return findings
	}
	for i := range findings {
		if f := &findings[i]; (f.Kind == Bad || f.absent) && f.About != OfAddress {
			f.Kind, f.Refusers = Unknown, nil
			f.Short = "not known whether: " + f.Short
			f.Sentence = "This resolver holds answers back, so the following may not be so: " + f.Sentence
			f.Remedy = preflight.Remedy
		}
	}
	return findings
}

// Domain looks at a sender domain's own records: SPF for each of the given addresses (for none, whether it can be read), DMARC, MX.
func (c *Checker) Domain(ctx context.Context, domain string, in Input) []Finding {
	if in.Preflight.Kind == resolver.Rewriting {
		return []Finding{{Kind: Unknown, About: OfSPF, Name: domain, Short: "the resolver makes up answers, so SPF, DMARC and MX are unknown",
			Sentence: "Nothing can be told of the records of " + domain + ": " + in.Preflight.Sentence, Remedy: in.Preflight.Remedy}}
	}
	var looks []func() Finding
	for _, ip := range in.Given[:min(len(in.Given), maxIPs)] {
		looks = append(looks, func() Finding { return checkSPF(ctx, c.Resolver, domain, in.HELO, ip) })
	}
	if len(in.Given) == 0 {
		looks = append(looks, func() Finding { return checkSPF(ctx, c.Resolver, domain, in.HELO, netip.Addr{}) })
	}
	looks = append(looks, func() Finding { return checkDMARC(ctx, c.Resolver, domain) }, func() Finding { return checkMX(ctx, c.Resolver, domain) })
	found := doubted(together(looks), in.Preflight)
	if len(in.Given) > maxIPs {
		found = append(found, Finding{Kind: NotAsked, About: OfSPF, Name: domain,
			Sentence: fmt.Sprintf("SPF of %s was looked at for the first %d of %d addresses.", domain, maxIPs, len(in.Given)),
			Remedy:   "Give the addresses that send its mail alone."})
	}
	return found
}

// senderDomains are the first few that are domains at all.
func senderDomains(domains []string) []string {
	var good []string
	for _, d := range domains {
		d = strings.ToLower(strings.TrimSuffix(d, "."))
		if isHostName(d) && !slices.Contains(good, d) && len(good) < maxDomains {
			good = append(good, d)
		}
	}
	return good
}

// checkDomains looks at SPF and DMARC of the sender domains.
func (c *Checker) checkDomains(ctx context.Context, ips []netip.Addr, helo string, domains []string) []Finding {
	var looks []func() Finding
	for _, domain := range domains {
		for _, ip := range ips {
			looks = append(looks, func() Finding { return checkSPF(ctx, c.Resolver, domain, helo, ip) })
		}
	}
	for _, domain := range domains {
		looks = append(looks, func() Finding { return checkDMARC(ctx, c.Resolver, domain) })
	}
	if len(domains) == 0 {
		return []Finding{{Kind: NotAsked, About: OfSPF, Sentence: "SPF and DMARC were not looked at: no domain of a sender is known yet.",
			Remedy: "The wizard looks at them when it asks the lists, once the spool is read."}}
	}
	return together(looks)
}

// checkNames asks the lists of domains about every name that goes with the mail.
func (c *Checker) checkNames(ctx context.Context, names *names) []Finding {
	if c.Lists == nil {
		return []Finding{listsNotAsked()}
	}
	if len(names.order) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, domainLimit)
	defer cancel()
	answers, err := c.Lists.AskDomains(ctx, names.order)
	findings := make([]Finding, len(names.order))
	for i, name := range names.order {
		answer, asked := answers[name]
		findings[i] = judgeLists(name, names.role[name], answer, cmp.Or(err, unlessAsked(asked)))
	}
	return findings
}

// unlessAsked is the reason why there is no answer about a name, where it was not asked about.
func unlessAsked(asked bool) error {
	if asked {
		return nil
	}
	return errors.New("no list of domains takes such a name")
}

// together takes the looks a few at once, and gives what they found in their order.
func together(looks []func() Finding) []Finding {
	findings := make([]Finding, len(looks))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, look := range looks {
		group.Go(func() error { findings[i] = look(); return nil })
	}
	_ = group.Wait() // none fails: each has its finding
	return findings
}

// names are the names that go with the mail, each once, with what it is.
type names struct {
	order []string
	role  map[string]string
}

func newNames() *names { return &names{role: map[string]string{}} }

func (n *names) add(role string, all ...string) {
	for _, name := range all {
		name = strings.ToLower(name)
		if isHostName(name) && n.role[name] == "" {
			n.order, n.role[name] = append(n.order, name), role
		}
	}
}
