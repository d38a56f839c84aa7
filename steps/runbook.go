package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/checks/resolver"
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
	Spool       *spool.Spool                     // nil where there is none: then only the lists and the accounts can be worked on
	Shared      func(root string) (bool, string) // whether other servers may use the spool, and on what ground; nil: none does
	Traffic     Traffic                          // nil where no logs are known: then only the spool tells who sends
	Lists       Lists
	Preflight   func(context.Context) resolver.Finding
	Identity    Identity // nil where nobody looks
	ReadBounce  func(string) ([]bounce.Finding, error)
	NewPassword func() (Secret, error)
	Reporter    Reporter
	Listen      func(Event) // hears everything, in order; must not call the Runbook back before it returns
	Clock       func() time.Time
}

// Runbook is the state machine over the nine steps. It is safe for use by several goroutines; it acts on one intent at a time.
type Runbook struct {
	hands    Hands
	settings Settings
	dir      string // the incident's folder
	journal  *Journal

	ctx    context.Context // of everything that runs for this runbook
	cancel context.CancelFunc
	work   sync.WaitGroup

	acting    sync.Mutex // held by the one intent that acts
	recording sync.Mutex // keeps journal, fold and events in one order
	looking   sync.Mutex // held by the one look at the spool

	mu         sync.Mutex // guards what follows; never held while calling out
	inc        incident.Incident
	records    []incident.Record
	live       Live
	secrets    map[string]Secret // held and set passwords, by account
	shown      map[string]bool   // whose password was shown once
	store      *quarantine.Store
	fresh      *spool.Spool // the empty spool in use, once this process set the one of Hands aside
	aside      *spool.Spool // the one set aside
	flow       flow
	disturbed  bool            // messages were moved since the last look: what it counts is not the server's doing
	arrivals   []spool.Message // that came since mail was started
	cancelAct  context.CancelFunc
	searches   int                     // that the operator asked for
	stopSearch context.CancelCauseFunc // of the newest of them, nil when it has ended
	kick       chan struct{}           // asks for a look at the spool now
	heard      time.Time               // logins before are known
}

// Refusal is an intent that may not be carried out now, with the reason in words an operator can act on.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

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
	r := newRunbook(dir, j, hands, settings)
	for _, f := range []incident.Fact{opened, started, incident.StepChanged{Step: incident.Look, State: incident.Running}} {
		if err := r.record(f); err != nil {
			return nil, errors.Join(err, j.Close())
		}
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
	r := newRunbook(dir, j, hands, settings)
	r.inc, r.records = incident.Fold(records), records
	if started.Known != 0 && r.inc.Epoch != started.Known {
		return nil, errors.Join(fmt.Errorf("%w by %s meanwhile; look again", ErrTakenOver, r.inc.Operator), j.Close())
	}
	started.TornTail = torn
	if err := r.record(started); err != nil {
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

func newRunbook(dir string, j *Journal, hands Hands, settings Settings) *Runbook {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runbook{
		hands: hands, settings: settings, dir: dir, journal: j, ctx: ctx, cancel: cancel,
		live:    Live{ByHand: hands.Mailboxes.ByHand(), Shared: shared(hands), ReadingLogs: hands.Traffic != nil},
		secrets: map[string]Secret{}, shown: map[string]bool{}, kick: make(chan struct{}, 1),
	}
}

// Dir is the incident's folder.
func (r *Runbook) Dir() string { return r.dir }

// State is a copy of everything there is to show.
func (r *Runbook) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return State{Incident: r.inc, Live: r.live, Settings: r.settings, Now: r.hands.Clock()}
}

// Records are the journal's records so far.
func (r *Runbook) Records() []incident.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.records)
}

// Do carries out one intent and returns when it is done, refused or broken off. A Refusal changed nothing.
func (r *Runbook) Do(ctx context.Context, in Intent) error {
	switch in := in.(type) {
	case Search:
		return r.searchNow(ctx, in)
	case AddNote:
		return r.note(in)
	case DropPlan:
		return r.dropPlan()
	}
	if _, stop := in.(StopService); stop && r.Cancel() {
		r.acting.Lock() // stopping the bleeding never waits: what runs ends after the item it is at
	} else if !r.acting.TryLock() {
		return &Refusal{fmt.Sprintf("%s is still running; wait for it, or press Ctrl+C to stop it safely", r.doingWhat())}
	}
	defer r.acting.Unlock()
	ctx, done := r.actContext(ctx)
	defer done()

	state := r.State()
	if err := refuse(state.refusal(in)); err != nil {
		r.say(err.Error())
		return err
	}
	if err := r.journal.Owned(); err != nil {
		return err
	}
	if movesMessages(in) {
		if err := r.journal.reserve(); err != nil {
			return err
		}
	}
	name := reflect.TypeOf(in).Name()
	args, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("write down %s: %w", name, err)
	}
	if err := r.record(incident.Intended{Intent: name, Args: args}); err != nil {
		return err
	}
	if err := r.act(ctx, in); err != nil {
		reason := err.Error()
		if errors.Is(err, context.Canceled) {
			reason = "stopped by the operator; what was done is recorded, and it can be done again"
			err = &Refusal{reason}
		}
		return errors.Join(err, r.record(incident.Refused{Intent: name, Reason: reason}), r.breakOff(reason))
	}
	return nil
}

// breakOff puts a step that an act left running back to do.
func (r *Runbook) breakOff(reason string) error {
	inc := r.State().Incident
	if inc.Steps[incident.Restart].State == incident.Running && inc.MailDown.IsZero() {
		reason = "the watching ended early, mail runs: " + reason
	}
	for _, step := range []incident.Step{incident.Stop, incident.Purge, incident.Restart} {
		if inc.Steps[step].State == incident.Running {
			return r.record(incident.StepChanged{Step: step, State: incident.ToDo, Reason: reason})
		}
	}
	return nil
}

// act sends an intent to the step that owns it.
func (r *Runbook) act(ctx context.Context, in Intent) error {
	defer r.doing(nil)
	switch in := in.(type) {
	case Allow:
		return r.record(incident.Permitted{May: in.May})
	case AskLists:
		return r.askAgain(ctx)
	case ReadBounce:
		return r.readBounce(ctx, in)
	case MarkSuspect:
		return r.markSuspect(in.Account)
	case ClearSuspect:
		if err := r.record(incident.SuspectCleared{Account: in.Account}); err != nil {
			return err
		}
		r.showMarks()
		return nil
	case FinishLook:
		return r.finishLook()
	case LockOut:
		return r.lockOut(ctx)
	case StopService:
		return r.stopService(ctx)
	case ConfirmStopped:
		return r.confirmStopped(ctx)
	case PlanPurge:
		return r.planPurge(ctx, in)
	case Quarantine:
		return r.quarantine(ctx, in)
	case Restore:
		return r.restore(ctx, in)
	case DeleteQuarantined:
		return r.deleteQuarantined(ctx)
	case ConfirmNodes:
		return r.record(incident.NodesConfirmed{Ground: r.State().Live.Shared})
	case SetAside:
		return r.setAside(ctx)
	case PutGoodBack:
		return r.putGoodBack(ctx)
	case FinishPurge:
		return r.finishPurge(in)
	case ResetPassword:
		return r.resetPassword(ctx, in.Account)
	case ResetByHand:
		return r.resetByHand(in.Account)
	case ConfirmReset:
		return r.confirmReset(ctx, in.Account)
	case DisableAccount:
		return r.disable(ctx, in.Account)
	case RemoveForwarding:
		return r.removeForwarding(ctx, in.Account)
	case KeepForwarding:
		return r.keepForwarding(in.Account)
	case StartService:
		return r.startService(ctx)
	case ConfirmStarted:
		return r.confirmStarted(ctx)
	case OwnerTold:
		return r.ownerTold(in)
	case JudgeQuiet:
		return r.judgeQuiet(in)
	case MarkRequested:
		return r.markRequested(in)
	case LeaveListing:
		return r.record(incident.ListingChanged{IP: in.IP, List: in.List, State: incident.ListingLeft, Why: in.Reason})
	case MarkCleared:
		return r.record(incident.ListingChanged{IP: in.IP, List: in.List, State: incident.ListingCleared, Why: strings.TrimSpace(in.Reason)})
	case FinishDelist:
		return r.finishDelist()
	case CloseIncident:
		return r.closeIncident(ctx)
	case Skip:
		return r.skipStep(in)
	}
	return fmt.Errorf("nobody knows how to do %T", in)
}

// record appends a fact to the journal, folds it into the incident, and tells the listener.
func (r *Runbook) record(f incident.Fact) error {
	r.recording.Lock()
	defer r.recording.Unlock()
	if r.State().Incident.Mode.DryRun {
		f = incident.Rehearsed(f)
	}
	rec, err := r.journal.Append(f)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.inc.Fold(rec)
	r.records = append(r.records, rec)
	if _, quiet := f.(incident.Intended); !quiet {
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

// doing shows the act that runs now; nil when it is over.
func (r *Runbook) doing(d *Doing) {
	if d != nil && d.Since.IsZero() {
		d.Since = r.hands.Clock()
	}
	r.see(func(l *Live) { l.Doing = d })
}

// now tells what the running act does at the moment.
func (r *Runbook) now(what string) {
	r.mu.Lock()
	if r.live.Doing != nil {
		d := *r.live.Doing
		d.Now = what
		r.live.Doing = &d
	}
	r.mu.Unlock()
	r.say(what)
}

func (r *Runbook) doingWhat() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live.Doing == nil {
		return "something"
	}
	return r.live.Doing.What
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

// Reveal shows the new password of an account: once. The record says that it was shown, never what it is.
func (r *Runbook) Reveal(account string) (Secret, bool) {
	r.mu.Lock()
	secret, ok := r.secrets[account]
	if !ok || r.shown[account] {
		r.mu.Unlock()
		return Secret{}, false
	}
	r.shown[account] = true
	r.mu.Unlock()
	if err := r.record(incident.Noted{Text: "the new password of " + account + " was shown to the operator"}); err != nil {
		r.say(err.Error())
	}
	return secret, true
}

// Close ends everything that runs, waits for it, and writes the end into the record.
func (r *Runbook) Close() error {
	r.cancel()
	r.acting.Lock() // an act that runs stops safely first
	defer r.acting.Unlock()
	r.work.Wait()
	err := r.record(incident.Ended{})
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
