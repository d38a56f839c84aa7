package ui

import (
	"net/netip"
	"strings"
	"testing"

	"delist/checks/dnsbl"
	"delist/steps"
)

// A list of tier 3 has a row only when it lists the server; otherwise it does not even count.
func TestTier3IsShownOnlyWhenListed(t *testing.T) {
	result := func(name string, tier int, v dnsbl.Verdict) dnsbl.Result {
		return dnsbl.Result{IP: netip.MustParseAddr("203.0.113.25"), List: &dnsbl.List{Name: name, Tier: tier, Impact: dnsbl.Ignore}, Verdict: v}
	}
	results := []dnsbl.Result{
		result("Two", 2, dnsbl.Unusable), result("Silent", 3, dnsbl.Unusable), result("Clear", 3, dnsbl.Clear), result("Three", 3, dnsbl.Listed),
	}
	var s steps.State
	s.Live.Lists.Addresses = []dnsbl.Address{{IP: results[0].IP, Results: results}}
	rows := newListRows(&s)
	if rows.Len() != 2 || rows.Row(0).Cells[0] != "Three" || rows.Row(1).Cells[0] != "Two" {
		t.Errorf("rows: %+v", rows.results)
	}
	if got, want := strings.Join(impactCounts(results), ""), "1 of 2 gave no answer, 1 can be ignored"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
