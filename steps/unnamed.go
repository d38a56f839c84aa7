package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/steps/incident"
	"delist/steps/words"
)

// AskLogs says by the SMTP log who sent messages, as traffic.Senders does.
type AskLogs func(ctx context.Context, asked []traffic.Spooled) (accounts, unknown []string, err error)

// NameSenders is a snapshot with who sent the messages whose files do not say it, by the SMTP log. A spool of today's layout
// has none, and asks nothing. unknown is what the log does not tell for lack of something, a sentence each.
func NameSenders(ctx context.Context, snap *spool.Snapshot, ask AskLogs) (named *spool.Snapshot, unknown []string) {
	list, unknown := askSenders(ctx, snap.Unnamed(), ask)
	named, _ = snap.Named(list)
	return named, unknown
}

// askSenders asks the SMTP log about messages, once for all of them, and says of which it had its say. A log that takes too
// long is not asked about the same ones again.
func askSenders(ctx context.Context, list []spool.Unnamed, ask AskLogs) (answered []spool.Unnamed, unknown []string) {
	if len(list) == 0 {
		return nil, nil
	}
	reading, cancel := context.WithTimeout(ctx, logsTimeout)
	defer cancel()
	asked := make([]traffic.Spooled, len(list))
	for i, u := range list {
		asked[i] = traffic.Spooled{Name: u.ID.Base(), At: u.Written}
	}
	accounts, unknown, err := ask(reading, asked)
	switch {
	case ctx.Err() != nil:
		return nil, nil
	case errors.Is(err, context.DeadlineExceeded):
		return list, []string{"to look through the SMTP log took more than " + words.Span(logsTimeout) + ", so that it names no sender of " + words.Messages(len(list)) + " whose files do not"}
	case err != nil:
		return nil, []string{err.Error()}
	}
	for i := range list {
		list[i].Account = accounts[i]
	}
	return list, unknown
}

// namesLoop asks the SMTP log after a look at the spool who sent what its files do not name, with longer pauses where that
// takes long. Only messages that it was not asked about make it read.
func (r *Runbook) namesLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.kickNames:
		}
		began := time.Now()
		asked, err := r.nameSenders(ctx)
		if err != nil && ctx.Err() == nil {
			r.say(err.Error())
		}
		if !asked {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(r.between(r.settings.LogsEvery), 4*time.Since(began))):
		}
	}
}

// askNames lets the SMTP log be asked once there is time.
func (r *Runbook) askNames() {
	select {
	case r.kickNames <- struct{}{}:
	default:
	}
}

// logLags is how long after a message the line about it may still be on its way to the log.
const logLags = time.Minute

// nameSenders asks about the spool in use, and about the one set aside. It says whether there was anything to ask.
func (r *Runbook) nameSenders(ctx context.Context) (asked bool, err error) {
	live := r.State().Live
	var trouble []string
	ask := func(snap *spool.Snapshot) (settled []spool.Unnamed) {
		if snap == nil {
			return nil
		}
		list := snap.Unnamed()
		asked = asked || len(list) > 0
		list, unknown := askSenders(ctx, list, r.hands.Senders)
		trouble = append(trouble, unknown...)
		for _, u := range list {
			if u.Account != "" || r.hands.Clock().Sub(u.Written) > logLags {
				settled = append(settled, u)
			}
		}
		return settled
	}
	if settled := ask(live.Aside); len(settled) > 0 {
		r.nameAside(live.Aside, settled)
	}
	if settled := ask(live.Spool); len(settled) > 0 {
		err = r.nameSpool(ctx, settled)
	}
	if ctx.Err() != nil {
		return asked, ctx.Err()
	}
	if asked || live.Naming {
		r.see(func(l *Live) {
			l.Naming = false
			if asked {
				l.NamesUnknown = append(trouble, "")[0]
			}
		})
	}
	return asked, err
}

// nameAside names senders in the look at the spool set aside, unless there is another look by now, which will be asked
// about itself.
func (r *Runbook) nameAside(snap *spool.Snapshot, list []spool.Unnamed) {
	named, _ := snap.Named(list)
	r.mu.Lock()
	if r.live.Aside == snap {
		r.live.Aside = named
	}
	r.mu.Unlock()
	r.countAsideSpam()
}

// nameSpool names senders in the newest look at the spool, and shows what that makes of it.
func (r *Runbook) nameSpool(ctx context.Context, list []spool.Unnamed) error {
	if err := r.looking.take(ctx); err != nil {
		return err
	}
	defer r.looking.leave()
	s := r.State()
	if s.Live.Spool == nil {
		return nil
	}
	named, n := s.Live.Spool.Named(list)
	if n == 0 {
		return nil
	}
	found := r.explained(named, false)
	if err := r.nameCauses(named, found, !s.Incident.Steps[incident.Look].State.Passed()); err != nil {
		return err
	}
	r.show(named, found, false)
	r.mu.Lock()
	r.arrivals = slices.Clone(r.arrivals) // others read them; the next look judges them
	for i, m := range r.arrivals {
		if now, there := named.Find(m.ID); there && now.Stamp.EML.Equal(m.Stamp.EML) {
			r.arrivals[i] = now
		}
	}
	r.mu.Unlock()
	return nil
}
