package cli

import (
	"net/netip"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/identity"
)

// The contract of `check --json`.
type (
	checkJSON struct {
		CheckedAt time.Time     `json:"checkedAt"`
		Resolver  resolverJSON  `json:"resolver"`
		Addresses []addressJSON `json:"addresses"`
		Domains   []domainJSON  `json:"domains,omitempty"`
	}
	resolverJSON struct {
		Servers  []string `json:"servers"`
		Finding  string   `json:"finding"`
		Sentence string   `json:"sentence"`
		Remedy   string   `json:"remedy,omitempty"`
	}
	addressJSON struct {
		IP netip.Addr `json:"ip"`
		sumJSON
	}
	domainJSON struct {
		Domain string `json:"domain"`
		sumJSON
		Findings []identity.Finding `json:"findings"`
	}
	sumJSON struct {
		Verdict string       `json:"verdict"`
		Summary string       `json:"summary"`
		Counts  *countsJSON  `json:"counts"`
		Results []resultJSON `json:"results"`
	}
	// countsJSON leaves out, as the table for people does, the lists of tier 3 that do not list.
	countsJSON struct {
		Asked    int `json:"asked"`
		Listed   int `json:"listed"`
		Clear    int `json:"clear"`
		Refused  int `json:"refused"`
		Unusable int `json:"unusable"`
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
	for _, c := range v.addresses {
		out.Addresses = append(out.Addresses, addressJSON{c.ip, sumOf(c)})
	}
	for _, c := range v.domains {
		out.Domains = append(out.Domains, domainJSON{c.name, sumOf(c), append([]identity.Finding{}, c.findings...)})
	}
	return out
}

func sumOf(c checked) sumJSON {
	out := sumJSON{c.verdict.String(), dnsbl.Summarise(c.results), countsOf(dnsbl.Count(c.results)), []resultJSON{}}
	for _, r := range c.results {
		out.Results = append(out.Results, resultOf(r))
	}
	return out
}

func countsOf(t dnsbl.Tally) *countsJSON {
	return &countsJSON{t.Asked(), t.Listed(), t.Clear, t.Refused, t.Unusable}
}

func resultOf(r dnsbl.Result) resultJSON {
	out := resultJSON{List: r.List.Name, Zone: r.List.Zone, Tier: r.List.Tier, Verdict: r.Verdict.String(), Codes: []string{},
		Meaning: meanings(r), Reason: r.Reason, Note: r.Note, Impact: string(r.List.Impact), Lookup: r.Lookup}
	for _, c := range r.Codes {
		out.Codes = append(out.Codes, c.Answer.String())
	}
	if removals := r.Removals(); len(removals) > 0 {
		first := removals[0]
		out.Removal = &removalJSON{Kind: string(first.Kind), URL: r.RemovalLink(first), Advice: first.Advice, Expires: first.Expires}
	}
	return out
}
