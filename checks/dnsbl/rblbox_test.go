package dnsbl_test

import (
	"net/netip"
	"os"
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
		results := make(map[netip.Addr]map[string]dnsbl.Result)
		report, err := dnsbl.New(client, catalogue(t), dnsbl.Options{Preflight: finding}).
			Check(t.Context(), []netip.Addr{ip4, listed6, clear6}, func(r dnsbl.Result) {
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
			{listed6, "s5h", dnsbl.Listed},
			{clear6, "s5h", dnsbl.Clear},
		} {
			if r := results[tt.ip][tt.list]; r.Verdict != tt.want {
				t.Errorf("%s: %s at %s: %v (%s), want %v", address, tt.ip, tt.list, r.Verdict, r.Note, tt.want)
			}
		}
		zen := results[ip4]["spamhaus-zen"]
		if len(zen.Codes) != 2 || !strings.Contains(zen.Reason, "203.0.113.25") {
			t.Errorf("%s: ZEN: codes %+v, reason %q", address, zen.Codes, zen.Reason)
		}
		if got := report.Addresses[0].Verdict; got != dnsbl.AddressListed {
			t.Errorf("%s: %v", address, got)
		}
		if got := report.Addresses[2].Verdict; got != dnsbl.AddressClear { // of the lists without a key, only ZEN is of tier 1 and has IPv6
			t.Errorf("%s: %v", address, got)
		}
	}
}
