package cli

import (
	"context"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/idna"

	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/checks/resolver"
)

type checkOptions struct {
	json bool
	args []string
}

func (p *program) checkCommand() *cobra.Command {
	var o checkOptions
	cmd := command("check IP|NETWORK|DOMAIN...", "Say which blocklists have an address or domain, why, and what to do",
		`Asks every blocklist of the catalogue about the addresses. Each list has to pass its self-test first; one that refuses
this server's resolver, or gives no answer that can be believed, is said to do so, and never counts as clear.
Without an address, those of --ip or of the configuration file are checked. A network, such as 203.0.113.0/24, stands for all
its addresses, at most 256 in one command.

Of a domain, the lists of domains are asked, and its SPF, DMARC and MX records are looked at; SPF for the addresses in the same
command, else for those of --ip or of the configuration file.`,
		"an address or domain is listed, or a domain's records are broken", cobra.ArbitraryArgs)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.args = args
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.check(cmd.Context(), settings, o)
	}
	return cmd
}

// check asks the lists and shows what they say.
func (p *program) check(ctx context.Context, settings options, o checkOptions) error {
	domains, rest := domainsAmong(o.args)
	if len(domains) > dnsbl.MaxAddresses {
		return usage("these are more than the %d domains that can be checked at a time; give them in several commands", dnsbl.MaxAddresses)
	}
	var ips []netip.Addr
	senders := settings.ips // those that SPF is asked about
	if len(domains) == 0 || len(rest) > 0 {
		var err error
		if ips, err = settings.addressesToAsk(rest, "check", parseSubjects); err != nil {
			return err
		}
		senders = ips
	}
	client, err := settings.newResolver()
	if err != nil {
		return err
	}
	catalogue, err := settings.newCatalogue()
	if err != nil {
		return err
	}
	p.announce(dnsbl.New(client, catalogue, dnsbl.Options{}), ips, o.json)
	answer := checkView{finding: resolver.Preflight(ctx, client), server: client.Servers(), now: p.env.Clock(), width: p.env.width()}
	checker := dnsbl.New(client, catalogue, dnsbl.Options{Keys: catalogue.Keys(), Preflight: answer.finding, Now: p.env.Clock})
	err = answer.ask(ctx, checker, ips, domains)
	if ctx.Err() != nil {
		return unfinished("stopped before every list had answered; run the same command again")
	}
	if err != nil {
		return noAnswer("%w", err)
	}
	records := identity.Checker{Resolver: client, Clock: p.env.Clock}
	for i, domain := range domains {
		answer.domains[i].verdict = catalogue.DomainVerdict(answer.domains[i].results)
		answer.domains[i].findings = records.Domain(ctx, domain, identity.Input{Given: senders, HELO: settings.helo, Preflight: answer.finding})
	}
	if err := p.show(answer, o.json); err != nil {
		return err
	}
	return silent(answer.status())
}

// addressLike is what can only be meant for an address or a network: only digits and dots, or colons and hex.
var addressLike = regexp.MustCompile(`^[0-9./]+$|^[0-9A-Fa-f./]*:[0-9A-Fa-f:./]*$`)

// parseSubjects reads what is no domain as addresses and networks.
func parseSubjects(texts []string, where string) ([]netip.Addr, error) {
	for _, text := range texts {
		if !addressLike.MatchString(text) {
			return nil, usage("%s: %q is neither an address nor a domain; give one such as 203.0.113.25 or example.com", where, text)
		}
	}
	return parseNetworks(texts, where)
}

// domainsAmong takes the domains out of what was typed, each once and in ASCII.
func domainsAmong(args []string) (domains, rest []string) {
	seen := map[string]bool{}
	for _, arg := range args {
		name := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(arg), "."))
		if ascii, err := idna.Lookup.ToASCII(name); err == nil {
			name = ascii
		}
		switch {
		case !dnsbl.IsDomain(name):
			rest = append(rest, arg)
		case !seen[name]:
			domains, seen[name] = append(domains, name), true
		}
	}
	return domains, rest
}

// patience is how long a check may take before the operator is told so beforehand.
const patience = 10 * time.Second

// announce says how long the check takes.
func (p *program) announce(checker *dnsbl.Checker, ips []netip.Addr, asJSON bool) {
	least, list := checker.Least(ips)
	switch {
	case least >= patience:
		p.note("This takes about %d s: %s takes at most %s.", int(least.Seconds()+0.5), list.Name, checker.Rate(list))
	case !asJSON && p.env.Terminal:
		p.note("Asking the lists; this takes some seconds.")
	}
}

// checkView is what the lists say of some addresses and domains.
type checkView struct {
	finding   resolver.Finding
	server    []resolver.Server
	addresses []checked
	domains   []checked
	now       time.Time
	width     int // of the terminal; 0: of none
}

// checked is what the lists say of one address or domain.
type checked struct {
	ip       netip.Addr
	name     string // the address or domain
	verdict  dnsbl.AddressVerdict
	results  []dnsbl.Result
	findings []identity.Finding // about a domain's own records
}

// ask asks the lists about addresses and domains.
func (v *checkView) ask(ctx context.Context, checker *dnsbl.Checker, ips []netip.Addr, domains []string) error {
	if len(ips) > 0 {
		report, err := checker.Check(ctx, ips, nil)
		if err != nil {
			return err
		}
		for _, a := range report.Addresses {
			v.addresses = append(v.addresses, checked{ip: a.IP, name: a.IP.String(), verdict: a.Verdict, results: a.Results})
		}
	}
	if len(domains) == 0 {
		return nil
	}
	results, err := checker.CheckDomains(ctx, checker.DomainLists(), domains, nil)
	for _, domain := range domains {
		one := checked{name: domain}
		for _, r := range results {
			if r.Domain == domain {
				one.results = append(one.results, r)
			}
		}
		v.domains = append(v.domains, one)
	}
	return err
}

// status is BadNews when anything is listed or broken, NoAnswer when anything is not known.
func (v checkView) status() Status {
	status := Good
	for _, c := range append(v.addresses[:len(v.addresses):len(v.addresses)], v.domains...) {
		switch worst := (identity.Report{Findings: c.findings}).Worst(); {
		case c.verdict == dnsbl.AddressListed || worst == identity.Bad:
			status = worse(status, BadNews)
		case c.verdict == dnsbl.AddressUnknown || worst == identity.Unknown:
			status = worse(status, NoAnswer)
		}
	}
	return status
}
