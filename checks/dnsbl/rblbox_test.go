package dnsbl_test

import (
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"delist/checks/dnsbl"
	"delist/checks/resolver"
)

// TestRealServers asks a real DNSBL server (rbldnsd) behind a real resolver
// (unbound), as .ci/rbl-box runs them with .ci/zones.
func TestRealServers(t *testing.T) {
	at := os.Getenv("DELIST_RBL_BOX")
	if at == "" {
		t.Skip("needs rbldnsd and unbound: run .ci/rbl-box .ci/zones 5300, then set DELIST_RBL_BOX=127.0.0.1:5300")
	}
	for _, address := range []string{at, "tcp://" + at} {
		server, err := resolver.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		client := resolver.New([]resolver.Server{server}, resolver.Options{})
		finding := resolver.Preflight(t.Context(), client)
		if finding.Kind != resolver.Good {
			t.Errorf("%s: preflight: %v %s", address, finding.Kind, finding.Sentence)
		}

		listed6, clear6 := netip.MustParseAddr("2001:db8:0:1::25"), netip.MustParseAddr("2001:db8:0:2::25")
		hole := netip.MustParseAddr("203.0.113.7")
		results := make(map[netip.Addr]map[string]dnsbl.Result)
		report, err := dnsbl.New(client, catalogue(t), dnsbl.Options{Preflight: finding}).
			Check(t.Context(), []netip.Addr{ip4, listed6, clear6, hole}, func(r dnsbl.Result) {
				if results[r.IP] == nil {
					results[r.IP] = make(map[string]dnsbl.Result)
				}
				results[r.IP][r.List.ID] = r
			})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			ip   netip.Addr
			list string
			want dnsbl.Verdict
		}{
			{ip4, "spamhaus-zen", dnsbl.Listed},
			{ip4, "spamcop", dnsbl.Listed},
			{ip4, "spameatingmonkey", dnsbl.Clear},
			{ip4, "barracuda", dnsbl.Refused},
			{ip4, "psbl", dnsbl.Unusable},          // emptied
			{ip4, "uceprotect-2", dnsbl.Unusable},  // lists everyone
			{ip4, "backscatterer", dnsbl.Unusable}, // not there at all
			{ip4, "validity", dnsbl.Listed},        // bits
			{ip4, "hostkarma", dnsbl.Clear},        // white and yellow
			{ip4, "suomispam", dnsbl.Listed},       // a test entry of its own
			{ip4, "blocklist-de", dnsbl.Listed},    // an unknown code, where codes come without notice
			{ip4, "kempt", dnsbl.Unusable},         // an unknown code, where they do not
			{ip4, "gbudb", dnsbl.Unusable},         // parked
			{ip4, "uceprotect-1", dnsbl.Listed},    // a network
			{hole, "uceprotect-1", dnsbl.Clear},    // a hole in it
			{listed6, "s5h", dnsbl.Listed},
			{clear6, "s5h", dnsbl.Clear},
			{listed6, "nordspam", dnsbl.Listed}, // rbldnsd answers the IPv6 test entries out of IPv4 data
			{clear6, "nordspam", dnsbl.Clear},
		} {
			if r := results[tt.ip][tt.list]; r.Verdict != tt.want {
				t.Errorf("%s: %s at %s: %v (%s), want %v", address, tt.ip, tt.list, r.Verdict, r.Note, tt.want)
			}
		}
		zen := results[ip4]["spamhaus-zen"]
		if len(zen.Codes) != 2 || !strings.Contains(zen.Reason, "203.0.113.25") {
			t.Errorf("%s: ZEN: codes %+v, reason %q", address, zen.Codes, zen.Reason)
		}
		if bits := results[ip4]["validity"]; len(bits.Codes) != 2 || bits.Reason != "bits 4 and 16" {
			t.Errorf("%s: Validity: codes %+v, reason %q", address, bits.Codes, bits.Reason)
		}
		realDomains(t, client)
		if got := report.Addresses[0].Verdict; got != dnsbl.AddressListed {
			t.Errorf("%s: %v", address, got)
		}
		if got := report.Addresses[2].Verdict; got != dnsbl.AddressClear { // of the lists without a key, only ZEN is of tier 1 and has IPv6
			t.Errorf("%s: %v", address, got)
		}
	}
}

// realDomains asks the box's list of domains, a dnset of rbldnsd.
func realDomains(t *testing.T, client *resolver.Client) {
	text := strings.NewReplacer("closed.example", "dbl.spamhaus.org", "127.0.0.2", "127.0.1.2").Replace(hazardLists)
	cat, err := dnsbl.Load(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]dnsbl.Verdict{
		"spam.example.net":                    dnsbl.Listed,
		"below.spam.example.net":              dnsbl.Clear,
		"everything-below.example.net":        dnsbl.Listed,
		"a.host.everything-below.example.net": dnsbl.Listed,
		"mail.example.net":                    dnsbl.Clear,
	}
	results, err := dnsbl.New(client, cat, dnsbl.Options{}).CheckDomains(t.Context(), []*dnsbl.List{cat.List("closed")}, slices.Collect(maps.Keys(want)), nil)
	if err != nil || len(results) != len(want) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for _, r := range results {
		if r.Verdict != want[r.Domain] || (r.Verdict == dnsbl.Listed) != strings.HasPrefix(r.Reason, "https://check.spamhaus.org/") {
			t.Errorf("%s: %v %q %q, want %v", r.Domain, r.Verdict, r.Note, r.Reason, want[r.Domain])
		}
	}
}
