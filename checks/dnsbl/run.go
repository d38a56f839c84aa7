package dnsbl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"delist/checks/resolver"

	"github.com/miekg/dns"
)

// run is one Check: what it finds out once holds for all its addresses.
type run struct {
	*Checker
	refusesAll sync.Once
	refused    bool // the resolver refuses every question
}

// question is one question put to a list, and its answer.
type question struct {
	answer   resolver.Answer
	err      error
	evidence Evidence
}

// ask puts one question to a list, within the operator's pace and the run's
// limit, and notes it as evidence with the key masked.
func (r *run) ask(ctx context.Context, l *List, ip netip.Addr, qtype uint16) question {
	key := r.opts.Keys[l.ID]
	zone, _ := l.zone(key)
	name := QueryName(ip, zone)
	q := question{evidence: Evidence{Name: key.hide(name), Type: dns.TypeToString[qtype], At: r.opts.Now()}}

	q.err = r.paces[l.Operator].wait(ctx, r.places)
	if q.err == nil {
		q.answer, q.err = r.asker.Ask(ctx, name, qtype)
		<-r.places
	}
	if errors.Is(q.err, resolver.ErrRefused) && r.resolverRefuses(ctx) {
		q.err = fmt.Errorf("%w: %w", errResolverRefuses, q.err)
	}
	q.fill(key)
	return q
}

// fill completes the evidence from the answer.
func (q *question) fill(key Key) {
	e := &q.evidence
	e.Took = q.answer.Took
	if q.answer.Server.Addr.IsValid() {
		e.Server = q.answer.Server.String()
		if q.answer.RCode >= 0 {
			e.RCode = q.answer.RCodeText()
		}
	}
	for _, a := range q.answer.A {
		e.Answers = append(e.Answers, a.String())
	}
	for _, text := range q.answer.TXT {
		e.Answers = append(e.Answers, key.hide(text))
	}
	if q.err != nil {
		e.Error = key.hide(q.err.Error())
	}
}

// resolverRefuses asks, once a run, for the root's name servers, which every
// resolver tells those it serves: so one list's refusal is told from the resolver's.
func (r *run) resolverRefuses(ctx context.Context) bool {
	r.refusesAll.Do(func() {
		_, err := r.asker.Ask(ctx, ".", dns.TypeNS)
		r.refused = errors.Is(err, resolver.ErrRefused)
	})
	return r.refused
}

// result asks a list about one address, and for its reason when it is listed.
func (r *run) result(ctx context.Context, l *List, ip netip.Addr, tests *tests) Result {
	result := Result{IP: ip, List: l, Lookup: l.LookupURL(ip)}
	var tested tested
	var testing sync.WaitGroup // the self-test runs while the address is asked
	testing.Go(func() { tested = tests.of(ip)() })
	a := r.ask(ctx, l, ip, dns.TypeA)
	testing.Wait()
	out := judge(l, r.trust(l, tested.selfTest), a.answer, a.err)
	result.Evidence = append(result.Evidence, a.evidence)
	if out.verdict == Listed {
		txt := r.ask(ctx, l, ip, dns.TypeTXT)
		result.Evidence = append(result.Evidence, txt.evidence)
		if len(txt.evidence.Answers) > 0 && txt.err == nil {
			result.Reason = txt.evidence.Answers[0]
		}
	}
	if out.verdict == Clear && l.OwnResolver && r.opts.Preflight.Kind == resolver.PublicRefused {
		out = outcome{verdict: Unusable, note: fmt.Sprintf("%s tells public resolvers nothing, so its answer means nothing. Use the server's own resolver.", l.Name)}
	}
	result.Verdict, result.Codes, result.Note = out.verdict, out.codes, out.note
	result.Evidence = append(result.Evidence, tested.evidence...)
	result.At = r.opts.Now()
	return result
}

// trust lets nothing pass that rests on a resolver whose preflight failed.
func (r *run) trust(l *List, test selfTest) selfTest {
	switch p := r.opts.Preflight; p.Kind {
	case resolver.Rewriting, resolver.Filtered, resolver.Unreachable:
		if test.verdict == Clear {
			return selfTest{Unusable, fmt.Sprintf("%s was asked through a resolver that cannot be believed. %s", l.Name, p.Sentence)}
		}
	}
	return test
}
