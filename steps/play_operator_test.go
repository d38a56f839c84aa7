package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing/synctest"
	"time"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// move is one thing that happens in a run: what, and two numbers that say which. It is understood by the state it meets, so
// that each script can be played to any length.
type move struct {
	Do   doing
	A, B int
}

// doing is the kind of a move.
type doing int

const (
	rest     doing = iota // nothing: what is left of a move that a broken run does not need
	enter                 // what Enter does at the step that is due, answered honestly
	enterAt               // the same at any step
	offered               // any action of any step, answered honestly
	careless              // any action of any step, answered anyhow
	anything              // any intent at all, about anything
	wait                  // time passes
	mischief              // the server does something
	leave                 // delist ends, and starts again
	kill                  // delist is killed, and starts again
	setClock              // the server's clock is set
	doingCount
)

// game is a run: a server, and the delist that works on it, which may end and start again.
type game struct {
	*playground
	memory *steps.Memory
	rb     *steps.Runbook
	pen    *steps.Pen
	sp     *spool.Spool
	hung   func() // lets looking at the spool go on again
	acts   int

	warned warning // of what was done against it
	lies   bool    // what is said next is not so
	watcher
}

// patience is how long an act may take before the operator breaks it off.
const patience = 90 * time.Second

func playSettings() steps.Settings {
	s := steps.DefaultSettings()
	s.RescanEvery, s.LookEvery, s.LogsEvery, s.ListsEvery = 3*time.Second, 3*time.Second, 4*time.Second, 10*time.Minute
	s.WatchRestart, s.VerifyWait, s.APIDeadline = 40*time.Second, 72*time.Second, 20*time.Second
	s.BacklogMessages, s.BusyPerHour, s.PutBackRate = 12, 20, 0
	return s
}

// start starts delist: a new incident the first time, then the same one again.
func (g *game) start() error {
	hands, err := g.hands()
	if err != nil {
		return err
	}
	g.sp, hands.Listen = hands.Spool, g.hear
	dir := filepath.Join(g.home, "incidents", "7F3A")
	if g.memory == nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return errors.Join(err, hands.Spool.Close())
		}
		g.memory = &steps.Memory{}
		g.rb, g.pen, err = steps.BeginIn(g.memory, dir, incident.Opened{ID: "7F3A", Host: "mail01.example", Spool: g.root,
			Addresses: []netip.Addr{serverIP}}, incident.Started{PID: 1}, hands, playSettings())
	} else {
		g.rb, g.pen, err = steps.ResumeIn(g.memory, dir, incident.Started{PID: 1}, hands, playSettings())
	}
	if err != nil {
		return errors.Join(err, hands.Spool.Close())
	}
	g.mu.Lock()
	g.killed = g.pen.Dead
	g.mu.Unlock()
	g.rb.Start()
	time.Sleep(100 * time.Millisecond)
	synctest.Wait()
	return nil
}

// end ends delist, in good order or killed.
func (g *game) end(killed bool) error {
	g.letLook()
	if killed {
		g.pen.KillAfter(0)
	}
	err := errors.Join(g.rb.Close(), g.sp.Close())
	if killed || g.pen.Dead() {
		err = nil
	}
	return err
}

func (g *game) letLook() {
	if g.hung != nil {
		g.hung()
		g.hung = nil
	}
}

// again ends delist and starts it again, after a while.
func (g *game) again(killed bool, away time.Duration) error {
	g.behold("away", true)
	if err := g.end(killed); err != nil {
		return fmt.Errorf("ending: %w", err)
	}
	time.Sleep(away)
	for what, b := range g.blind { // the time away does not count
		if what != "away" && b.to.IsZero() {
			b.from = b.from.Add(away)
		}
	}
	g.lock(false) // a spool that is not there keeps delist from starting
	g.behold("spool", false)
	if err := g.start(); err != nil {
		return fmt.Errorf("starting again: %w", err)
	}
	g.behold("away", false)
	return nil
}

// play makes one move.
func (g *game) play(m move) error {
	g.acts++
	s := g.rb.State()
	switch m.Do {
	case enter:
		return g.enter(s.Incident.Current())
	case enterAt:
		return g.enter(incident.Step(m.A % 9))
	case offered, careless:
		step := incident.Step(m.A % 9)
		row := about(&s, step, m.B/16)
		actions := s.ActionsFor(step, row)
		a := actions[m.B%len(actions)]
		if m.Do == offered && a.Refused != "" {
			return nil
		}
		return g.act(&s, a, row, m.Do == offered, m.A/9)
	case anything:
		return g.do(g.anyIntent(&s, m))
	case wait:
		time.Sleep([]time.Duration{time.Millisecond, time.Second, 3 * time.Second, 10 * time.Second, 30 * time.Second, 100 * time.Second}[m.A%6])
	case mischief:
		g.mischief(m)
	case leave, kill:
		if m.Do == kill && m.B%3 > 0 { // in the middle of an act
			g.pen.KillAfter(1 + m.B%7)
			if err := g.enter(s.Incident.Current()); err != nil && !g.pen.Dead() {
				return err
			}
		}
		return g.again(m.Do == kill, []time.Duration{time.Second, 5 * time.Second, 40 * time.Second, 10 * time.Minute}[m.A%4])
	case setClock:
		g.skewed.Lock()
		g.skew += time.Duration(m.A%7200-3600) * time.Second
		g.skewed.Unlock()
		for what, b := range g.blind { // by the old clock
			if b.from = g.clock(); !b.to.IsZero() {
				delete(g.blind, what)
			}
		}
	}
	return nil
}

// mischief is what a server does while one works on it.
func (g *game) mischief(m move) {
	on := m.B%2 == 0
	switch m.A % 13 {
	case 0:
		g.lock(on)
		g.behold("spool", on || g.hung != nil)
		return
	case 1:
		if on && g.hung == nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			g.hung, _ = g.rb.HangLooking(ctx)
			cancel()
		} else {
			g.letLook()
		}
		g.behold("spool", g.hung != nil || g.locked)
		return
	case 2: // somebody starts mail, or it dies
		if on && !g.runs && g.setup.Control != steps.NoService && g.dirty() {
			g.warned = max(g.warned, forStart) // what leaves until it is seen is not the wizard's doing
		}
		g.set(on)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch m.A % 13 {
	case 3:
		g.deaf = on
	case 4:
		g.refuses = on
	case 5:
		g.dies = on
	case 6:
		g.stuck = on
	case 7:
		g.unseen = on
	case 8:
		g.noLog = on
	case 9:
		g.growth = m.B % 3
	case 10:
		if g.setup.Thieves < 2 && !g.locked {
			g.setup.Thieves++
		}
	case 11:
		if g.runs && !g.locked {
			g.arrive(answer, "-")
		}
	case 12:
		g.speak(on)
	}
}

// enter does what Enter does at a step; where it does nothing, time passes.
func (g *game) enter(step incident.Step) error {
	s := g.rb.State()
	if in, ok := g.better(&s); ok {
		return g.do(in)
	}
	for _, a := range s.ActionsFor(step, about(&s, step, 0)) {
		if a.Recommended && a.Refused == "" {
			return g.act(&s, a, about(&s, step, 0), true, 0)
		}
	}
	time.Sleep(10 * time.Second)
	return nil
}

// better is what an honest operator does before anything else: mark the account whose mail they would have to explain.
func (g *game) better(s *steps.State) (steps.Intent, bool) {
	w := s.Waiting()
	for _, u := range w.Unexplained {
		in := steps.MarkSuspect{Account: u.Row}
		if g.thief(u.Row) && s.Incident.Suspect(u.Row) == nil && s.Refusal(in) == "" {
			return in, true
		}
	}
	return nil, false
}

// thief says that somebody has the password of an account, or had it.
func (g *game) thief(account string) bool {
	return slices.Contains(thieves[:g.setup.Thieves], account)
}

// about is the row under the cursor.
func about(s *steps.State, step incident.Step, n int) steps.Answer {
	var a steps.Answer
	if s.Live.Results != nil {
		a.Marked = s.Live.Results.Marked()
	}
	switch work := s.Incident.Worklist(); {
	case step == incident.Look && n > 0 && len(s.Live.Senders) > 0:
		row := &s.Live.Senders[n%len(s.Live.Senders)]
		a.Row, a.Account = row.Name(), row.Account
	case step == incident.Reset && n > 0 && len(s.Incident.Suspects) > 0:
		a.Account = s.Incident.Suspects[n%len(s.Incident.Suspects)].Account
	case step == incident.Delist && len(work) > 0:
		l, open := s.Incident.NextListing()
		if !open || n > 0 {
			l = work[n%len(work)]
		}
		a.IP, a.List = l.IP, l.List
	}
	return a
}

// act answers an action about a row, and carries it out.
func (g *game) act(s *steps.State, a steps.Action, row steps.Answer, honest bool, dice int) error {
	answer := honestly(s, a, row)
	if honest {
		g.handiwork(a, s)
	} else {
		answer = anyhow(answer, dice)
	}
	in := a.Intent(answer)
	if _, bounce := in.(steps.ReadBounce); bounce && honest {
		in = steps.ReadBounce{Text: "550 5.7.1 Service unavailable; client host [203.0.113.25] blocked using zen.spamhaus.org"}
	}
	if !honest {
		switch in.(type) {
		case steps.ConfirmStopped, steps.ConfirmStarted, steps.ConfirmReset, steps.StartService:
			g.lies = true
		}
	}
	return g.do(in)
}

// honestly is the answer of an operator who means it.
func honestly(s *steps.State, a steps.Action, row steps.Answer) steps.Answer {
	answer := row
	answer.Text, answer.Count = a.Default, a.Count
	switch {
	case a.Ask == steps.AskWord:
		answer.Text = a.Word
	case (a.Ask == steps.AskReason || a.Ask == steps.AskText) && answer.Text == "":
		answer.Text = "as far as I know"
	}
	switch a.ID {
	case steps.ActHELO:
		answer.Text = "mail01.example"
	case steps.ActPlan:
		if s.Live.Results != nil {
			for _, hit := range s.Live.Results.Hits {
				if hit.Marked() {
					answer.IDs = append(answer.IDs, hit.ID)
				}
			}
		}
	case steps.ActRestore:
		for _, held := range s.Live.Held {
			answer.IDs = append(answer.IDs, held.ID)
		}
		answer.Count = len(answer.IDs)
	}
	return answer
}

// anyhow is the answer of one who does not read.
func anyhow(a steps.Answer, dice int) steps.Answer {
	switch dice % 4 {
	case 0:
		a.Text, a.Count, a.IDs = "", 0, nil
	case 1:
		a.Text, a.Count = "whatever", a.Count+1
	case 2:
		a.Account, a.Row, a.List = "nobody@nowhere.example", "", "No such list"
	}
	return a
}

// handiwork is what the operator does with their own hands before they say that it is done.
func (g *game) handiwork(a steps.Action, s *steps.State) {
	switch in := a.Intent(steps.Answer{}).(type) {
	case steps.ConfirmStopped:
		g.set(false)
		time.Sleep(3 * time.Second) // delist sees it
	case steps.ConfirmStarted:
		g.set(true)
	case steps.StartService:
		if g.setup.Control == steps.ByHand && s.Incident.MailDown.IsZero() {
			g.set(true)
		}
	case steps.ConfirmReset:
		if secret, ok := g.rb.Reveal(in.Account); ok {
			g.mu.Lock()
			g.passwords[in.Account] = secret.Reveal()
			g.mu.Unlock()
		}
	}
}
