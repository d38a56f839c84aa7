package cli

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"delist/checks/dnsbl"
	"delist/checks/resolver"
)

type checkOptions struct {
	json bool
	ips  []string
}

func (p *program) checkCommand() *cobra.Command {
	var o checkOptions
	cmd := command("check IP|NETWORK...", "Say which blocklists have an address, why, and what to do",
		`Asks every blocklist of the catalogue about the addresses. Each list has to pass its self-test first; one that refuses
this server's resolver, or gives no answer that can be believed, is said to do so, and never counts as clear.
Without an address, those of --ip or of the configuration file are checked. A network, such as 203.0.113.0/24, stands for all
its addresses, at most 256 in one command.`,
		"an address is listed", cobra.ArbitraryArgs)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.ips = args
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
	ips, err := settings.addressesToAsk(o.ips, "check", parseNetworks)
	if err != nil {
		return err
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
	answer := checkView{finding: resolver.Preflight(ctx, client), server: client.Servers(), now: p.env.Clock()}
	checker := dnsbl.New(client, catalogue, dnsbl.Options{Keys: catalogue.Keys(), Preflight: answer.finding, Now: p.env.Clock})
	if answer.report, err = checker.Check(ctx, ips, nil); err != nil {
		if ctx.Err() != nil {
			return unfinished("stopped before every list had answered; run the same command again")
		}
		return noAnswer("%w", err)
	}
	if err := p.show(answer, o.json); err != nil {
		return err
	}
	return silent(answer.status())
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

// checkView is what the lists say of some addresses.
type checkView struct {
	finding resolver.Finding
	server  []resolver.Server
	report  dnsbl.Report
	now     time.Time
}

// status is BadNews when any address is listed, NoAnswer when any is not known to be clear.
func (v checkView) status() Status {
	status := Good
	for _, a := range v.report.Addresses {
		switch a.Verdict {
		case dnsbl.AddressListed:
			status = worse(status, BadNews)
		case dnsbl.AddressUnknown:
			status = worse(status, NoAnswer)
		}
	}
	return status
}

// people implements view.
func (v checkView) people(w io.Writer) {
	if v.finding.Kind != resolver.Good && v.finding.Sentence != "" {
		fmt.Fprintln(w, v.finding.Sentence)
		if v.finding.Remedy != "" {
			fmt.Fprintln(w, v.finding.Remedy)
		}
		fmt.Fprintln(w)
	}
	if len(v.report.Addresses) > many {
		v.network(w)
		return
	}
	for i, a := range v.report.Addresses {
		if i > 0 {
			fmt.Fprintln(w)
		}
		v.address(w, a)
	}
}

// address shows one address: the sentence first, then the lists that matter, then what to do at each.
func (v checkView) address(w io.Writer, a dnsbl.Address) {
	fmt.Fprintf(w, "%s is %s. %s\n", a.IP, v.verdict(a.Verdict), dnsbl.Summarise(a.Results))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	clear := 0
	for _, r := range a.Results {
		if !r.Shown() {
			continue
		}
		switch r.Verdict {
		case dnsbl.Clear:
			clear++
		case dnsbl.Listed:
			listedRow(table, r)
		default:
			silentRow(table, r)
		}
	}
	table.Flush()
	if clear > 0 {
		fmt.Fprintf(w, "  %d %s clear.\n", clear, plural(clear, "list is", "lists are"))
	}
	for _, r := range a.Results {
		if trusted := r.Trusted(); trusted != "" {
			fmt.Fprintf(w, "  Good news from %s.\n", trusted)
		}
	}
	for _, r := range a.Results {
		v.whatToDo(w, r)
	}
}

// listedRow is a table's row on a list that has the address.
func listedRow(table io.Writer, r dnsbl.Result) {
	fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", r.List.Name, r.Verdict, strings.Join(meanings(r), "; "), r.List.Impact)
}

// silentRow is a table's row on a list that gave no answer to go by.
func silentRow(table io.Writer, r dnsbl.Result) {
	word := r.Verdict.String()
	if r.Verdict == dnsbl.Refused {
		word = "refused us"
	}
	fmt.Fprintf(table, "  %s\t%s\t%s\t\n", r.List.Name, word, r.Note)
}

// verdict is the address's verdict in words.
func (v checkView) verdict(a dnsbl.AddressVerdict) string {
	if a == dnsbl.AddressUnknown {
		return "not known to be clear"
	}
	return a.String()
}

// whatToDo shows the list's own reason and the way off, for a listing.
func (v checkView) whatToDo(w io.Writer, r dnsbl.Result) {
	for _, removal := range r.Removals() {
		fmt.Fprintf(w, "\n%s: %s\n", r.List.Name, removal.Advice)
		if r.Reason != "" {
			fmt.Fprintf(w, "  The list says: %s\n", r.Reason)
		}
		if removal.Need != "" {
			fmt.Fprintf(w, "  Have ready: %s.\n", removal.Need)
		}
		if removal.Expires != "" {
			fmt.Fprintf(w, "  Ends by itself: %s.\n", removal.Expires)
		}
		if link := removal.Link(r.IP); link != "" {
			fmt.Fprintf(w, "  %s\n", link)
		} else if r.Lookup != "" {
			fmt.Fprintf(w, "  Look it up: %s\n", r.Lookup)
		}
	}
}

// meanings are what the answers of a list mean.
func meanings(r dnsbl.Result) []string {
	out := []string{}
	for _, c := range r.Codes {
		out = append(out, c.Meaning)
	}
	return out
}

// The contract of `check --json`.
type (
	checkJSON struct {
		CheckedAt time.Time     `json:"checkedAt"`
		Resolver  resolverJSON  `json:"resolver"`
		Addresses []addressJSON `json:"addresses"`
	}
	resolverJSON struct {
		Servers  []string `json:"servers"`
		Finding  string   `json:"finding"`
		Sentence string   `json:"sentence"`
		Remedy   string   `json:"remedy,omitempty"`
	}
	addressJSON struct {
		IP      netip.Addr   `json:"ip"`
		Verdict string       `json:"verdict"`
		Summary string       `json:"summary"`
		Results []resultJSON `json:"results"`
	}
	resultJSON struct {
		List    string       `json:"list"`
		Zone    string       `json:"zone"`
		Tier    int          `json:"tier"`
		Verdict string       `json:"verdict"`
		Codes   []string     `json:"codes"`
		Meaning []string     `json:"meaning"`
		Reason  string       `json:"reason"`
		Note    string       `json:"note,omitempty"`
		Impact  string       `json:"impact"`
		Lookup  string       `json:"lookup"`
		Removal *removalJSON `json:"removal,omitempty"`
	}
	removalJSON struct {
		Kind    string `json:"kind"`
		URL     string `json:"url"`
		Advice  string `json:"advice"`
		Expires string `json:"expires"`
	}
)

// machine implements view.
func (v checkView) machine() any {
	out := checkJSON{CheckedAt: v.now.UTC().Round(0), Addresses: []addressJSON{}, Resolver: resolverJSON{
		Servers: []string{}, Finding: v.finding.Kind.String(), Sentence: v.finding.Sentence, Remedy: v.finding.Remedy}}
	for _, s := range v.server {
		out.Resolver.Servers = append(out.Resolver.Servers, s.String())
	}
	for _, a := range v.report.Addresses {
		address := addressJSON{IP: a.IP, Verdict: a.Verdict.String(), Summary: dnsbl.Summarise(a.Results), Results: []resultJSON{}}
		for _, r := range a.Results {
			address.Results = append(address.Results, resultOf(r))
		}
		out.Addresses = append(out.Addresses, address)
	}
	return out
}

func resultOf(r dnsbl.Result) resultJSON {
	out := resultJSON{List: r.List.Name, Zone: r.List.Zone, Tier: r.List.Tier, Verdict: r.Verdict.String(), Codes: []string{},
		Meaning: meanings(r), Reason: r.Reason, Note: r.Note, Impact: string(r.List.Impact), Lookup: r.Lookup}
	for _, c := range r.Codes {
		out.Codes = append(out.Codes, c.Answer.String())
	}
	if removals := r.Removals(); len(removals) > 0 {
		first := removals[0]
		out.Removal = &removalJSON{Kind: string(first.Kind), URL: first.Link(r.IP), Advice: first.Advice, Expires: first.Expires}
	}
	return out
}
