package steps

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"delist/checks/dnsbl"
	"delist/spool"
	"delist/steps/incident"
	"delist/steps/words"
)

// lookActions: what Enter does depends on the facts. One clear suspect and an API that answers: lock the thief out, then
// stop. Otherwise: stop. Both are always offered.
func (s *State) lookActions() []Action {
	inc := &s.Incident
	if inc.Permit == incident.NotAsked && !inc.Mode.ReadOnly {
		return []Action{
			{ID: ActAllow, Label: "I may stop this server: go on", Recommended: true,
				About:  "The runbook stops mail for some minutes. Go on if you are allowed to do that.",
				Intent: func(Answer) Intent { return Allow{May: true} }},
			{ID: ActForbid, Label: "I may not: only look and collect", Ask: AskYes,
				About:  "delist looks, collects the evidence and writes a report for those who may.",
				Intent: func(Answer) Intent { return Allow{May: false} }},
		}
	}
	lock, stop := s.lockOutAction(), s.stopAction()
	done := Action{
		ID: ActLookDone, Label: s.lookDoneLabel(), Refused: s.refusal(FinishLook{}),
		About:  "Looking is finished. You can come back to this screen at any time.",
		Intent: func(Answer) Intent { return FinishLook{} },
	}
	stopped := inc.Steps[incident.Stop].State == incident.Done
	switch {
	case inc.Steps[incident.Look].State == incident.Done || stopped:
		done.Recommended = !inc.Steps[incident.Look].State.Passed()
	case inc.Permit == incident.MayNot || inc.Mode.ReadOnly, !s.backlog() && done.Refused == "":
		done.Recommended = true
	case lock.Refused == "" && len(inc.Suspects) == 1:
		lock.Recommended = true
	default:
		stop.Recommended = stop.Refused == ""
	}
	actions := []Action{lock, stop, done}
	slices.SortStableFunc(actions, func(a, b Action) int { return order(b.Recommended) - order(a.Recommended) })
	if inc.Permit == incident.MayNot && !inc.Mode.ReadOnly {
		actions = append(actions, Action{ID: ActAllow, Label: "I may stop this server now", Ask: AskYes,
			About: "From then on mail can be stopped, messages moved and passwords changed.", Intent: func(Answer) Intent { return Allow{May: true} }})
	}
	return append(actions,
		Action{ID: ActMark, Label: "mark account as stolen", About: "The account is taken to be stolen: its mail is searched for, its password is changed.",
			Intent: func(a Answer) Intent { return MarkSuspect{a.Account} }},
		Action{ID: ActUnmark, Label: "unmark account", Intent: func(a Answer) Intent { return ClearSuspect{a.Account} }},
		Action{ID: ActBounce, Label: "read a bounce", Ask: AskText, Many: true, Prompt: "Paste the bounce, or the line that says why mail was refused:", Default: s.Settings.SampleBounce,
			Intent: func(a Answer) Intent { return ReadBounce{a.Text} }},
		Action{ID: ActLists, Label: "ask the lists again", Intent: func(Answer) Intent { return AskLists{} }},
	)
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// backlog says whether spam may wait in the spool: there is a suspect with queued mail, or the spool was not seen whole.
func (s *State) backlog() bool {
	if s.Live.Spool == nil || s.Live.Spool.Partial() {
		return true
	}
	return slices.ContainsFunc(s.Live.Senders, func(row SenderRow) bool { return row.Marked && row.Queued > row.Own })
}

func (s *State) lookDoneLabel() string {
	if s.backlog() {
		return "looking is finished"
	}
	return "no suspect has mail waiting: go on to Reset"
}

func (s *State) lookDoneRefusal() string {
	switch {
	case s.Live.Spool == nil && s.Live.SpoolErr == "" && s.Incident.Spool != "":
		return "the spool is still being read; wait a moment"
	case s.Live.ReadingLogs && !s.backlog():
		return "nothing in the spool stands out, and the logs are still being read; wait a moment"
	case s.Incident.Asked.IsZero():
		return "the lists have not answered yet; wait a moment"
	}
	return ""
}

// lockOutAction sets the new password while mail still runs.
func (s *State) lockOutAction() Action {
	var names []string
	for _, suspect := range s.Incident.ResetsPending() {
		names = append(names, suspect.Account)
	}
	return Action{
		ID: ActLockOut, Label: "lock the thief out (new password), then stop", Ask: AskYes, Refused: s.refusal(LockOut{}),
		About: fmt.Sprintf("%s gets a new random password, open connections are ended, then mail is stopped for everybody on this server. "+
			"Restart brings mail back. The new password is shown to you once.", strings.Join(names, ", ")),
		Intent: func(Answer) Intent { return LockOut{} },
	}
}

func (s *State) lockOutRefusal() string {
	switch {
	case len(s.Incident.Suspects) == 0:
		return "no account is marked as stolen yet: put the cursor on it and press a"
	case len(s.Incident.ResetsPending()) == 0:
		return "the password is changed already"
	case s.Live.Service.State != ServiceRunning && !s.byHandService():
		return "the password can only be set while mail runs; Restart will do it"
	case !s.Live.APIReady:
		return words.Join("SmarterMail's API does not answer, so the password cannot be set from here", s.Live.APIErr) + "; stop mail first"
	}
	return ""
}

// byHandService says that the service's state is only what the operator says it is.
func (s *State) byHandService() bool { return s.Live.Service.State == ServiceUnknown }

func (s *State) clearRefusal(account string) string {
	suspect := s.Incident.Suspect(account)
	switch {
	case suspect == nil:
		return account + " is not marked"
	case suspect.Reset != incident.ResetToDo:
		return "the password of " + account + " is changed or held already"
	}
	return ""
}

// askAgain asks the lists, and looks at who the world sees: the operator may have put that right.
func (r *Runbook) askAgain(ctx context.Context) error {
	if err := r.askLists(ctx); err != nil {
		return err
	}
	return r.checkIdentity(ctx)
}

// askLists asks every list about every address, and keeps what they say.
func (r *Runbook) askLists(ctx context.Context) error {
	inc := r.State().Incident
	if r.hands.Lists == nil || len(inc.Addresses) == 0 {
		return &Refusal{"no address of this server is known; start delist with --ip ADDRESS"}
	}
	r.see(func(l *Live) { l.Asking = true })
	defer r.see(func(l *Live) { l.Asking = false })
	if r.hands.Preflight != nil {
		finding := r.hands.Preflight(ctx)
		r.see(func(l *Live) { l.Preflight = &finding })
	}
	report, err := r.hands.Lists.Check(ctx, inc.Addresses, func(res dnsbl.Result) {
		r.see(func(l *Live) { l.Lists = withResult(l.Lists, res) })
	})
	if err != nil {
		return fmt.Errorf("ask the lists: %w", err)
	}
	r.see(func(l *Live) { l.Lists = report })
	if err := r.record(listsAsked(report, r.State().Incident.Listings, r.hands.Clock())); err != nil {
		return err
	}
	if r.State().Incident.Steps[incident.Verify].State.Passed() {
		return r.sortListings()
	}
	return nil
}

// withResult adds a result that has just come in to a report, without touching the report that others may be reading.
func withResult(report dnsbl.Report, res dnsbl.Result) dnsbl.Report {
	report.Addresses = slices.Clone(report.Addresses)
	i := slices.IndexFunc(report.Addresses, func(a dnsbl.Address) bool { return a.IP == res.IP })
	if i < 0 {
		report.Addresses = append(report.Addresses, dnsbl.Address{IP: res.IP})
		i = len(report.Addresses) - 1
	}
	results := slices.DeleteFunc(slices.Clone(report.Addresses[i].Results), func(old dnsbl.Result) bool { return old.List.Name == res.List.Name })
	report.Addresses[i].Results = append(results, res)
	return report
}

// readBounce keeps what a bounce says. An address that it names for the first time is one more that the world sees.
func (r *Runbook) readBounce(ctx context.Context, in ReadBounce) error {
	if strings.TrimSpace(in.Text) == "" {
		return &Refusal{"nothing was pasted; paste the bounce, or the line with the three-digit code"}
	}
	findings, err := r.hands.ReadBounce(in.Text)
	if err != nil {
		return fmt.Errorf("read the bounce: %w", err)
	}
	before := r.State().Incident
	listings, err := BounceListings(findings, before.Addresses, r.hands.Clock())
	if err != nil {
		return fmt.Errorf("read the bounce: %w", err)
	}
	if err := r.record(incident.BounceRead{Findings: findings, Listings: listings}); err != nil {
		return err
	}
	known := append(before.BouncedIPs(), before.Addresses...)
	after := r.State().Incident
	for _, ip := range after.BouncedIPs() {
		if !slices.Contains(known, ip) {
			return r.checkIdentity(ctx)
		}
	}
	return nil
}

// markSuspect takes an account to be stolen, with the reasons that the spool gives.
func (r *Runbook) markSuspect(account string) error {
	fact := incident.SuspectMarked{Account: account, Why: []string{"marked by the operator"}}
	live := r.State().Live
	for _, row := range live.Senders {
		if row.Account == account && len(row.Why) > 0 {
			fact.Why = row.Why
		}
	}
	fact.IPs = thiefIPs(live.Spool, account)
	if len(fact.IPs) == 0 {
		fact.IPs = loggedIPs(live.Traffic, account)
	}
	if err := r.record(fact); err != nil {
		return err
	}
	r.showMarks()
	return nil
}

// showMarks brings the marks of the senders table up to date.
func (r *Runbook) showMarks() {
	inc := r.State().Incident
	r.see(func(l *Live) {
		l.Senders = slices.Clone(l.Senders)
		for i := range l.Senders {
			l.Senders[i].Marked = l.Senders[i].Account != "" && inc.Suspect(l.Senders[i].Account) != nil
		}
	})
	r.countAsideSpam()
}

// thiefIPs are the client addresses that a suspect's forged mail came from; the owner's own mail does not count.
func thiefIPs(snap *spool.Snapshot, account string) []netip.Addr {
	if snap == nil {
		return nil
	}
	seen := map[netip.Addr]bool{}
	var ips []netip.Addr
	for i := range snap.Len() {
		m := snap.At(i)
		if m.Account == account && forged(m) && m.ClientIP.IsValid() && !seen[m.ClientIP] && len(ips) < maxThiefIPs {
			seen[m.ClientIP] = true
			ips = append(ips, m.ClientIP)
		}
	}
	return ips
}

// maxThiefIPs bounds the addresses kept in the record; a botnet has no end of them.
const maxThiefIPs = 2000

// finishLook ends Look. Where the spool shows no backlog, the spam has left already: Stop and Purge are not needed.
func (r *Runbook) finishLook() error {
	s := r.State()
	if err := r.record(incident.StepChanged{Step: incident.Look, State: incident.Done, Result: lookResult(&s)}); err != nil {
		return err
	}
	if s.Incident.Permit == incident.MayNot || s.Incident.Mode.ReadOnly {
		return r.skipToClose()
	}
	if s.backlog() || s.Incident.Steps[incident.Stop].State == incident.Done {
		return nil
	}
	const why = "the spool shows no spam that waits: it has left already"
	if err := r.record(incident.StepChanged{Step: incident.Stop, State: incident.NotNeeded, Reason: why}); err != nil {
		return err
	}
	return r.record(incident.StepChanged{Step: incident.Purge, State: incident.NotNeeded, Reason: why})
}

// skipToClose passes over everything that changes the server, for an operator who may only look.
func (r *Runbook) skipToClose() error {
	for step := incident.Stop; step < incident.Close; step++ {
		if err := r.record(incident.StepChanged{Step: step, State: incident.Skipped, Reason: "looking only: for somebody who may change this server"}); err != nil {
			return err
		}
	}
	return nil
}

// lookResult says in a few words what Look found.
func lookResult(s *State) string {
	listed := 0
	for _, l := range s.Incident.Listings {
		if l.Gone.IsZero() {
			listed++
		}
	}
	switch n := len(s.Incident.Suspects); n {
	case 0:
		return fmt.Sprintf("%d listings, no account looks stolen", listed)
	case 1:
		return fmt.Sprintf("%d listings, %s looks stolen", listed, s.Incident.Suspects[0].Account)
	default:
		return fmt.Sprintf("%d listings, %d accounts look stolen", listed, n)
	}
}
