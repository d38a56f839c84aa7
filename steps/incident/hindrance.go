package incident

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
)

// BouncedIPs are the addresses of this server as the bounces name them.
func (inc *Incident) BouncedIPs() []netip.Addr {
	var ips []netip.Addr
	for _, f := range inc.Bounces {
		if f.IP.IsValid() && f.Certainty != bounce.Unsure && !slices.Contains(ips, f.IP) {
			ips = append(ips, f.IP)
		}
	}
	return ips
}

// Hindrance says what of this server's identity stands in the way of removing a listing, and what to do; empty when nothing does.
func (inc *Incident) Hindrance(l Listing) string {
	if inc.Identity == nil || !l.Gone.IsZero() {
		return ""
	}
	begin := l.List + " refuses removal for this:"
	findings := inc.Identity.RefusedBy(cmp.Or(l.Source, l.List), l.IP)
	if len(findings) == 0 {
		if l.Removal != nil && (l.Removal.Kind == dnsbl.Waits || l.Removal.Kind == dnsbl.NoRemoval) {
			return "" // nobody looks
		}
		begin = "Put this right first, whoever decides on removal looks at it:"
		findings = inc.Identity.Hindrances(l.IP)
	}
	if len(findings) == 0 {
		return ""
	}
	return strings.TrimSpace(begin + " " + findings[0].Sentence + " " + findings[0].Remedy)
}
