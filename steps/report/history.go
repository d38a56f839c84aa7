package report

import (
	"cmp"
	"slices"
	"time"

	"delist/steps/incident"
)

// phase is what one step did in one round.
type phase struct {
	round  int
	step   incident.Step
	began  time.Time
	ended  time.Time // when it was passed; zero while it was not
	status incident.StepStatus
}

// history is what the records tell and the incident does not keep: rounds, times, and what a move left.
type history struct {
	phases    []phase // every step of every round, in order
	moves     []move
	returned  []incident.PutBack
	deleted   int // for good
	held      int // in quarantine by the record
	relapses  []relapse
	operators []string
	closed    time.Time // when the incident was closed, or is being closed by writing this
	until     time.Time // of the last record
}

type relapse struct {
	at   time.Time
	fact incident.Relapsed
}

// move is one plan and what came of it.
type move struct {
	at      time.Time
	plan    incident.Planned
	done    bool
	stopped bool
	dry     bool
	moved   int
	bytes   int64
	skipped map[string]int
}

// read goes through the records once.
func read(inc *incident.Incident, records []incident.Record) history {
	h := history{}
	round := newRound(1)
	for _, r := range records {
		h.until = r.At
		if r.By != "" && !slices.Contains(h.operators, r.By) {
			h.operators = append(h.operators, r.By)
		}
		switch f := r.Fact.(type) {
		case incident.StepChanged:
			round.change(f, r.At)
		case incident.Relapsed:
			h.relapses = append(h.relapses, relapse{r.At, f})
			h.phases = append(h.phases, round.touched()...)
			round = round.next()
		case incident.PutBack:
			h.returned = append(h.returned, f)
			h.held -= f.Restored
		case incident.Deleted:
			h.deleted += f.Deleted
			h.held -= f.Deleted
		default:
			h.readMove(r)
			h.readEnd(r)
		}
	}
	if !inc.Closed.IsZero() {
		h.closed = inc.Closed
	}
	h.phases = append(h.phases, round.all(inc, h.closed)...)
	slices.SortStableFunc(h.phases, func(a, b phase) int {
		return cmp.Or(cmp.Compare(a.round, b.round), cmp.Compare(a.step, b.step))
	})
	return h
}

func (h *history) readMove(r incident.Record) {
	switch f := r.Fact.(type) {
	case incident.Planned:
		h.moves = append(h.moves, move{at: r.At, plan: f, skipped: map[string]int{}})
	case incident.Moved:
		for i := range h.moves {
			if m := &h.moves[i]; m.plan.PlanID == f.PlanID {
				m.done, m.stopped, m.dry = true, f.Stopped, f.Dry
				m.moved += f.Moved
				h.held += f.Moved
				m.bytes += f.Bytes
				for reason, n := range f.Skipped {
					m.skipped[reason] += n
				}
			}
		}
	}
}

// readEnd finds when the incident was closed. The report is written while it is being closed: then the last thing
// asked for is the closing itself.
func (h *history) readEnd(r incident.Record) {
	switch f := r.Fact.(type) {
	case incident.Intended:
		h.closed = time.Time{}
		if f.Intent == "CloseIncident" {
			h.closed = r.At
		}
	case incident.Refused:
		h.closed = time.Time{}
	}
}

// moved adds up the messages and bytes that were moved; would counts those of a dry run.
func (h *history) moved() (messages int, bytes int64, would int) {
	for _, m := range h.moves {
		if m.dry {
			would += m.moved
			continue
		}
		messages, bytes = messages+m.moved, bytes+m.bytes
	}
	return messages, bytes, would
}

// round gathers what the steps do until the spam is back.
type round struct {
	number int
	steps  map[incident.Step]*phase
}

func newRound(number int) round { return round{number, map[incident.Step]*phase{}} }

// next is the round after a relapse. What does not have to be done again goes on.
func (r round) next() round {
	fresh := newRound(r.number + 1)
	for step, p := range r.steps {
		if !repeated(step) {
			fresh.steps[step] = p
		}
	}
	return fresh
}

// repeated says whether a relapse makes the step to do again.
func repeated(s incident.Step) bool {
	return s >= incident.Stop && s <= incident.Verify && s != incident.Notify
}

// change takes over one change of a step's state.
func (r round) change(f incident.StepChanged, at time.Time) {
	p := r.steps[f.Step]
	if p == nil {
		if f.State == incident.ToDo {
			return
		}
		p = &phase{round: r.number, step: f.Step, began: at}
		r.steps[f.Step] = p
	}
	p.round, p.ended = r.number, time.Time{}
	if f.State.Passed() && f.State != incident.Held {
		p.ended = at
	}
	p.status = incident.StepStatus{State: f.State, Since: at, Result: f.Result, Reason: f.Reason}
}

// touched are the steps of a round that ended with a relapse.
func (r round) touched() []phase {
	var phases []phase
	for _, s := range incident.AllSteps() {
		if p := r.steps[s]; p != nil && repeated(s) {
			phases = append(phases, *p)
		}
	}
	return phases
}

// all are the steps as they stand at the end: those that were never touched are to do.
func (r round) all(inc *incident.Incident, closed time.Time) []phase {
	var phases []phase
	for _, s := range incident.AllSteps() {
		p := phase{round: r.number, step: s}
		if known := r.steps[s]; known != nil {
			p = *known // of the round in which it was done
		}
		p.status = inc.Steps[s]
		if s == incident.Close && !closed.IsZero() {
			p.ended = closed
			p.status = incident.StepStatus{State: incident.Done, Since: closed, Result: "this report written"}
		}
		phases = append(phases, p)
	}
	return phases
}
