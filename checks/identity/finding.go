package identity

import (
	"net/netip"
	"slices"
)

// Kind is what a finding comes to.
type Kind string

// The kinds. Unknown is never taken for good: it was asked, and could not be told.
const (
	Good     Kind = "good"
	Note     Kind = "note" // worth knowing; no list is known to refuse a removal for it
	Bad      Kind = "bad"
	Unknown  Kind = "unknown"
	NotAsked Kind = "not asked"
)

// Subject is what a finding is about.
type Subject string

// The subjects, in the order in which they are looked at.
const (
	OfAddress Subject = "address"
	OfRelay   Subject = "relay"
	OfPTR     Subject = "PTR"
	OfForward Subject = "FCrDNS"
	OfGeneric Subject = "generic PTR"
	OfHELO    Subject = "HELO"
	OfSPF     Subject = "SPF"
	OfDMARC   Subject = "DMARC"
	OfMX      Subject = "MX"
	OfLists   Subject = "domain lists"
)

// Finding is one thing that was found. Every text is safe to print.
type Finding struct {
	Kind     Kind       `json:"kind"`
	About    Subject    `json:"about"`
	IP       netip.Addr `json:"ip,omitzero"`        // the address it is about, or the zero Addr
	Name     string     `json:"name,omitempty"`     // the host name or domain it is about, or empty
	Short    string     `json:"short"`              // a few words, without a final stop
	Sentence string     `json:"sentence"`           // the whole of it
	Remedy   string     `json:"remedy,omitempty"`   // what to do, empty when there is nothing to do
	Refusers []string   `json:"refusers,omitempty"` // lists that refuse removal for it, by the catalogue's names

	absent bool // it rests on there being no record
}

// The lists that refuse removal, as their own pages say; compare "need" and "penalty" in the catalogue of checks/dnsbl. Spamhaus
// asks for it in the parts PBL and XBL only, and says so in their own advice.
var (
	wantPTR     = []string{"Abusix", "SpamRATS", "SPFBL"}
	wantForward = []string{"SPFBL"}
)

// RefusedBy are the bad findings about ip for which a list refuses removal.
func (r Report) RefusedBy(list string, ip netip.Addr) []Finding {
	return r.badOf(ip, func(f Finding) bool { return slices.Contains(f.Refusers, list) })
}

// Hindrances are the bad findings about ip at which every operator of a list looks first: PTR, FCrDNS and HELO.
func (r Report) Hindrances(ip netip.Addr) []Finding {
	return r.badOf(ip, func(f Finding) bool {
		return slices.Contains([]Subject{OfPTR, OfForward, OfGeneric, OfHELO}, f.About)
	})
}

func (r Report) badOf(ip netip.Addr, wanted func(Finding) bool) []Finding {
	var found []Finding
	for _, f := range r.Findings {
		if f.Kind == Bad && f.IP == ip && wanted(f) {
			found = append(found, f)
		}
	}
	return found
}
