package steps

import (
	"net/netip"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/steps/incident"
)

// Lists are counted once, however many addresses they were asked about: else two addresses would hide that no list answered.
func TestListsAreCountedOnce(t *testing.T) {
	a, b := &dnsbl.List{ID: "a", Name: "A", Tier: 1}, &dnsbl.List{ID: "b", Name: "B", Tier: 2}
	info := &dnsbl.List{ID: "c", Name: "C", Tier: 3}
	report := func(verdicts ...dnsbl.Verdict) (r dnsbl.Report) {
		for i := range 2 {
			ip := netip.AddrFrom4([4]byte{203, 0, 113, byte(25 + i)})
			r.Addresses = append(r.Addresses, dnsbl.Address{IP: ip, Results: []dnsbl.Result{
				{IP: ip, List: a, Verdict: verdicts[2*i]}, {IP: ip, List: b, Verdict: verdicts[2*i+1]}, {IP: ip, List: info, Verdict: dnsbl.Unusable}}})
		}
		return r
	}
	for _, tt := range []struct {
		report   dnsbl.Report
		noAnswer int
		unheard  bool
		summary  string
	}{
		{report(dnsbl.Unusable, dnsbl.Refused, dnsbl.Unusable, dnsbl.Refused), 2, true, "Not known: 4 of 4 gave no answer."},
		{report(dnsbl.Clear, dnsbl.Refused, dnsbl.Clear, dnsbl.Refused), 1, false, "No listing on two lists; 2 of 4 gave no answer."},
		{report(dnsbl.Clear, dnsbl.Clear, dnsbl.Clear, dnsbl.Clear), 0, false, "No listing on four lists."},
	} {
		fact := listsAsked(tt.report, nil, time.Now())
		inc := incident.Incident{Lists: fact.Asked, NoAnswer: fact.NoAnswer}
		if fact.Asked != 2 || len(fact.NoAnswer) != tt.noAnswer || inc.Unheard() != tt.unheard || fact.Summary != tt.summary {
			t.Errorf("%d asked, no answer from %v, unheard %v: %s", fact.Asked, fact.NoAnswer, inc.Unheard(), fact.Summary)
		}
	}
}
