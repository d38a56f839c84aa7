package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/spool"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

// Start begins the looks that go on by themselves: at the service, the API, the spool, the logs, who speaks to mail servers
// elsewhere, and once at the lists. They end with Close.
func (r *Runbook) Start() {
	r.work.Go(func() { r.every(r.ctx, r.settings.LookEvery, r.lookAtService) })
	if !r.hands.Mailboxes.ByHand() {
		r.work.Go(func() { r.every(r.ctx, r.settings.LookEvery, r.lookAtAPI) })
	}
	if r.hands.Beside != nil {
		r.work.Go(func() {
			r.every(r.ctx, r.settings.LookEvery, func(context.Context) {
				if err := r.lookBeside(); err != nil {
					r.say(err.Error())
				}
			})
		})
	}
	r.work.Go(func() { r.watchLoop(r.ctx) })
	if r.hands.Spool != nil {
		r.work.Go(func() { r.spoolLoop(r.ctx) })
		if r.hands.Senders != nil {
			r.work.Go(func() { r.namesLoop(r.ctx) })
		}
	}
	if r.hands.Traffic != nil {
		r.work.Go(func() { r.trafficLoop(r.ctx) })
	}
	if r.hands.Outbound != nil {
		r.work.Go(func() { r.every(r.ctx, r.settings.OutboundEvery, r.lookOutbound) })
	}
	r.work.Go(func() { r.listsLoop(r.ctx) })
	r.work.Go(func() { r.mailboxLoop(r.ctx) })
	r.work.Go(func() { r.readyLoop(r.ctx) })
}

// every takes one look after another, with a pause between them.
func (r *Runbook) every(ctx context.Context, pause time.Duration, look func(context.Context)) {
	for {
		look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.between(pause)):
		}
	}
}

// lookTimeout bounds one look at the service or the API.
const lookTimeout = 10 * time.Second

// lookAtService takes one look at the service.
func (r *Runbook) lookAtService(ctx context.Context) {
	began := r.hands.Clock()
	looking, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	report, err := r.seeService(looking)
	if ctx.Err() != nil {
		return
	}
	switch {
	case err == nil && report.State == ServiceRunning:
		r.saw(atService, r.hands.Clock().Sub(began)+r.between(r.settings.LookEvery))
		if report.wordOnly(r.live.Control) {
			r.onlyWord(atService)
		}
	default:
		r.sawNothing(atService)
	}
	r.noticeService(ctx, report, err)
}

// seeService looks at the service and shows what it sees, unless a look that began later has shown more by then.
func (r *Runbook) seeService(ctx context.Context) (ServiceReport, error) {
	r.mu.Lock()
	r.looks.begun++
	mine := r.looks.begun
	r.mu.Unlock()
	report, err := r.hands.Service.Look(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		return report, err
	}
	r.see(func(l *Live) {
		if mine < r.looks.shown {
			return
		}
		r.looks.shown = mine
		l.Service, l.ServiceErr = report, ""
		if err != nil {
			l.Service.State, l.ServiceErr = ServiceUnknown, err.Error()
		}
		if l.stopped() {
			l.APIReady, l.APIErr = false, ""
		}
	})
	return report, err
}

// lookAtAPI asks whether the API answers, while the service is not seen stopped.
func (r *Runbook) lookAtAPI(ctx context.Context) {
	if live := r.State().Live; live.stopped() {
		return
	}
	looking, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	err := r.hands.Mailboxes.Ready(looking)
	if ctx.Err() != nil {
		return
	}
	r.see(func(l *Live) {
		if l.stopped() { // meanwhile
			return
		}
		l.heard(err)
	})
}

// heard takes in what a call to the API told.
func (l *Live) heard(err error) {
	l.APIReady, l.APIErr = err == nil, ""
	if err != nil {
		l.APIErr = err.Error()
	}
	if refused := errors.Is(err, ErrLogin); refused || err == nil { // else it is as it was
		l.KeptOut = refused
	}
}

// stopped says that the service that has the API is seen stopped. Where there is no service here, the API is elsewhere.
func (l *Live) stopped() bool { return l.Service.State == ServiceStopped && l.Control != NoService }

// noticeService sees that mail was started or has stopped without delist. It looks once more with nothing acting: the
// look before may be older than what an act has just done.
func (r *Runbook) noticeService(ctx context.Context, report ServiceReport, err error) {
	news := func() bool {
		down := !r.State().Incident.MailDown.IsZero()
		return err == nil && (down && report.State == ServiceRunning || !down && report.State == ServiceStopped && r.live.Control != NoService && !r.inc.Mode.DryRun)
	}
	if !news() || !r.State().Incident.Closed.IsZero() || !r.acting.takeNow() {
		return
	}
	defer r.acting.leave()
	if report, err = r.seeService(ctx); !news() {
		return
	}
	switch {
	case report.State == ServiceStopped:
		err = r.record(incident.MailStopped{ByItself: true, Detail: report.Detail})
	case r.live.Control == ByHand && r.State().Incident.Steps[incident.Restart].State == incident.Running: // as it was asked for
		err = r.startSeen(ctx, report)
	default:
		err = r.record(incident.MailStarted{Elsewhere: true, Detail: report.Detail})
	}
	if err != nil {
		r.say(err.Error())
	}
}

// startSeen goes on from a start that was seen before the operator said so, as an act: the passwords that are held may take
// their time, and the operator may stop that.
func (r *Runbook) startSeen(ctx context.Context, report ServiceReport) error {
	ctx, done := r.actContext(ctx)
	defer done()
	in := ConfirmStarted{}
	r.doing(&Doing{What: What(in)})
	defer r.doing(nil)
	r.hands.Service.(Confirmer).Confirm(Word{State: ServiceRunning, Said: r.hands.Clock(), Seen: true})
	return r.ended(ctx, in, r.started(ctx, incident.MailStarted{Detail: report.Detail}))
}

// trustRecord tells a service by hand what the operator has said before: by hand is what was said, until a look speaks
// against it.
func (r *Runbook) trustRecord() {
	c, ok := r.hands.Service.(Confirmer)
	if !ok || r.live.Control != ByHand {
		return
	}
	switch inc := r.State().Incident; {
	case !inc.MailDown.IsZero():
		c.Confirm(Word{State: ServiceStopped, Said: inc.MailDown, Others: inc.Others, Seen: !inc.Said})
	case inc.Writing: // which says nothing of a port, and nobody said it
		c.Confirm(Word{Said: inc.Restarted, Others: inc.Others})
	case !inc.Restarted.IsZero():
		c.Confirm(Word{State: ServiceRunning, Said: inc.Restarted, Others: inc.Others, Seen: !inc.Said})
	}
}

// lookBeside looks for another incident on the spool, and keeps how it stands when that has changed.
func (r *Runbook) lookBeside() error {
	if r.hands.Beside == nil {
		return nil
	}
	other := r.hands.Beside()
	if inc := r.State().Incident; !inc.Closed.IsZero() || other.Equal(inc.Beside) || !r.acting.takeNow() {
		return nil
	}
	defer r.acting.leave() // until then nobody looks at the service by a word that no longer holds
	before := r.State().Incident.MailDown
	if err := r.record(incident.Neighboured{Beside: other}); err != nil {
		return err
	}
	if now := r.State().Incident.MailDown; now.IsZero() && !before.IsZero() && r.live.Control == ByHand {
		r.hands.Service.(Confirmer).Confirm(Word{State: ServiceRunning, Said: r.hands.Clock()})
	} else if !now.Equal(before) {
		r.trustRecord()
	}
	return nil
}

// longestPause is how long the spool is left alone at the most: one look that hung does not blind delist for an hour.
const longestPause = 5 * time.Minute

// spoolLoop looks at the spool again and again. A look that takes long makes the pauses longer, so that the disk stays
// the mail server's.
func (r *Runbook) spoolLoop(ctx context.Context) {
	for {
		took, whole, err := r.lookAt(ctx, (*spool.Spool).Rescan)
		pause := max(r.between(r.settings.RescanEvery), min(4*took, longestPause))
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.see(func(l *Live) { l.SpoolErr = err.Error() })
			r.sawNothing(atSpool)
		case !whole:
			r.sawNothing(atSpool)
		default:
			r.saw(atSpool, took+pause)
		}
		r.mu.Lock()
		r.live.SpoolSlow = pause > r.settings.RescanEvery
		r.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-r.kick:
		case <-time.After(pause):
		}
	}
}

// LookNow asks for a look at the spool before the pause is over.
func (r *Runbook) LookNow() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

// lookAtSpool takes one look: the first reads everything, later ones only what is new, and what was rewritten by and by.
func (r *Runbook) lookAtSpool(ctx context.Context) error {
	_, _, err := r.lookAt(ctx, (*spool.Spool).Rescan)
	return err
}

// lookWhole takes one look that also sees everything that was rewritten.
func (r *Runbook) lookWhole(ctx context.Context) error {
	_, _, err := r.lookAt(ctx, (*spool.Spool).Recheck)
	return err
}

// again is a look at a spool that was seen before.
type again func(*spool.Spool, context.Context, *spool.Snapshot, func(spool.Progress)) (*spool.Snapshot, spool.Changes, error)

// lookAt takes a look once no other one does, and says how long it took by itself, and whether all was there to be read:
// by the time that it has returned, another spool may be in place.
func (r *Runbook) lookAt(ctx context.Context, look again) (took time.Duration, whole bool, err error) {
	if r.hands.Spool == nil {
		return 0, false, nil
	}
	if err := r.looking.take(ctx); err != nil {
		return 0, false, fmt.Errorf("wait for another look at the spool: %w", err)
	}
	defer r.looking.leave()
	began := time.Now()
	whole, err = r.lookNow(ctx, look)
	return time.Since(began), whole, err
}

func (r *Runbook) lookNow(ctx context.Context, look again) (whole bool, err error) {
	before := r.State().Live.Spool
	var after *spool.Snapshot
	var changes spool.Changes
	if before == nil {
		after, err = r.firstLook(ctx)
	} else {
		after, changes, err = look(r.liveSpool(), ctx, before, nil)
		if errors.Is(err, spool.ErrFolderGone) { // SmarterMail removes and makes its folders itself
			if after, changes, err = r.liveSpool().Afresh(ctx, before); err == nil {
				r.say("a folder of the spool is gone; all of it was read again")
			}
		}
	}
	if err != nil {
		r.see(func(l *Live) { l.Scanning = nil })
		return false, fmt.Errorf("read the spool: %w", err)
	}
	found := r.explained(after, before != nil && len(changes.Came)+len(changes.Went)+len(changes.Rewritten) == 0)
	if err := r.nameCauses(after, found, before == nil); err != nil {
		return false, err
	}
	if before == nil {
		if inc := r.State().Incident; inc.Watched() { // what came since the start is new, though nothing was seen before
			for i := range after.Len() {
				if m := after.At(i); !inc.BeforeStart(m.Created) {
					changes.Came = append(changes.Came, m.ID)
				}
			}
		}
	}
	came := len(changes.Came)
	if inc := r.State().Incident; before == nil && !inc.MailDown.IsZero() { // what came while delist was away
		for i := range after.Len() {
			if after.At(i).Created.After(inc.MailDown) {
				came++
			}
		}
	}
	defer r.askNames()
	if disturbed := r.seen(before, after, changes, found); !disturbed {
		if err := r.noticeWriting(came); err != nil {
			return false, err
		}
	}
	s := r.State()
	if err := r.holdUp(&s, r.hands.Clock()); err != nil {
		return false, err
	}
	return after.Whole(), r.checkRelapse(before, after, changes)
}

// noticeWriting sees that new mail comes into the spool though the operator said that mail is stopped: a look speaks
// against the word.
func (r *Runbook) noticeWriting(came int) error {
	if inc := r.State().Incident; came == 0 || r.live.Control != ByHand || inc.MailDown.IsZero() || inc.Aside.Dir != "" || !r.acting.takeNow() {
		return nil
	}
	defer r.acting.leave()
	r.hands.Service.(Confirmer).Confirm(Word{Said: r.hands.Clock()})
	return r.record(incident.MailStarted{Elsewhere: true, Writing: true, Detail: words.Messages(came) + " came into the spool"})
}

// seen puts a look on the screen. It says whether messages were moved meanwhile, so that what came and went says nothing.
func (r *Runbook) seen(before, after *spool.Snapshot, changes spool.Changes, found cause.Findings) (disturbed bool) {
	r.mu.Lock()
	disturbed = r.disturbed || r.live.Doing != nil
	r.disturbed = false
	if before != nil && !disturbed {
		r.flow.add(after.TakenAt(), after.TakenAt().Sub(before.TakenAt()), before, after, changes)
	} else {
		r.flow.forget()
	}
	r.mu.Unlock()
	r.show(after, found, before != nil && len(changes.Came)+len(changes.Went)+len(changes.Rewritten) == 0)
	return disturbed
}

// show makes the tables of a look; same says that it has the messages that the look before had.
func (r *Runbook) show(after *spool.Snapshot, found cause.Findings, same bool) {
	inc := r.State().Incident
	own := after.OwnersMail(inc.Purged)
	rows := r.senderRows(after, own, found)
	counts := countSpool(after, &inc, r.State().Live.Traffic)
	r.mu.Lock()
	rates := r.flow.all()
	r.mu.Unlock()
	r.see(func(l *Live) {
		l.Spool, l.Rates, l.Scanning, l.SpoolErr, l.Counts, l.Found = after, rates, nil, "", counts, found
		l.Senders = joinTraffic(rows, l.Traffic, &inc)
	})
	r.mu.Lock()
	rated := flow{looks: slices.Clone(r.flow.looks)}
	campaigns, clients := slices.Clone(r.live.Campaigns), slices.Clone(r.live.Clients)
	r.mu.Unlock()
	if !same { // which takes a while; the rates change all the same
		campaigns, clients = nil, nil
		for _, c := range after.Campaigns() {
			campaigns = append(campaigns, CampaignRow{Campaign: c})
		}
		for _, c := range after.Clients() {
			clients = append(clients, ClientRow{Client: c})
		}
	}
	for i := range campaigns {
		campaigns[i].Rate = rated.campaign(campaigns[i].Name)
	}
	for i := range clients {
		clients[i].Rate = rated.client(clients[i].IP)
	}
	r.see(func(l *Live) { l.Campaigns, l.Clients = campaigns, clients })
}

// senderRows are the accounts with mail in a snapshot. own counts what may be their owners', as far as that is known.
func (r *Runbook) senderRows(snap *spool.Snapshot, own map[string]int, found cause.Findings) []SenderRow {
	senders := snap.Senders()
	rows := make([]SenderRow, len(senders))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, sender := range senders {
		rows[i] = SenderRow{Sender: sender, Rate: r.flow.account(sender.Account), Own: own[sender.Account], Marked: r.inc.Suspect(sender.Account) != nil,
			waits: true, spoolWhy: sender.Why}
		rows[i].classify(found)
	}
	return rows
}

// classify says of a row what its account's mail looks like.
func (row *SenderRow) classify(found cause.Findings) {
	switch f := found.About(row.Name()); {
	case f == nil || acrossRows(f) || row.Account != "" && !row.Basis.Proven():
	case row.Bounces:
		row.Class = f.Class
	default:
		row.Class, row.Suspect = f.Class, f.Class == incident.StolenAccount
		row.Why, row.spoolWhy = f.Why, f.Why
	}
}

// maxArrivals bounds what is kept of the mail that came since the start.
const maxArrivals = 100_000

// checkRelapse keeps what came since mail was started, and opens a new round when it is like the spam.
func (r *Runbook) checkRelapse(before, after *spool.Snapshot, changes spool.Changes) error {
	s := r.State()
	if !s.Incident.Watched() && s.Incident.Steps[incident.Restart].State != incident.Running {
		return nil // before a restart, or after a relapse that is known already
	}
	var came []spool.Message
	for _, id := range changes.Came {
		if r.putBack(id) {
			continue
		}
		// What comes back from a spool set aside is older than that, and than the start; the clock may have been set meanwhile.
		if m, ok := after.Find(id); ok && !(m.Created.Before(s.Incident.Aside.At) && s.Incident.BeforeStart(m.Created)) {
			came = append(came, m)
		}
	}
	r.mu.Lock()
	if len(r.arrivals) < maxArrivals {
		r.arrivals = append(r.arrivals, came...)
	}
	r.mu.Unlock()
	if !s.Incident.Watched() || s.settingPasswords() {
		return nil // the old ones still work: what they let in is judged once they do not
	}
	if relapsed, err := r.judgeArrivals(); relapsed || err != nil {
		return err
	}
	return r.judgeLeft(before, after, changes)
}

// judgeLeft opens a new round when the spam that waited is gone while mail ran, and delist did not move it: the mail
// service has delivered it.
func (r *Runbook) judgeLeft(before, after *spool.Snapshot, changes spool.Changes) error {
	if before == nil || len(changes.Went) == 0 {
		return nil
	}
	s := r.State()
	inc := &s.Incident
	if inc.Despite != "" { // somebody knew that it would
		return nil
	}
	stays := map[string]bool{} // a message may only have changed its folder
	for _, held := range s.Live.Held {
		stays[held.ID.Base()] = true
	}
	for _, id := range changes.Came {
		stays[id.Base()] = true
	}
	left := map[string]int{}
	for _, id := range changes.Went {
		if m, ok := before.Find(id); ok && !stays[id.Base()] && !r.putBack(id) && likeTheSpam(inc, m) {
			left[m.Account]++
		}
	}
	if len(left) == 0 {
		return nil
	}
	back := incident.Relapsed{}
	var whys []string
	for account, n := range left {
		whys = append(whys, words.Messages(n)+" of the spam from "+account+" went out of the spool while it was watched")
	}
	slices.Sort(whys)
	back.Why = strings.Join(whys, "; ")
	_, err := r.relapsed(back)
	return err
}

// putBack says that somebody had delist put a message back: neither that it came nor that it goes out is the thief's doing.
func (r *Runbook) putBack(id spool.ID) bool {
	r.mu.Lock()
	store := r.store
	r.mu.Unlock()
	return store != nil && store.Returned(id)
}

// relapsed opens a new round, unless one was opened meanwhile.
func (r *Runbook) relapsed(facts ...incident.Fact) (yes bool, err error) {
	return r.recordIf(func(inc *incident.Incident) bool {
		starting := inc.Steps[incident.Restart].State == incident.Running && inc.MailDown.IsZero() && !inc.Mode.DryRun
		return starting || inc.Watched()
	}, facts...)
}

// judgeArrivals opens a new round when what came since mail was started is like the spam.
func (r *Runbook) judgeArrivals() (relapsed bool, err error) {
	s := r.State()
	r.mu.Lock()
	arrivals := slices.Clip(r.arrivals)
	r.mu.Unlock()
	back, fresh, yes := s.relapse(arrivals)
	if !yes {
		return false, nil
	}
	r.mu.Lock()
	r.arrivals = nil
	r.mu.Unlock()
	return r.relapsed(append(fresh, back)...)
}

// settingPasswords says that mail was started, and that held passwords are being set: nothing is watched yet.
func (s *State) settingPasswords() bool {
	inc := &s.Incident
	held := slices.ContainsFunc(inc.Suspects, func(p incident.Suspect) bool { return p.Reset == incident.ResetHeld || p.Reset == incident.ResetSet })
	return held && inc.Steps[incident.Restart].State == incident.Running && inc.Watch.Until.IsZero()
}

// listsLoop asks the lists once at the start, and again and again while listings wait to clear.
func (r *Runbook) listsLoop(ctx context.Context) {
	if r.hands.Lists == nil || len(r.State().Incident.Addresses) == 0 {
		r.firstIdentity(ctx)
		return
	}
	for first := true; ; first = false {
		if err := r.askLists(ctx); err != nil && ctx.Err() == nil {
			r.say(err.Error())
		}
		if first {
			r.firstIdentity(ctx)
		}
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(r.settings.ListsEvery):
			}
			if inc := r.State().Incident; inc.WaitsForLists() {
				break
			}
		}
	}
}

// firstIdentity looks at who the world sees, once the senders' domains are known.
func (r *Runbook) firstIdentity(ctx context.Context) {
	r.awaitSenders(ctx)
	if err := r.checkIdentity(ctx); err != nil && ctx.Err() == nil {
		r.say(err.Error())
	}
}
