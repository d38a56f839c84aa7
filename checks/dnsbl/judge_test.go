package dnsbl

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"delist/checks/resolver"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func answer(addrs ...string) resolver.Answer {
	a := resolver.Answer{RCode: dns.RcodeSuccess}
	if len(addrs) == 0 {
		a.RCode, a.Denied = dns.RcodeNameError, true
	}
	for _, s := range addrs {
		a.A = append(a.A, netip.MustParseAddr(s))
	}
	return a
}

// What each answer of each kind of list amounts to.
func TestJudge(t *testing.T) {
	cat := mustDefault(t)
	passed := selfTest{verdict: Clear}
	failed := selfTest{verdict: Unusable, why: "failed"}
	refused := selfTest{verdict: Refused, why: "refuses"}
	for _, tt := range []struct {
		list   string
		test   selfTest
		answer resolver.Answer
		err    error
		want   Verdict
		codes  string // names or meanings of the codes, in part
	}{
		{"spamhaus-zen", passed, answer(), nil, Clear, ""},
		{"spamhaus-zen", passed, resolver.Answer{RCode: dns.RcodeSuccess, Denied: true}, nil, Clear, ""}, // NODATA
		{"spamhaus-zen", passed, resolver.Answer{RCode: dns.RcodeSuccess}, nil, Unusable, ""},
		{"spamhaus-zen", passed, answer("127.0.0.3"), nil, Listed, "CSS"},
		{"spamhaus-zen", passed, answer("127.0.0.2", "127.0.0.9"), nil, Listed, "SBL DROP"},
		{"spamhaus-zen", passed, answer("127.0.0.4", "127.0.0.11"), nil, Listed, "XBL PBL"},
		{"spamhaus-zen", passed, answer("127.0.0.7"), nil, Listed, "XBL"},
		// Refusals, never listings.
		{"spamhaus-zen", passed, answer("127.255.255.252"), nil, Refused, ""},
		{"spamhaus-zen", passed, answer("127.255.255.254"), nil, Refused, ""},
		{"spamhaus-zen", passed, answer("127.255.255.255"), nil, Refused, ""},
		{"barracuda", passed, answer("127.255.255.1"), nil, Refused, ""},
		{"validity", passed, answer("127.255.255.255"), nil, Refused, ""},
		{"spamhaus-zen", passed, answer("127.0.0.3", "127.255.255.254"), nil, Refused, ""},
		{"spamhaus-zen", refused, answer("127.0.0.3"), nil, Refused, ""},
		{"spamhaus-zen", refused, answer(), nil, Refused, ""},
		{"spamhaus-zen", refused, answer(), resolver.ErrTimeout, Refused, ""},
		{"spamhaus-zen", passed, answer(), resolver.ErrRefused, Refused, ""},
		{"spamhaus-zen", passed, answer(), fmt.Errorf("%w: %w", errResolverRefuses, resolver.ErrRefused), Unusable, ""},
		// No knowledge, never clean.
		{"spamhaus-zen", passed, answer(), resolver.ErrTimeout, Unusable, ""},
		{"spamhaus-zen", passed, answer(), resolver.ErrServFail, Unusable, ""},
		{"spamhaus-zen", passed, answer(), resolver.ErrMismatch, Unusable, ""},
		{"spamhaus-zen", passed, answer(), resolver.ErrMalformed, Unusable, ""},
		{"spamhaus-zen", passed, answer(), resolver.ErrTruncated, Unusable, ""},
		{"spamhaus-zen", passed, answer(), resolver.ErrUnreachable, Unusable, ""},
		{"spamhaus-zen", passed, answer(), resolver.ErrRCode, Unusable, ""},
		{"spamhaus-zen", failed, answer(), nil, Unusable, ""},
		{"spamhaus-zen", failed, answer("127.0.0.3"), nil, Unusable, ""},
		// Parked, wildcard, rewritten.
		{"spamcop", passed, answer("146.112.61.108"), nil, Unusable, ""},
		{"spamcop", passed, answer("127.0.0.2", "198.51.100.1"), nil, Unusable, ""},
		{"dronebl", passed, answer("91.195.240.117"), nil, Unusable, ""},
		// Codes nobody explained.
		{"spamcop", passed, answer("127.0.0.77"), nil, Unusable, ""},
		{"spamhaus-zen", passed, answer("127.0.0.3", "127.0.0.77"), nil, Listed, "CSS unknown"},
		{"blocklist-de", passed, answer("127.0.0.77"), nil, Listed, "unknown"},
		{"dronebl", passed, answer("127.0.0.99"), nil, Listed, "unknown"},
		{"spfbl", passed, answer("127.0.0.200"), nil, Listed, "unknown"},
		// White and informational codes.
		{"hostkarma", passed, answer("127.0.0.1"), nil, Clear, "good"},
		{"hostkarma", passed, answer("127.0.0.2"), nil, Listed, "spam"},
		{"hostkarma", passed, answer("127.0.0.3"), nil, Clear, "mixed"},
		{"hostkarma", passed, answer("127.0.0.5", "127.0.1.2", "127.0.2.3"), nil, Clear, "never information information"},
		{"hostkarma", passed, answer("127.0.0.1", "127.0.0.2"), nil, Listed, "good spam"},
		{"zerospam", passed, answer("127.0.0.1"), nil, Listed, "spam"},
		// Bits.
		{"validity", passed, answer("127.0.0.1"), nil, Listed, "infected"},
		{"validity", passed, answer("127.0.0.20"), nil, Listed, "again score"},
		{"validity", passed, answer("127.0.0.32"), nil, Unusable, ""},
		{"validity", passed, answer("127.0.4.85"), nil, Unusable, ""}, // a score, from another of its zones
		// Codes of a list's own.
		{"spamrats", passed, answer("127.0.0.36", "127.0.0.38"), nil, Listed, "Dyna Spam"},
		{"spamrats", passed, answer("127.0.0.2"), nil, Unusable, ""},
		{"mailspike", passed, answer("127.0.0.12"), nil, Listed, "bad"},
		{"mailspike", passed, answer("127.0.0.18"), nil, Unusable, ""}, // a good score, from another of its zones
		{"swinog", passed, answer("127.0.0.3"), nil, Listed, "spam"},
	} {
		l := cat.List(tt.list)
		got := judge(l, tt.test, tt.answer, tt.err)
		what := fmt.Sprintf("%s, %v, %v, %v", tt.list, tt.test.verdict, tt.answer.A, tt.err)
		if got.verdict != tt.want {
			t.Errorf("%s: %v (%s), want %v", what, got.verdict, got.why, tt.want)
		}
		if needsNote := got.verdict == Refused || got.verdict == Unusable; needsNote != (got.why != "") {
			t.Errorf("%s: %v with the note %q", what, got.verdict, got.why)
		}
		words := strings.Fields(tt.codes)
		for i, word := range words {
			if i >= len(got.codes) || !strings.Contains(got.codes[i].Name+" "+got.codes[i].Meaning, word) {
				t.Errorf("%s: codes %+v, want %q", what, got.codes, tt.codes)
				break
			}
		}
	}
}

func TestSelfTestPair(t *testing.T) {
	cat := mustDefault(t)
	for _, tt := range []struct {
		name, list         string
		positive, negative resolver.Answer
		posErr, negErr     error
		want               Verdict
	}{
		{"healthy", "spamcop", answer("127.0.0.2"), answer(), nil, nil, Clear},
		{"several codes", "spamhaus-zen", answer("127.0.0.2", "127.0.0.4", "127.0.0.10"), answer(), nil, nil, Clear},
		{"a code of its own", "spamrats", answer("127.0.0.2"), answer(), nil, nil, Clear},
		{"emptied", "spamcop", answer(), answer(), nil, nil, Unusable},
		{"lists everyone", "spamcop", answer("127.0.0.2"), answer("127.0.0.2"), nil, nil, Unusable},
		{"parked", "spamcop", answer("91.195.240.117"), answer("91.195.240.117"), nil, nil, Unusable},
		{"rewritten", "spamcop", answer("127.0.0.2"), answer("198.51.100.1"), nil, nil, Unusable},
		{"refuses by code", "spamhaus-zen", answer("127.255.255.254"), answer("127.255.255.254"), nil, nil, Refused},
		{"refuses by rcode", "spfbl", answer(), answer(), resolver.ErrRefused, resolver.ErrRefused, Refused},
		{"the resolver refuses", "spfbl", answer(), answer(), fmt.Errorf("%w: %w", errResolverRefuses, resolver.ErrRefused), nil, Unusable},
		{"no answer", "spamcop", answer(), answer(), resolver.ErrTimeout, nil, Unusable},
		{"no answer to the second", "spamcop", answer("127.0.0.2"), answer(), nil, resolver.ErrServFail, Unusable},
		{"white at 127.0.0.1", "hostkarma", answer("127.0.0.2"), answer("127.0.0.1"), nil, nil, Clear},
		{"hostkarma without its code", "hostkarma", answer("127.0.0.1"), answer(), nil, nil, Unusable},
		{"an expected code", "swinog", answer("127.0.0.3"), answer(), nil, nil, Clear},
		{"another than the expected code", "swinog", answer("127.0.0.2"), answer(), nil, nil, Unusable},
	} {
		got := testPair(cat.List(tt.list), tt.positive, tt.negative, tt.posErr, tt.negErr)
		if got.verdict != tt.want || (got.why == "") != (tt.want == Clear) {
			t.Errorf("%s: %v %q, want %v", tt.name, got.verdict, got.why, tt.want)
		}
	}
}

func TestSummarise(t *testing.T) {
	result := func(n int, v Verdict, i Impact) []Result {
		var r []Result
		for range n {
			r = append(r, Result{Verdict: v, List: &List{Impact: i, Tier: 2}})
		}
		return r
	}
	join := func(parts ...[]Result) (all []Result) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for want, results := range map[string][]Result{
		"No list has been asked yet.": nil,
		"Three listings stop mail now; two can be ignored; 1 of 15 gave no answer.": join(
			result(3, Listed, StopsMail), result(2, Listed, Ignore), result(1, Refused, StopsMail), result(9, Clear, StopsMail)),
		"One listing stops mail now; one stops some mail; 2 of 4 gave no answer.": join(
			result(1, Listed, StopsMail), result(1, Listed, StopsSomeMail), result(1, Refused, Ignore), result(1, Unusable, Ignore)),
		"One listing can be ignored.":                    join(result(1, Listed, Ignore), result(4, Clear, StopsMail)),
		"No listing on 13 lists.":                        result(13, Clear, StopsMail),
		"No listing on one list; 1 of 2 gave no answer.": join(result(1, Clear, StopsMail), result(1, Unusable, StopsMail)),
		"Not known: 3 of 3 gave no answer.":              result(3, Unusable, StopsMail),
		"Not known: 4 of 4 gave no answer.":              join(result(3, Unusable, StopsMail), result(1, Refused, Ignore)),
	} {
		if got := Summarise(results); got != want {
			t.Error(cmp.Diff(want, got))
		}
	}
}

// What has no row counts nowhere, and all counts add up.
func TestCount(t *testing.T) {
	of := func(tier int, v Verdict, i Impact) Result {
		return Result{Verdict: v, List: &List{Impact: i, Tier: tier}}
	}
	results := []Result{of(1, Listed, StopsMail), of(2, Listed, StopsSomeMail), of(3, Listed, Ignore), of(2, Listed, Ignore), of(1, Clear, StopsMail),
		of(3, Clear, Ignore), of(3, Unusable, Ignore), of(2, Unusable, Ignore), of(1, Refused, StopsMail), of(2, Refused, Ignore)}
	got := Count(results)
	if want := (Tally{StopsMail: 1, StopsSomeMail: 1, Ignored: 2, Clear: 1, Refused: 2, Unusable: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got.Listed() != 4 || got.Silent() != 3 || got.Asked() != 8 || got.Words() != "4 listed, 1 clear, 3 of 8 gave no answer" {
		t.Errorf("%d listed, %d silent, %d asked: %s", got.Listed(), got.Silent(), got.Asked(), got.Words())
	}
	if got := Count(results[7:]).Words(); got != "not known: 3 of 3 gave no answer" {
		t.Error(got)
	}
	if got := Count(nil); got.Asked() != 0 || got.SilentWords() != "" {
		t.Errorf("%+v %s", got, got.SilentWords())
	}
}
