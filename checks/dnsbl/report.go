package dnsbl

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// AddressVerdict sums up one address over all lists.
type AddressVerdict uint8

// The verdicts on an address.
const (
	AddressUnknown AddressVerdict = iota // too little came back to say
	AddressListed
	AddressClear
)

// String gives the verdict in lower case.
func (v AddressVerdict) String() string { return [...]string{"unknown", "listed", "clear"}[v] }

// MarshalText gives the verdict's word, for JSON.
func (v AddressVerdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Report is what a run of Check found.
type Report struct {
	At        time.Time
	Addresses []Address // in the order they were given
	NotAsked  []*List   // lists that need a key, have no public DNS, or were to be skipped
}

// Address is what the lists say of one address.
type Address struct {
	IP      netip.Addr
	Verdict AddressVerdict
	Results []Result // gravest first: see Compare
}

func (c *Checker) report(ips []netip.Addr, results []Result) Report {
	report := Report{At: c.opts.Now()}
	asked := c.lists()
	for _, l := range c.cat.Blocklists() {
		if !slices.Contains(asked, l) {
			report.NotAsked = append(report.NotAsked, l)
		}
	}
	for _, ip := range ips {
		a := Address{IP: ip}
		for _, r := range results {
			if r.IP == ip {
				a.Results = append(a.Results, r)
			}
		}
		slices.SortFunc(a.Results, Compare)
		a.Verdict = c.cat.Verdict(ip, a.Results)
		report.Addresses = append(report.Addresses, a)
	}
	return report
}

// Verdict sums up what the lists say of one address. It is clear only if every
// tier 1 list that can be asked without a key gave a usable answer. A list that
// answers nobody but registered resolvers may refuse: that is like asking without a key.
func (c *Catalogue) Verdict(ip netip.Addr, results []Result) AddressVerdict {
	return sumUp(slices.DeleteFunc(c.Blocklists(), func(l *List) bool { return !l.Covers(ip) }), results)
}

// DomainVerdict sums up what the lists of domains say of one domain, as Verdict does of an address.
func (c *Catalogue) DomainVerdict(results []Result) AddressVerdict {
	return sumUp(c.DomainLists(), results)
}

func sumUp(lists []*List, results []Result) AddressVerdict {
	byList := make(map[string]Result)
	for _, r := range results {
		if r.Verdict == Listed && r.List.Tier <= 2 {
			return AddressListed
		}
		byList[r.List.ID] = r
	}
	for _, l := range lists {
		if l.Tier != 1 || l.Zone == "" {
			continue
		}
		r, asked := byList[l.ID]
		if asked && (r.Verdict == Clear || r.Verdict == Refused && l.Registered) {
			continue
		}
		return AddressUnknown
	}
	return AddressClear
}

// Compare orders results for reading: listed before what gave no answer before
// clear, and within these by impact, tier and name.
func Compare(a, b Result) int {
	return cmp.Or(
		cmp.Compare(rank(a.Verdict), rank(b.Verdict)),
		cmp.Compare(weight(a.List.Impact), weight(b.List.Impact)),
		cmp.Compare(a.List.Tier, b.List.Tier),
		cmp.Compare(a.List.Name, b.List.Name),
		a.IP.Compare(b.IP),
		cmp.Compare(a.Domain, b.Domain),
	)
}

func rank(v Verdict) int { return slices.Index([]Verdict{Listed, Refused, Unusable, Clear}, v) }

func weight(i Impact) int { return slices.Index([]Impact{StopsMail, StopsSomeMail, Ignore}, i) }
