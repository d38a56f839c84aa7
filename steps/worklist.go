package steps

import (
	"net/netip"
	"slices"
	"time"

	"delist/checks/dnsbl"
	"delist/steps/incident"
)

// listsAsked makes the record of one round: every listing, and what the known ones are now.
func listsAsked(report dnsbl.Report, known []incident.Listing, now time.Time) incident.ListsAsked {
	fact := incident.ListsAsked{}
	var all []dnsbl.Result
	asked := map[*dnsbl.List]bool{}
	for _, address := range report.Addresses {
		for _, res := range address.Results {
			all = append(all, res)
			if res.Shown() {
				asked[res.List] = true
				if (res.Verdict == dnsbl.Refused || res.Verdict == dnsbl.Unusable) && !slices.Contains(fact.NoAnswer, res.List.Name) {
					fact.NoAnswer = append(fact.NoAnswer, res.List.Name)
				}
			}
			fact.Listings = append(fact.Listings, listingsOf(res, known, now)...)
		}
	}
	fact.Asked = len(asked)
	fact.Summary = dnsbl.Summarise(all)
	return fact
}

// listingsOf are the listings that an answer tells of, and what it says of those that were known.
func listingsOf(res dnsbl.Result, known []incident.Listing, now time.Time) []incident.Listing {
	at := now.UTC().Round(0)
	seen := incident.Listing{IP: res.IP, Source: res.List.Name, Zone: res.List.Zone, Tier: res.List.Tier, Verdict: res.Verdict, Reason: res.Reason,
		Impact: string(res.List.Impact), Lookup: res.Lookup, Seen: at, First: at}
	var all []incident.Listing
	for _, p := range res.Procedures() {
		l := seen
		l.List, l.Removal, l.Policy = p.Name, &p.Removal, p.Policy()
		for _, c := range p.Codes {
			l.Meaning = append(l.Meaning, c.Meaning)
		}
		all = append(all, l)
	}
	for _, before := range known {
		told := slices.ContainsFunc(all, func(l incident.Listing) bool { return l.List == before.List })
		if before.IP != res.IP || before.Asked() != res.List.Name || before.ByHand || told {
			continue
		}
		l := seen
		l.List = before.List
		if res.Verdict == dnsbl.Listed { // on another of its sublists, and no longer on this one
			l.Verdict, l.Reason = dnsbl.Clear, ""
		}
		all = append(all, l)
	}
	return all
}

// Earlier is a request for removal from an earlier incident of this server: a list remembers it, whoever asks again.
type Earlier struct {
	Incident string
	incident.Listing
}

// earlierRequest finds a request of another incident whose waiting time is not over.
func (s *State) earlierRequest(ip netip.Addr, list string) (Earlier, bool) {
	for _, e := range s.Settings.Earlier {
		if e.Incident != s.Incident.ID && e.IP == ip && e.List == list && e.State == incident.ListingAsked && s.Now.Before(e.Until) {
			return e, true
		}
	}
	return Earlier{}, false
}
