package uitest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/steps"
	"delist/steps/incident"
)

// refusal is what Outlook.com says to a server that it has blocked.
const refusal = "550 5.7.1 Unfortunately, messages from [203.0.113.25] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140)."

// Worklist is the practice incident at Delist, listed where a server usually is: at Spamhaus, on the sublists named,
// Barracuda, SpamCop, UCEPROTECT 2, and by a bounce Outlook.com. The words are the catalogue's own. Nothing has been
// asked for yet.
func Worklist(t *testing.T, spamhaus ...string) steps.State {
	t.Helper()
	s := At(t, incident.Delist)
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	s.Incident.Listings = nil
	for _, list := range []string{"spamhaus-zen", "barracuda", "spamcop", "uceprotect-2"} {
		r := dnsbl.Result{IP: server, List: catalogue.List(list), Verdict: dnsbl.Listed}
		for _, rule := range r.List.Codes {
			if list != "spamhaus-zen" || slices.Contains(spamhaus, rule.Name) {
				r.Codes = append(r.Codes, dnsbl.Code{Name: rule.Name, Meaning: rule.Meaning, Removal: rule.Removal})
			}
		}
		for _, p := range r.Procedures() {
			s.Incident.Listings = append(s.Incident.Listings, incident.Listing{IP: server, List: p.Name, Source: r.List.Name, Zone: r.List.Zone, Tier: r.List.Tier,
				Verdict: dnsbl.Listed, Meaning: []string{p.Codes[0].Meaning}, Impact: string(r.List.Impact), Lookup: r.List.LookupURL(server),
				Seen: Now.Add(-20 * time.Second), First: Now.Add(-12 * time.Minute), Removal: &p.Removal})
		}
	}
	read, err := bounce.Read(strings.NewReader(refusal))
	if err != nil {
		t.Fatal(err)
	}
	told, err := steps.BounceListings(read.Findings, s.Incident.Addresses, Now.Add(-10*time.Minute))
	if err != nil || len(told) != 1 {
		t.Fatalf("the bounce makes %d entries: %v", len(told), err)
	}
	s.Incident.Listings = append(s.Incident.Listings, told...)
	for list, change := range map[string]func(*incident.Listing){
		"SpamCop":      func(l *incident.Listing) { l.State, l.Until = incident.ListingWaits, Now.Add(24*time.Hour) },
		"UCEPROTECT 2": func(l *incident.Listing) { l.State, l.Why = incident.ListingLeft, steps.NotOurs },
	} {
		change(s.Incident.Listing(server, list))
	}
	s.Live.Last = "it has been quiet for an hour"
	return s
}

// Asked marks a listing of a state as asked for a minute ago.
func Asked(s *steps.State, list, ticket string) {
	l := s.Incident.Listing(server, list)
	l.State, l.By, l.At, l.Ticket = incident.ListingAsked, "maria@mail01", Now.Add(-time.Minute), ticket
	l.Until = l.At.Add(time.Duration(l.Removal.WaitHours) * time.Hour)
}
