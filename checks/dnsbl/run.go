package dnsbl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"delist/checks/resolver"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"
)

// run is one Check: what it finds out once holds for all its addresses.
type run struct {
	*Checker
	ranks      map[*List]int // the lists' places in the order of asking
	refusesAll sync.Once
	refused    bool // the resolver refuses every question
}

// question is one question put to a list, and its answer.
type question struct {
	answer   resolver.Answer
	err      error
	evidence Evidence
}

// ask puts one question to a list, and notes it as evidence with the key masked.
func (r *run) ask(ctx context.Context, l *List, about subject, qtype uint16) question {
	key := r.opts.Keys[l.ID]
	zone, _ := l.zone(key)
	name := about.in(zone)
	q := question{evidence: Evidence{Name: key.hide(name), Type: dns.TypeToString[qtype], At: r.opts.Now()}}

	q.answer, q.err = r.put(ctx, l, name, qtype)
	if errors.Is(q.err, resolver.ErrRefused) && r.resolverRefuses(ctx, l) {
		q.err = fmt.Errorf("%w: %w", errResolverRefuses, q.err)
	}
	q.fill(key)
	return q
}

// textLimit is how long a verdict waits for the list's reason, which changes nothing.
const textLimit = 2 * time.Second

// put asks once the operator's pace allows it and there is a place among the
// questions in flight. The lists take their turns in the order they were given,
// those that matter most first; a text goes before all, since with it a list is done.
func (r *run) put(ctx context.Context, l *List, name string, qtype uint16) (resolver.Answer, error) {
	rank := 1 + r.ranks[l]
	if qtype == dns.TypeTXT {
		rank = 0
	}
	if err := r.paces[l.Operator].wait(ctx, func() error { return r.places.take(ctx, rank) }); err != nil {
		return resolver.Answer{}, err
	}
	defer r.places.give()
	if qtype != dns.TypeTXT {
		return r.asker.Ask(ctx, name, qtype)
	}
	limited, cancel := context.WithTimeout(ctx, textLimit)
	defer cancel()
	answer, err := r.asker.Ask(limited, name, qtype)
	if errors.Is(err, context.DeadlineExceeded) {
		err = resolver.ErrTimeout
	}
	return answer, err
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
func (r *run) resolverRefuses(ctx context.Context, l *List) bool {
	r.refusesAll.Do(func() {
		_, err := r.put(ctx, l, ".", dns.TypeNS)
		r.refused = errors.Is(err, resolver.ErrRefused)
	})
	return r.refused
}

// result asks a list about one address or domain, and for its reason when it is
// listed. The first is asked while the list is tested; the rest only if it
// passed, since a list that is silent or refuses would be so 256 times.
func (r *run) result(ctx context.Context, l *List, about subject, tests *tests, first bool) (result Result) {
	result = Result{IP: about.ip, Domain: about.domain, List: l, Lookup: about.lookup(l)}
	defer func() { result.At = r.opts.Now() }()
	if p := r.opts.Preflight; p.Kind == resolver.Unreachable { // each question would wait for nothing
		result.take(outcome{verdict: Unusable, why: "was not asked, since no resolver gives an answer"})
		return result
	}
	if !first {
		if test := tests.of(about)(); test.verdict != Clear {
			result.take(outcome{verdict: test.verdict, why: test.why})
			result.Evidence = test.evidence
			return result
		}
	}
	var tested tested
	var testing sync.WaitGroup // the self-test runs while the address is asked
	testing.Go(func() { tested = tests.of(about)() })
	a := r.ask(ctx, l, about, dns.TypeA)
	testing.Wait()
	if a.err == nil && tested.verdict == Clear && tested.server != a.answer.Server {
		tested = r.through(a.answer.Server).tests(ctx, l).of(about)() // what one server's test proves says nothing of another
	}
	out := r.judged(l, tested.selfTest, a)
	result.Evidence = append(result.Evidence, a.evidence)
	if out.verdict == Listed {
		txt := r.ask(ctx, l, about, dns.TypeTXT)
		result.Evidence = append(result.Evidence, txt.evidence)
		if len(txt.evidence.Answers) > 0 && txt.err == nil {
			result.Reason = txt.evidence.Answers[0]
		}
	}
	result.take(out)
	result.Evidence = append(result.Evidence, tested.evidence...)
	return result
}

// through is the run with questions to one server only.
func (r *run) through(s resolver.Server) *run {
	c := *r.Checker
	if client, ok := c.asker.(*resolver.Client); ok {
		c.asker = client.Only(s)
	}
	return &run{Checker: &c, ranks: r.ranks}
}

// judged is judge, coloured by what the preflight found of the resolver.
func (r *run) judged(l *List, test selfTest, a question) outcome {
	out := judge(l, r.trust(test), a.answer, a.err)
	if out.verdict == Clear && l.OwnResolver && r.opts.Preflight.Kind == resolver.PublicRefused {
		return outcome{verdict: Unusable, why: "tells public resolvers nothing, so its answer means nothing. Use the server's own resolver"}
	}
	if made := r.opts.Preflight.Instead; out.verdict == Listed && made.IsValid() && !slices.ContainsFunc(a.answer.A, func(ip netip.Addr) bool { return ip != made }) {
		return outcome{verdict: Unusable, codes: out.codes, why: fmt.Sprintf("got %s, which this resolver gives for whatever it holds back", made)}
	}
	return out
}

// trust lets nothing pass that rests on a resolver which makes up answers. Whether
// answers are kept back is for each list's own test to find out.
func (r *run) trust(test selfTest) selfTest {
	if r.opts.Preflight.Kind == resolver.Rewriting && test.verdict == Clear {
		return selfTest{verdict: Unusable, why: "was asked through a resolver that makes up answers, and so cannot be believed"}
	}
	return test
}

// each asks lists about all that they have data on, and hands each result on as it comes.
func (r *run) each(ctx context.Context, lists []*List, subjects []subject, each func(Result)) []Result {
	r.ranks = make(map[*List]int)
	for i, l := range lists {
		r.ranks[l] = i
	}
	var mu sync.Mutex
	var results []Result
	keep := func(result Result) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil { // cut short: what it says is not the list's doing
			return
		}
		results = append(results, result)
		if each != nil {
			each(result)
		}
	}
	var asking sync.WaitGroup
	for _, l := range lists {
		asking.Go(func() {
			tests := r.tests(ctx, l)
			var some errgroup.Group
			some.SetLimit(perList)
			first := true
			for _, s := range subjects {
				if s.coveredBy(l) {
					one := first
					some.Go(func() error { keep(r.result(ctx, l, s, tests, one)); return nil })
					first = false
				}
			}
			some.Wait()
		})
	}
	asking.Wait()
	return results
}
