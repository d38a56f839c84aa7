package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"delist/spool"
	"delist/steps/incident"
)

// Start begins the looks that go on by themselves: at the service, at the spool, at the logs, and once at the lists. They end with Close.
func (r *Runbook) Start() {
	r.work.Go(func() { r.serviceLoop(r.ctx) })
	if r.hands.Spool != nil {
		r.work.Go(func() { r.spoolLoop(r.ctx) })
	}
	if r.hands.Traffic != nil {
		r.work.Go(func() { r.trafficLoop(r.ctx) })
	}
	r.work.Go(func() { r.listsLoop(r.ctx) })
	r.work.Go(func() { r.mailboxLoop(r.ctx) })
	r.work.Go(func() { r.readyLoop(r.ctx) })
}

// serviceLoop looks at the service and at the API.
func (r *Runbook) serviceLoop(ctx context.Context) {
	tick := time.NewTicker(r.settings.LookEvery)
	defer tick.Stop()
	last := r.hands.Clock()
	for {
		r.lookAtService(ctx)
		now := r.hands.Clock()
		if err := r.checkQuiet(last, now); err != nil {
			r.say(err.Error())
		}
		last = now
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lookTimeout bounds one look at the service or the API.
const lookTimeout = 10 * time.Second

// lookAtService takes one look at the service and, while it runs, at the API.
func (r *Runbook) lookAtService(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	report, err := r.hands.Service.Look(ctx)
	apiReady, apiErr := false, ""
	if report.State != ServiceStopped && !r.hands.Mailboxes.ByHand() {
		if e := r.hands.Mailboxes.Ready(ctx); e != nil {
			apiErr = e.Error()
		} else {
			apiReady = true
		}
	}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	r.see(func(l *Live) {
		l.Service, l.ServiceErr = report, ""
		if err != nil {
			l.ServiceErr = err.Error()
		}
		l.APIReady, l.APIErr = apiReady, apiErr
	})
	if report.State == ServiceRunning {
		r.noticeStart(ctx)
	}
}

// noticeStart sees that somebody else started mail while the runbook had it stopped. It looks once more with nothing
// acting: the look before may be older than a stop that has just ended.
func (r *Runbook) noticeStart(ctx context.Context) {
	if inc := r.State().Incident; inc.MailDown.IsZero() || !r.acting.TryLock() {
		return
	}
	defer r.acting.Unlock()
	if inc := r.State().Incident; inc.MailDown.IsZero() {
		return
	}
	if report, err := r.hands.Service.Look(ctx); err != nil || report.State != ServiceRunning {
		return
	}
	if err := r.record(incident.MailStarted{Elsewhere: true}); err != nil {
		r.say(err.Error())
	}
}

// spoolLoop looks at the spool again and again. A look that takes long makes the pauses longer, so that the disk stays
// the mail server's.
func (r *Runbook) spoolLoop(ctx context.Context) {
	for {
		began := time.Now()
		if err := r.lookAtSpool(ctx); err != nil && ctx.Err() == nil {
			r.see(func(l *Live) { l.SpoolErr = err.Error() })
		}
		took := time.Since(began)
		pause := max(r.settings.RescanEvery, 4*took)
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
func (r *Runbook) lookAtSpool(ctx context.Context) error { return r.lookAt(ctx, (*spool.Spool).Rescan) }

// lookWhole takes one look that also sees everything that was rewritten.
func (r *Runbook) lookWhole(ctx context.Context) error { return r.lookAt(ctx, (*spool.Spool).Recheck) }

// again is a look at a spool that was seen before.
type again func(*spool.Spool, context.Context, *spool.Snapshot, func(spool.Progress)) (*spool.Snapshot, spool.Changes, error)

func (r *Runbook) lookAt(ctx context.Context, look again) error {
	if r.hands.Spool == nil {
		return nil
	}
	r.looking.Lock()
	defer r.looking.Unlock()
	before := r.State().Live.Spool
	var after *spool.Snapshot
	var changes spool.Changes
	var err error
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
		return fmt.Errorf("read the spool: %w", err)
	}
	if before == nil {
		if err := r.nameSuspects(after); err != nil {
			return err
		}
		r.seen(before, after, changes)
		return nil
	}
	r.seen(before, after, changes)
	return r.checkRelapse(after, changes)
}

// seen puts a look on the screen.
func (r *Runbook) seen(before, after *spool.Snapshot, changes spool.Changes) {
	inc := r.State().Incident
	own := after.OwnersMail(inc.Purged)
	r.mu.Lock()
	disturbed := r.disturbed || r.live.Doing != nil
	r.disturbed = false
	if before != nil && !disturbed {
		r.flow.add(after.TakenAt(), after.TakenAt().Sub(before.TakenAt()), before, after, changes)
	} else {
		r.flow.forget()
	}
	rates := r.flow.all()
	r.mu.Unlock()
	rows := r.senderRows(after, own)
	same := before != nil && len(changes.Came)+len(changes.Went)+len(changes.Rewritten) == 0
	r.see(func(l *Live) {
		l.Spool, l.Rates, l.Scanning, l.SpoolErr = after, rates, nil, ""
		l.Senders = joinTraffic(rows, l.Traffic, &inc)
	})
	if same {
		return
	}
	r.mu.Lock()
	rated := flow{looks: slices.Clone(r.flow.looks)}
	r.mu.Unlock()
	var campaigns []CampaignRow
	for _, c := range after.Campaigns() {
		campaigns = append(campaigns, CampaignRow{Campaign: c, Rate: rated.campaign(c.Name)})
	}
	var clients []ClientRow
	for _, c := range after.Clients() {
		clients = append(clients, ClientRow{Client: c, Rate: rated.client(c.IP)})
	}
	r.see(func(l *Live) { l.Campaigns, l.Clients = campaigns, clients })
}

// senderRows are the accounts with mail in a snapshot. own counts what may be their owners', as far as that is known.
func (r *Runbook) senderRows(snap *spool.Snapshot, own map[string]int) []SenderRow {
	senders := snap.Senders()
	rows := make([]SenderRow, len(senders))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, sender := range senders {
		rows[i] = SenderRow{Sender: sender, Rate: r.flow.account(sender.Account), Own: own[sender.Account], Marked: r.inc.Suspect(sender.Account) != nil,
			waits: true, spoolWhy: sender.Why}
	}
	return rows
}

// nameSuspects marks the accounts that look stolen at the first look. The operator can unmark them.
func (r *Runbook) nameSuspects(snap *spool.Snapshot) error {
	inc := r.State().Incident
	for _, row := range snap.Senders() {
		if !row.Suspect || row.Account == "" || !row.Basis.Proven() {
			continue
		}
		if inc.Suspect(row.Account) != nil || slices.Contains(inc.Unmarked, row.Account) {
			continue
		}
		if err := r.record(incident.SuspectMarked{Account: row.Account, Why: row.Why, IPs: thiefIPs(snap, row.Account)}); err != nil {
			return err
		}
	}
	return nil
}

// maxArrivals bounds what is kept of the mail that came since the start.
const maxArrivals = 100_000

// checkRelapse keeps what came since mail was started, and opens a new round when it is like the spam.
func (r *Runbook) checkRelapse(after *spool.Snapshot, changes spool.Changes) error {
	s := r.State()
	if !s.Incident.Watched() {
		return nil // before a restart, or after a relapse that is known already
	}
	var came []spool.Message
	for _, id := range changes.Came {
		// What comes back from a spool set aside is older than that.
		if m, ok := after.Find(id); ok && !m.Created.Before(s.Incident.Aside.At) {
			came = append(came, m)
		}
	}
	r.mu.Lock()
	if len(r.arrivals) < maxArrivals {
		r.arrivals = append(r.arrivals, came...)
	}
	arrivals := slices.Clip(r.arrivals)
	r.mu.Unlock()
	back, fresh, yes := s.relapse(arrivals)
	if !yes {
		return nil
	}
	r.mu.Lock()
	r.arrivals = nil
	r.mu.Unlock()
	for _, f := range fresh {
		if err := r.record(f); err != nil {
			return err
		}
	}
	return r.record(back)
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
