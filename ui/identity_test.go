package ui_test

import (
	"testing"

	"delist/checks/identity"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// What is amiss with the server's identity stands in Look whatever the size, and in Delist with the listing; the key shows all.
func TestIdentityIsShown(t *testing.T) {
	amiss := func(s *steps.State) {
		report := *s.Incident.Identity
		report.Findings = append([]identity.Finding{{Kind: identity.Bad, About: identity.OfPTR, IP: s.Incident.Addresses[0], Short: "203.0.113.25 has no PTR record",
			Sentence: "203.0.113.25 has no PTR record.", Remedy: "Ask the provider.", Refusers: []string{"SpamRATS"}}}, report.Findings...)
		s.Incident.Identity = &report
	}
	look := uitest.At(t, incident.Look)
	amiss(&look)
	d, _ := with(t, look, ui.Options{})
	d.Resize(80, 24).Expect("SEEN AS  203.0.113.25 has no PTR record; no DMARC at quayside")
	d.Resize(80, 40).Press("p").Expect("Who the world sees", "Removal is refused for this by SpamRATS.")

	delist := uitest.At(t, incident.Delist)
	amiss(&delist)
	d, _ = with(t, delist, ui.Options{})
	d.Resize(120, 40).Expect("Put this right first, whoever decides on removal looks at it: 203.0.113.25 has no PTR")
}
