package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/checks/resolver"
	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/quarantine"
	"delist/steps/incident"
)

// Lists asks blocklists.
type Lists interface {
	Check(ctx context.Context, ips []netip.Addr, each func(dnsbl.Result)) (dnsbl.Report, error)
}

// Reporter writes the record for people.
type Reporter interface {
	// Write makes the report in the incident's folder and returns its path.
	Write(ctx context.Context, dir string, inc incident.Incident, records []incident.Record) (string, error)
}

// Hands are what the runbook sees and acts with.
type Hands struct {
	Service     Service
	Mailboxes   Mailboxes
	Spool       *spool.Spool                                                  // nil where there is none: then only the lists and the accounts can be worked on
	Shared      func(root string) (bool, string)                              // whether other servers may use the spool, and on what ground; nil: none does
	Traffic     Traffic                                                       // nil where no logs are known: then only the spool tells who sends
	Lines       func(context.Context, traffic.Search) (*traffic.Found, error) // behind what Traffic says; nil where nobody looks
	Senders     AskLogs                                                       // who sent what its files do not name; nil where no logs are known
	Outbound    Outbound                                                      // nil where nobody looks who else speaks to mail servers
	Lists       Lists
	Preflight   func(context.Context) resolver.Finding
	Identity    Identity // nil where nobody looks
	ReadBounce  func(string) bounce.Report
	NewPassword func() (Secret, error)
	Reporter    Reporter
	Listen      func(Event) // hears everything, in order; must not call the Runbook back before it returns
	Clock       func() time.Time
	Beside      func() *incident.Neighbour // another incident that is open on the spool, nil when there is none; nil where nobody looks
	Connection  Connection                 // how the operator sits here
}

// journal keeps what happened. It is a Journal on the disk, except in tests that play many incidents.
type journal interface {
	// Append keeps a fact for good.
	Append(incident.Fact) (incident.Record, error)
	// Owned returns nil while this process owns the incident.
	Owned() error
	// reserve makes sure that what an act did can be written down, before it begins.
	reserve() error
	Close() error
}

// Runbook is the state machine over the nine steps. It is safe for use by several goroutines; it acts on one intent at a time.
type Runbook struct {
	hands    Hands
	settings Settings
	dir      string // the incident's folder
	journal  journal

	ctx    context.Context // of everything that runs for this runbook
	cancel context.CancelFunc
	work   sync.WaitGroup
	tries  tries // of what has to be ready before mail goes down

	acting    turn       // of the one intent that acts
	recording sync.Mutex // keeps journal, fold and events in one order
	looking   turn       // of the one look at the spool

	mu         sync.Mutex // guards what follows; never held while calling out
	inc        incident.Incident
	records    []incident.Record
	live       Live
	secrets    map[string]Secret // new passwords, by account, until the owner was told
	vigil      *vigil            // what is watched, nil while nothing is
	trapped    bool              // the vigil waits for spam that still waits
	told       time.Time         // when the vigil's looks were last written down
	gap        *gap              // a time in which something was not seen, of which only the logs can tell
	store      *quarantine.Store
	fresh      *spool.Spool // the empty spool in use, once this process set the one of Hands aside
	aside      *spool.Spool // the one set aside
	flow       flow
	disturbed  bool                       // messages were moved since the last look: what it counts is not the server's doing
	arrivals   []spool.Message            // that came since mail was started
	foundOn    restsOn                    // what Live.Found rests on
	looks      struct{ begun, shown int } // at the service, numbered as they began: the newest, and the newest that is shown
	cancelAct  context.CancelFunc
	searches   int                     // that the operator asked for
	stopSearch context.CancelCauseFunc // of the newest of them, nil when it has ended
	kick       chan struct{}           // asks for a look at the spool now
	kickLogs   chan struct{}           // asks for a look at the logs now
	kickNames  chan struct{}           // asks the SMTP log who sent what is not named
	heard      time.Time               // logins before are known
	traced     map[string]bool         // accounts whose log lines were looked for
}

// Refusal is an intent that may not be carried out now, with the reason in words an operator can act on.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

// errNotBegun refuses an intent that was taken back before its turn came.
var errNotBegun = &Refusal{"stopped by the operator before it began; nothing was changed"}

// refuse makes a Refusal of a reason, nil of none.
func refuse(reason string) error {
	if reason == "" {
		return nil
	}
	return &Refusal{reason}
}

// Begin opens a new incident in a folder of its own and writes its first records.
func Begin(dir string, opened incident.Opened, started incident.Started, by string, hands Hands, settings Settings) (*Runbook, error) {
	j, err := CreateJournal(dir, by, hands.Clock)
	if err != nil {
		return nil, err
	}
	return begin(dir, j, opened, started, hands, settings)
}

func begin(dir string, j journal, opened incident.Opened, started incident.Started, hands Hands, settings Settings) (*Runbook, error) {
	r := newRunbook(dir, j, hands, settings)
	for _, f := range []incident.Fact{opened, started, incident.StepChanged{Step: incident.Look, State: incident.Running}} {
		if err := r.record(f); err != nil {
			return nil, errors.Join(err, j.Close())
		}
	}
	if err := r.lookBeside(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return r, nil
}

// Resume continues an incident: same step, same record. What was only held in memory is to do again. ErrTakenOver says that
// somebody else has started on it since the start that the caller knows of.
func Resume(dir string, started incident.Started, by string, hands Hands, settings Settings) (*Runbook, error) {
	j, records, torn, err := OpenJournal(dir, by, hands.Clock)
	if err != nil {
		return nil, err
	}
	started.TornTail = torn
	return resume(dir, j, records, started, hands, settings)
}

func resume(dir string, j journal, records []incident.Record, started incident.Started, hands Hands, settings Settings) (*Runbook, error) {
	r := newRunbook(dir, j, hands, settings)
	r.inc, r.records = incident.Fold(records), records
	if started.Known != 0 && r.inc.Epoch != started.Known {
		return nil, errors.Join(fmt.Errorf("%w by %s meanwhile; look again", ErrTakenOver, r.inc.Operator), j.Close())
	}
	left := r.inc.Watch
	if err := r.record(started); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	r.trustRecord()
	if err := r.lookBeside(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if err := errors.Join(r.settleReset(), r.watchOn(left), r.takeUp()); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if err := errors.Join(r.settle(), r.settleAside()); err != nil {
		if errors.Is(err, ErrTakenOver) {
			return nil, errors.Join(err, j.Close())
		}
		r.live.Unsettled = err.Error() // mail can still be stopped, and passwords changed
	}
	return r, nil
}

func newRunbook(dir string, j journal, hands Hands, settings Settings) *Runbook {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runbook{
		hands: hands, settings: settings, dir: dir, journal: j, ctx: ctx, cancel: cancel,
		live:   Live{ByHand: hands.Mailboxes.ByHand(), Control: control(hands.Service), Shared: shared(hands), ReadingLogs: hands.Traffic != nil, Naming: hands.Senders != nil && hands.Spool != nil},
		acting: newTurn(), looking: newTurn(), secrets: map[string]Secret{}, traced: map[string]bool{}, kick: make(chan struct{}, 1), kickLogs: make(chan struct{}, 1), kickNames: make(chan struct{}, 1), tries: tries{limit: readyLimit},
	}
}

// Dir is the incident's folder.
func (r *Runbook) Dir() string { return r.dir }

// State is a copy of everything there is to show.
func (r *Runbook) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := State{Incident: r.inc, Live: r.live, Settings: r.settings, Now: r.hands.Clock()}
	if r.vigil != nil {
		s.Live.Watched = r.vigil.watched()
	}
	s.Live.Known = r.known()
	return s
}

// Records are the journal's records so far.
func (r *Runbook) Records() []incident.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.records)
}

// Do carries out one intent and returns when it is done, refused or broken off. A Refusal changed nothing.
func (r *Runbook) Do(ctx context.Context, in Intent) error {
	if in.kind()&beside != 0 {
		state := r.State()
		if err := refuse(state.Refusal(in)); err != nil {
			return err
		}
		return in.act(ctx, r)
	}
	if err := r.takeTurn(ctx, in); err != nil {
		return err
	}
	defer r.acting.leave()
	if ctx.Err() != nil {
		return errNotBegun
	}
	ctx, done := r.actContext(ctx)
	defer done()

	state := r.State()
	if err := refuse(state.Refusal(in)); err != nil {
		r.say(err.Error())
		return err
	}
	if What(in) != "" { // from here on it is what runs, whatever it has to do before the first message moves
		r.doing(&Doing{What: What(in)})
	}
	defer r.doing(nil)
	if err := r.journal.Owned(); err != nil {
		return err
	}
	if in.kind()&moves != 0 {
		if err := r.journal.reserve(); err != nil {
			return err
		}
	}
	name := nameOf(in)
	args, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("write down %s: %w", name, err)
	}
	if err := r.record(incident.Intended{Intent: name, Args: args}); err != nil {
		return err
	}
	return r.ended(ctx, in, in.act(ctx, r))
}

// ended records what an act came to.
func (r *Runbook) ended(ctx context.Context, in Intent, err error) error {
	if err == nil {
		return errors.Join(r.settleReset(), r.takeUp())
	}
	reason := err.Error()
	if errors.Is(err, context.Canceled) {
		reason = r.brokenOff(ctx, in)
		err = &Refusal{reason}
	}
	return errors.Join(err, r.record(incident.Refused{Intent: nameOf(in), Reason: reason}), r.breakOff(reason))
}

// nameOf is how the record names an intent.
func nameOf(in Intent) string { return reflect.TypeOf(in).Name() }

// takeTurn makes an intent the one that acts. Stopping the bleeding never waits: what runs ends after the item it is at. A
// look that writes something down is waited for: it takes no time.
func (r *Runbook) takeTurn(ctx context.Context, in Intent) error {
	_, stop := in.(StopService)
	stopped := stop && r.Cancel()
	if r.acting.takeNow() {
		return nil
	}
	r.mu.Lock()
	act := r.cancelAct != nil
	r.mu.Unlock()
	if act && !stopped {
		return &Refusal{stillRuns(r.doingWhat())}
	}
	if r.acting.take(ctx) != nil {
		return errNotBegun
	}
	return nil
}

// breakOff puts a step that an act left running back to do.
func (r *Runbook) breakOff(reason string) error {
	inc := r.State().Incident
	for _, step := range []incident.Step{incident.Stop, incident.Purge, incident.Restart} {
		watched := step == incident.Restart && !inc.Watch.Until.IsZero()
		if inc.Steps[step].State == incident.Running && !watched {
			return r.record(incident.StepChanged{Step: step, State: incident.ToDo, Reason: reason})
		}
	}
	return nil
}

// record appends a fact to the journal, folds it into the incident, and tells the listener.
func (r *Runbook) record(f incident.Fact) error {
	_, err := r.recordIf(always, f)
	return err
}

func always(*incident.Incident) bool { return true }

// recordIf records facts that belong together, unless what they rest on has changed since it was looked at: looks and acts
// go on at the same time.
func (r *Runbook) recordIf(holds func(*incident.Incident) bool, facts ...incident.Fact) (recorded bool, err error) {
	r.recording.Lock()
	defer r.recording.Unlock()
	inc := r.State().Incident
	if !holds(&inc) {
		return false, nil
	}
	for _, f := range facts {
		if inc.Mode.DryRun {
			f = incident.Rehearsed(f)
		}
		if err := r.append(f); err != nil {
			return true, err
		}
	}
	return true, nil
}

// append adds one fact. The caller holds recording.
func (r *Runbook) append(f incident.Fact) error {
	rec, err := r.journal.Append(f)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.inc.Fold(rec)
	r.records = append(r.records, rec)
	switch f := f.(type) {
	case incident.Intended, incident.WatchSeen: // no news
	case incident.StepChanged:
		if f.State != incident.Running || f.Result != "" || f.Reason != "" { // that a step begins, the screen shows
			r.live.Last = f.Say()
		}
	case incident.Relapsed: // what was searched for before is over
		r.live.Results, r.live.Plan, r.live.Searched = nil, nil, nil
		r.live.Last = f.Say()
	case incident.MailStopped, incident.MailStarted:
		r.flow.forget()            // what came and went before says nothing of now
		if r.inc.Aside.Dir == "" { // more has come and gone since it was searched
			r.live.Results, r.live.Plan = nil, nil
		}
		r.live.Last = f.Say()
	default:
		r.live.Last = f.Say()
	}
	r.mu.Unlock()
	r.tell(Event{Record: &rec})
	return nil
}

// say tells passing news, one line.
func (r *Runbook) say(line string) {
	r.mu.Lock()
	if line != "" {
		r.live.Last = line
	}
	at := r.hands.Clock()
	r.mu.Unlock()
	r.tell(Event{Progress: &Progress{At: at, What: line}})
}

// see changes what is seen, and tells that it changed.
func (r *Runbook) see(change func(*Live)) {
	r.mu.Lock()
	change(&r.live)
	at := r.hands.Clock()
	r.mu.Unlock()
	r.tell(Event{Progress: &Progress{At: at}})
}

func (r *Runbook) tell(e Event) {
	if r.hands.Listen != nil {
		r.hands.Listen(e)
	}
}

// actContext ends with the caller's context, with the runbook, or with Cancel.
func (r *Runbook) actContext(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(r.ctx, cancel)
	r.mu.Lock()
	r.cancelAct = cancel
	r.mu.Unlock()
	return ctx, func() {
		r.mu.Lock()
		r.cancelAct = nil
		r.mu.Unlock()
		unhook()
		cancel()
	}
}

// Cancel stops the running act safely, after the item it is at, or else the running search. It says whether there was an act.
func (r *Runbook) Cancel() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancelAct == nil {
		if r.stopSearch != nil {
			r.stopSearch(nil)
		}
		return false
	}
	r.cancelAct()
	return true
}

// Reveal gives the new password of an account, as often as it is asked for, until its owner was told. The record says that
// it was shown, never what it is.
func (r *Runbook) Reveal(account string) (Secret, bool) {
	r.mu.Lock()
	secret, ok := r.secrets[account]
	p := r.inc.Suspect(account)
	told := p != nil && p.Shown
	r.mu.Unlock()
	if !ok || told {
		return secret, ok
	}
	if err := r.record(incident.PasswordShown{Account: account}); err != nil {
		r.say(err.Error())
	}
	return secret, true
}

// Close ends everything that runs, waits for it, and writes the end into the record.
func (r *Runbook) Close() error {
	r.cancel()
	_ = r.acting.take(context.Background()) // an act that runs stops safely first
	defer r.acting.leave()
	r.work.Wait()
	err := errors.Join(r.keepLooks(), r.record(incident.Ended{}))
	if errors.Is(err, ErrTakenOver) {
		err = nil
	}
	r.mu.Lock()
	store, opened := r.store, []*spool.Spool{r.fresh, r.aside}
	r.mu.Unlock()
	if store != nil {
		err = errors.Join(err, store.Close())
	}
	for _, s := range opened {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return errors.Join(err, r.journal.Close())
}
