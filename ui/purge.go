package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/words"
)

// purgePanel shows what a search found, or what is in the quarantine.
type purgePanel struct {
	state        *steps.State
	found        *Table // the messages of the search
	held         *Table // the messages in the quarantine
	onHeld       bool
	inQuarantine int                 // messages, as last seen: the state changes in place
	were         []steps.Quarantined // those in it, as last seen

	senders   *senderTables // who sends: a row of it fills the search in
	onSenders bool          // it is shown though there are results

	off      map[spool.ID]bool // the operator took their marks off before a move, or put them back: no search marks them again
	kept     map[spool.ID]bool // marked in earlier searches, and kept for the same move
	keeping  bool              // the next search keeps the marks of this one
	outside  int               // of them, those that this search did not find
	results  *spool.Results
	sent     int // of the results, those that an account sent: they come marked
	snapshot *spool.Snapshot
	left     string // what the spool holds beside messages

	read *spool.Snapshot // the messages in the quarantine around the cursor; nil before they were read
	part heldPart        // of which rows it is, or will be
}

func newPurgePanel(g Glyphs) *purgePanel {
	p := &purgePanel{state: &steps.State{}, senders: newSenderTables(g)}
	p.found = &Table{Columns: messageColumns(), Marks: &Marks{}}
	p.held = &Table{Columns: heldColumns(), Marks: &Marks{}}
	p.found.Reset(messageRows{p})
	p.held.Reset(quarantineRows{p})
	return p
}

func (p *purgePanel) update(s *steps.State) {
	if p.inQuarantine != len(s.Live.Held) {
		p.remember(s.Live.Held)
	}
	p.state = s
	p.senders.update(s)
	if p.results != s.Live.Results {
		p.onSenders = false
		p.carryOver()
		p.results, p.sent = s.Live.Results, 0
		if p.results != nil {
			p.sent = p.countGiven()
		}
		p.found.Reset(messageRows{p})
	}
	if p.snapshot != s.Purged() {
		p.snapshot = s.Purged()
		p.left = leftInPlace(p.snapshot)
	}
	if p.inQuarantine != len(s.Live.Held) {
		p.inQuarantine = len(s.Live.Held)
		p.kept, p.outside, p.keeping = nil, 0, false // what was marked has been moved, either way
		p.found.Marks, p.held.Marks = &Marks{}, &Marks{}
		p.held.Reset(quarantineRows{p})
		if p.results != nil {
			p.sent = p.countGiven()
		}
	}
	if len(s.Live.Held) == 0 {
		p.onHeld = false
	}
}

func (p *purgePanel) table() *Table {
	switch {
	case p.onHeld:
		return p.held
	case p.choosing():
		return p.senders.table()
	}
	return p.found
}

// choosing says that the table of who sends is on the screen.
func (p *purgePanel) choosing() bool {
	return !p.onHeld && p.state.Live.Finding == nil && (p.results == nil || p.onSenders)
}

// answer is the row of who sends under the cursor; else the runbook knows what was searched for.
func (p *purgePanel) answer() steps.Answer {
	if p.choosing() {
		return steps.Answer{Row: rowAnswer(p.senders.table()).Row}
	}
	return steps.Answer{}
}

func (p *purgePanel) given() int {
	if p.onHeld {
		return 0
	}
	return p.sent
}

func (p *purgePanel) marked() int {
	if p.onHeld {
		return p.held.Marks.Count(len(p.state.Live.Held), 0)
	}
	return p.found.Marks.Count(p.found.Len(), p.sent) + p.outside
}

func (p *purgePanel) ids() []spool.ID {
	var ids []spool.ID
	if p.onHeld {
		for _, held := range p.state.Live.Held {
			if p.held.Marks.Has(string(held.ID), false) {
				ids = append(ids, held.ID)
			}
		}
		return ids
	}
	if p.results == nil {
		return nil
	}
	for _, hit := range p.results.Hits {
		if p.found.Marks.Has(string(hit.ID), p.comesMarked(hit)) {
			ids = append(ids, hit.ID)
		}
	}
	return append(ids, p.keptOutside()...)
}

// fit says whether an action is about the table on the screen: while the quarantine is shown, / searches it, and what is
// marked can only go back; while the spool is, nothing that is marked can. Enter, which goes on with the purge, does not leave
// whoever chooses what goes back.
func (p *purgePanel) fit(a *steps.Action) bool {
	if p.onHeld {
		a.Recommended = false
	}
	switch a.ID {
	case steps.ActSearch, steps.ActPlan, steps.ActBounces, steps.ActExplain, steps.ActUnexplain:
		return !p.onHeld
	case steps.ActRestore:
		switch {
		case a.Refused != "":
		case !p.onHeld:
			a.Label = "put messages back"
		case p.marked() == 0:
			a.Refused = "no message is marked; mark with Space what should go back"
		}
	}
	return true
}

func (p *purgePanel) binds(m *Model) []Bind {
	t := p.table()
	var binds []Bind
	switch {
	case p.choosing():
		binds = append(binds, p.senders.bind())
		if p.results != nil {
			return append(binds, bind("tab", "back to the search", func() tea.Cmd { p.onSenders = false; return nil }))
		}
	case t.Len() > 0:
		binds = append(binds,
			bind(" ", "mark", func() tea.Cmd {
				if row, ok := t.Current(); ok {
					t.Marks.Toggle(row.ID, row.Marked)
					t.Move(tea.KeyMsg{Type: tea.KeyDown})
				}
				return nil
			}),
			bind("*", "all", func() tea.Cmd { m.said = p.markAll(t); return nil }),
			bind("p", "preview", func() tea.Cmd { return m.preview(t) }),
		)
		binds[0].Place, binds[2].Place = placeRow, placeRow
	}
	if !p.onHeld && p.results != nil {
		if p.marked() > 0 && len(p.results.Hits) > 0 {
			more := bind("+", "keep marks, search more", func() tea.Cmd { p.keep(); return nil })
			more.Quiet = true // most purges need one search
			binds = append(binds, more)
		}
		binds = append(binds, bind("v", "who sends", func() tea.Cmd { p.onSenders = true; return nil }))
	}
	if len(p.state.Live.Held) > 0 {
		words := "quarantine, " + count(len(p.state.Live.Held))
		if p.onHeld {
			words = "back to the search"
		}
		other := bind("tab", words, func() tea.Cmd { p.onHeld = !p.onHeld; return nil })
		other.Place = placeRow
		if p.onHeld {
			return append(binds, p.heldSearch(m), other)
		}
		binds = append(binds, other)
	}
	if query := p.asText(); query != "" {
		look := bind("t", "search both files for it", func() tea.Cmd { return m.do(steps.Search{Query: query}) })
		look.Place = placeRow
		binds = append(binds, look)
	}
	if near, ok := p.misspelt(); ok {
		use := bind(p.nearKey(), "use the nearest", func() tea.Cmd { return m.do(steps.Search{Query: near.Query}) })
		use.Place = placeRow
		binds = append(binds, use)
	}
	return binds
}

// nearKey is the key that searches for what may have been meant.
func (p *purgePanel) nearKey() string {
	if len(p.state.Live.Held) > 0 {
		return "="
	}
	return "tab"
}

// movedByIt counts what the search on the screen has moved already.
func (p *purgePanel) movedByIt() int {
	n := 0
	for _, moved := range p.state.Incident.Purges {
		if moved.Query != "" && moved.Query == p.results.Query.String() {
			n += moved.Moved
		}
	}
	return n
}

// heldDir is where the newest purge put its messages.
func (m *Model) heldDir() string {
	for _, p := range slices.Backward(m.state.Incident.Purges) {
		if p.Dir != "" { // what was put back has none
			return p.Dir
		}
	}
	return "the quarantine"
}

// asText is the search for the same words as they stand in both files, where one that found nothing did not look there.
func (p *purgePanel) asText() string {
	if p.results == nil || len(p.results.Hits) > 0 || p.movedByIt() > 0 {
		return ""
	}
	return p.results.Query.AsText().String()
}

// misspelt is what a search that found nothing may have meant.
func (p *purgePanel) misspelt() (spool.Nearby, bool) {
	if p.results == nil || len(p.results.Hits) > 0 || p.movedByIt() > 0 {
		return spool.Nearby{}, false
	}
	i := slices.IndexFunc(p.results.Near, func(n spool.Nearby) bool { return !n.Bounces })
	if i < 0 {
		return spool.Nearby{}, false
	}
	return p.results.Near[i], true
}

func (p *purgePanel) blocks(m *Model, w int) []block {
	if p.onHeld {
		head := m.styles.Title.Paint(" " + clip("QUARANTINE  "+plural(len(p.state.Live.Held), "message", "messages")+", "+p.heldMarked()+"   "+m.heldDir(), w-1))
		return []block{
			gapped(fixed(0, head)), tableBlock(m, p.held, w, 3),
			gapped(textBlock(1, paragraph(w, p.advice(m)))),
		}
	}
	if p.choosing() {
		return []block{sendersBlock(m, p.senders.table(), w, 4, 16, true), gapped(textBlock(1, paragraph(w, p.advice(m))))}
	}
	blocks := []block{gapped(fixed(0, p.searchLines(m, w)...))}
	if p.results != nil && len(p.results.Hits) > 0 {
		blocks = append(blocks, tableBlock(m, p.found, w, 3))
	}
	if text := p.advice(m); text != "" {
		blocks = append(blocks, gapped(textBlock(1, paragraph(w, text))))
	}
	return blocks
}

// heldMarked says how many messages in the quarantine are marked, those too that a search hides.
func (p *purgePanel) heldMarked() string {
	words := count(p.marked()) + " marked"
	if p.held.hidden > 0 {
		words += ", " + count(p.held.hidden) + " of them hidden"
	}
	return words
}

// searched says what Enter searches for: what the facts point to, until the operator has chosen a row.
func (p *purgePanel) searched(m *Model) string {
	for _, a := range m.state.Actions(incident.Purge) {
		switch {
		case a.ID != steps.ActSearch:
		case a.Default != "" && !p.senders.chosen() && m.onEnter(a):
			return "Enter searches for " + a.Default + "; move the cursor for another row."
		case !m.onEnter(a):
			return "Move the cursor to a row, and Enter searches for its mail."
		}
	}
	return "Enter searches for the mail of the row under the cursor."
}

// tableBlock gives a table the lines that are left.
func tableBlock(m *Model, t *Table, w, least int) block {
	return block{min: least, want: t.wants(), draw: func(h int) []string { return t.Draw(w, h, true, m.glyphs, m.styles) }}
}

// searchLines say what was searched for and what it found.
func (p *purgePanel) searchLines(m *Model, w int) []string {
	if f := m.state.Live.Finding; f != nil {
		text := "SEARCH  looking .."
		if left := f.Left(m.state.Now); left > 0 {
			text = "SEARCH  " + count(f.Done) + " of " + count(f.Total) + ", " + span(left) + " to go   Ctrl+C stops it"
		}
		return []string{m.styles.Title.Paint(" " + clip(text, w-1))}
	}
	const edit = "/ to edit"
	head := " " + fit("SEARCH  "+p.results.Query.String(), max(w-2-len(edit), 0)) + edit
	lines := []string{m.styles.Title.Paint(head)}
	if len(p.results.Hits) == 0 {
		return lines
	}
	total := 0
	if p.snapshot != nil {
		total = p.snapshot.Len()
	}
	text := fmt.Sprintf("matches %s of %s, %s   %s marked", count(len(p.results.Hits)), count(total), size(p.results.Bytes), count(p.marked()))
	if p.outside > 0 {
		text += ", " + count(p.outside) + " of them from earlier searches"
	}
	if !p.results.Oldest.IsZero() {
		text += "   from " + words.Clock(p.results.Oldest, m.state.Now) + " to " + words.Clock(p.results.Newest, m.state.Now)
	}
	return append(lines, " "+clip(text, w-1))
}

// advice says what is left out, what is like it, and what stays where it is.
func (p *purgePanel) advice(m *Model) string {
	if p.onHeld {
		return "What you put back goes into the spool and is delivered once mail runs. A message that was delivered in part before may arrive twice."
	}
	var parts []string
	page := m.page()
	for _, f := range page.Facts {
		parts = append(parts, capital(f.Name)+": "+f.Value)
	}
	parts = append(append(parts, page.Alarm), page.Advice...)
	switch {
	case p.choosing():
		if n := p.marked(); n > 0 {
			parts = append(parts, plural(n, "message", "messages")+" marked so far.")
		}
		parts = append(parts, p.senders.why(p.state), p.searched(m)+" You see exactly what would move, and where, before anything does.")
	case p.results == nil: // the first search still runs
	case len(p.results.Hits) == 0:
		text := p.results.SayNothing(p.snapshot)
		if n := p.movedByIt(); n > 0 {
			text = plural(n, "message that matched was", "messages that matched were") + " moved. " + text
		}
		if untold := p.results.Untold(); untold != "" {
			text += " " + untold
		}
		if query := p.asText(); query != "" {
			text += " t: look for " + query + ", as it stands in both files."
		}
		if near, ok := p.misspelt(); ok {
			text += " Nearest: " + near.Account + " (" + count(near.Count) + "). " + keyLabel(p.nearKey()) + ": use it."
		}
		parts = append(parts, text)
	default:
		parts = append(parts, p.notMarked(), p.results.Untold())
	}
	if p.left != "" {
		parts = append(parts, "Left in place: "+p.left)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}

// notMarked names what matches or is alike, and is not marked by itself.
func (p *purgePanel) notMarked() string {
	var parts []string
	if n := p.results.Guessed(); n > 0 {
		parts = append(parts, count(n)+" read by guess at best")
	}
	if n := p.results.Doubtful() - p.results.Returned(); n > 0 {
		parts = append(parts, count(n)+" may be its owner's")
	}
	if n := p.results.Returned(); n > 0 {
		parts = append(parts, plural(n, "bounce that answers", "bounces that answer")+" no spam known")
	}
	if n := p.results.Read(spool.Addressed); n > 0 {
		parts = append(parts, count(n)+" addressed to it")
	}
	if n := p.results.Read(spool.Mentions); n > 0 {
		parts = append(parts, count(n)+" that mention it")
	}
	for _, near := range p.results.Near {
		if near.Bounces && near.Count > 0 {
			parts = append(parts, plural(near.Count, "bounce", "bounces")+" that came back (B: look at them)")
		}
	}
	switch {
	case p.sent == 0:
		return joined(": ", "None of them comes marked", strings.Join(parts, ", ")) + ". * marks all " + count(p.found.Len()) + ", Space marks one."
	case len(parts) == 0:
		return ""
	}
	return "Alike, not marked: " + strings.Join(parts, ", ")
}

// leftInPlace counts what is in the spool and is never touched: "2 damaged, 1 still arriving".
func leftInPlace(snapshot *spool.Snapshot) string {
	if snapshot == nil {
		return ""
	}
	counts := map[spool.ProblemKind]int{}
	for _, problem := range snapshot.Problems() {
		counts[problem.Kind]++
	}
	var parts []string
	for kind := range spool.Overlong { // which are among the messages
		if n := counts[kind]; n > 0 {
			parts = append(parts, kind.Count(n))
		}
	}
	return strings.Join(parts, ", ")
}

// planQuestion asks about a plan, naming exactly what would move, where, and how to undo it.
func (m *Model) planQuestion(view *steps.PlanView, a steps.Action) *confirm {
	n := len(view.Plan.Items)
	title := "Move " + plural(n, "message", "messages") + " out of " + m.state.PurgedName() + "?"
	var senders []string
	for _, sender := range view.Top[:min(len(view.Top), 3)] {
		senders = append(senders, cmp.Or(sender.Account, "no account")+" ("+count(sender.Queued)+")")
	}
	var facts []string
	if more := view.Senders - len(senders); more > 0 {
		senders = append(senders, plural(more, "more sender", "more senders"))
	}
	if len(senders) > 0 {
		by := "Sent by "
		if view.Unread > 0 { // it is what they say of themselves
			by = "Said to be from "
		}
		facts = append(facts, by+strings.Join(senders, ", ")+".")
	}
	if !view.Oldest.IsZero() {
		facts = append(facts, "From "+words.Clock(view.Oldest, m.state.Now)+" to "+words.Clock(view.Newest, m.state.Now)+".")
	}
	if view.Free > 0 {
		disk := "On the same disk, "
		if view.Other {
			disk = "On another disk: each message is copied, compared, and only then removed; "
		}
		facts = append(facts, disk+size(int64(min(view.Free, 1<<62)))+" free.")
	}
	if view.Most && view.Plan.SpoolCount > 0 {
		facts = append(facts, "This is most of the spool ("+spool.Percent(float64(n)/float64(view.Plan.SpoolCount))+").")
	}
	body := joined("\n", a.About, strings.Join(facts, " "))
	do := func(typed int) func() tea.Cmd {
		return func() tea.Cmd { return m.do(a.Intent(steps.Answer{Count: typed})) }
	}
	if a.Ask == steps.AskCount {
		return askWord(title, body, "To go on, type the number of messages:", fmt.Sprint(n), "Move", m.styles, do(n))
	}
	return askYes(title, body, "Move", do(0))
}
