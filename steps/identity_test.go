package steps_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/steps"
	"delist/steps/incident"
)

// fakeIdentity finds what it is told to find.
type fakeIdentity struct {
	mu       sync.Mutex
	findings []identity.Finding
	asked    []identity.Input
}

func (f *fakeIdentity) find(findings ...identity.Finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.findings = findings
}

// Check implements steps.Identity.
func (f *fakeIdentity) Check(_ context.Context, in identity.Input) identity.Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, in)
	return identity.Report{At: time.Now().UTC(), Findings: slices.Clone(f.findings)}
}

func (f *fakeIdentity) inputs() []identity.Input {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

var noPTR = identity.Finding{Kind: identity.Bad, About: identity.OfPTR, IP: serverIP, Short: "no PTR", Sentence: "There is no PTR record.", Refusers: []string{"SPFBL"}}

// who counts the records of who the world sees.
func who(rb *steps.Runbook) int {
	n := 0
	for _, r := range rb.Records() {
		if _, ok := r.Fact.(incident.IdentityChecked); ok {
			n++
		}
	}
	return n
}

func TestLookSaysWhoTheWorldSees(t *testing.T) {
	w := newWorld(t)
	w.settings.HELO = "mail01.example"
	w.identity = &fakeIdentity{findings: []identity.Finding{noPTR}}
	rb := w.open()
	w.until(rb, "who the world sees", func(s steps.State) bool { return s.Incident.Identity != nil })

	in := w.identity.inputs()[0]
	if in.HELO != "mail01.example" || in.Host != "mail01.example" || !slices.Equal(in.Given, []netip.Addr{serverIP}) {
		t.Errorf("asked with %+v", in)
	}
	if want := []string{"harbourlight.example", "quayside.example"}; !slices.Equal(in.Domains, want) {
		t.Errorf("sender domains %q, the busiest first: want %q", in.Domains, want)
	}

	// Only what is news is written down.
	w.do(rb, steps.AskLists{})
	if n := who(rb); n != 1 {
		t.Errorf("%d records of the same findings, want 1", n)
	}
	w.identity.find()
	w.do(rb, steps.AskLists{})
	if n := who(rb); n != 2 || len(rb.State().Incident.Identity.Findings) != 0 {
		t.Errorf("%d records after the PTR record was put right, want 2", n)
	}

	// The record gives back the same.
	live := rb.State().Incident.Identity
	folded := incident.Fold(rb.Records()).Identity
	if diff := cmp.Diff(live, folded, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("the fold differs (-live +folded):\n%s", diff)
	}
}

func TestABounceWithAnotherAddressIsLookedAt(t *testing.T) {
	w := newWorld(t)
	w.identity = &fakeIdentity{}
	rb := w.open()
	w.until(rb, "who the world sees", func(s steps.State) bool { return s.Incident.Identity != nil })
	before := len(w.identity.inputs())

	w.bounce = bounce.Finding{Kind: bounce.List, IP: serverIP, Certainty: bounce.Certain}
	w.do(rb, steps.ReadBounce{Text: "550 blocked"})
	w.bounce = bounce.Finding{Kind: bounce.Unknown, IP: netip.MustParseAddr("192.0.2.77"), Certainty: bounce.Unsure}
	w.do(rb, steps.ReadBounce{Text: "550 perhaps blocked"})
	if n := len(w.identity.inputs()); n != before {
		t.Errorf("looked %d times for an address that is known, or a guess", n-before)
	}
	w.bounce = bounce.Finding{Kind: bounce.List, IP: netip.MustParseAddr("198.51.100.7"), Certainty: bounce.Likely}
	w.do(rb, steps.ReadBounce{Text: "550 blocked elsewhere"})
	inputs := w.identity.inputs()
	if len(inputs) != before+1 || !slices.Contains(inputs[len(inputs)-1].Bounced, w.bounce.IP) {
		t.Errorf("the address of the bounce was not looked at: %+v", inputs[len(inputs)-1])
	}
}

func TestHindrance(t *testing.T) {
	inc := incident.Incident{Identity: &identity.Report{Findings: []identity.Finding{noPTR}}}
	for _, c := range []struct {
		listing incident.Listing
		want    string
	}{
		{incident.Listing{List: "SPFBL", IP: serverIP}, "SPFBL refuses removal for this: There is no PTR record."},
		{incident.Listing{List: "Barracuda", IP: serverIP}, "Put this right first, whoever decides on removal looks at it: There is no PTR record."},
		{incident.Listing{List: "SpamCop", IP: serverIP, Removal: &dnsbl.Removal{Kind: dnsbl.Waits}}, ""},
		{incident.Listing{List: "SPFBL", IP: netip.MustParseAddr("192.0.2.1")}, ""},
		{incident.Listing{List: "SPFBL", IP: serverIP, Gone: time.Now()}, ""},
	} {
		if got := inc.Hindrance(c.listing); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.listing.List, c.listing.IP, got, c.want)
		}
	}
	if got := new(incident.Incident).Hindrance(incident.Listing{List: "SPFBL", IP: serverIP}); got != "" {
		t.Errorf("before anybody looked: %q", got)
	}
	if say := (incident.IdentityChecked{Report: *inc.Identity}).Say(); !strings.Contains(say, "no PTR") {
		t.Errorf("the record says %q", say)
	}
}
