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
	held := false
	inc.Suspects = slices.Clone(inc.Suspects)
	for i := range inc.Suspects {
		s := &inc.Suspects[i]
		if s.Reset == ResetHeld {
			s.Reset, held = ResetToDo, true
		}
	}
	if held {
		inc.Steps[Reset] = StepStatus{State: ToDo, Since: r.At, Reason: "the new password was held in memory, and is gone: make a new one"}
	}
	for i := range inc.Steps {
		if inc.Steps[i].State == Running {
			inc.Steps[i] = StepStatus{State: ToDo, Since: r.At, Reason: "delist ended while this ran"}
		}
	}
}

func (Ended) apply(inc *Incident, _ Record) { inc.Owned = false }

func (f Permitted) apply(inc *Incident, _ Record) {
	inc.Permit = MayNot
	if f.May {
		inc.Permit = May
	}
}

func (Intended) apply(*Incident, Record) {}
func (Refused) apply(*Incident, Record)  {}

func (f StepChanged) apply(inc *Incident, r Record) {
	inc.Steps[f.Step] = StepStatus{State: f.State, Since: r.At, Result: f.Result, Reason: f.Reason}
}

func (f MailStopped) apply(inc *Incident, r Record) {
	if inc.MailDown.IsZero() && !f.Dry {
		inc.MailDown = r.At
	}
}

func (f MailStarted) apply(inc *Incident, r Record) {
	inc.MailDown, inc.NodesStopped, inc.Restarted = time.Time{}, time.Time{}, r.At
	if f.Elsewhere && inc.Steps[Stop].State == Done && !inc.Steps[Purge].State.Passed() {
		inc.Steps[Stop] = StepStatus{State: ToDo, Since: r.At, Reason: "somebody else started mail"}
	}
}

func (f BounceRead) apply(inc *Incident, _ Record) {
	inc.Bounces = append(slices.Clip(inc.Bounces), f.Findings...)
	inc.see(f.Listings)
}

func (f ListsAsked) apply(inc *Incident, r Record) {
	inc.Asked, inc.NoAnswer = r.At, f.NoAnswer
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

func (f SuspectMarked) apply(inc *Incident, r Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	if s := inc.Suspect(f.Account); s != nil {
		s.Why = f.Why
	} else {
		inc.Suspects = append(inc.Suspects, Suspect{Account: f.Account, Why: f.Why, Marked: r.At})
	}
	ips := slices.Clone(inc.ThiefIPs)
	for _, ip := range f.IPs {
		if !slices.Contains(ips, ip) {
			ips = append(ips, ip)
		}
	}
	inc.ThiefIPs = ips
	if inc.Steps[Reset].State == Done || inc.Steps[Reset].State == NotNeeded {
		inc.Steps[Reset] = StepStatus{State: ToDo, Since: r.At, Reason: "one more account is marked"}
	}
}

func (f SuspectCleared) apply(inc *Incident, _ Record) {
	inc.Suspects = slices.DeleteFunc(slices.Clone(inc.Suspects), func(s Suspect) bool { return s.Account == f.Account })
	inc.Unmarked = append(slices.Clip(inc.Unmarked), f.Account)
}

func (f EvidenceTaken) apply(inc *Incident, r Record) {
	inc.Evidence = append(slices.Clip(inc.Evidence), Evidence{f.Name, f.SHA256, r.At})
}

func (f Planned) apply(inc *Incident, r Record) {
	inc.Purges = append(slices.Clip(inc.Purges), PurgeRecord{PlanID: f.PlanID, Query: f.Query, Planned: f.Count, Dir: f.Dir, At: r.At})
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
	inc.Purges = append(slices.Clip(inc.Purges), PurgeRecord{Restored: f.Restored, Skipped: total(f.Skipped), At: r.At, Finished: !f.Stopped})
}

func (f ResetChanged) apply(inc *Incident, r Record) {
	inc.Suspects = slices.Clone(inc.Suspects)
	s := inc.Suspect(f.Account)
	if s == nil {
		return
	}
	s.Reset, s.ByHand, s.Disable, s.Dry = f.State, f.ByHand, f.Disable, f.Dry
	if f.State == ResetDone && !f.Dry {
		s.Changed = r.At
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
	for step := Stop; step <= Verify; step++ {
		if step != Notify {
			inc.Steps[step] = StepStatus{State: ToDo, Since: r.At, Reason: "the spam is back: " + f.Why}
		}
	}
	inc.Watch = Watch{}
	inc.Suspects = slices.Clone(inc.Suspects)
	for _, account := range f.Accounts {
		if s := inc.Suspect(account); s != nil {
			s.Reset = ResetToDo
		}
	}
}

func (f OwnerWasTold) apply(inc *Incident, _ Record) { inc.Told = f.How }

func (f WatchBegan) apply(inc *Incident, r Record) { inc.Watch = Watch{Since: r.At, Until: f.Until} }

func (f FoundQuiet) apply(inc *Incident, _ Record) { inc.Watch.Judged = f.Judged }

func (f ListingChanged) apply(inc *Incident, r Record) {
	inc.Listings = slices.Clone(inc.Listings)
	l := inc.Listing(f.IP, f.List)
	if l == nil {
		return
	}
	l.State, l.By, l.At, l.Until, l.Ticket, l.Why = f.State, r.By, r.At, f.Until, f.Ticket, f.Why
	if f.State == ListingCleared {
		l.Gone = r.At
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
