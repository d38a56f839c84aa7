package dnsbl

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// pace spaces the questions to one operator's lists: at most one an interval.
type pace struct {
	interval time.Duration
	mu       sync.Mutex
	next     time.Time // the earliest moment for the next question
}

// wait returns when it is this question's turn, or with the context's error.
func (p *pace) wait(ctx context.Context) error {
	if p.interval <= 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	now := time.Now()
	turn := p.next
	if turn.Before(now) {
		turn = now
	}
	p.next = turn.Add(p.interval)
	p.mu.Unlock()

	timer := time.NewTimer(turn.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Least is how long the operators' limits make a run over addresses at least,
// and the list with the strictest of them; nothing and nil when none limits it.
// Texts of listings come on top.
func (c *Checker) Least(ips []netip.Addr) (time.Duration, *List) {
	questions := make(map[string]int) // by operator
	var longest time.Duration
	var strictest *List
	for _, l := range c.lists() {
		interval := time.Duration(c.cat.Operators[l.Operator].Interval)
		if n := l.questions(ips); n > 0 && interval > 0 {
			questions[l.Operator] += n
			if took := time.Duration(questions[l.Operator]-1) * interval; took > longest {
				longest, strictest = took, l
			}
		}
	}
	return longest, strictest
}

// questions is how many a run over addresses puts to the list, when none is listed.
func (l *List) questions(ips []netip.Addr) int {
	asked, v4, v6 := 0, 0, 0
	tests := 2
	if l.SelfTest.SkipNegative {
		tests = 1
	}
	for _, ip := range ips {
		switch {
		case !l.Covers(ip):
			continue
		case ip.Is4():
			v4 = tests
		default:
			v6 = tests
		}
		asked++
	}
	return asked + v4 + v6
}

// Rate says how often the list's operator lets itself be asked: "5 questions a
// second", or nothing when there is no limit.
func (c *Checker) Rate(l *List) string {
	interval := time.Duration(c.cat.Operators[l.Operator].Interval)
	switch {
	case interval <= 0:
		return ""
	case interval > time.Second:
		return fmt.Sprintf("one question in %v", interval)
	case interval > time.Second/2:
		return "one question a second"
	default:
		return fmt.Sprintf("%d questions a second", time.Second/interval)
	}
}
