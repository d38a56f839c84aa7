package steps

import (
	"context"
	"errors"
	"sync"
	"time"

	"delist/steps/incident"
)

// Tries remembers which checks hang.
type Tries = tries

// NewTries gives each check a time of its own.
func NewTries(limit time.Duration) *Tries { return &tries{limit: limit} }

// Check is CheckReady with a time of its own for each check.
func (p *Preparation) Check(ctx context.Context, t *Tries) []Readiness { return p.check(ctx, t) }

// Searches is how many searches the operator asked for.
func (r *Runbook) Searches() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.searches
}

// HangLooking keeps everybody from looking at the spool, as a sick disk does, until release is called.
func (r *Runbook) HangLooking(ctx context.Context) (release func(), err error) {
	if err := r.looking.take(ctx); err != nil {
		return nil, err
	}
	return r.looking.leave, nil
}

// ForgetSpool is what setting the spool aside does: the next look is the first one.
func (r *Runbook) ForgetSpool() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live.Spool = nil
}

// Memory is an incident's record in memory, as the journal's lines. It outlives the runbooks that write to it.
type Memory struct {
	mu    sync.Mutex
	seq   int
	epoch int
	lines [][]byte
}

// BeginIn is Begin with the record in memory.
func BeginIn(m *Memory, dir string, opened incident.Opened, started incident.Started, hands Hands, settings Settings) (*Runbook, *Pen, error) {
	pen := &Pen{memory: m, clock: hands.Clock}
	r, err := begin(dir, pen, opened, started, hands, settings)
	return r, pen, err
}

// ResumeIn is Resume with the record in memory.
func ResumeIn(m *Memory, dir string, started incident.Started, hands Hands, settings Settings) (*Runbook, *Pen, error) {
	records, err := m.Records()
	if err != nil {
		return nil, nil, err
	}
	pen := &Pen{memory: m, clock: hands.Clock}
	r, err := resume(dir, pen, records, started, hands, settings)
	return r, pen, err
}

// Records reads the lines back.
func (m *Memory) Records() ([]incident.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []incident.Record
	for _, line := range m.lines {
		r, err := incident.DecodeRecord(line)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// ErrKilled is what a pen says whose process was killed.
var ErrKilled = errors.New("this process was killed")

// Pen writes to a Memory for one process, until that is killed.
type Pen struct {
	memory *Memory
	clock  func() time.Time
	left   int // records that it still writes before it is killed; 0: it is not
	dead   bool
}

// KillAfter kills the process that holds the pen after some more records; at once after none.
func (p *Pen) KillAfter(records int) {
	p.memory.mu.Lock()
	defer p.memory.mu.Unlock()
	p.left, p.dead = records, p.dead || records == 0
}

// Dead says that the process was killed.
func (p *Pen) Dead() bool {
	p.memory.mu.Lock()
	defer p.memory.mu.Unlock()
	return p.dead
}

// Append keeps a line.
func (p *Pen) Append(f incident.Fact) (incident.Record, error) {
	m := p.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.dead {
		return incident.Record{}, ErrKilled
	}
	if _, starting := f.(incident.Started); starting {
		m.epoch++
	}
	r := incident.Record{Seq: m.seq + 1, At: p.clock().UTC(), Epoch: m.epoch, By: "maria@mail01", Fact: f}
	line, err := incident.EncodeRecord(r)
	if err != nil {
		return incident.Record{}, err
	}
	m.seq++
	m.lines = append(m.lines, line)
	if p.left > 0 {
		p.left--
		p.dead = p.left == 0
	}
	return r, nil
}

// Owned fails once the process was killed.
func (p *Pen) Owned() error {
	p.memory.mu.Lock()
	defer p.memory.mu.Unlock()
	if p.dead {
		return ErrKilled
	}
	return nil
}

func (p *Pen) reserve() error { return nil }

// Close does nothing: the memory stays.
func (p *Pen) Close() error { return nil }

// EndWatch ends a waiting time by what was seen at some moment, as the watching does.
func (r *Runbook) EndWatch(judged *State) (ended bool, err error) { return r.endWatch(judged, nil, "") }
