package steps

import (
	"maps"
	"slices"
	"strings"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

// Waiting sorts what waits in the spool in use by what explains it. No suspect is not no spam: what nothing explains, and
// what could not be read, is counted as such.
type Waiting struct {
	Whole       bool // every file of the spool was read, understood or not
	Total       int  // all that waits, read or not
	Spam        int  // of marked accounts, without what may be their owners', and bounces of ours to senders that it forged
	Usual       int  // explained: the owners' own, bounces that came back, accounts within their usual rate and without signs
	Signless    int  // without a sign of spam, but no log says what is usual
	Judged      int  // explained by the operator
	Stay        int  // let stay by the operator, who did not say that it is no spam
	Unread      int  // damaged, cut off or not readable
	CutOff      int  // not read to its end, but counted with its sender
	Arriving    int  // still being received
	Unexplained []Unexplained
	Apart       spool.Apart // beside the queue

	signless []*SenderRow // the rows of Signless
}

// Unexplained is a row of the senders table, or what is alike in many of them, that is neither known spam nor known to be
// none.
type Unexplained struct {
	Row   string // as incident.Explanation names it
	Query string // finds it; empty where no search does
	Count int
	To    int            // its recipients, where they are so many that this alone is much
	Class incident.Class // what it looks like
	Why   string

	many bool // it stands for the rows of many senders
	rest bool // it is what is left of a cause that was found, and so spam however little it is
}

// The rows of the senders table that have no account.
const (
	RowBounces = incident.RowBounces
	RowNobody  = incident.RowNobody
	RowUnread  = incident.RowUnread
	RowMany    = incident.RowMany
)

// Name is how the record and the operator's explanations name a row.
func (row *SenderRow) Name() string {
	switch {
	case row.Bounces:
		return RowBounces
	case row.Account == "":
		return RowNobody
	}
	return row.Account
}

// Open is how much nothing explains: it was read and is nobody's known mail, or it could not be read.
func (w *Waiting) Open() int {
	n := w.Unread
	for _, u := range w.Unexplained {
		n += u.Count
	}
	return n
}

// Backlog says that so much is open that it is taken for spam until somebody has looked, or that enough of it looks like
// spam of a known kind.
func (w *Waiting) Backlog(s Settings) bool {
	n := w.Open()
	known := slices.ContainsFunc(w.Unexplained, func(u Unexplained) bool { return u.To > 0 || u.rest || s.Weighs(u.Class, u.Count, w.Total) })
	return known || n > 0 && n >= s.BacklogMessages && float64(n) >= s.BacklogShare*float64(w.Total)
}

// Waiting is what waits now. Where there is no spool to read, nothing waits that could be seen.
func (s *State) Waiting() Waiting {
	live := &s.Live
	if live.Spool == nil {
		return Waiting{Whole: s.Incident.Spool == ""}
	}
	w := Waiting{Whole: live.SpoolErr == "" && live.Spool.Whole()}
	for _, p := range live.Counts.Problems {
		switch {
		case p.Kind == spool.Receiving:
			w.Arriving += p.N
		case p.Kind.Unread():
			w.Unread += p.N
		case p.Kind == spool.Overlong:
			w.CutOff = p.N
		}
	}
	w.Total, w.Apart = live.Spool.Len()+w.Unread+w.Arriving, live.Spool.Apart()
	w.Spam = live.Counts.Answers
	if word := s.Incident.ExplainedBy(RowUnread); word != nil {
		w.judge(word, w.Unread)
		w.Unread = 0
	}
	elsewhere := map[string]int{}
	maps.Copy(elsewhere, live.Counts.elsewhere)
	for i := range live.Found {
		if f := &live.Found[i]; acrossRows(f) {
			count := f.Count
			for row, n := range f.Rows {
				if s.Incident.Suspect(row) != nil { // it is that account's, says the operator
					count -= n
					continue
				}
				elsewhere[row] += n
			}
			w.open(s, Unexplained{Row: f.Name, Query: f.Query, Count: count, Class: f.Class, Why: strings.Join(f.Why, ", "), rest: f.Rest})
		}
	}
	for i := range live.Senders {
		row := &live.Senders[i]
		if queued := row.Queued - elsewhere[row.Name()]; queued > 0 {
			s.sort(row, queued, &w)
		}
	}
	s.sum(&w)
	return w
}

// sum looks at what is too little, row by row, to be anything: where it is very much together, and no log says what is usual,
// it is no more known than one row of so much.
func (s *State) sum(w *Waiting) {
	to := 0
	for _, row := range w.signless {
		to += max(row.Queued, row.Recipients)
	}
	if to < manyRecipients*s.Settings.BusyPerHour {
		return
	}
	w.open(s, Unexplained{Row: RowMany, Count: w.Signless,
		Why: "a little each of " + words.Number(len(w.signless)) + ", without a sign of spam, but no log says what is usual for them"})
	w.Signless = 0
}

// acrossRows says that a finding is of mail in several rows of the senders, or in a part of one.
func acrossRows(f *cause.Finding) bool {
	return !f.Class.OfAccount() && f.Name != RowBounces
}

// open adds what is neither known spam nor known to be none, unless the operator has said what it is.
func (w *Waiting) open(s *State, u Unexplained) {
	switch {
	case u.Count <= 0:
	case s.Incident.ExplainedBy(u.Row) != nil:
		w.judge(s.Incident.ExplainedBy(u.Row), u.Count)
	default:
		w.Unexplained = append(w.Unexplained, u)
	}
}

// judge counts what the operator has said a word of.
func (w *Waiting) judge(word *incident.Explanation, n int) {
	if word.Stays {
		w.Stay += n
	} else {
		w.Judged += n
	}
}

// sort puts what is left of one row where it belongs.
func (s *State) sort(row *SenderRow, queued int, w *Waiting) {
	open := Unexplained{Row: row.Name(), Query: row.Query(), Count: queued, Class: row.Class}
	switch {
	case row.Marked:
		w.Spam += max(0, queued-row.Own)
		w.Usual += min(row.Own, queued)
		return
	case row.Bounces:
		open.Count, open.Why = min(s.Live.Counts.Leaving, queued), "bounces that leave for other servers"
		if account, n := s.cameBack(); n >= manyReturned {
			open.Count = min(open.Count+n, queued)
			open.Why = words.Number(n) + " bounces came back to " + account + ": it is stolen, or only its name was used, which the logs tell"
		}
		if s.Incident.ExplainedBy(RowBounces) != nil {
			open.Count = queued
		}
		w.Usual += queued - open.Count
	case row.Unread == row.Queued:
		open.Why = notUnderstood
	case row.Basis == spool.BasisAmbiguous:
		open.Why = "its files name several accounts that logged in to send it"
	case row.Account == "":
		open.Why = "nobody logged in to send it"
	case row.Class == incident.Newsletter && row.Logged != nil && row.Logged.History && row.Logged.Judge() == traffic.Usual && !row.unlogged(s.Settings.BusyPerHour) && s.Incident.ExplainedBy(row.Name()) == nil:
		w.Usual += queued
		return
	case row.Class == incident.Newsletter, row.Class == incident.Form:
		open.Why = strings.Join(row.spoolWhy, ", ")
		f := s.Live.Found.About(row.Name())
		open.rest = f != nil && f.Rest
	case row.Suspect:
		open.Why = "looks stolen: " + strings.Join(row.Why, ", ")
	case !row.Basis.Proven():
		open.Why = ownClaim
	case len(row.spoolWhy) > 0:
		open.Why = strings.Join(row.spoolWhy, ", ")
	case s.Incident.MovedFrom(row.Account):
		open.Why = "mail of this account was moved, and nobody has said what it was"
	case row.Logged != nil && row.Logged.Judge() != traffic.Usual:
		open.Why = row.Logged.Rate()
	case row.unlogged(s.Settings.BusyPerHour):
		open.Why = "much, and the logs tell of nothing that it sent since " + words.Clock(row.Logged.Last, s.Now)
	case row.Logged == nil && row.Recipients >= manyRecipients*s.Settings.BusyPerHour:
		open.To, open.Why = row.Recipients, "to "+words.Number(row.Recipients)+" recipients, and no log says what is usual for it"
	case row.Logged == nil && row.Queued > s.Settings.BusyPerHour:
		open.Why = "much, and no log says what is usual for it"
	case row.Unread > 0:
		open.Count, open.Why = min(row.Unread, queued), notUnderstood
		w.Usual += queued - open.Count
	case s.Incident.ExplainedBy(row.Name()) == nil && row.Logged == nil:
		w.Signless += queued
		w.signless = append(w.signless, row)
		return
	case s.Incident.ExplainedBy(row.Name()) == nil:
		w.Usual += queued
		return
	}
	w.open(s, open)
}

// unlogged says that much of an account waits, and that some of it is newer than all that the logs know of it: what they find
// usual is then another day's, as where somebody has lowered their level of detail.
func (row *SenderRow) unlogged(much int) bool {
	return row.Logged != nil && row.Queued > much && row.LastSeen.Sub(row.Logged.Last) > logsLag
}

// logsLag is how much later than the message itself the logs may tell of it at the most: their lines are written at once.
const logsLag = 10 * time.Minute

// little says that a row is one of those that are too little to be anything by themselves.
func (w *Waiting) little(row string) bool {
	return slices.ContainsFunc(w.signless, func(r *SenderRow) bool { return r.Name() == row })
}

// manyReturned is how many bounces that came back to one mailbox are no errors in its owner's address book.
const manyReturned = 50

// cameBack is the mailbox to which the most bounces came back, of those that are not known to be stolen.
func (s *State) cameBack() (account string, most int) {
	for to, n := range s.Live.Counts.returned {
		if s.Incident.Suspect(to) == nil && !s.Incident.MovedFrom(to) && (n > most || n == most && to < account) {
			account, most = to, n
		}
	}
	return account, most
}

// manyRecipients is how many recipients weigh as much as a message too many: a thief may send little, to very many.
const manyRecipients = 10

// ownClaim is why nobody knows whose a message is that names its sender itself.
const ownClaim = "nobody logged in to send it; the name is the sender's own claim"

// notUnderstood is why nobody knows whose a message is whose envelope is laid out as no build writes it today.
const notUnderstood = "its layout is not understood"

// Query is the search that finds the mail of a row; empty where none does.
func (row *SenderRow) Query() string {
	switch {
	case row.Bounces:
		return "class:bounce"
	case row.Account != "":
		return "account:" + row.Account
	case len(row.IPs) > 0:
		return "ip:" + row.IPs[0].String()
	case row.Unread > 0:
		return unreadQuery
	}
	return ""
}

// spoolCounts are what a look at the spool counts beside the senders.
type spoolCounts struct {
	Problems []problemCount
	Leaving  int // bounces that leave for other servers, without those of Answers
	Answers  int // bounces and automatic answers to a sender that the spam forged

	elsewhere map[string]int // of each row of the senders, what is counted with the answers
	returned  map[string]int // bounces that came back to mailboxes here, without those of Answers
}

type problemCount struct {
	Kind spool.ProblemKind
	N    int
}

// countSpool counts what the senders table does not.
func countSpool(snap *spool.Snapshot, inc *incident.Incident, report *traffic.Report) spoolCounts {
	kinds := map[spool.ProblemKind]int{}
	for _, p := range snap.Problems() {
		kinds[p.Kind]++
	}
	var c spoolCounts
	for kind, n := range kinds {
		c.Problems = append(c.Problems, problemCount{kind, n})
	}
	slices.SortFunc(c.Problems, func(a, b problemCount) int { return int(a.Kind) - int(b.Kind) })
	c.elsewhere, c.returned = map[string]int{}, map[string]int{}
	here, forged := cause.Here(snap, report), asSet(inc.Forged)
	for m := range snap.Answers() {
		leaves, answers := false, false
		for _, to := range m.Recipients {
			to = message.Address(to)
			leaves = leaves || !here[domainOf(to)]
			answers = answers || forged[to]
		}
		switch {
		case answers:
			c.Answers++
			c.elsewhere[cause.RowOf(&m)]++
		case leaves && m.Bounce:
			c.Leaving++
		case m.Bounce && len(m.Recipients) > 0:
			c.returned[message.Address(m.Recipients[0])]++
		}
	}
	return c
}

func asSet(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, x := range list {
		set[x] = true
	}
	return set
}

// domainOf is the domain of an address, in lower case.
func domainOf(address string) string {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return domain
}

// Say tells what waits, by what explains it, in one line.
func (w *Waiting) Say() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, words.Number(n)+" "+what)
		}
	}
	add(w.Spam, "of the spam")
	for _, u := range w.Unexplained {
		if u.Class == incident.NotExplained {
			add(u.Count, "of "+u.Row+" not explained")
		} else {
			add(u.Count, "that seem to come from "+u.from())
		}
		if len(parts) > 3 {
			break
		}
	}
	add(w.Unread, "not readable")
	add(w.Judged, "explained by you")
	add(w.Stay, "that you let stay")
	add(w.Usual, "usual")
	add(w.Signless, "without a sign of spam")
	add(w.CutOff, "of these not read to their end")
	add(w.Arriving, "still arriving")
	add(w.Apart.Drop, "in Drop, to be sent as well")
	add(w.Apart.Quarantine, "held back by SmarterMail")
	if !w.Whole {
		parts = append(parts, "not all of it was read")
	}
	return strings.Join(parts, ", ")
}
