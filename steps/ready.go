package steps

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"delist/spool/message"
	"delist/steps/words"
)

// ReadyState says whether something would work with mail down.
type ReadyState uint8

// What is not known is never taken for ready.
const (
	NotKnown ReadyState = iota // it could not be tried, or it gave no answer
	Ready                      // tried, and it works
	Warn                       // it works, with something to know first
	NotReady                   // it would fail
)

// What is looked at before mail goes down.
const (
	ReadyRights  = "rights"     // to the spool
	ReadyPlace   = "quarantine" // where messages would go
	ReadyRoom    = "room"       // for them, and for the record of them
	ReadyRecord  = "record"     // the incident's folder
	ReadyService = "service"    // that it can be stopped from here
	ReadyAPI     = "login"      // that SmarterMail's API lets us in
	ReadyAgain   = "restarts"   // what would start mail again by itself
	ReadySession = "session"    // whether this session outlives its connection
)

// Readiness is one thing that was tried before mail goes down.
type Readiness struct {
	What     string // ReadyRights ..
	State    ReadyState
	Sentence string // what was found
	Remedy   string // what to do here, empty when nothing is; it may hold lines to type
}

// Connection is how the operator sits at this server.
type Connection uint8

// A session that ends with its connection takes delist with it, and the passwords that are only held in memory.
const (
	ConnectionUnknown Connection = iota
	ConnectionLocal              // at the console
	ConnectionKept               // in tmux, screen or the like, which outlive a connection
	ConnectionSSH                // ends with the connection
	ConnectionRDP                // outlives a disconnection, and ends when it is logged off
)

// Stopper is a Service that can say beforehand what a stop would meet. Nothing is changed by asking.
type Stopper interface {
	// MayStop says whether this user may stop the service, why not, and what to do then.
	MayStop(ctx context.Context) (state ReadyState, why, remedy string)
	// StartsAgain names what would start the stopped service again by itself, as far as that can be seen.
	StartsAgain(ctx context.Context) ([]string, error)
}

// Preparation is what has to be ready before mail goes down. It needs no runbook.
type Preparation struct {
	Hands    Hands
	Settings Settings
	Root     string // the spool, empty where there is none
	Held     string // the quarantine that the incident has already, empty before one
	Dir      string // the incident's folder, empty where there is none yet
	Spare    string // a folder outside the spool that a quarantine could be in, where its volume has no place
	Messages int    // in the spool, and their bytes, once Read
	Bytes    int64
	Read     bool
}

// readyLimit bounds one check: a disk or an API that hangs delays nothing but its own answer.
const readyLimit = 10 * time.Second

// readyCheck is one check. It does not exist where it returns no sentence.
type readyCheck struct {
	what string
	try  func(context.Context) Readiness
}

// CheckReady tries everything at once and says what it found, the blockers first.
func (p *Preparation) CheckReady(ctx context.Context) []Readiness {
	return p.check(ctx, &tries{limit: readyLimit})
}

func (p *Preparation) check(ctx context.Context, t *tries) []Readiness {
	checks := []readyCheck{
		{ReadyRights, p.rights}, {ReadyPlace, p.place}, {ReadyRoom, p.room}, {ReadyRecord, p.keeps},
		{ReadyService, p.mayStop}, {ReadyAPI, p.letsIn}, {ReadyAgain, p.startsAgain}, {ReadySession, p.session},
	}
	list := make([]Readiness, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() { list[i] = t.try(ctx, c) })
	}
	all.Wait()
	list = slices.DeleteFunc(list, func(r Readiness) bool { return r.Sentence == "" })
	slices.SortStableFunc(list, func(a, b Readiness) int { return a.State.rank() - b.State.rank() })
	return list
}

// rank puts what stands in the way first.
func (s ReadyState) rank() int {
	return slices.Index([]ReadyState{NotReady, Warn, NotKnown, Ready}, s)
}

// tries remembers which checks still hang, so that there is never a second one of the same.
type tries struct {
	limit time.Duration

	mu      sync.Mutex
	hanging map[string]bool
}

// try makes one check, and gives up on it when its time is over. The system call that hangs cannot be ended.
func (t *tries) try(ctx context.Context, c readyCheck) Readiness {
	silent := Readiness{What: c.what, State: NotKnown, Sentence: fmt.Sprintf("Not known: the check gave no answer in %s.", words.Span(t.limit))}
	if !t.begin(c.what) {
		return silent
	}
	answer := make(chan Readiness, 1)
	limited, cancel := context.WithTimeout(ctx, t.limit)
	go func() {
		defer cancel()
		r := c.try(limited)
		r.What, r.Sentence = c.what, message.Printable(r.Sentence) // folders and answers are others' words
		t.end(c.what)
		answer <- r
	}()
	select {
	case r := <-answer:
		return r
	case <-time.After(t.limit + t.limit/10): // those that heed their deadline say more of it
		return silent
	}
}

func (t *tries) begin(what string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hanging[what] {
		return false
	}
	if t.hanging == nil {
		t.hanging = map[string]bool{}
	}
	t.hanging[what] = true
	return true
}

func (t *tries) end(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.hanging, what)
}

// readyEvery is the pause between two rounds of checks while a stop is still to do.
const readyEvery = time.Minute

// CheckReady tries what has to be ready before mail goes down, and shows it. It acts on nothing, and no act waits for it.
func (r *Runbook) CheckReady(ctx context.Context) {
	s := r.State()
	p := Preparation{Hands: r.hands, Settings: r.settings, Dir: r.dir, Spare: filepath.Join(filepath.Dir(r.dir), "quarantine"), Held: quarantineOf(&s.Incident)}
	if r.hands.Spool != nil {
		p.Root = r.liveSpool().Root()
	}
	if snap := s.Live.Spool; snap != nil {
		p.Messages, p.Bytes, p.Read = snap.Len(), snap.Bytes(), snap.Whole()
	}
	list := p.check(ctx, &r.tries)
	if ctx.Err() == nil {
		r.see(func(l *Live) { l.Ready = list })
	}
}

// readyLoop checks again and again while mail runs and a stop is to do, and once more when the spool was read.
func (r *Runbook) readyLoop(ctx context.Context) {
	tick := time.NewTicker(r.settings.LookEvery)
	defer tick.Stop()
	var last time.Time
	var read bool
	for {
		s := r.State()
		due := time.Since(last) >= readyEvery || !read && s.Live.Spool != nil
		if due && s.beforeStop() && !s.Incident.Mode.ReadOnly {
			last, read = time.Now(), s.Live.Spool != nil
			r.CheckReady(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Unready is what would fail with mail down, or has to be known first: the blockers first. What is merely not known is
// not among it.
func (l *Live) Unready() []Readiness {
	return slices.DeleteFunc(slices.Clone(l.Ready), func(r Readiness) bool { return r.State != NotReady && r.State != Warn })
}

// notReady says in a few sentences what would fail with mail down; empty when nothing known would.
func (l *Live) notReady() string {
	var list []string
	for _, r := range l.Ready {
		if r.State == NotReady {
			list = append(list, r.Sentence)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "Not ready: " + strings.Join(list, " ") + " "
}
