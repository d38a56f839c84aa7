package dnsbl

import (
	"context"
	"net/netip"
	"sync"

	"github.com/miekg/dns"
)

// tests are the self-tests of one list, each made at most once a run.
type tests struct {
	v4, v6 func() tested
}

// tested is a self-test's result and its evidence.
type tested struct {
	selfTest
	evidence []Evidence
}

// tests prepares a list's self-tests.
func (r *run) tests(ctx context.Context, l *List) *tests {
	t := new(tests)
	t.v4 = sync.OnceValue(func() tested { return r.testIPv4(ctx, l) })
	t.v6 = sync.OnceValue(func() tested { return r.testIPv6(ctx, l, t.v4) })
	return t
}

// of gives the self-test for ip's family.
func (t *tests) of(ip netip.Addr) func() tested {
	if ip.Is4() {
		return t.v4
	}
	return t.v6
}

// pair asks the list about two addresses at the same time.
func (r *run) pair(ctx context.Context, l *List, positive, negative netip.Addr) (pos, neg question) {
	var asking sync.WaitGroup
	asking.Go(func() { pos = r.ask(ctx, l, positive, dns.TypeA) })
	if !l.SelfTest.SkipNegative {
		asking.Go(func() { neg = r.ask(ctx, l, negative, dns.TypeA) })
	}
	asking.Wait()
	return pos, neg
}

func (r *run) testIPv4(ctx context.Context, l *List) tested {
	pos, neg := r.pair(ctx, l, l.PositiveTest(), negativeTest)
	return tested{testPair(l, pos.answer, neg.answer, pos.err, neg.err), evidenceOf(l, pos, neg)}
}

// testIPv6 makes the test of RFC 5782 section 5 for IPv6. Many lists with IPv6
// data lack its entries: then the test for IPv4 has to do, and the result says so.
func (r *run) testIPv6(ctx context.Context, l *List, v4 func() tested) tested {
	mapped := func(ip netip.Addr) netip.Addr { return netip.AddrFrom16(ip.As16()) }
	pos, neg := r.pair(ctx, l, mapped(l.PositiveTest()), mapped(negativeTest))
	test := tested{testPair(l, pos.answer, neg.answer, pos.err, neg.err), evidenceOf(l, pos, neg)}
	missing := pos.err == nil && len(pos.answer.A) == 0 && neg.err == nil && len(neg.answer.A) == 0
	if !missing || !l.Covers(positiveTest) {
		return test
	}
	instead := v4()
	instead.evidence = append(test.evidence, instead.evidence...)
	if instead.verdict == Clear {
		instead.note = "Less certain: the list has no test entry for IPv6, only for IPv4."
	}
	return instead
}

func evidenceOf(l *List, pos, neg question) []Evidence {
	if l.SelfTest.SkipNegative {
		return []Evidence{pos.evidence}
	}
	return []Evidence{pos.evidence, neg.evidence}
}
