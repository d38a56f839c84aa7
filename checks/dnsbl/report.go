package dnsbl

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
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
	byList := make(map[string]Result)
	for _, r := range results {
		if r.Verdict == Listed && r.List.Tier <= 2 {
			return AddressListed
		}
		byList[r.List.ID] = r
	}
	for _, l := range c.Blocklists() {
		if l.Tier != 1 || l.Zone == "" || !l.Covers(ip) {
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

// Summarise says in one sentence what results amount to, impact before count.
// Lists of tier 3 do not count.
func Summarise(results []Result) string {
	var stops, some, ignore, silent, clear int
	for _, r := range results {
		switch {
		case r.List.Tier > 2:
		case r.Verdict == Clear:
			clear++
		case r.Verdict != Listed:
			silent++
		case r.List.Impact == StopsMail:
			stops++
		case r.List.Impact == StopsSomeMail:
			some++
		default:
			ignore++
		}
	}
	var parts []string
	noun := true // "Three listings stop mail now; two can be ignored."
	listings := func(n int, one, many string) {
		if n == 0 {
			return
		}
		count, verb := number(n), many
		if n == 1 {
			verb = one
		}
		switch {
		case noun && n == 1:
			count += " listing"
		case noun:
			count += " listings"
		}
		noun = false
		parts = append(parts, count+" "+verb)
	}
	listings(stops, "stops mail now", "stop mail now")
	listings(some, "stops some mail", "stop some mail")
	listings(ignore, "can be ignored", "can be ignored")
	if len(parts) == 0 && clear > 0 {
		parts = append(parts, "no listing on "+lists(clear))
	}
	if silent > 0 {
		parts = append(parts, lists(silent)+" could not be asked")
	}
	if len(parts) == 0 {
		return "No list has been asked yet."
	}
	text := strings.Join(parts, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

func lists(n int) string {
	if n == 1 {
		return "one list"
	}
	return number(n) + " lists"
}

var small = [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

// number spells small numbers out.
func number(n int) string {
	if n < len(small) {
		return small[n]
	}
	return strconv.Itoa(n)
}
