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

// What nothing explains is the operator's to judge: they say what it is, take that back, or say that they do not know.

// explainAction is the operator's word for what a row of the senders is.
func (s *State) explainAction(about Answer) Action {
	return s.offer(Action{ID: ActExplain, Label: "explain this mail", Ask: AskReason, Prompt: "What is it, and how do you know?",
		About:  s.aboutOpen(rowOf(about)) + "What you explain is not taken for spam, and is delivered. Your word goes into the record.",
		Intent: func(a Answer) Intent { return Explain{Row: cmp.Or(rowOf(a), rowOf(about)), Word: a.Text} }}, about)
}

// AsksToExplain says that something waits whose way on is the operator's word for it.
func (s *State) AsksToExplain() bool {
	w := s.Waiting()
	return slices.ContainsFunc(w.Unexplained, func(u Unexplained) bool { return u.Class == incident.Newsletter })
}

// aboutOpen says which mail is asked about.
func (s *State) aboutOpen(row string) string {
	w, name := s.Waiting(), s.openName(row)
	for _, u := range w.Unexplained {
		if u.Row == name {
			return fmt.Sprintf("%s of %s: %s. ", words.Messages(u.Count), u.Row, u.Why)
		}
	}
	return ""
}

// unexplainAction takes the operator's word for a row back.
func (s *State) unexplainAction(about Answer) Action {
	row := s.explainedName(rowOf(about))
	if rows := s.ExplainedRows(); rowOf(about) == "" && len(rows) > 0 { // no cursor says it
		row = rows[0]
	}
	word := ""
	if e := s.Incident.ExplainedBy(row); e != nil {
		word = e.Row + " was explained: " + e.Why + ". "
	}
	return s.offer(Action{ID: ActUnexplain, Label: "take your explanation back", Ask: AskYes,
		About:  word + "Without that it counts as not explained again.",
		Intent: func(a Answer) Intent { return Unexplain{Row: cmp.Or(s.explainedName(rowOf(a)), row)} }}, about)
}

// ExplainedRows are the rows of mail that the operator has explained.
func (s *State) ExplainedRows() []string {
	var rows []string
	for _, e := range s.Incident.Explained {
		speaks := slices.ContainsFunc(s.Incident.Speakers, func(p incident.Speaker) bool { return p.Row() == e.Row })
		if e.Row != incident.RowListings && !speaks {
			rows = append(rows, e.Row)
		}
	}
	return rows
}

// explainedName is under which name the operator has explained a row of the senders: its own, or that of the cause that
// most of it has; empty where they have not.
func (s *State) explainedName(row string) string {
	if s.Incident.ExplainedBy(row) != nil {
		return row
	}
	if f := s.Live.Found.Of(row); f != nil && s.Incident.ExplainedBy(f.Name) != nil {
		return f.Name
	}
	if w := s.Waiting(); w.little(row) && s.Incident.ExplainedBy(RowMany) != nil {
		return RowMany
	}
	return ""
}

// Explained says that the operator has said what the mail of a row is.
func (s *State) Explained(row string) bool { return s.explainedName(row) != "" }

// foundExplained says that the search on the screen found the mail of a row that the operator has explained.
func (s *State) foundExplained() bool {
	r := s.Live.Results
	return r != nil && slices.ContainsFunc(s.Live.Senders, func(row SenderRow) bool {
		if row.Query() != r.Query.String() {
			return false
		}
		word := s.Incident.ExplainedBy(s.explainedName(row.Name()))
		return word != nil && !word.Stays // what was let stay is nobody's good mail
	})
}

// explainedText is what the operator has said of mail that nothing else explains.
func (s *State) explainedText() string {
	var said []string
	for _, row := range s.ExplainedRows() {
		said = append(said, row+": "+s.Incident.ExplainedBy(row).Why)
	}
	return strings.Join(said, "; ")
}

// leaveOpenAction ends Look where nobody knows what some mail is that is too little to be taken for spam.
func (s *State) leaveOpenAction(about Answer) Action {
	w := s.Waiting()
	return s.offer(Action{ID: ActLeaveOpen, Label: "I do not know what it is: go on to Reset", Ask: AskYes,
		About:  "Not explained: " + w.sayOpen() + ". It is too little to be taken for spam: mail is not stopped, it is delivered, and the report says that somebody has to look at it.",
		Intent: func(Answer) Intent { return FinishLook{Leave: true} }}, about)
}

// rows are what nothing explains, with all that one reason keeps open in one, where it has many names: these are guesses, or
// claims.
func (w *Waiting) rows() []Unexplained {
	const few = 4
	shared := map[string]int{}
	for _, u := range w.Unexplained {
		shared[u.Why]++
	}
	var rows []Unexplained
	at := map[string]int{}
	for _, u := range w.Unexplained {
		names, query := shared[u.Why], ofMany[u.Why]
		if i, known := at[u.Why]; known {
			rows[i].Count += u.Count
			continue
		}
		if names > few && query != "" {
			at[u.Why] = len(rows)
			u = Unexplained{Row: words.Number(names) + " senders", Query: query, Count: u.Count, Why: u.Why, many: true}
		}
		rows = append(rows, u)
	}
	slices.SortStableFunc(rows, func(a, b Unexplained) int { return cmp.Compare(b.Count, a.Count) })
	return rows
}

// ofMany are the searches that find what is open for a reason that many senders share.
var ofMany = map[string]string{notUnderstood: unreadQuery, ownClaim: "class:nologin"}

// unreadQuery finds what is not understood, whoever it names.
const unreadQuery = "class:unread"

// sayOpen names what is open.
func (w *Waiting) sayOpen() string {
	var parts []string
	for _, u := range w.rows() {
		if u.Class.ByHand() {
			parts = append(parts, words.Number(u.Count)+" from "+u.from())
		} else {
			parts = append(parts, fmt.Sprintf("%s %s (%s)", words.Number(u.Count), u.of(), u.Why))
		}
	}
	if w.Unread > 0 {
		parts = append(parts, words.Number(w.Unread)+" that could not be read")
	}
	const few = 4
	if more := len(parts) - few; more > 0 {
		parts = append(parts[:few], words.Count(more, "more row", "more rows"))
	}
	return strings.Join(parts, "; ")
}

// of is whose mail it is: "of info@quay.example", "messages of 25 senders".
func (u *Unexplained) of() string {
	if u.many {
		return "messages of " + u.Row
	}
	return "of " + u.Row
}

func (in Explain) refusal(s *State) string {
	switch {
	case in.Row == "" && len(s.Waiting().Unexplained) == 0:
		return "nothing waits that is not explained"
	case in.Row == "":
		return "put the cursor on the mail that you can explain"
	case s.Incident.Suspect(in.Row) != nil:
		return in.Row + " is marked as stolen; take the mark back first"
	case s.openName(in.Row) == "":
		return in.Row + " is explained already"
	}
	return needsReason(in.Word)
}

// openName is under which name a row of the senders is open: its own, or that of the cause that most of it has. It is
// empty where the row is explained.
func (s *State) openName(row string) string {
	if row == incident.RowListings && s.Unexplained() != "" || slices.ContainsFunc(s.Incident.Strangers(), func(p incident.Speaker) bool { return p.Row() == row }) {
		return row
	}
	w := s.Waiting()
	open := func(name string) bool {
		return name == RowUnread && w.Unread > 0 || slices.ContainsFunc(w.Unexplained, func(u Unexplained) bool { return u.Row == name })
	}
	if open(row) {
		return row
	}
	if f := s.Live.Found.Of(row); f != nil && open(f.Name) {
		return f.Name
	}
	if w.little(row) && open(RowMany) {
		return RowMany
	}
	return ""
}

func (in Explain) act(_ context.Context, r *Runbook) error {
	s := r.State()
	if err := r.record(incident.Explained{Rows: []string{s.openName(in.Row)}, Why: strings.TrimSpace(in.Word)}); err != nil {
		return err
	}
	r.see(func(l *Live) { l.Results, l.Plan = nil, nil }) // what they mark was chosen before anybody knew
	return nil
}

func (in Unexplain) refusal(s *State) string {
	switch {
	case len(s.ExplainedRows()) == 0:
		return "nothing was explained"
	case !slices.Contains(s.ExplainedRows(), s.explainedName(in.Row)):
		return "put the cursor on mail that you have explained"
	}
	return ""
}

func (in Unexplain) act(_ context.Context, r *Runbook) error {
	s := r.State()
	return r.record(incident.Explained{Rows: []string{s.explainedName(in.Row)}})
}

// judgeOpen keeps the operator's word for what nothing explains.
func (r *Runbook) judgeOpen(w *Waiting, why string, stays bool) error {
	fact := incident.Explained{Why: strings.TrimSpace(why), Stays: stays}
	for _, u := range w.Unexplained {
		fact.Rows = append(fact.Rows, u.Row)
	}
	if w.Unread > 0 {
		fact.Rows = append(fact.Rows, RowUnread)
	}
	return r.record(fact)
}

// judgeBacklog keeps a reason to go on with a backlog as the operator's word for it: it is asked for once.
func (r *Runbook) judgeBacklog(s *State, why string) error {
	w := s.Waiting()
	if strings.TrimSpace(why) == "" || !w.Backlog(s.Settings) {
		return nil
	}
	return r.judgeOpen(&w, why, true)
}
