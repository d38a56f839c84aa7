package steps

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"delist/spool"
	"delist/spool/quarantine"
	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) asideActions(about Answer) []Action {
	inc := &s.Incident
	if inc.Aside.Dir != "" {
		if len(inc.Aside.Stuck) == 0 {
			return []Action{s.putGoodAction(about)}
		}
		return []Action{s.putGoodAction(about), s.offer(Action{
			ID: ActLeaveOut, Label: "leave what cannot go back outside", Ask: AskReason, Prompt: "What becomes of them?",
			About:  fmt.Sprintf("%s in %s, which stays. They are not delivered, unless somebody brings them back by hand.", words.Messages(inc.Aside.Outside), inc.Aside.Dir),
			Intent: func(a Answer) Intent { return LeaveOutside{Reason: a.Text} },
		}, about)}
	}
	n := 0
	if s.Live.Spool != nil {
		n = s.Live.Spool.Pairs()
	}
	return []Action{s.offer(Action{
		ID: ActSetAside, Label: "set the whole spool aside", Ask: AskCount, Count: n,
		About:  "The spool is renamed and an empty one takes its place, so that mail can run again once each suspect is reset or held. You purge the copy in peace and put the good mail back. Until then it is not delivered.",
		Intent: func(a Answer) Intent { return SetAside{Count: a.Count} },
	}, about)}
}

func (in SetAside) refusal(s *State) string {
	switch {
	case s.Incident.Mode.DryRun:
		return "this is a dry run; nothing is renamed"
	case s.unsettled() != "":
		return s.unsettled()
	case s.Incident.Aside.Dir != "":
		return "the spool is set aside already; purge it, then put the rest back"
	case s.Live.Spool == nil:
		return "the spool is not read yet; wait a moment"
	case s.notStopped() != "":
		return s.notStopped()
	case s.nodesRefusal() != "":
		return s.nodesRefusal()
	case !s.Live.Spool.Whole():
		return "part of the spool could not be read, so how much would be set aside is not known; give delist the right to read all of it first"
	case s.Live.Spool.Pairs() == 0:
		return "no whole message is in the spool; there is nothing to set aside"
	case in.Count != s.Live.Spool.Pairs():
		return fmt.Sprintf("type the number of messages to go on: %d", s.Live.Spool.Pairs())
	}
	return ""
}

// putGoodAction asks for the count where mail of a suspect would go back, too.
func (s *State) putGoodAction(about Answer) Action {
	aside := s.Incident.Aside
	a := Action{
		ID: ActPutGood, Label: "put the rest back into the spool", Ask: AskYes,
		About: fmt.Sprintf("What is left of the spool in %s goes back, %d a second, and is delivered. Failed messages and those still arriving stay there. It can be stopped safely.",
			aside.Dir, s.Settings.PutBackRate),
		Intent: func(a Answer) Intent { return PutGoodBack{Count: a.Count} },
	}
	if s.Live.Aside == nil {
		return s.offer(a, about)
	}
	if n := s.Live.Aside.Layout(spool.LayoutUnknown); n > 0 {
		a.Ask, a.Count = AskCount, s.Live.Aside.Pairs()
		a.About += SayUnsure(n)
	}
	if n := s.Live.AsideSpam; n > 0 {
		a.Ask, a.Count = AskCount, s.Live.Aside.Pairs()
		a.About = fmt.Sprintf("Among it, and then delivered: %s of the spam. Purge them first. %s", words.Messages(n), a.About)
	}
	return s.offer(a, about)
}

func (in PutGoodBack) refusal(s *State) string {
	switch {
	case s.Incident.Aside.Dir == "":
		return "no spool is set aside"
	case s.unsettled() != "":
		return s.unsettled()
	case !s.Incident.Steps[incident.Purge].State.Passed() && (s.Live.AsideSpam > 0 || s.moved() == 0): // else it is clean, and this is a new round
		return "the spam is still among it; end Purge first"
	case s.Live.Aside == nil || in.Count == s.Live.Aside.Pairs():
	case s.Live.AsideSpam > 0:
		return fmt.Sprintf("among it: %s of the spam; type the number of all messages to put back: %d", words.Messages(s.Live.AsideSpam), s.Live.Aside.Pairs())
	case s.Live.Aside.Layout(spool.LayoutUnknown) > 0:
		return fmt.Sprintf("the status of %s could not be read; type the number of all messages to put back: %d", words.Messages(s.Live.Aside.Layout(spool.LayoutUnknown)), s.Live.Aside.Pairs())
	}
	return ""
}

// SpamElsewhere says what a search does not see while a spool is set aside: what came into the one in use since. It is
// empty where that holds nothing of a suspect.
func (s *State) SpamElsewhere() string {
	if n := s.spamWaiting(); s.Live.Aside != nil && n > 0 {
		return fmt.Sprintf("Searched is the spool set aside. The one in use holds %s of the spam: put the rest back, then search again.", words.Messages(n))
	}
	return ""
}

// countAsideSpam counts the mail of suspects in the spool set aside, without what may be their owners', and the bounces that
// answer the spam, and says what finds them.
func (r *Runbook) countAsideSpam() {
	s := r.State()
	n, query := 0, ""
	if s.Live.Aside != nil {
		if answers := countSpool(s.Live.Aside, &s.Incident, s.Live.Traffic).Answers; answers > 0 {
			n, query = answers, answersQuery
		}
		for _, f := range explain(s.Live.Aside, &s.Incident, s.Live.Traffic) {
			if c := s.Incident.Cause(f.Name); c != nil && c.Class == f.Class {
				n, query = n+f.Count, f.Query
			}
		}
		own := s.Live.Aside.OwnersMail(s.Incident.Purged)
		for _, row := range s.Live.Aside.Senders() {
			spam := row.Queued - own[row.Account]
			if row.Account != "" && s.Incident.Suspect(row.Account) != nil && spam > 0 {
				n, query = n+spam, "account:"+row.Account
			}
		}
	}
	r.see(func(l *Live) { l.AsideSpam, l.asideQuery = n, query })
}

func (in LeaveOutside) refusal(s *State) string {
	switch {
	case s.Incident.Aside.Dir == "":
		return "no spool is set aside"
	case len(s.Incident.Aside.Stuck) == 0:
		return "nothing was in the way yet; put the rest back first"
	}
	return needsReason(in.Reason)
}

// act ends the setting aside, and leaves to do what somebody has to decide.
func (in LeaveOutside) act(_ context.Context, r *Runbook) error {
	aside := r.State().Incident.Aside
	todo := fmt.Sprintf("look through %s, left outside in %s: bring them back by hand, or delete them", words.Messages(aside.Outside), aside.Dir)
	err := errors.Join(r.record(incident.GoodPutBack{Left: aside.Outside, Why: strings.TrimSpace(in.Reason)}), r.record(incident.LeftToDo{Text: todo}))
	return errors.Join(err, r.closeAside())
}

func (SetAside) act(ctx context.Context, r *Runbook) error    { return r.setAside(ctx) }
func (PutGoodBack) act(ctx context.Context, r *Runbook) error { return r.putGoodBack(ctx) }

// setAside renames the spool, and goes on with the renamed one as the spool to search and purge.
func (r *Runbook) setAside(ctx context.Context) error {
	if err := r.still(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	store, n := r.store, r.live.Spool.Pairs()
	r.mu.Unlock()
	if store != nil && store.Unfinished() {
		return &Refusal{"an earlier move was cut off; start delist again, which settles it first"}
	}
	if id := splitOne(store); id != "" { // its halves would be parted for good
		return &Refusal{fmt.Sprintf("one file of the message %s is in the quarantine, the other in the spool; start delist again, which joins them, before the spool is set aside", id)}
	}
	dir, err := r.asideDir()
	if err != nil {
		return err
	}
	if err := r.looking.take(ctx); err != nil {
		return err
	}
	defer r.looking.leave()
	if err := r.record(incident.AsideBegan{Dir: dir, Count: n}); err != nil {
		return err
	}
	live := r.liveSpool()
	root := live.Root()
	closed := live.Close() // Windows does not rename a folder that is open
	failed := errors.Join(closed, quarantine.NewAside(root, dir).Set())
	if failed != nil {
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, r.record(incident.AsideDropped{Why: failed.Error()}))
		}
	}
	fresh, err := spool.Open(root)
	if err != nil {
		return errors.Join(failed, err)
	}
	r.mu.Lock()
	r.fresh = fresh
	r.mu.Unlock()
	r.see(func(l *Live) { l.Spool, l.Results, l.Plan, l.Senders = nil, nil, nil, nil })
	if failed != nil {
		return failed
	}
	if err := r.record(incident.AsideDone{}); err != nil {
		return err
	}
	return r.openAside(ctx)
}

// asideDir is where the spool is set aside. It is renamed there, so that it has to be on the same volume, whatever holds for
// the quarantine.
func (r *Runbook) asideDir() (string, error) {
	root := r.liveSpool().Root()
	place, err := quarantine.Place(root, r.settings.QuarantineDir, quarantine.SameVolume)
	if err != nil && r.settings.OtherVolume {
		place, err = quarantine.Place(root, "", quarantine.SameVolume)
	}
	if err != nil {
		return "", err
	}
	return unused(filepath.Join(place, r.State().Incident.ID) + ".aside")
}

// unused is name, or name with the first number behind it that no file has: what stayed in a spool set aside before keeps
// its place.
func unused(name string) (string, error) {
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s-%d", name, n)
		}
		if _, err := os.Lstat(try); errors.Is(err, fs.ErrNotExist) {
			return try, nil
		} else if err != nil {
			return "", err
		}
	}
}

// splitOne names a message with a file on either side, "" where there is none.
func splitOne(store *quarantine.Store) spool.ID {
	if store == nil {
		return ""
	}
	for _, held := range store.Held() {
		if held.Split {
			return held.ID
		}
	}
	return ""
}

// openAside makes the spool set aside the one that is searched and purged, and that the quarantine gives back to.
func (r *Runbook) openAside(ctx context.Context) error {
	aside := r.State().Incident.Aside
	sp, err := spool.Open(aside.Dir)
	if err != nil {
		return err
	}
	snap, err := sp.Scan(ctx, nil)
	if err != nil {
		return errors.Join(fmt.Errorf("read the spool set aside: %w", err), sp.Close())
	}
	r.mu.Lock()
	old, store := r.aside, r.store
	r.aside, r.live.Aside = sp, snap
	r.mu.Unlock()
	r.countAsideSpam()
	r.askNames()
	if old != nil {
		err = old.Close()
	}
	if store != nil {
		err = errors.Join(err, store.Follow(aside.Dir))
	}
	return err
}

// closeAside goes back to the spool in use.
func (r *Runbook) closeAside() error {
	r.mu.Lock()
	aside, store := r.aside, r.store
	r.aside, r.live.Aside, r.live.AsideSpam = nil, nil, 0
	r.mu.Unlock()
	var err error
	if aside != nil {
		err = aside.Close()
	}
	if store != nil {
		err = errors.Join(err, store.Follow(r.liveSpool().Root()))
	}
	return err
}

// putGoodBack returns what is left of the spool set aside, at a rate. Mail may run.
func (r *Runbook) putGoodBack(ctx context.Context) error {
	aside := r.State().Incident.Aside
	r.doing(&Doing{Total: aside.Outside})
	owned := func(context.Context) error { return r.journal.Owned() }
	out, putErr := quarantine.NewAside(r.liveSpool().Root(), aside.Dir).PutBack(ctx, r.settings.PutBackRate, owned, r.moving)
	left := out.Left
	if putErr != nil && left == 0 { // it ended before it knew what there is
		left = max(0, aside.Outside-out.Restored)
	}
	fact := incident.GoodPutBack{Restored: out.Restored, Left: left, Skipped: byReason(out.Skipped), Stopped: putErr != nil, Names: inTheWay(out.Skipped)}
	r.see(func(l *Live) { l.Results = nil }) // of another spool than there is now
	if err := r.record(fact); err != nil {
		return errors.Join(putErr, err)
	}
	if putErr != nil || left > 0 {
		return errors.Join(putErr, r.openAside(r.ctx))
	}
	return r.closeAside()
}

// inTheWay names a few messages that could have gone back but for what is in their way.
func inTheWay(skipped []quarantine.Skipped) []string {
	const few = 3
	var names []string
	for _, s := range skipped {
		switch s.Reason {
		case quarantine.Failed, quarantine.CutOff, quarantine.Half:
			continue
		}
		if len(names) == few {
			return append(names, "and others")
		}
		names = append(names, fmt.Sprintf("%s: %s", s.ID, s.Reason))
	}
	return names
}

// settleAside finishes a rename that was cut off, and goes on with what is still set aside.
func (r *Runbook) settleAside() error {
	aside := r.State().Incident.Aside
	if r.hands.Spool == nil {
		return nil
	}
	if aside.Dir == "" {
		return r.closeAside()
	}
	if aside.Begun {
		if _, err := os.Lstat(aside.Dir); errors.Is(err, fs.ErrNotExist) {
			return r.record(incident.AsideDropped{Why: "delist ended before the spool was renamed"})
		}
		if err := quarantine.NewAside(r.hands.Spool.Root(), aside.Dir).Set(); err != nil {
			return err
		}
		if err := r.record(incident.AsideDone{}); err != nil {
			return err
		}
	}
	return r.openAside(r.ctx)
}

// MendSpool puts the empty spool in its place that a killed set-aside had made and not yet put there. Nobody has to be
// asked: without it there is no folder at root at all.
func MendSpool(root string) error { return quarantine.Mend(filepath.Clean(root)) }

// liveSpool is the spool that the mail service uses.
func (r *Runbook) liveSpool() *spool.Spool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fresh != nil {
		return r.fresh
	}
	return r.hands.Spool
}

// Spool is the spool that is searched and purged: the one set aside while there is one, else the one in use; nil where
// there is none.
func (r *Runbook) Spool() *spool.Spool {
	r.mu.Lock()
	aside := r.aside
	r.mu.Unlock()
	if aside != nil {
		return aside
	}
	return r.liveSpool()
}

// Purged is the look at the spool that is searched and purged; nil before the first.
func (s *State) Purged() *spool.Snapshot {
	if s.Live.Aside != nil {
		return s.Live.Aside
	}
	return s.Live.Spool
}

// lookAtPurged looks again at the spool that is purged.
func (r *Runbook) lookAtPurged(ctx context.Context) error {
	if r.State().Live.Aside == nil {
		return r.lookAtSpool(ctx)
	}
	return r.openAside(ctx)
}

// mayMove returns nil while files may be moved: in a spool set aside whenever this process owns the incident, in the one
// in use only while mail is seen stopped.
func (r *Runbook) mayMove(ctx context.Context) error {
	if r.State().Live.Aside != nil {
		return r.journal.Owned()
	}
	return r.still(ctx)
}
