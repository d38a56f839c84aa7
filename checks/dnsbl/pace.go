package dnsbl

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// pace spaces the questions to one operator's lists: at most one an interval.
type pace struct {
	interval time.Duration
	turn     chan struct{} // held by the question that goes next
	next     time.Time     // the earliest moment for it; whoever has the turn may touch it
}

func newPace(interval time.Duration) *pace {
	return &pace{interval, make(chan struct{}, 1), time.Time{}}
}

// wait returns once it is this question's turn and it has its place, or with
// an error. The place is taken within the turn: questions that got their turn
// in time, and then all waited for places, would go out together.
func (p *pace) wait(ctx context.Context, place func() error) error {
	if p.interval <= 0 {
		return place()
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	timer := time.NewTimer(time.Until(p.next))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := place(); err != nil {
		return err
	}
	p.next = time.Now().Add(p.interval)
	return nil
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
