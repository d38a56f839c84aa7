package identity

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delist/checks/resolver"
)

// What a domain's own records come to: where its mail goes, and SPF without an address and with one.
func TestDomain(t *testing.T) {
	for _, tt := range []struct {
		name, zone string
		ip         string
		want       []string
	}{
		{"all is well", good + "example.com. MX 10 mail01.example.com.", "203.0.113.25",
			[]string{"good: SPF of example.com passes", "good: DMARC of example.com is there", "good: MX of example.com is there"}},
		{"no address is known", good + "example.com. MX 10 mail01.example.com.", "",
			[]string{"good: SPF of example.com is there", "good: DMARC of example.com is there", "good: MX of example.com is there"}},
		{"no address, and everybody allowed", `example.com. TXT "v=spf1 all"`, "",
			[]string{"note: SPF of example.com allows everybody", "note: no DMARC at example.com", "bad: example.com takes no mail"}},
		{"no address, and broken", `example.com. TXT "v=spf1 mx,a all"`, "",
			[]string{"bad: SPF of example.com is broken", "note: no DMARC at example.com", "bad: example.com takes no mail"}},
		{"nothing", ``, "", []string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "bad: example.com takes no mail"}},
		{"mail goes to its own address", "example.com. A 203.0.113.25", "", []string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "note: no MX at example.com"}},
		{"it says that it takes no mail", "example.com. MX 0 .", "", []string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "bad: example.com takes no mail"}},
		{"the exchanger has no address", "example.com. MX 10 gone.example.com.", "", []string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "bad: the MX of example.com leads nowhere"}},
		{"the exchanger is this computer", "example.com. MX 10 localhost.example.com.\nlocalhost.example.com. A 127.0.0.1", "",
			[]string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "bad: the MX of example.com leads nowhere"}},
		{"one of two is gone", "example.com. MX 20 gone.example.com.\nexample.com. MX 10 mx.example.com.\nmx.example.com. AAAA 2001:db8::25", "",
			[]string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "note: an MX of example.com leads nowhere"}},
		{"no answer is not none", "SERVFAIL example.com\nSILENT _dmarc.example.com", "",
			[]string{"unknown: SPF of example.com unknown", "unknown: DMARC of example.com unknown", "unknown: MX of example.com unknown"}},
		{"half an answer is not none", "HALF example.com\nHALF _dmarc.example.com", "",
			[]string{"unknown: SPF of example.com unknown", "unknown: DMARC of example.com unknown", "unknown: MX of example.com unknown"}},
		{"no answer of the exchanger", "example.com. MX 10 mx.example.com.\nSERVFAIL mx.example.com", "",
			[]string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "unknown: MX of example.com unknown"}},
		{"an exchanger with escapes", `example.com. MX 10 evil\027[31m.example.com.`, "", []string{"bad: example.com has no SPF record", "note: no DMARC at example.com", "bad: the MX of example.com leads nowhere"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := Input{}
			if tt.ip != "" {
				in.Given = []netip.Addr{netip.MustParseAddr(tt.ip)}
			}
			found := (&Checker{Resolver: zone(t, tt.zone), Clock: now}).Domain(t.Context(), "example.com", in)
			if diff := cmp.Diff(tt.want, told(found, OfSPF, OfDMARC, OfMX)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range found {
				if strings.ContainsRune(f.Sentence+f.Short+f.Remedy, 0x1b) {
					t.Errorf("an escape code came through: %q", f.Sentence)
				}
			}
		})
	}
	in := Input{Preflight: resolver.Finding{Kind: resolver.Filtered, Remedy: "Ask another."}}
	found := (&Checker{Resolver: zone(t, ""), Clock: now}).Domain(t.Context(), "example.com", in)
	want := []string{"unknown: not known whether: example.com has no SPF record", "unknown: not known whether: no DMARC at example.com", "unknown: not known whether: example.com takes no mail"}
	if diff := cmp.Diff(want, told(found, OfSPF, OfDMARC, OfMX)); diff != "" {
		t.Errorf("by a resolver that holds answers back (-want +got):\n%s", diff)
	}
	in = Input{Preflight: resolver.Finding{Kind: resolver.Rewriting, Sentence: "It makes up answers."}}
	if found := (&Checker{Resolver: zone(t, good), Clock: now}).Domain(t.Context(), "example.com", in); len(found) != 1 || found[0].Kind != Unknown {
		t.Errorf("of a resolver that makes up answers: %+v", found)
	}
	in = Input{}
	for i := range maxIPs + 1 {
		in.Given = append(in.Given, netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}))
	}
	found = (&Checker{Resolver: zone(t, good), Clock: now}).Domain(t.Context(), "example.com", in)
	if last := found[len(found)-1]; len(found) != maxIPs+3 || last.Kind != NotAsked || !strings.Contains(last.Sentence, "the first 8 of 9") {
		t.Errorf("%d findings, the last: %+v", len(found), last)
	}
}
