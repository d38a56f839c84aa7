package steps

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/steps/incident"
)

// Receivers that keep a list of their own, and lists without public DNS, show only in bounces. What a bounce says of
// them goes on the worklist, and leaves it by the operator's word.

// receiver is what is known of asking one of them, beside what the bounce's finding says (the receivers' own
// postmaster pages).
type receiver struct {
	usual, penalty string
	wait           int // hours
}

// refusalNeed is what every receiver asks for.
const refusalNeed = "the address, the refusal with its code, one sentence on what happened and what was changed"

var knownReceivers = map[string]receiver{
	"Outlook.com":   {usual: "24 to 48 hours", wait: 48},
	"Microsoft 365": {usual: "24 hours, three days at the most", wait: 72},
	"Google":        {usual: "no answer comes", wait: 14 * 24, penalty: "two weeks have to pass between two letters"},
}

// BounceListings are the entries of the worklist that a bounce makes: one for each receiver or list that blocks the address and
// cannot be asked by DNS. What is only slow, unsure or about something else makes none.
func BounceListings(findings []bounce.Finding, addresses []netip.Addr, now time.Time) ([]incident.Listing, error) {
	catalogue, err := dnsbl.Default()
	if err != nil {
		return nil, err
	}
	var all []incident.Listing
	for _, f := range findings {
		name, order := f.Provider, incident.Receivers
		if f.Kind == bounce.List {
			name, order = f.List, 4
		}
		if f.Kind != bounce.List && f.Kind != bounce.Provider || name == "" || !f.Permanent || f.Certainty == bounce.Unsure {
			continue
		}
		listed := listNamed(catalogue, name)
		if listed != nil && listed.Zone != "" {
			continue // it is asked, and says itself what it has
		}
		ips := addresses
		if f.IP.IsValid() {
			ips = []netip.Addr{f.IP}
		}
		for _, ip := range ips {
			l := bounceListing(f, name, order, ip, now)
			if listed != nil {
				l.Removal, l.Lookup = &listed.Removal, listed.LookupURL(ip)
			}
			if !slices.ContainsFunc(all, func(other incident.Listing) bool { return other.IP == ip && other.List == name }) {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

// bounceListing is the entry of one finding.
func bounceListing(f bounce.Finding, name string, order int, ip netip.Addr, now time.Time) incident.Listing {
	at := now.UTC().Round(0)
	known := knownReceivers[name]
	removal := dnsbl.Removal{Kind: dnsbl.SelfService, URL: f.URL, Need: refusalNeed, Usual: known.usual, Penalty: known.penalty,
		Advice: f.Advice, WaitHours: cmp.Or(known.wait, 24), Order: order}
	if !strings.HasPrefix(f.URL, "https://") && !strings.HasPrefix(f.URL, "http://") {
		removal.Kind = dnsbl.ByMail
	}
	return incident.Listing{IP: ip, List: name, Tier: 1, Verdict: dnsbl.Listed, Meaning: []string{"a bounce says so"}, Reason: f.Quote,
		Impact: string(dnsbl.StopsMail), Seen: at, First: at, Removal: &removal, ByHand: true}
}

// listNamed finds the list that a bounce names, however it is called there; nil when the catalogue does not have it.
func listNamed(catalogue *dnsbl.Catalogue, name string) *dnsbl.List {
	for i := range catalogue.Lists {
		l := &catalogue.Lists[i]
		if strings.EqualFold(l.Name, name) || strings.HasPrefix(strings.ToLower(l.Name), strings.ToLower(name)+" ") {
			return l
		}
	}
	if strings.HasPrefix(name, "UCEPROTECT") { // "UCEPROTECT 2 or 3"
		return catalogue.List("uceprotect-2")
	}
	return nil
}
