package drill_test

import (
	"net/netip"
	"testing"
	"time"

	"delist/checks/identity"
	"delist/steps/drill"
	"delist/steps/drill/smartermail"
)

// All is well with the practice server's identity but for one thing, so that there is something to read.
func TestPracticeIdentity(t *testing.T) {
	p := begin(t, drill.Options{})
	c := &identity.Checker{Resolver: client(p), Sources: []identity.Source{p.AddressSource()}, Clock: time.Now}
	r := c.Check(t.Context(), identity.Input{Given: []netip.Addr{p.IP}, Bounced: []netip.Addr{p.IP}, Host: drill.ServerName, HELO: p.Settings().HELO, Domains: smartermail.Domains()})
	for _, f := range r.Findings {
		switch f.Kind {
		case identity.Good, identity.NotAsked:
		case identity.Note:
			if f.About != identity.OfDMARC || f.Name != "quayside.example" {
				t.Errorf("%s: %s", f.Kind, f.Sentence)
			}
		default:
			t.Errorf("%s: %s", f.Kind, f.Sentence)
		}
	}
	if r.Worst() != identity.Note {
		t.Errorf("worst is %s, want the one note", r.Worst())
	}
}
