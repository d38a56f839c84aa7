package dnsbl

import (
	"context"
	"net/netip"
	"sync"

	"delist/checks/resolver"

	"github.com/miekg/dns"
)

// tests are the self-tests of one list, each made at most once a run.
type tests struct {
	v4, v6, domain func() tested
}

// tested is a self-test's result and its evidence.
type tested struct {
	selfTest
	server   resolver.Server // who answered for the test entry: it speaks for this server only
	evidence []Evidence
}

// tests prepares a list's self-tests.
func (r *run) tests(ctx context.Context, l *List) *tests {
	t := new(tests)
	t.v4 = sync.OnceValue(func() tested { return r.test(ctx, l, subject{ip: l.PositiveTest()}, subject{ip: negativeTest}) })
	t.v6 = sync.OnceValue(func() tested { return r.testIPv6(ctx, l, t.v4) })
	t.domain = sync.OnceValue(func() tested {
		positive, negative := domainTest(l)
		return r.test(ctx, l, positive, negative)
	})
	return t
}

// of gives the self-test for subjects of one kind.
func (t *tests) of(s subject) func() tested {
	switch {
	case s.domain != "":
		return t.domain
	case s.ip.Is4():
		return t.v4
	default:
		return t.v6
	}
}

// pair asks the list about both test entries at the same time.
func (r *run) pair(ctx context.Context, l *List, positive, negative subject) (pos, neg question) {
	var asking sync.WaitGroup
	asking.Go(func() { pos = r.ask(ctx, l, positive, dns.TypeA) })
	if !l.SelfTest.SkipNegative {
		asking.Go(func() { neg = r.ask(ctx, l, negative, dns.TypeA) })
	}
	asking.Wait()
	return pos, neg
}

func (r *run) test(ctx context.Context, l *List, positive, negative subject) tested {
	pos, neg := r.pair(ctx, l, positive, negative)
	return judgeTest(l, pos, neg)
}

// testIPv6 makes the test of RFC 5782 section 5 for IPv6. Many lists with IPv6
// data lack its entries: then the test for IPv4 has to do, and the result says so.
func (r *run) testIPv6(ctx context.Context, l *List, v4 func() tested) tested {
	mapped := func(ip netip.Addr) subject { return subject{ip: netip.AddrFrom16(ip.As16())} }
	pos, neg := r.pair(ctx, l, mapped(l.PositiveTest()), mapped(negativeTest))
	test := judgeTest(l, pos, neg)
	missing := pos.err == nil && len(pos.answer.A) == 0 && neg.err == nil && len(neg.answer.A) == 0
	if !missing || !l.Covers(positiveTest) {
		return test
	}
	instead := v4()
	instead.evidence = append(test.evidence, instead.evidence...)
	if instead.verdict == Clear {
		instead.doubt = "Less certain: the list has no test entry for IPv6, only for IPv4."
	}
	return instead
}

func judgeTest(l *List, pos, neg question) tested {
	t := tested{testPair(l, pos.answer, neg.answer, pos.err, neg.err), pos.answer.Server, []Evidence{pos.evidence}}
	if !l.SelfTest.SkipNegative {
		t.evidence = append(t.evidence, neg.evidence)
	}
	return t
}
