package steps

import (
	"slices"
	"strings"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
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
	Judged      int  // explained by the operator
	Unread      int  // damaged, cut off or not readable
	Arriving    int  // still being received
	Unexplained []Unexplained
}

// Unexplained is a row of the senders table that nothing explains.
type Unexplained struct {
	Row   string // as incident.Explanation names it
	Query string // finds it; empty where no search does
	Count int
	Why   string
}

// The rows of the senders table that have no account.
const (
	RowBounces = "(bounces)"
	RowNobody  = "(nobody)"
	RowUnread  = "(not readable)"
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

// Backlog says that so much is open that it is taken for spam until somebody has looked.
func (w *Waiting) Backlog(s Settings) bool {
	n := w.Open()
	return n > 0 && n >= s.BacklogMessages && float64(n) >= s.BacklogShare*float64(w.Total)
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
		}
	}
	w.Total = live.Spool.Len() + w.Unread + w.Arriving
	if s.Incident.ExplainedBy(RowUnread) != nil {
		w.Judged, w.Unread = w.Unread, 0
	}
	for i := range live.Senders {
		row := &live.Senders[i]
		if row.Queued == 0 {
			continue
		}
		s.sort(row, &w)
	}
	return w
}

// sort puts one row where it belongs.
func (s *State) sort(row *SenderRow, w *Waiting) {
	leaving := 0
	if row.Bounces {
		leaving = s.Live.Counts.Leaving
		w.Spam += s.Live.Counts.Answers
		leaving -= s.Live.Counts.Answers
	}
	open, why := row.Queued, ""
	switch {
	case row.Marked:
		w.Spam += max(0, row.Queued-row.Own)
		w.Usual += min(row.Own, row.Queued)
		return
	case s.Incident.ExplainedBy(row.Name()) != nil:
		w.Judged += row.Queued
		return
	case row.Bounces:
		w.Usual += row.Queued - s.Live.Counts.Leaving
		open, why = leaving, "bounces that leave for other servers"
	case row.Unread == row.Queued:
		why = notUnderstood
	case row.Account == "":
		why = "nobody logged in to send it"
	case row.Suspect:
		why = "looks stolen: " + strings.Join(row.Why, ", ")
	case !row.Basis.Proven():
		why = "nobody logged in to send it; the name is the sender's own claim"
	case len(row.spoolWhy) > 0:
		why = strings.Join(row.spoolWhy, ", ")
	case row.Logged != nil && row.Logged.Judge() != traffic.Usual:
		why = row.Logged.Rate()
	case row.Logged == nil && row.Queued > s.Settings.BusyPerHour:
		why = "much, and no log says what is usual for it"
	case row.Unread > 0:
		open, why = row.Unread, notUnderstood
		w.Usual += row.Queued - row.Unread
	default:
		w.Usual += row.Queued
		return
	}
	if open > 0 {
		w.Unexplained = append(w.Unexplained, Unexplained{Row: row.Name(), Query: row.Query(), Count: open, Why: why})
	}
}

// notUnderstood is why nobody knows whose a message is whose envelope is laid out as no build writes it today.
const notUnderstood = "its envelope is of an older layout, and not understood"

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
		return "class:unread"
	}
	return ""
}

// spoolCounts are what a look at the spool counts beside the senders.
type spoolCounts struct {
	Problems []problemCount
	Leaving  int // bounces that leave for other servers
	Answers  int // of these, those to a sender that the spam forged
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
	here := localDomains(snap, report)
	forged := asSet(inc.Forged)
	for m := range snap.Bounces() {
		leaves, answers := false, false
		for _, to := range m.Recipients {
			to = message.Address(to)
			leaves = leaves || !here[domainOf(to)]
			answers = answers || forged[to]
		}
		if leaves || answers {
			c.Leaving++
		}
		if answers {
			c.Answers++
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

// localDomains are the domains whose mailboxes are here: an account has logged in from them.
func localDomains(snap *spool.Snapshot, report *traffic.Report) map[string]bool {
	here := map[string]bool{}
	for _, row := range snap.Senders() {
		if row.Basis.Proven() {
			here[domainOf(row.Account)] = true
		}
	}
	if report != nil {
		for i := range report.Accounts {
			here[domainOf(report.Accounts[i].Name)] = true
		}
	}
	delete(here, "")
	return here
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
		add(u.Count, "of "+u.Row+" not explained")
		if len(parts) > 3 {
			break
		}
	}
	add(w.Unread, "not readable")
	add(w.Judged, "explained by you")
	add(w.Usual, "usual")
	add(w.Arriving, "still arriving")
	if !w.Whole {
		parts = append(parts, "not all of it was read")
	}
	return strings.Join(parts, ", ")
}
