package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"delist/checks/dnsbl"
	"delist/steps/incident"
	"delist/steps/words"
)

// lookActions: what Enter does depends on the facts. One clear suspect and an API that answers: lock the thief out, then
// stop. Spam that waits, or much that nothing explains: stop. Both are always offered.
func (s *State) lookActions(about Answer) []Action {
	inc := &s.Incident
	if s.PermitAsked() {
		return []Action{
			s.offer(Action{ID: ActAllow, Label: "I may stop this server: go on", Recommended: true,
				About:  "The runbook stops mail for some minutes. Go on if you are allowed to do that.",
				Intent: func(Answer) Intent { return Allow{May: true} }}, about),
			s.offer(Action{ID: ActForbid, Label: "I may not: only look and collect", Ask: AskYes,
				About:  "delist looks, collects the evidence and writes a report for those who may.",
				Intent: func(Answer) Intent { return Allow{May: false} }}, about),
		}
	}
	lock, stop, done := s.lockOutAction(about), s.stopAction(about), s.lookDoneAction(about)
	open := s.spamMayWait()
	switch {
	case inc.Steps[incident.Look].State.Passed():
	case inc.Steps[incident.Stop].State == incident.Done, inc.LooksOnly(), !open && done.Refused == "":
		done.Recommended = done.Refused == ""
	case open && lock.Refused == "" && len(inc.Suspects) == 1:
		lock.Recommended = true
	case open:
		stop.Recommended = stop.Refused == ""
	}
	actions := sortActions([]Action{lock, stop, done})
	if leave := s.leaveOpenAction(about); leave.Refused == "" {
		actions = append(actions, leave)
	}
	actions = append(actions, s.allowActions(about)...)
	actions = append(append(actions, s.markActions(about)...), s.outboundActions(about)...)
	if s.Unexplained() != "" {
		actions = append(actions, s.heloAction(about))
	}
	return actions
}

// allowActions take back that the operator may only look: where they look, and where that leads.
func (s *State) allowActions(about Answer) []Action {
	if s.Incident.Permit != incident.MayNot || s.Incident.Mode.ReadOnly || !s.Incident.Closed.IsZero() {
		return nil
	}
	return []Action{s.offer(Action{ID: ActAllow, Label: "I may stop this server now", Ask: AskYes,
		About: "From then on mail can be stopped, messages moved and passwords changed.", Intent: func(Answer) Intent { return Allow{May: true} }}, about)}
}

// PermitAsked says that the operator still has to say whether this server may be stopped. Who stops it has said so.
func (s *State) PermitAsked() bool {
	inc := &s.Incident
	return inc.Permit == incident.NotAsked && !inc.Mode.ReadOnly && !inc.Steps[incident.Look].State.Passed()
}

// outboundActions are about what passes the mail service by, where there is something to say of it.
func (s *State) outboundActions(about Answer) []Action {
	var actions []Action
	if len(s.Incident.Strangers()) > 0 {
		actions = append(actions, s.knowAction(about))
	}
	if s.Unexplained() != "" {
		actions = append(actions, s.causeAction(about))
	}
	return actions
}

// markActions are the operator's judgements, and what else there is to look at.
func (s *State) markActions(about Answer) []Action {
	mark, clear, open := about, about, about
	if about.Row == "" && about.Account == "" { // no cursor says it: the first that it can be about
		mark.Account, clear.Account, open.Row = s.firstRows()
	}
	unmark := Action{ID: ActUnmark, Label: "unmark account", Intent: func(a Answer) Intent { return ClearSuspect{Account: a.Account, Reason: a.Text} }}
	if against := s.speaksAgainst(clear.Account); against != "" {
		unmark.Ask, unmark.Prompt = AskReason, "Why is it not stolen?"
		unmark.About = clear.Account + ": " + against + ". That stays so: its mail then counts as not explained, until you say what it is."
	}
	actions := []Action{
		s.offer(Action{ID: ActMark, Label: "mark account as stolen", About: "The account is marked as stolen: its mail is searched for, its password is changed.",
			Intent: func(a Answer) Intent { return MarkSuspect{a.Account} }}, mark),
		s.offer(unmark, clear), s.explainAction(open),
		s.offer(Action{ID: ActBounce, Label: "read a bounce", Ask: AskText, Many: true, Prompt: "Paste the bounce, or the line that says why mail was refused:", Default: s.Settings.SampleBounce,
			Intent: func(a Answer) Intent { return ReadBounce{a.Text} }}, about),
		s.lookUpAction(about),
	}
	if back := s.unexplainAction(about); len(s.ExplainedRows()) > 0 {
		actions = append(actions, back)
	}
	return actions
}

// firstRows are the first account that is not marked, the first that is, and the first row that nothing explains.
func (s *State) firstRows() (unmarked, marked, open string) {
	for i := range s.Live.Senders {
		if row := &s.Live.Senders[i]; unmarked == "" && row.Account != "" && !row.Marked {
			unmarked = row.Account
		}
	}
	if len(s.Incident.Suspects) > 0 {
		marked = s.Incident.Suspects[0].Account
	}
	if w := s.Waiting(); len(w.Unexplained) > 0 {
		open = w.Unexplained[0].Row
	}
	return unmarked, marked, open
}

// rowOf is the row of the senders table that an answer is about.
func rowOf(a Answer) string {
	if a.Row != "" {
		return a.Row
	}
	return a.Account
}

// lookUpAction looks every list up again. It asks for nothing.
func (s *State) lookUpAction(about Answer) Action {
	return s.offer(Action{ID: ActLists, Label: "look the lists up again", Intent: func(Answer) Intent { return AskLists{} }}, about)
}

// spamMayWait says whether Stop and Purge are needed: spam waits, or so much that nothing explains that it is taken for
// spam, or the spool was not seen whole.
func (s *State) spamMayWait() bool {
	w := s.Waiting()
	return !w.Whole || w.Spam > 0 || w.Backlog(s.Settings)
}

// speaksAgainst is what the facts say of an account that somebody takes off the list of suspects; empty when nothing
// speaks against it.
func (s *State) speaksAgainst(account string) string {
	for i := range s.Live.Senders {
		if row := &s.Live.Senders[i]; row.Account == account && account != "" && (row.Suspect || row.Logged != nil && row.Logged.Suspect) {
			return strings.Join(row.Why, ", ")
		}
	}
	return ""
}

// lookDoneAction ends Look. What little is open is the operator's to judge.
func (s *State) lookDoneAction(about Answer) Action {
	a := Action{
		ID: ActLookDone, Label: "looking is finished", Ask: AskNothing,
		About:  "Looking is finished. You can come back to this screen at any time.",
		Intent: func(a Answer) Intent { return FinishLook{Reason: a.Text} },
	}
	if speaking := s.Speaking(); len(speaking) > 0 {
		a.About += " " + words.Sentence(incident.SayProgram(speaking[0])+" still speaks past the mail service: Verify waits for its end")
	}
	w := s.Waiting()
	switch {
	case s.Incident.LooksOnly():
		a.Label = "looking is finished: go on to the report"
	case s.Incident.Steps[incident.Stop].State == incident.Done:
	case s.spamMayWait():
		a.Label = "looking is finished: go on to Stop"
	case w.Open() > 0:
		a.Label, a.Ask = "judge what is not explained, go on to Reset", AskReason
		a.Prompt = "What is it, and why is it no spam?"
		a.About = "Not explained: " + w.sayOpen() + ". You judge: mail is then not stopped, and nothing is moved. Who does not know says that instead: it is an answer of its own."
	case w.Judged > 0:
		a.Label, a.Ask = "what waits is explained by you: go on to Reset", AskYes
		a.About = fmt.Sprintf("Explained by you: %s. %s. Mail is then not stopped, and nothing is moved. Take an explanation back where it is not so.", words.Messages(w.Judged), s.explainedText())
	default:
		a.Label = "nothing that waits looks like spam: go on to Reset"
	}
	return s.offer(a, about)
}

func (in FinishLook) refusal(s *State) string {
	w := s.Waiting()
	only := s.Incident.LooksOnly()
	judged := !only && s.Incident.Steps[incident.Stop].State != incident.Done && !s.spamMayWait() && w.Open() > 0
	switch {
	case s.Incident.Permit == incident.NotAsked && !s.Incident.Mode.ReadOnly:
		return "say first whether you may stop this server"
	case s.Live.Spool == nil && s.Live.SpoolErr == "" && s.Incident.Spool != "":
		return "the spool is still being read; wait a moment"
	case s.Live.ReadingLogs && !s.spamMayWait():
		return "nothing in the spool stands out, and the logs are still being read; wait a moment"
	case s.Incident.Asked.IsZero() && len(s.Incident.Addresses) > 0 && s.Live.Asking:
		return "the lists have not answered yet; wait a moment"
	case in.Leave && !judged:
		return "there is nothing that is yours to judge"
	case judged && !in.Leave && needsReason(in.Reason) != "":
		return "not explained: " + w.sayOpen() + "; say what it is, or that you do not know"
	}
	return ""
}

// lockOutAction sets the new password while mail still runs.
func (s *State) lockOutAction(about Answer) Action {
	var names []string
	for _, suspect := range s.Incident.ResetsPending() {
		names = append(names, suspect.Account)
	}
	who := strings.Join(names, ", ")
	if who == "" {
		who = "Each account that is marked as stolen"
	}
	return s.offer(Action{
		ID: ActLockOut, Label: "lock the thief out (new password), then stop", Ask: AskYes,
		About: fmt.Sprintf("%s gets a new random password, open connections are ended, then mail is stopped for everybody on this server. "+
			"Restart brings mail back. The new password can be shown to you until its owner was told.", who),
		Intent: func(Answer) Intent { return LockOut{} },
	}, about)
}

func (LockOut) refusal(s *State) string {
	switch {
	case len(s.Incident.Suspects) == 0:
		return "no account is marked as stolen yet: mark it first"
	case len(s.Incident.ResetsPending()) == 0:
		return "the password is changed already"
	case s.Live.Service.State == ServiceStopped || s.Live.Control == Controlled && s.Live.Service.State != ServiceRunning:
		return "the password can only be set while mail runs; Restart will do it"
	case s.Live.ByHand:
		return "delist has no way into SmarterMail here, so the password is changed by hand; stop mail first"
	case !s.Live.APIReady:
		return words.Join("SmarterMail's API does not answer, so the password cannot be set from here", s.Live.APIErr) + "; stop mail first"
	}
	return ""
}

func (Allow) refusal(s *State) string { return "" }

func (in Allow) act(_ context.Context, r *Runbook) error {
	return r.record(incident.Permitted{May: in.May})
}

func (in MarkSuspect) refusal(*State) string {
	if in.Account == "" || slices.Contains([]string{RowBounces, RowNobody, RowUnread, RowMany}, in.Account) {
		return "this row has no account: bounces and mail from outside have no password to change"
	}
	return ""
}

func (in ClearSuspect) refusal(s *State) string {
	suspect := s.Incident.Suspect(in.Account)
	switch {
	case suspect == nil && in.Account == "":
		return "this row has no account"
	case suspect == nil:
		return in.Account + " is not marked"
	case suspect.Reset != incident.ResetToDo:
		return "the password of " + in.Account + " is changed or held already"
	}
	if against := s.speaksAgainst(in.Account); against != "" && needsReason(in.Reason) != "" {
		return in.Account + " looks stolen: " + against + "; say why it is not"
	}
	return ""
}

func (in ClearSuspect) act(_ context.Context, r *Runbook) error {
	if err := r.record(incident.SuspectCleared{Account: in.Account, Why: strings.TrimSpace(in.Reason)}); err != nil {
		return err
	}
	r.showMarks()
	if s := r.State(); len(s.Incident.Suspects) > 0 || s.Incident.Steps[incident.Reset].State != incident.ToDo {
		return r.resetStep()
	}
	return nil
}

func (AskLists) refusal(s *State) string {
	if len(s.Incident.Addresses) == 0 {
		return "no address of this server is known; start delist with --ip ADDRESS"
	}
	return ""
}

func (in ReadBounce) refusal(*State) string {
	if strings.TrimSpace(in.Text) == "" {
		return "nothing was pasted; paste the bounce, or the line with the three-digit code"
	}
	return ""
}

func (AskLists) act(ctx context.Context, r *Runbook) error      { return r.askAgain(ctx) }
func (in ReadBounce) act(ctx context.Context, r *Runbook) error { return r.readBounce(ctx, in) }
func (in MarkSuspect) act(_ context.Context, r *Runbook) error  { return r.markSuspect(in.Account) }

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
	read := r.hands.ReadBounce(in.Text)
	before := r.State().Incident
	listings, err := BounceListings(read.Findings, before.Addresses, r.hands.Clock())
	if err != nil {
		return fmt.Errorf("read the bounce: %w", err)
	}
	if err := r.record(incident.BounceRead{Findings: read.Findings, Listings: listings, Truncated: read.Truncated}); err != nil {
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
	live := r.State().Live
	fact := markOf(live.Spool, account, []string{"marked by the operator"})
	for _, row := range live.Senders {
		if row.Account == account && len(row.Why) > 0 {
			fact.Why = row.Why
		}
	}
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

// act ends Look. Where the spool was read whole and nothing in it is spam or unexplained, Stop and Purge are not needed.
func (in FinishLook) act(_ context.Context, r *Runbook) error {
	s := r.State()
	w, odd := s.Waiting(), ""
	if s.Live.Spool != nil {
		odd = s.Live.Spool.OddLayouts()
	}
	if err := r.record(incident.StepChanged{Step: incident.Look, State: incident.Done, Result: words.Join(lookResult(&s), w.Say(), odd)}); err != nil {
		return err
	}
	if s.Incident.LooksOnly() {
		return r.skipToClose()
	}
	if s.spamMayWait() || s.Incident.Steps[incident.Stop].State == incident.Done {
		return nil
	}
	passed := incident.StepChanged{State: incident.NotNeeded, Reason: "the spool was read whole, and nothing that waits looks like spam"}
	if !s.LogsTell() {
		passed.Reason += "; the logs do not tell"
	}
	switch {
	case in.Leave:
		passed.State, passed.Reason, passed.Left = incident.Skipped, "too little to be taken for spam, and nobody knows what it is", w.sayOpen()
	case w.Open() > 0:
		if err := r.judgeOpen(&w, in.Reason, false); err != nil {
			return err
		}
		passed.Reason = "the operator judges what was not explained: " + strings.TrimSpace(in.Reason)
	case w.Judged > 0:
		passed.Reason = "the spool was read whole; what nothing explains, the operator explains: " + s.explainedText()
	}
	for _, step := range []incident.Step{incident.Stop, incident.Purge} {
		passed.Step = step
		if err := r.record(passed); err != nil {
			return err
		}
	}
	return nil
}

// skipToClose passes over everything that changes the server, for an operator who may only look.
func (r *Runbook) skipToClose() error {
	s := r.State()
	for step := incident.Stop; step < incident.Close; step++ {
		passed := incident.StepChanged{Step: step, State: incident.Skipped, Reason: incident.LookingOnly}
		if step == incident.Purge {
			passed.Left = s.left()
		}
		if err := r.record(passed); err != nil {
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
	found := words.Count(listed, "listing", "listings")
	if listed == 0 && (s.Incident.Unheard() || s.Incident.Asked.IsZero()) {
		found = "no list gave a usable answer"
	}
	if n := len(s.Incident.Strangers()); n > 0 {
		found += ", " + words.Count(n, "program speaks past the mail service", "programs speak past the mail service")
	}
	if s.Unexplained() != "" {
		found += ", not explained"
	}
	switch n := len(s.Incident.Suspects); n {
	case 0:
		return found + ", no account is marked as stolen"
	case 1:
		return fmt.Sprintf("%s, %s is marked as stolen", found, s.Incident.Suspects[0].Account)
	default:
		return fmt.Sprintf("%s, %d accounts are marked as stolen", found, n)
	}
}
