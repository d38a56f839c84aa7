package drill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// Runbook is what the autopilot needs of steps.Runbook.
type Runbook interface {
	State() steps.State
	Do(ctx context.Context, in steps.Intent) error
}

// Choices are what an operator would decide.
type Choices struct {
	Bounce  string // read once in Look; nothing is read when empty
	NoReset bool   // in the first round leave the stolen password as it is, to see what comes of it

	// EndProgram ends, outside of delist, the program that speaks past the mail service; nil where none does.
	EndProgram func(context.Context) error
}

// Auto plays an incident through by itself, with nothing but the intents an operator has: it does what is recommended,
// answers what is asked, and waits where the runbook waits. It tells each decision in one line. It returns nil once the
// incident is closed. When nothing changes for long enough it gives up, naming the step and what it waited for.
func Auto(ctx context.Context, rb Runbook, choose Choices, say func(string)) error {
	a := autopilot{rb: rb, choose: choose, say: say}
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		state := rb.State()
		if !state.Incident.Closed.IsZero() {
			return nil
		}
		if err := a.turn(ctx, &state); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

const (
	// lookAgain is the pause between two looks at the runbook's state.
	lookAgain = 20 * time.Millisecond
	// patience is how long nothing may change, beyond the runbook's own waits: a slow disk is no fault.
	patience = 20 * time.Second
	// tries is how often the same thing is tried in the same state.
	tries = 3
	// endIt is what is done about a program that speaks past the mail service.
	endIt = "end the program that speaks past the mail service"
	// because is the reason for whatever needs one.
	because = "practice, played by itself"
)

// autopilot remembers the last decision, to notice that it leads nowhere.
type autopilot struct {
	rb     Runbook
	choose Choices
	say    func(string)

	seen  string    // the state as it was at the last turn
	since time.Time // it is like this
	doing string    // the last decision in this state
	tried int       // times that it was carried out
	last  error     // what came of it
}

// decision is the next intent, or what is waited for.
type decision struct {
	intent  steps.Intent
	outside func(context.Context) error // what is done outside of delist, instead
	why     string                      // the decision in words
	waiting string
}

// idle says that there is nothing to do but wait.
func (d decision) idle() bool { return d.intent == nil && d.outside == nil }

// turn takes one decision.
func (a *autopilot) turn(ctx context.Context, state *steps.State) error {
	if now := progressOf(state); now != a.seen {
		a.seen, a.since, a.doing, a.last = now, state.Now, "", nil
	}
	step := state.Incident.Current()
	d := a.decide(state, step)
	if d.why != a.doing {
		a.doing, a.tried = d.why, 0
	}
	late := state.Now.Sub(a.since) > a.allowed(state)
	switch {
	case d.idle() && late:
		return fmt.Errorf("%s does not go on: %s", step, d.waiting)
	case d.idle():
		return nil
	case a.tried == tries, late:
		return fmt.Errorf("%s does not go on: %q changed nothing: %w", step, d.why, errors.Join(a.last, errStuck))
	}
	if a.tried == 0 {
		a.say(fmt.Sprintf("%s: %s", step, d.why))
	}
	a.tried++
	if d.outside != nil {
		a.last = d.outside(ctx)
	} else {
		a.last = a.rb.Do(ctx, d.intent)
	}
	var refused *steps.Refusal
	if a.last != nil && ctx.Err() == nil && !errors.As(a.last, &refused) {
		a.say(fmt.Sprintf("%s: %v", step, a.last))
	}
	return nil
}

var errStuck = errors.New("tried again and again")

// allowed is how long nothing may change: the waits of the runbook itself do not count.
func (a *autopilot) allowed(state *steps.State) time.Duration {
	d := patience + 2*state.Settings.WatchRestart
	if until := state.Incident.Watch.Until; !until.IsZero() {
		d += max(0, until.Sub(a.since))
	}
	return d
}

// progressOf is the part of the state that changes when the incident goes on, and not with every look at the spool.
func progressOf(state *steps.State) string {
	inc, live := &state.Incident, &state.Live
	var b strings.Builder
	fmt.Fprint(&b, inc.Round, inc.Permit, len(inc.Bounces), inc.Asked.IsZero(), inc.Watch, live.Service.State, live.APIReady,
		live.Spool == nil, len(inc.Speakers), len(state.Speaking()), live.Results == nil, live.Plan == nil, len(inc.Purges))
	for _, s := range inc.Steps {
		fmt.Fprint(&b, " ", s.State)
	}
	for _, p := range inc.Suspects {
		fmt.Fprint(&b, " ", p.Account, p.Reset, p.Forwarding)
	}
	for _, l := range inc.Listings {
		fmt.Fprint(&b, " ", l.List, l.State)
	}
	return b.String()
}

// decide looks what comes next at a step.
func (a *autopilot) decide(state *steps.State, step incident.Step) decision {
	inc := &state.Incident
	if step == incident.Look && inc.Permit != incident.NotAsked {
		if waiting := unseen(state); waiting != "" {
			return decision{waiting: waiting}
		}
		switch {
		case a.choose.EndProgram == nil:
		case len(inc.Speakers) == 0:
			return decision{waiting: "no program is seen yet that speaks past the mail service"}
		case len(state.Speaking()) > 0 && a.doing == endIt:
			return decision{why: endIt, waiting: "the program still speaks"}
		case len(state.Speaking()) > 0:
			return decision{outside: a.choose.EndProgram, why: endIt}
		}
		if a.choose.Bounce != "" && len(inc.Bounces) == 0 {
			return decision{intent: steps.ReadBounce{Text: a.choose.Bounce}, why: "read the bounce"}
		}
	}
	if a.choose.NoReset && inc.Round == 1 {
		if d, ok := withoutReset(state, step); ok {
			return d
		}
	}
	action, ok := state.Recommended(step)
	if !ok {
		return decision{waiting: whyNot(state, step)}
	}
	return does(state, action)
}

// does decides for an action, with the answers that it needs.
func does(state *steps.State, action steps.Action) decision {
	given := answer(state, action)
	why := action.Label
	if given.List != "" {
		why += ": " + given.List
	}
	return decision{intent: action.Intent(given), why: why}
}

// unseen says what Look has not seen yet: what is recommended there rests on all of it.
func unseen(state *steps.State) string {
	inc, live := &state.Incident, &state.Live
	switch {
	case live.Spool == nil && live.SpoolErr == "":
		return "the spool is still being read"
	case inc.Asked.IsZero() && len(inc.Addresses) > 0:
		return "the lists have not answered yet"
	case live.Service.State == steps.ServiceUnknown:
		return "the mail service was not seen yet"
	case live.Service.State == steps.ServiceRunning && !live.APIReady:
		return strings.TrimSuffix("SmarterMail's API has not answered yet: "+live.APIErr, ": ")
	}
	return ""
}

// withoutReset passes by everything that would lock the thief out.
func withoutReset(state *steps.State, step incident.Step) (decision, bool) {
	with := func(id steps.ActionID) (decision, bool) {
		i := slices.IndexFunc(state.Actions(step), func(a steps.Action) bool { return a.ID == id && a.Refused == "" })
		if i < 0 {
			return decision{}, false
		}
		return does(state, state.Actions(step)[i]), true
	}
	switch step {
	case incident.Look:
		if state.Incident.Permit != incident.NotAsked {
			return with(steps.ActStop)
		}
	case incident.Reset:
		return with(steps.ActSkip)
	case incident.Restart:
		return with(steps.ActStart)
	}
	return decision{}, false
}

// whyNot is what stands in the way at a step, in the runbook's own words.
func whyNot(state *steps.State, step incident.Step) string {
	if until := state.Incident.Watch.Until; step == incident.Verify && state.Now.Before(until) {
		return "it has to stay quiet until " + until.Local().Format("15:04:05 MST")
	}
	for _, action := range state.Actions(step) {
		if action.Refused != "" {
			return action.Label + ": " + action.Refused
		}
	}
	return "nothing is recommended here"
}

// answer is what an operator would say to an action's question.
func answer(state *steps.State, a steps.Action) steps.Answer {
	given := steps.Answer{Count: a.Count, Text: a.Default}
	if a.Ask == steps.AskReason && given.Text == "" {
		given.Text = because
	}
	switch a.ID {
	case steps.ActTold:
		given.Text = "by phone (" + because + ")"
	case steps.ActNodes:
		given.Text = steps.NodesWord
	case steps.ActPlan:
		given.IDs = sentHits(state.Live.Results)
	case steps.ActRequested, steps.ActLeave:
		if next, ok := state.Incident.NextListing(); ok {
			given.IP, given.List = next.IP, next.List
		}
	}
	return given
}

// sentHits are the messages of a search that the account itself sent, but for what may be its owner's.
func sentHits(results *spool.Results) []spool.ID {
	if results == nil {
		return nil
	}
	var ids []spool.ID
	for _, hit := range results.Hits {
		if hit.Marked() {
			ids = append(ids, hit.ID)
		}
	}
	return ids
}
