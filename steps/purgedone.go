package steps

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

// cleanEnough says that nothing is left to search for: no spam that is known, and nothing that is not explained.
func (s *State) cleanEnough() bool {
	return s.nextQuery() == ""
}

// PurgedName names the spool that is searched and purged.
func (s *State) PurgedName() string {
	if s.Incident.Aside.Dir != "" {
		return "the spool set aside"
	}
	return "the spool"
}

// afterPurge is the step that comes next.
func (s *State) afterPurge() incident.Step {
	for step := incident.Reset; step < incident.Close; step++ {
		if !s.Incident.Steps[step].State.Passed() {
			return step
		}
	}
	return incident.Close
}

// purgeDoneAction ends Purge. Where spam or what nothing explains stays, it wants a reason.
func (s *State) purgeDoneAction(about Answer) Action {
	next := ": go on to " + s.afterPurge().String()
	a := Action{
		ID: ActPurgeDone, Label: s.PurgedName() + " is clean enough" + next, Ask: AskYes,
		About:  s.purgeDoneAbout(),
		Intent: func(a Answer) Intent { return FinishPurge{a.Text} },
	}
	if s.Incident.Mode.DryRun {
		a.Label = "go on to Reset"
	}
	if s.staysBehind() != "" {
		a.Ask, a.Label, a.Prompt = AskReason, "leave what is there"+next, "Why may it stay?"
	} else if s.unreadBehind() > 0 {
		a.Label = "leave what is there, " + cmp.Or(s.Live.Aside, s.Live.Spool).SayUnread() + next
	} else if s.moved() > 0 {
		a.Ask = AskNothing
	}
	return s.offer(a, about)
}

// staysBehind is the spam, or what nothing explains, that stays where it is when Purge ends; empty when none does.
func (s *State) staysBehind() string {
	if s.Incident.Mode.DryRun {
		return ""
	}
	if n := s.stuckThere(); n > 0 {
		return words.Messages(n) + " that would not move"
	}
	if s.Live.Aside != nil {
		switch {
		case s.Live.AsideSpam > 0:
			return words.Messages(s.Live.AsideSpam) + " of the spam"
		case !s.Live.Aside.Whole():
			return "what could not be looked at"
		}
		return ""
	}
	w := s.Waiting()
	switch {
	case w.Spam > 0:
		return words.Messages(w.Spam) + " of the spam"
	case w.Backlog(s.Settings):
		return "what is taken for spam: " + w.sayOpen()
	case !w.Whole:
		return "what could not be looked at"
	}
	return ""
}

// unreadBehind counts what stays where it is and could not be read or not be understood, too little to be taken for spam.
func (s *State) unreadBehind() int {
	switch at := cmp.Or(s.Live.Aside, s.Live.Spool); {
	case at == nil || s.Incident.Mode.DryRun || s.Incident.ExplainedBy(RowUnread) != nil:
		return 0
	default:
		return at.Unread()
	}
}

// left is what stays in the spool when Purge ends, of which somebody still has to know: spam, what would not move, and what
// nothing explains. Where the spool is set aside it is empty: what goes back is asked about then.
func (s *State) left() string {
	if s.Live.Aside != nil || s.Incident.Mode.DryRun {
		return ""
	}
	var parts []string
	if n := s.stuckThere(); n > 0 {
		parts = append(parts, words.Messages(n)+" that would not move")
	}
	w := s.Waiting()
	if w.Spam > 0 {
		parts = append(parts, words.Messages(w.Spam)+" of the spam")
	}
	parts = append(parts, w.sayOpen())
	if !w.Whole {
		parts = append(parts, "what could not be read")
	}
	return words.JoinBy("; ", parts...)
}

func (in FinishPurge) refusal(s *State) string {
	if stays := s.staysBehind(); stays != "" && needsReason(in.Reason) != "" {
		return "it still holds " + stays + "; move them, or say why they may stay"
	}
	return ""
}

// purgeDoneAbout says what stays, and above all what of it is a suspect's.
func (s *State) purgeDoneAbout() string {
	about := "What is still in the spool stays there, and is delivered after Restart."
	if s.Live.Aside != nil {
		about = "What is still in the spool set aside can then be put back, and is delivered."
	}
	n := s.spamWaiting()
	if s.Live.Aside != nil {
		n = s.Live.AsideSpam
	}
	if n > 0 {
		about = fmt.Sprintf("Among it: %s of the spam. ", words.Messages(n)) + about
	}
	if w := s.Waiting(); s.Live.Aside == nil && !s.Incident.Mode.DryRun && len(w.Unexplained) > 0 {
		what := "not explained"
		if w.Backlog(s.Settings) {
			what = "taken for spam"
		}
		about = fmt.Sprintf("Among it, %s: %s. ", what, w.sayOpen()) + about
	} else if n := s.unreadBehind(); n > 0 {
		about = fmt.Sprintf("Among it: %s that could not be read or not be understood; class:unread finds them. ", words.Messages(n)) + about
	}
	return about
}

// nextQuery is the search that the facts suggest: the suspect with the most mail in the spool, bounces that answer the
// spam, then the most of what nothing explains. It is empty when nothing is left to look for.
func (s *State) nextQuery() string {
	if s.Live.Aside != nil {
		return s.Live.asideQuery
	}
	stuck := s.stuckOf()
	for _, row := range s.Live.Senders {
		if row.Marked && row.Queued > row.Own+stuck[row.Account] && row.Account != "" {
			return "account:" + row.Account
		}
	}
	if s.Live.Counts.Answers > 0 {
		return answersQuery
	}
	if w := s.Waiting(); w.Backlog(s.Settings) {
		return s.mostUnexplained(&w)
	}
	return ""
}

// mostUnexplained is the search that finds the most of what nothing explains, and that was not made yet: by account, or by
// the client that handed it in under many names. Honest mail may come from the same client, so that its address is only
// searched for where it finds more than twice as much.
func (s *State) mostUnexplained(w *Waiting) string {
	query, most := "", 0 // a newsletter is asked about before anybody moves it
	take := func(q string, n int) {
		if q != "" && n > most && !slices.Contains(s.Live.Searched, q) {
			query, most = q, n
		}
	}
	open := map[string]bool{"": true}
	for _, u := range w.rows() {
		take(u.Query, u.Count)
	}
	for _, u := range w.Unexplained {
		open[u.Row] = u.Class != incident.Newsletter
	}
	most *= 2
	for _, c := range s.Live.Clients {
		if !slices.ContainsFunc(c.Accounts, func(account string) bool { return !open[account] }) {
			take(c.Query, c.Queued)
		}
	}
	return query
}

// answersQuery finds the bounces and automatic answers of ours that answer the spam: of all of them, those alone come
// marked.
const answersQuery = "class:answer"

// act ends Purge with what is left.
func (in FinishPurge) act(_ context.Context, r *Runbook) error {
	s, moved := r.State(), " moved"
	if s.Incident.Mode.DryRun {
		moved = " would be moved"
	}
	left := s.left()
	if s.Live.Aside == nil {
		if err := r.judgeBacklog(&s, in.Reason); err != nil {
			return err
		}
	}
	stuck := ""
	if n := s.stuckThere(); n > 0 {
		stuck = words.Number(n) + " that would not move"
	}
	judged := r.State()
	w := judged.Waiting()
	waits := "in the spool: " + cmp.Or(w.Say(), "nothing")
	if s.Incident.Aside.Dir != "" {
		waits = words.Messages(s.Incident.Aside.Outside) + " still outside"
	}
	return r.record(incident.StepChanged{Step: incident.Purge, State: incident.Done, Reason: strings.TrimSpace(in.Reason), Left: left,
		Result: words.Join(words.Messages(s.moved())+moved, stuck, waits)})
}
