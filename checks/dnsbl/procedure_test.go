package dnsbl

import (
	"net/netip"
	"slices"
	"testing"
)

func TestProcedures(t *testing.T) {
	cat, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		list    string
		answers []string
		want    []string
	}{
		{"spamhaus-zen", []string{"127.0.0.3"}, []string{"Spamhaus CSS"}},
		{"spamhaus-zen", []string{"127.0.0.3", "127.0.0.4", "127.0.0.6", "127.0.0.2"}, []string{"Spamhaus SBL", "Spamhaus CSS", "Spamhaus XBL"}},
		{"spamhaus-zen", []string{"127.0.0.20"}, []string{"Spamhaus ZEN"}},
		{"spamrats", []string{"127.0.0.36", "127.0.0.38"}, []string{"SpamRATS"}},
		{"spamcop", nil, []string{"SpamCop"}},
	} {
		r := Result{List: cat.List(test.list), Verdict: Listed}
		for _, a := range test.answers {
			codes, _, _ := classify(r.List, []netip.Addr{netip.MustParseAddr(a)})
			r.Codes = append(r.Codes, codes...)
		}
		var got []string
		for _, p := range r.Procedures() {
			got = append(got, p.Name)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s with %v: %q, want %q", test.list, test.answers, got, test.want)
		}
	}
}
