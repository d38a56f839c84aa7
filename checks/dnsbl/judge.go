package dnsbl

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"delist/checks/resolver"

	"github.com/miekg/dns"
)

// selfTest is what became of a list's self-test, or of what it rests on.
type selfTest struct {
	verdict Verdict // Clear: passed; else Refused or Unusable
	why     string  // it did not pass, as Result.Why
	doubt   string  // what makes a test that passed less certain
}

// errResolverRefuses marks a refusal that is not one list's but the resolver's.
var errResolverRefuses = errors.New("the resolver refuses every question")

// refusesUs reports a REFUSED that is one list's.
func refusesUs(err error) bool {
	return errors.Is(err, resolver.ErrRefused) && !errors.Is(err, errResolverRefuses)
}

// outcome is the part of a Result that judge finds.
type outcome struct {
	verdict Verdict
	codes   []Code
	why     string
	doubt   string
}

// sinkhole is what filters answer for whatever they block. Lists keep it free, since it must never be listed (RFC 5782 section
// 5), but for those that give it a meaning of their own.
var sinkhole = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// noAnswerOfOurs says that an address is no list's answer (RFC 5782 section 2.1).
const noAnswerOfOurs = "%s is no blocklist's answer: the list is gone, or the resolver makes up answers"

// judge turns a list's answer into a verdict. The order of the cases matters:
// a refusal explains everything else, and nothing is believed of a list that
// did not pass its self-test.
func judge(l *List, test selfTest, a resolver.Answer, err error) outcome {
	codes, kinds, odd := classify(l, a.A)
	unusable := func(format string, args ...any) outcome {
		return outcome{verdict: Unusable, codes: codes, why: fmt.Sprintf(format, args...)}
	}
	switch {
	case err == nil && slices.Contains(kinds, CodeRefused):
		return outcome{verdict: Refused, codes: codes, why: refusal(codes)}
	case refusesUs(err):
		return outcome{verdict: Refused, why: refusesThisResolver}
	case test.verdict == Refused:
		return outcome{verdict: Refused, codes: codes, why: test.why}
	case err != nil:
		return unusable("could not be asked: %s", inWords(err))
	case odd.IsValid():
		return unusable("gave an answer that cannot be right: "+noAnswerOfOurs, odd)
	case test.verdict != Clear:
		return outcome{verdict: Unusable, codes: codes, why: test.why}
	case slices.Contains(kinds, CodeListed):
		return outcome{verdict: Listed, codes: codes, doubt: test.doubt}
	case slices.Contains(kinds, codeUnknown):
		i := slices.Index(kinds, codeUnknown)
		return unusable("gave a code that delist does not know, %s; its page says more", codes[i].Answer)
	case len(a.A) == 0 && !a.Denied:
		return unusable("gave an empty answer, which does not say that it is not listed")
	case len(a.A) == 0 && above(a.Zone):
		return unusable("gave no answer of its own: it comes from %s, which says that there is no such list", zoneName(a.Zone))
	default:
		return outcome{verdict: Clear, codes: codes, doubt: test.doubt}
	}
}

// above says that a denial comes from the root or from a top-level domain: it denies the list, and tells nothing of what is on it.
func above(zone string) bool { return zone != "" && dns.CountLabel(zone) < 2 }

func zoneName(zone string) string {
	if zone == "." {
		return "the root of the DNS"
	}
	return "the zone " + strings.TrimSuffix(zone, ".")
}

// codeUnknown is the kind of an answer in 127.0.0.0/8 that no rule covers.
const codeUnknown CodeKind = "unknown"

// classify gives each answer its meaning; odd is an answer outside 127.0.0.0/8,
// which no blocklist gives (RFC 5782 section 2.1).
func classify(l *List, answers []netip.Addr) (codes []Code, kinds []CodeKind, odd netip.Addr) {
	for _, answer := range answers {
		rules := l.rules(answer)
		switch {
		case !loopback.Contains(answer), answer == sinkhole && len(rules) == 0:
			odd = answer
		case refusals.Contains(answer):
			codes = append(codes, Code{Answer: answer, Meaning: "the list refuses this resolver"})
			kinds = append(kinds, CodeRefused)
		case len(rules) > 0:
			for _, rule := range rules {
				codes = append(codes, Code{Answer: answer, Name: rule.Name, Meaning: rule.Meaning, Policy: rule.Policy || l.Scope == ScopePolicy, Removal: rule.Removal})
				kinds = append(kinds, rule.Kind)
			}
		default:
			kind := codeUnknown
			if l.OpenEnded {
				kind = CodeListed
			}
			codes = append(codes, Code{Answer: answer, Meaning: "unknown code"})
			kinds = append(kinds, kind)
		}
	}
	return codes, kinds, odd
}

const refusesThisResolver = "refuses to answer this resolver"

// refusal says why a list refuses, from Spamhaus' error codes, which others
// use too (Spamhaus, "DNSBL return codes").
func refusal(codes []Code) string {
	why := "it refuses to answer this resolver"
	for _, code := range codes {
		switch code.Answer {
		case netip.AddrFrom4([4]byte{127, 255, 255, 252}):
			why = "it calls the question malformed"
		case netip.AddrFrom4([4]byte{127, 255, 255, 254}):
			why = "it does not answer public or open resolvers"
		case netip.AddrFrom4([4]byte{127, 255, 255, 255}):
			why = "this resolver has asked too much, or is not registered there"
		}
	}
	return "refused us: " + why + ". Use the server's own resolver"
}

// testPair judges the two answers of a self-test (RFC 5782 section 5).
func testPair(l *List, positive, negative resolver.Answer, posErr, negErr error) selfTest {
	fail := func(v Verdict, format string, args ...any) selfTest {
		return selfTest{verdict: v, why: fmt.Sprintf(format, args...)}
	}
	if l.SelfTest.SkipNegative {
		negative, negErr = resolver.Answer{}, nil
	}
	codes, kinds, odd := classify(l, positive.A)
	negCodes, negKinds, _ := classify(l, negative.A)
	switch {
	case posErr == nil && slices.Contains(kinds, CodeRefused):
		return fail(Refused, "%s", refusal(codes))
	case negErr == nil && slices.Contains(negKinds, CodeRefused):
		return fail(Refused, "%s", refusal(negCodes))
	case refusesUs(posErr), refusesUs(negErr):
		return fail(Refused, refusesThisResolver)
	case posErr != nil:
		return fail(Unusable, "could not be tested: %s", inWords(posErr))
	case odd.IsValid():
		return fail(Unusable, "failed its test: "+noAnswerOfOurs, odd)
	case !positiveHolds(l, positive.A, kinds):
		return fail(Unusable, "does not list its own test entry: it is empty or gone, or its answers do not come through")
	case negErr != nil:
		return fail(Unusable, "could not be tested: %s", inWords(negErr))
	case len(negative.A) > 0:
		return fail(Unusable, "lists what it must not list: it lists everyone, or the resolver makes up answers")
	default:
		return selfTest{verdict: Clear}
	}
}

// positiveHolds reports that the test entry came with a code that counts. Any
// code that is not a refusal will do, unless the catalogue expects a certain one:
// many lists give their test entry a code of its own.
func positiveHolds(l *List, answers []netip.Addr, kinds []CodeKind) bool {
	if len(l.SelfTest.Expect) == 0 {
		return len(kinds) > 0
	}
	return slices.ContainsFunc(answers, func(ip netip.Addr) bool { return slices.Contains(l.SelfTest.Expect, ip) })
}

// inWords gives a failure as the end of a sentence.
func inWords(err error) string {
	if errors.Is(err, errResolverRefuses) {
		return "the resolver refuses every question"
	}
	return resolver.Reason(err)
}
