package incident

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"delist/steps/words"
)

// Fold makes the incident of its records. It has no clock, no disk and no network:
// the same records always give the same incident.
func Fold(records []Record) Incident {
	var inc Incident
	for _, r := range records {
		inc.Fold(r)
	}
	return inc
}

// Fold adds one record. Slices are replaced, never written to, so that copies made before stay what they were.
func (inc *Incident) Fold(r Record) {
	if r.Fact != nil {
		r.Fact.apply(inc, r)
	}
}

func (f Opened) apply(inc *Incident, r Record) {
	*inc = Incident{
		ID: f.ID, Mode: f.Mode, Host: f.Host, Spool: f.Spool, Logs: f.Logs, Service: f.Service, Mailboxes: f.Mailboxes,
		Addresses: f.Addresses, Opened: r.At, Round: 1,
	}
}

func (f Started) apply(inc *Incident, r Record) {
	inc.Operator, inc.Epoch, inc.Owned = r.By, r.Epoch, true
	if f.TornTail > 0 {
		inc.warn(fmt.Sprintf("The last line of the record was cut off (%d bytes) and was dropped: the act it told of may or may not have happened.", f.TornTail))
	}
	inc.forgetPasswords(r.At)
	// An act broke off with its process. What only watches is taken up again, and a stop by hand goes on; a start by hand
	// begins anew, since the passwords that were held for it are gone.
	for _, step := range []Step{Stop, Purge, Restart} {
		broken := step != Restart || !inc.MailDown.IsZero() || inc.Watch.Step != Restart || inc.Watch.Until.IsZero()
		if inc.Steps[step].State == Running && broken && !(step == Stop && inc.Steps[step].ByHand) {
			inc.Steps[step] = StepStatus{State: ToDo, Since: r.At, Reason: "delist ended while this ran"}
		}
	}
}

// apply takes over what the operator has said of mail in another incident on the same spool: there is one service, and what
// looks tell of it is seen from here, too. The outage is that incident's.
func (f Neighboured) apply(inc *Incident, _ Record) {
	was := inc.Beside
	inc.Beside = f.Beside
	switch down := f.Beside != nil && f.Beside.Said && !f.Beside.MailDown.IsZero() && !inc.Mode.DryRun; {
	case down && inc.MailDown.IsZero():
		inc.MailDown, inc.Said = f.Beside.MailDown, true
	case !down && was != nil && inc.Said && inc.MailDown.Equal(was.MailDown):
		inc.MailDown = time.Time{}
	}
}

// mailRuns ends the outage, where there is one of this incident's; doubt says whether there was one at all.
func (inc *Incident) mailRuns(at time.Time, doubt bool) {
	if last := len(inc.Outages) - 1; !inc.MailDown.IsZero() && last >= 0 && inc.Outages[last].To.IsZero() {
		inc.Outages = slices.Clone(inc.Outages)
		inc.Outages[last].To, inc.Outages[last].Doubt = at, doubt
	}
	inc.MailDown = time.Time{}
}

// forgetPasswords turns what was only in memory back: a held password is to make again, and one that was set and that
// nobody has seen is lost. A held order to disable an account needs no password, and stays.
func (inc *Incident) forgetPasswords(at time.Time) {
	why := ""
	inc.Suspects = slices.Clone(inc.Suspects)
	for i := range inc.Suspects {
		s := &inc.Suspects[i]
		switch {
		case s.Disable:
		case s.Reset == ResetHeld:
			s.Unsaid = s.Unsaid || s.Begun || s.ByHand && s.Shown
			s.Reset, s.ByHand, s.Begun = ResetToDo, false, false
			if why = "the new password was held in memory, and is gone: make a new one"; s.Unsaid {
				why = "whether the new password was set, nobody has said, and it is gone from memory: make another one"
			}
		case s.Begun:
			s.Unsaid, s.Begun = true, false
			why = "whether the new password was set, nobody knows: delist ended while it was; make another one"
		case (s.Reset == ResetDone || s.Reset == ResetSet) && !s.Shown && inc.Told == "":
			s.Lost = true
			why = "the new password of " + s.Account + " is set and nobody has seen it: make another one, for its owner"
		}
	}
	if why != "" && inc.Closed.IsZero() && inc.Steps[Reset].State != Skipped {
		inc.Steps[Reset] = StepStatus{State: ToDo, Since: at, Reason: why}
	}
}

func (Ended) apply(inc *Incident, _ Record) { inc.Owned = false }

// OnceMailRuns is why Reset was passed over while mail was down: SmarterMail's screens do not answer then. It is to do again
// once mail runs.
const OnceMailRuns = "what was found is put right once mail runs"

// LookingOnly is why a step was passed over by whoever may only look. It is to do for somebody who may do more.
const LookingOnly = "looking only: for somebody who may change this server"

func (f Permitted) apply(inc *Incident, r Record) {
	inc.Permit = MayNot
	if !f.May {
		return
	}
	inc.Permit = May
	for step := Stop; step < Close; step++ {
		if st := inc.Steps[step]; st.State == Skipped && st.Reason == LookingOnly {
			inc.Steps[step] = StepStatus{State: ToDo, Since: r.At, Reason: "this server may be changed now"}
		}
	}
}

func (Intended) apply(*Incident, Record) {}
func (Refused) apply(*Incident, Record)  {}

func (f StepChanged) apply(inc *Incident, r Record) {
	inc.Steps[f.Step] = StepStatus{State: f.State, Since: r.At, Result: f.Result, Reason: f.Reason, Seen: f.Seen, ByHand: f.ByHand, Left: f.Left}
	if f.Despite != "" {
		inc.Despite = f.Despite
	}
	if f.Step == Restart && f.State == Running && inc.Watch.Step == Verify { // one thing is watched at a time, and this comes first
		inc.Watch = Watch{}
		if inc.Steps[Verify].State == Running {
			inc.Steps[Verify] = StepStatus{State: ToDo, Since: r.At, Reason: "mail is started again"}
		}
	}
}

func (f MailStopped) apply(inc *Incident, r Record) {
	if inc.MailDown.IsZero() && !f.Dry && !f.Nothing {
		inc.MailDown = r.At
		inc.Outages = append(slices.Clip(inc.Outages), Outage{From: r.At})
	}
	inc.Others, inc.Said = union(inc.Others, f.Others), f.ByHand
	ran := inc.Steps[Restart].State.Passed() || !inc.Watch.Until.IsZero()
	inc.Watch, inc.Despite = Watch{}, ""
	if st := inc.Steps[Verify].State; st == Running || st == Done { // it tells of mail that ran
		inc.Steps[Verify] = StepStatus{State: ToDo, Since: r.At, Reason: "mail was stopped again"}
	}
	why := "mail was stopped again"
	if f.ByItself {
		why = "the mail service stopped, and nobody asked for it here"
	} else if ran && inc.Steps[Purge].State.Passed() {
		inc.Steps[Purge] = StepStatus{State: ToDo, Since: r.At, Reason: why + ": look what waits before it starts"}
	}
	if st := inc.Steps[Restart].State; st != ToDo {
		inc.Steps[Restart] = StepStatus{State: ToDo, Since: r.At, Reason: why}
	}
}

func (f MailStarted) apply(inc *Incident, r Record) {
	if f.Nothing { // what is here tells nothing of a service elsewhere
		inc.NodesStopped, inc.Restarted = time.Time{}, r.At
		return
	}
	if st := &inc.Steps[Restart]; st.State == ToDo { // why it was to do tells of mail that did not run
		*st = StepStatus{State: ToDo, Since: r.At}
	}
	refuted := f.Elsewhere && inc.Said && !inc.MailDown.IsZero()
	inc.Said, inc.Writing = f.ByHand, f.Writing
	inc.mailRuns(r.At, refuted)
	if st := &inc.Steps[Reset]; st.State == Skipped && st.Reason == OnceMailRuns {
		*st = StepStatus{State: ToDo, Since: r.At, Reason: "mail runs: what was found can be put right now"}
	}
	inc.NodesStopped, inc.Restarted = time.Time{}, r.At
	if f.Elsewhere && inc.Steps[Stop].State == Done && !inc.Steps[Purge].State.Passed() {
		inc.Steps[Stop] = StepStatus{State: ToDo, Since: r.At, Reason: "somebody else started mail"}
		if refuted {
			inc.Steps[Stop].Reason = words.JoinBy(": ", "it was said that mail is stopped, and it is seen to run since", f.Detail)
		}
	}
}

func (f BounceRead) apply(inc *Incident, _ Record) {
	inc.Bounces = append(slices.Clip(inc.Bounces), f.Findings...)
	inc.see(f.Listings)
}

func (f ListsAsked) apply(inc *Incident, r Record) {
	inc.Asked, inc.NoAnswer, inc.Lists = r.At, f.NoAnswer, f.Asked
	inc.see(f.Listings)
}

// see takes in what was seen of listings, known ones and new ones.
func (inc *Incident) see(listings []Listing) {
	inc.Listings = slices.Clone(inc.Listings)
	for _, seen := range listings {
		known := inc.Listing(seen.IP, seen.List)
		if known == nil {
			inc.Listings = append(inc.Listings, seen)
			continue
		}
		known.look(seen)
	}
}

func (f IdentityChecked) apply(inc *Incident, _ Record) { inc.Identity = &f.Report }

func (f Explained) apply(inc *Incident, r Record) {
	if f.Why == "" {
		inc.unexplain(f.Rows, r.At)
		return
	}
	if !f.Stays {
		inc.dropCauses(f.Rows)
	}
	inc.Explained = slices.Clone(inc.Explained)
	for _, row := range f.Rows {
		word := Explanation{Row: row, Why: f.Why, By: r.By, At: r.At, Stays: f.Stays}
		if known := inc.ExplainedBy(row); known != nil {
			*known = word
			continue
		}
		inc.Explained = append(inc.Explained, word)
	}
}

// unexplain takes explanations back. What rested on them is to do again; while mail runs and is watched, the watching sees
// what waits.
func (inc *Incident) unexplain(rows []string, at time.Time) {
	inc.Explained = slices.DeleteFunc(slices.Clone(inc.Explained), func(e Explanation) bool { return slices.Contains(rows, e.Row) })
	if inc.Watched() || inc.LooksOnly() {
		return
	}
	for _, step := range []Step{Stop, Purge} {
		st := inc.Steps[step]
		rested := st.State == NotNeeded || st.State == Skipped && st.Left != "" || st.State == Done && step == Purge
		if rested {
			inc.Steps[step] = StepStatus{State: ToDo, Since: at, Reason: "an explanation was taken back"}
		}
	}
}

func (f PasswordShown) apply(inc *Incident, _ Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	if s := inc.Suspect(f.Account); s != nil {
		s.Shown = true
	}
}

func (f SuspectMarked) apply(inc *Incident, r Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	inc.Unmarked = slices.DeleteFunc(slices.Clone(inc.Unmarked), func(account string) bool { return account == f.Account })
	inc.Explained = slices.DeleteFunc(slices.Clone(inc.Explained), func(e Explanation) bool { return e.Row == f.Account })
	known := inc.Suspect(f.Account) != nil
	inc.Forged = union(inc.Forged, f.Forged)
	if s := inc.Suspect(f.Account); s != nil {
		s.Why = f.Why
	} else {
		inc.Suspects = append(inc.Suspects, Suspect{Account: f.Account, Why: f.Why, Marked: r.At})
	}
	inc.ThiefIPs = union(inc.ThiefIPs, f.IPs)
	if known {
		return
	}
	for _, p := range inc.Purges { // what was moved before is seen no more
		for _, c := range p.Claims {
			if c.Account == f.Account {
				inc.Forged, inc.ThiefIPs = union(inc.Forged, c.Forged), union(inc.ThiefIPs, c.IPs)
			}
		}
	}
	inc.dropCauses([]string{f.Account})
	inc.oneMore(r.At, "one more account is marked as stolen")
}

// union adds to a list what it does not have, and leaves the list as it was for those who hold it.
func union[T comparable](list, more []T) []T {
	seen := make(map[T]bool, len(list)+len(more))
	all := slices.Clone(list)
	for _, x := range list {
		seen[x] = true
	}
	for _, x := range more {
		if !seen[x] {
			seen[x] = true
			all = append(all, x)
		}
	}
	return all
}

func (f SuspectCleared) apply(inc *Incident, _ Record) {
	inc.Suspects = slices.DeleteFunc(slices.Clone(inc.Suspects), func(s Suspect) bool { return s.Account == f.Account })
	inc.Unmarked = append(slices.Clip(inc.Unmarked), f.Account)
}

func (f EvidenceTaken) apply(inc *Incident, r Record) {
	inc.Evidence = append(slices.Clip(inc.Evidence), Evidence{f.Name, f.SHA256, r.At})
}

func (f LinesKept) apply(inc *Incident, _ Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	if s := inc.Suspect(f.Account); s != nil {
		s.Lines = f.Lines
	}
}

func (f Planned) apply(inc *Incident, r Record) {
	inc.Purges = append(slices.Clip(inc.Purges), PurgeRecord{PlanID: f.PlanID, Query: f.Query, Planned: f.Count, Unread: f.Unread, From: f.From, Claims: f.Claims, Steady: f.Steady, Dir: f.Dir, At: r.At})
}

func (f Moved) apply(inc *Incident, _ Record) {
	if inc.Aside.Dir != "" {
		inc.Aside.Outside = max(0, inc.Aside.Outside-f.Moved)
	}
	inc.Purges = slices.Clone(inc.Purges)
	for i := range inc.Purges {
		if p := &inc.Purges[i]; p.PlanID == f.PlanID {
			p.Moved += f.Moved
			p.Bytes += f.Bytes
			p.Skipped = total(f.Skipped)
			p.Finished = !f.Stopped
		}
	}
}

func (f PutBack) apply(inc *Incident, r Record) {
	if inc.Aside.Dir != "" {
		inc.Aside.Outside += f.Restored
	}
	if f.Restored > 0 {
		inc.putBack = r.At
		if purge := &inc.Steps[Purge]; purge.State == Done && inc.Aside.Dir == "" {
			purge.Result = words.JoinBy("; ", purge.Result, words.Number(f.Restored)+" put back since")
		}
	}
	inc.Purges = append(slices.Clip(inc.Purges), PurgeRecord{Restored: f.Restored, Skipped: total(f.Skipped), At: r.At, Finished: !f.Stopped})
}

func (f ResetChanged) apply(inc *Incident, r Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	s := inc.Suspect(f.Account)
	if s == nil {
		return
	}
	if f.Made {
		s.Shown, s.Lost = false, false
	}
	if f.Disable { // then no password is missed
		s.Lost = false
	}
	if f.Disable != s.Disable { // an account that was disabled has had no new password by that, nor the other way round
		s.Changed = time.Time{}
	}
	s.Reset, s.ByHand, s.Disable, s.Dry, s.Ended, s.Begun = f.State, f.ByHand, f.Disable, f.Dry, f.Ended, f.Begun
	if f.State == ResetDone && !f.Dry {
		s.Changed, s.Lost, s.Unsaid = r.At, false, false
	}
}

func (f MailboxRead) apply(inc *Incident, _ Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	if s := inc.Suspect(f.Mailbox.Account); s != nil {
		box := f.Mailbox
		s.Mailbox = &box
	}
}

func (f ForwardingChanged) apply(inc *Incident, _ Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	if s := inc.Suspect(f.Account); s != nil {
		s.Forwarding = f.State
	}
}

func (f Relapsed) apply(inc *Incident, r Record) {
	inc.Round++
	inc.NodesStopped = time.Time{}
	inc.again(r.At, "the spam is back: "+f.Why)
	inc.Suspects = slices.Clone(inc.Suspects)
	for _, account := range f.Accounts {
		if s := inc.Suspect(account); s != nil {
			s.Reset = ResetToDo
		}
	}
	inc.Causes = slices.Clone(inc.Causes)
	for _, name := range f.Causes {
		if c := inc.Cause(name); c != nil {
			c.Remedied = ""
		}
	}
}

func (f OwnerWasTold) apply(inc *Incident, _ Record) { inc.Told = f.How }

func (f WatchBegan) apply(inc *Incident, r Record) {
	if f.Step == Look { // written by an older build, which had no other
		f.Step = Verify
	}
	w := Watch{Step: f.Step, Since: f.Since, Until: f.Until, Held: f.Held}
	if w.Since.IsZero() {
		w.Since = r.At
	} else {
		w.Seen = inc.Watch.Seen
	}
	inc.Watch = w
}

func (f WatchSeen) apply(inc *Incident, _ Record) { inc.Watch.Seen, inc.Watch.Held = f.Looks, f.Held }

func (f FoundQuiet) apply(inc *Incident, _ Record) { inc.Watch.Judged = f.Judged }

func (f ListingChanged) apply(inc *Incident, r Record) {
	inc.Listings = slices.Clone(inc.Listings)
	l := inc.Listing(f.IP, f.List)
	if l == nil {
		return
	}
	l.State, l.By, l.At, l.Until, l.Ticket, l.Why = f.State, r.By, r.At, f.Until, f.Ticket, f.Why
	switch f.State {
	case ListingCleared:
		l.Gone = r.At
	case ListingToDo: // a mark was taken back
		l.Gone, l.By, l.At = time.Time{}, "", time.Time{}
	}
}

func (f Noted) apply(inc *Incident, r Record) {
	inc.Notes = append(slices.Clip(inc.Notes), Note{r.At, r.By, f.Text})
}

func (f LeftToDo) apply(inc *Incident, _ Record) {
	if !slices.Contains(inc.FollowUps, f.Text) {
		inc.FollowUps = append(slices.Clip(inc.FollowUps), f.Text)
	}
}

func (f IncidentClosed) apply(inc *Incident, r Record) {
	inc.Closed, inc.ReportAt = r.At, f.Report
	inc.Steps[Close] = StepStatus{State: Done, Since: r.At, Result: "report written"}
}

// warn adds a sentence about the record itself.
func (inc *Incident) warn(text string) { inc.Warnings = append(slices.Clip(inc.Warnings), text) }

// total adds up counts by reason.
func total(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// listsOf are the names of an address's listings, for one-line summaries.
func (inc *Incident) listsOf(ip netip.Addr) []string {
	var names []string
	for _, l := range inc.Listings {
		if l.IP == ip && l.Gone.IsZero() {
			names = append(names, l.List)
		}
	}
	return names
}

// Say implements Fact.
func (f NodesConfirmed) Say() string {
	return "the operator has confirmed that mail is stopped on every node; " + f.Ground
}

func (f NodesConfirmed) apply(inc *Incident, r Record) { inc.NodesStopped = r.At }

// Say implements Fact.
func (f Deleted) Say() string {
	s := fmt.Sprintf("%s in quarantine deleted for good, %s", words.Messages(f.Deleted), humanize.Bytes(uint64(max(f.Bytes, 0))))
	if f.Stopped {
		s += ", stopped part way"
	}
	return words.Join(s, skipped(f.Skipped))
}

func (f Deleted) apply(inc *Incident, _ Record) { inc.Deleted += f.Deleted }
