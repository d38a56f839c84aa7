package plain

import (
	"fmt"
	"strings"
	"time"

	"delist/checks/identity"
	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/words"
)

// show writes the step: its head once, what the page says, what is live, and what can be done.
func (s *Session) show(state *steps.State) {
	if !s.shown {
		s.line("")
		s.head(state)
		s.shown = true
	}
	s.page(state)
	switch s.step {
	case incident.Look:
		s.look(state)
	case incident.Stop, incident.Restart, incident.Verify:
		s.spool(state)
	case incident.Purge:
		s.purge(state)
	case incident.Reset:
		if len(state.Live.Known) > 0 {
			s.line("  To see the new password: type password.")
		}
	case incident.Notify:
		text := "  To read the letter: type letter."
		if len(state.Passwords(s.step, steps.Answer{})) > 0 {
			text += " To see the new password: type password."
		}
		s.line("%s", text)
	case incident.Delist:
		s.delist(state)
	}
	if s.step == incident.Verify && state.Live.Watched != nil {
		s.line("  To let time pass: type wait.")
	}
	s.showMenu(state)
}

// page writes what the step says: the same facts and words as on the full screen.
func (s *Session) page(state *steps.State) {
	p := state.Page(s.step)
	if p.Alarm != "" {
		s.line("  %s", p.Alarm)
	}
	for _, f := range p.Facts {
		if f.Name == "" {
			s.line("    %s", f.Value)
			continue
		}
		s.line("  %s: %s", capital(f.Name), f.Value)
	}
	for _, text := range p.Advice {
		s.line("  %s", text)
	}
	for _, list := range p.Lists {
		s.line("  %s", list.Title)
		for _, item := range list.Items {
			s.line("    %s", item)
		}
	}
}

// head says who, where, how real, and what the step is for.
func (s *Session) head(state *steps.State) {
	head := state.Head()
	s.line("%s", words.Join(head.Who, words.Join(head.Alarms...), head.Where))
	s.line("Step %d of %d, %s: %s", s.step+1, len(incident.AllSteps()), s.step, state.Page(s.step).Purpose)
	for _, warning := range state.Incident.About() {
		s.line("  About this record: %s", warning)
	}
	s.line("Answer with a number, or with: status, wait, go, help, quit.")
}

// look is what is live: the spool, who sends, the lists.
func (s *Session) look(state *steps.State) {
	const most = 5
	inc := &state.Incident
	s.spool(state)
	for _, row := range state.Live.Senders[:min(len(state.Live.Senders), most)] {
		s.line("  Sender: %s", senderText(row))
	}
	switch {
	case inc.Asked.IsZero() && len(inc.Addresses) > 0:
		s.line("  Lists: being asked.")
	case len(inc.Listings) == 0 && !inc.Asked.IsZero():
		s.line("  Lists: %s", inc.NoListing())
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
		partial := live.Spool.SayUnread()
		if partial == "" && !live.Spool.Whole() {
			partial = "not all of it could be read"
		}
		oldest := ""
		if at := live.Spool.Oldest(); !at.IsZero() {
			oldest = "oldest " + Span(state.Now.Sub(at))
		}
		s.line("  Spool: %s", join(messages(live.Spool.Waiting())+" waiting", rateText(live.Rates), oldest, partial, ageText(state.Now.Sub(live.Spool.TakenAt()))))
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
	return join(name, number(row.Queued)+" queued", spool.Percent(row.Share), rateText(row.Rate), ips, marked, logged, subject)
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
	if view.Unread > 0 {
		s.line("  %s of them: who sent them is not known", number(view.Unread))
	}
	if failed := view.SayFailed(); failed != "" {
		s.line("  %s", failed)
	}
}

// results counts the hits by relation and lists the first of them.
func (s *Session) results(state *steps.State) {
	res, snap := state.Live.Results, state.Purged()
	s.line("  Search %s: %s found, %s", res.Query, messages(len(res.Hits)), size(res.Bytes))
	for _, relation := range []spool.Relation{spool.Sent, spool.Addressed, spool.Mentions} {
		if n := res.Count(relation); n > 0 {
			s.line("    %s: %s%s", relation, number(n), markedText(res, relation))
		}
	}
	if untold := res.Untold(); untold != "" {
		s.line("    %s", untold)
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

// markedText says what of the hits of a relation comes marked.
func markedText(res *spool.Results, relation spool.Relation) string {
	doubtful, guessed := res.Doubtful(), res.Guessed()
	switch {
	case relation != spool.Sent:
		return ", left alone"
	case doubtful+guessed == 0:
		return ", marked"
	}
	left := ", " + number(res.Marked()) + " marked"
	if n := doubtful - res.Returned(); n > 0 {
		left += "; " + number(n) + " may be its owner's, left alone"
	}
	if n := res.Returned(); n > 0 {
		left += "; " + number(n) + " bounces that answer no spam known, left alone"
	}
	if guessed > 0 {
		left += "; " + number(guessed) + " read by guess at best, left alone"
	}
	return left
}

func messageText(state *steps.State, m spool.Message) string {
	to := ""
	if len(m.Recipients) > 0 {
		to = m.Recipients[0]
	}
	as := "to "
	if m.Guessed() {
		as = "by guess, among the addresses in its envelope: "
	}
	if more := m.RecipientCount - 1; more > 0 {
		to += fmt.Sprintf(" and %d more", more)
	}
	return join(as+cut(to, 60), "from "+cut(m.FromRead(), 60), "subject "+cut(m.SubjectRead(), 60), "queued "+Span(m.Queued(state.Now)))
}

func (s *Session) delist(state *steps.State) {
	for i, l := range state.Incident.Worklist() {
		s.line("  %d. %s", i+1, listingText(l))
		for _, text := range state.ListingAdvice(&l) {
			s.line("     %s", text)
		}
	}
	s.line("  For a list's link and the text to send: type text.")
}
