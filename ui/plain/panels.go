package plain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/checks/identity"
	"delist/checks/resolver"
	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// show writes the step: its head once, what is seen, and what can be done.
func (s *Session) show(state *steps.State) {
	if !s.shown {
		s.line("")
		s.head(state)
		s.shown = true
	}
	switch s.step {
	case incident.Look:
		s.look(state)
	case incident.Stop:
		s.service(state)
		s.spool(state)
	case incident.Purge:
		s.purge(state)
	case incident.Reset:
		s.resets(state)
	case incident.Restart:
		s.service(state)
		s.resets(state)
	case incident.Notify:
		s.line("  The letter to the owner: type letter. The new password goes by phone: type password.")
	case incident.Verify:
		s.verify(state)
	case incident.Delist:
		s.delist(state)
	case incident.Close:
		for _, todo := range state.Incident.StillToDo() {
			s.line("  Still to do by hand: %s", todo)
		}
	}
	s.showMenu(state)
}

// head says who, where, how real, and what the step is for.
func (s *Session) head(state *steps.State) {
	inc := &state.Incident
	var addresses []string
	for _, ip := range inc.Addresses {
		addresses = append(addresses, ip.String())
	}
	s.line("%s", join(inc.Host, strings.Join(addresses, " "), modeText(inc.Mode), "incident "+inc.ID, downText(state)))
	s.line("Step %d of %d, %s: %s", s.step+1, len(incident.AllSteps()), s.step, s.step.Purpose())
	if st := inc.Steps[s.step]; st.State != incident.ToDo && st.State != incident.Running || st.Reason != "" {
		s.line("  %s: %s", s.step, join(st.State.String(), st.Result, st.Reason))
	}
	for _, warning := range inc.Warnings {
		s.line("  About this record: %s", warning)
	}
	s.line("Answer with a number, or with: status, wait, go, help, quit.")
}

func modeText(m incident.Mode) string {
	var words []string
	if m.Drill {
		words = append(words, "DRILL")
	}
	if m.DryRun {
		words = append(words, "DRY RUN, nothing is changed")
	}
	if m.ReadOnly {
		words = append(words, "READ-ONLY")
	}
	return join(words...)
}

func downText(state *steps.State) string {
	if state.Incident.MailDown.IsZero() {
		return ""
	}
	return "MAIL DOWN " + Span(state.Now.Sub(state.Incident.MailDown))
}

// look is what is live: the spool, who sends, the lists.
func (s *Session) look(state *steps.State) {
	const most = 5
	inc := &state.Incident
	s.spool(state)
	for _, row := range state.Live.Senders[:min(len(state.Live.Senders), most)] {
		s.line("  Sender: %s", senderText(row))
	}
	for _, row := range state.StandOut() {
		s.line("  Stands out: %s; mark it as stolen if its owner did not send that", join(row.Account, row.Logged.Rate()))
	}
	if trouble := state.LogsTrouble(); trouble != "" {
		s.line("  Logs: %s", trouble)
	}
	for _, p := range inc.Suspects {
		s.line("  Looks stolen: %s", join(p.Account, strings.Join(p.Why, "; ")))
	}
	if f := state.Live.Preflight; f != nil && f.Kind != resolver.Good && f.Sentence != "" {
		s.line("  Resolver: %s", strings.TrimSpace(f.Sentence+" "+f.Remedy))
	}
	switch {
	case inc.Asked.IsZero() && len(inc.Addresses) > 0:
		s.line("  Lists: being asked.")
	case len(inc.Listings) == 0 && !inc.Asked.IsZero():
		s.line("  Lists: no list that answered has this server.")
	}
	for _, l := range inc.Worklist() {
		s.line("  Listed: %s", listingText(l))
	}
	if n := len(inc.NoAnswer); n > 0 {
		s.line("  No usable answer from %d: %s", n, strings.Join(inc.NoAnswer, ", "))
	}
	if inc.Identity != nil {
		s.line("  Who the world sees: %s", inc.Identity.Summary())
		for _, f := range inc.Identity.Findings {
			if f.Kind != identity.Good {
				s.line("    %s: %s", f.Kind, strings.TrimSpace(f.Sentence+" "+f.Remedy))
			}
		}
	}
	for _, f := range inc.Bounces {
		s.line("  Bounce: %s", join(f.Provider, f.List, f.Quote))
	}
}

// spool sums up what waits, and says so when the number is old or in part.
func (s *Session) spool(state *steps.State) {
	live := &state.Live
	switch {
	case live.SpoolErr != "":
		s.line("  Spool: cannot be read: %s", live.SpoolErr)
	case live.Spool == nil && live.Scanning != nil:
		s.line("  Spool: being read, %s so far.", messages(live.Scanning.Done))
	case live.Spool == nil && state.Incident.Spool == "":
		s.line("  Spool: none is known.")
	case live.Spool == nil:
		s.line("  Spool: being read.")
	default:
		partial := ""
		if live.Spool.Partial() {
			partial = "not all of it could be read"
		}
		oldest := ""
		if at := live.Spool.Oldest(); !at.IsZero() {
			oldest = "oldest " + Span(state.Now.Sub(at))
		}
		s.line("  Spool: %s", join(messages(live.Spool.Len())+" waiting", rateText(live.Rates), oldest, partial, ageText(state.Now.Sub(live.Spool.TakenAt()))))
	}
}

// old is from when on a number says its age.
const old = 30 * time.Second

func ageText(age time.Duration) string {
	if age < old {
		return ""
	}
	return "as seen " + Span(age) + " ago"
}

func rateText(r steps.Rate) string {
	if !r.Known {
		return ""
	}
	return fmt.Sprintf("%.0f a minute in, %.0f out", r.In, r.Out)
}

func senderText(row steps.SenderRow) string {
	name, ips, subject, marked, logged := row.Account, "", "", "", ""
	switch {
	case row.Bounces:
		name = "(bounces, no account)"
	case name == "":
		name = nameOf(name)
	}
	switch {
	case row.IPCount == 1:
		ips = "1 client address"
	case row.IPCount > 1:
		ips = number(row.IPCount) + " client addresses"
	}
	if row.NewestSubject != "" {
		subject = "newest: " + cut(row.NewestSubject, 60)
	}
	if row.Marked {
		marked = "marked as stolen"
	}
	if row.Marked && row.Logged != nil {
		logged = row.Logged.Rate()
	}
	return join(name, number(row.Queued)+" queued", fmt.Sprintf("%.0f %%", 100*row.Share), rateText(row.Rate), ips, marked, logged, subject)
}

func (s *Session) service(state *steps.State) {
	live := &state.Live
	s.line("  Mail service: %s", join(live.Service.State.String(), live.Service.Detail, live.ServiceErr))
	if live.Service.State != steps.ServiceStopped && live.APIErr != "" {
		s.line("  SmarterMail's API does not answer: %s", live.APIErr)
	}
}

// purge shows the plan that waits for a word, else what the search found.
func (s *Session) purge(state *steps.State) {
	live := &state.Live
	if held := len(live.Held); held > 0 {
		s.line("  In the quarantine: %s", messages(held))
	}
	switch {
	case live.Plan != nil:
		s.plan(live.Plan)
	case live.Results != nil:
		s.results(state)
	default:
		s.spool(state)
	}
}

func (s *Session) plan(view *steps.PlanView) {
	most := ""
	if view.Most {
		most = "this is most of the spool"
	}
	s.line("  To be moved: %s", join(messages(len(view.Plan.Items)), size(view.Plan.Bytes), most))
	if !view.Oldest.IsZero() {
		s.line("  Oldest %s, newest %s", day(view.Oldest), day(view.Newest))
	}
	s.line("  Into: %s", view.Dir)
}

// results counts the hits by relation and lists the first of them.
func (s *Session) results(state *steps.State) {
	res, snap := state.Live.Results, state.Purged()
	s.line("  Search %s: %s found, %s", res.Query, messages(len(res.Hits)), size(res.Bytes))
	for _, relation := range []spool.Relation{spool.Sent, spool.Addressed, spool.Mentions} {
		if n := res.Count(relation); n > 0 {
			left := ", left alone"
			if doubtful := res.Doubtful(); relation == spool.Sent && doubtful > 0 {
				left = ", " + number(n-doubtful) + " marked; " + number(doubtful) + " may be its owner's, left alone"
			} else if relation == spool.Sent {
				left = ", marked"
			}
			s.line("    %s: %s%s", relation, number(n), left)
		}
	}
	if snap == nil {
		return
	}
	for i, hit := range res.Hits[:min(len(res.Hits), maxRows)] {
		if m, ok := snap.Find(hit.ID); ok {
			s.line("    %d. %s", i+1, messageText(state, m))
		}
	}
	if more := len(res.Hits) - maxRows; more > 0 {
		s.line("    and %s more", number(more))
	}
	for _, near := range res.Near {
		if near.Bounces {
			s.line("  Alike, not marked: %s that came back to %s", messages(near.Count), near.Account)
		} else {
			s.line("  Nearest: %s (%s), search for %s", near.Account, number(near.Count), near.Query)
		}
	}
}

func messageText(state *steps.State, m spool.Message) string {
	to := ""
	if len(m.Recipients) > 0 {
		to = m.Recipients[0]
	}
	if more := m.RecipientCount - 1; more > 0 {
		to += fmt.Sprintf(" and %d more", more)
	}
	return join("to "+cut(to, 60), "from "+cut(m.From, 60), "subject "+cut(m.Subject, 60), "queued "+Span(m.Queued(state.Now)))
}

// resets says of each suspect how far the new password is.
func (s *Session) resets(state *steps.State) {
	for _, p := range state.Incident.Suspects {
		warn := ""
		if p.Reset == incident.ResetToDo || p.Reset == incident.ResetHeld {
			warn = "NOT CHANGED YET: "
		}
		s.line("  %s%s: password %s", warn, p.Account, p.Password())
		if p.Mailbox != nil && len(p.Mailbox.Forwarding.Addresses) > 0 {
			s.line("    forwards to %s: %s", strings.Join(p.Mailbox.Forwarding.Addresses, ", "), p.Forwarding)
		}
	}
	if slices.ContainsFunc(state.Incident.Suspects, func(p incident.Suspect) bool { return p.Reset != incident.ResetToDo }) {
		s.line("  To see the new password, once: type password.")
	}
}

func (s *Session) verify(state *steps.State) {
	inc := &state.Incident
	if inc.Watch.Until.IsZero() {
		s.line("  The waiting time begins when Restart is done.")
	} else {
		s.line("  Quiet since %s, enough at %s, in %s. Type wait.", day(inc.Watch.Since), day(inc.Watch.Until), Span(inc.Watch.Until.Sub(state.Now)))
	}
	s.line("  Logs: %s", state.LogsSay())
	s.spool(state)
}

func (s *Session) delist(state *steps.State) {
	for i, l := range state.Incident.Worklist() {
		s.line("  %d. %s", i+1, listingText(l))
		s.line("     %s", state.WhatNow(&l))
	}
	s.line("  For a list's link and the text to send: type text.")
}
