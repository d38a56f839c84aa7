package plain

import (
	"context"
	"errors"
	"strconv"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// menu is what the operator was shown: a number stands for exactly that, also when other things can be done meanwhile.
type menu struct {
	step    incident.Step
	offered []steps.Action // by number, from 1
	refused []steps.Action
	first   bool // number 1 is recommended
	told    bool // that it has changed
}

// menuOf sorts the actions of a step: the recommended one is number 1, what is refused has none.
func menuOf(state *steps.State, step incident.Step) menu {
	m := menu{step: step}
	for _, a := range state.Actions(step) {
		switch {
		case a.Refused != "":
			m.refused = append(m.refused, a)
		case a.Recommended && !m.first:
			m.offered, m.first = append([]steps.Action{a}, m.offered...), true
		default:
			m.offered = append(m.offered, a)
		}
	}
	return m
}

// changed says whether another menu would be shown now.
func (m *menu) changed(state *steps.State, step incident.Step, other bool) bool {
	if current := state.Incident.Current(); !other && current != step {
		return true
	}
	now := menuOf(state, step)
	if now.first != m.first || len(now.offered) != len(m.offered) || len(now.refused) != len(m.refused) {
		return true
	}
	for i := range now.offered {
		if now.offered[i].ID != m.offered[i].ID {
			return true
		}
	}
	return false
}

// fresh gives the action that the operator was shown as it is now, false when it cannot be done any more.
func (m *menu) fresh(state *steps.State, number int) (steps.Action, bool) {
	if number < 1 || number > len(m.offered) {
		return steps.Action{}, false
	}
	seen := m.offered[number-1]
	for _, a := range state.Actions(m.step) {
		if a.ID == seen.ID && a.Label == seen.Label && a.Refused == "" {
			return a, true
		}
	}
	return steps.Action{}, false
}

// showMenu writes what can be done, and what cannot and why.
func (s *Session) showMenu(state *steps.State) {
	s.menu = menuOf(state, s.step)
	for i, a := range s.menu.offered {
		enter := ""
		if i == 0 && s.menu.first {
			enter = "  (Enter)"
		}
		s.line(" %d  %s%s", i+1, a.Label, enter)
	}
	for _, a := range s.menu.refused {
		s.line(" -  %s: not now, %s", a.Label, a.Refused)
	}
}

// obey carries out an answer to the menu: a number, nothing for the recommended action, or a word.
func (s *Session) obey(ctx context.Context, answer string) error {
	number := 0
	switch n, err := strconv.Atoi(answer); {
	case err == nil:
		number = n
	case answer == "" && s.menu.first:
		number = 1
	case answer == "":
		s.line("Nothing is recommended now. Type a number, or wait.")
		return nil
	default:
		return s.word(ctx, answer)
	}
	if number < 1 || number > len(s.menu.offered) {
		s.line("There is no number %d here.", number)
		return nil
	}
	state := s.rb.State()
	action, ok := s.menu.fresh(&state, number)
	if !ok {
		s.line("That has changed meanwhile; nothing was done. Choose again.")
		return nil
	}
	given, err := s.answers(ctx, &state, action)
	if errors.Is(err, errBack) {
		s.line("Nothing was done.")
		return nil
	}
	if err != nil {
		return err
	}
	in := action.Intent(given)
	if show, ok := in.(steps.ShowPassword); ok {
		s.showPassword(show.Account)
		return nil
	}
	return s.do(ctx, in)
}

// do gives the runbook an intent and tells what happens until it is through.
func (s *Session) do(ctx context.Context, in steps.Intent) error {
	done := make(chan error, 1)
	go func() { done <- s.rb.Do(ctx, in) }()
	tick := time.NewTicker(s.opts.Every)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			s.tellNews()
			if err != nil {
				s.tell(err.Error())
			}
			s.other = s.other && err != nil
			return nil
		case <-s.news.poke:
			s.tellNews()
		case <-tick.C:
			s.tellCount()
		}
	}
}

// tellCount says how far the running act is, where it counts.
func (s *Session) tellCount() {
	state := s.rb.State()
	d := state.Live.Doing
	switch {
	case d == nil:
	case d.Total > 0:
		s.line("%s: %s of %s", d.What, number(d.Done), number(d.Total))
	case !d.Until.IsZero():
		s.line("%s: %s left", d.What, Span(d.Until.Sub(state.Now)))
	}
}
