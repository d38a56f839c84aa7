package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/checks/dnsbl"
	"delist/checks/resolver"
	"delist/steps"
)

// lookPanel shows who sends, and which lists have the server.
type lookPanel struct {
	noMarks
	senders *senderTables
	lists   *Table
	onLists bool // the cursor is in the lists
}

func newLookPanel(g Glyphs) *lookPanel {
	p := &lookPanel{senders: newSenderTables(g), lists: &Table{Columns: listColumns(), Headed: true}}
	p.lists.Reset(listRows{})
	return p
}

func (p *lookPanel) update(s *steps.State) {
	p.senders.update(s)
	p.lists.widen(0, listWidth(s, 15))
	p.lists.Set(newListRows(s))
}

func (p *lookPanel) table() *Table {
	if p.onLists {
		return p.lists
	}
	return p.senders.table()
}

// shown are both tables.
func (p *lookPanel) shown() []*Table { return []*Table{p.senders.table(), p.lists} }

func (p *lookPanel) answer() steps.Answer { return p.senders.answer() }

func (p *lookPanel) binds(m *Model) []Bind {
	other := "lists"
	if p.onLists {
		other = "senders"
	}
	tab := bind("tab", other, func() tea.Cmd { p.onLists = !p.onLists; return nil })
	tab.Place = placeSoon
	if p.onLists {
		evidence := bind("i", "evidence", func() tea.Cmd { m.showList(p.lists); return nil })
		evidence.About, evidence.Place = "What the list under the cursor was asked, what it said, and what to do about it.", placeRow
		return []Bind{evidence, tab, m.identityBind()}
	}
	own := []Bind{tab, p.senders.bind(), m.identityBind()}
	if lines, ok := m.linesBind(p.senders); ok {
		own = append(own, lines)
	}
	return own
}

func (p *lookPanel) blocks(m *Model, w int) []block {
	advice := strings.Join(m.page().Advice, "\n")
	if p.senders.view != byAccount { // the text on the stolen account says the rest
		advice = joined("\n", p.senders.why(&m.state), advice)
	}
	lists := block{
		min: 2 + min(p.lists.Len(), 4), want: 2 + p.lists.Len(), drop: 3, gap: true,
		draw: func(h int) []string {
			return append([]string{listsLine(m, w, p.lists, h-1)}, p.lists.Draw(w, h-1, p.onLists, m.glyphs, m.styles)...)
		},
	}
	if m.h < 20 && p.onLists { // one table at a time, the one with the cursor
		lists.drop = 0
		lists.min = 3
		return []block{lists, textBlock(2, paragraph(w, advice))}
	}
	say := textBlock(2, paragraph(w, advice))
	least := 3                                                                      // the tables say most of it; the help has it whole
	if first, _, _ := strings.Cut(advice, "\n"); len(paragraph(w, first)) > least { // but for what decides
		least, lists.min = 4, min(lists.min, 5)
	}
	alarm := m.pageAlarm(w, m.page())
	if len(alarm) > 0 { // what to do about it comes first, with its command
		least = max(least, len(paragraph(w, m.page().Advice[0])))
		lists.min = min(lists.min, 4)
	}
	say.min = min(say.min, least)
	if m.permitAsked() { // the question comes before all that it is about
		return append(alarm, gapped(fixed(0, paragraph(w, permitQuestion)...)), dropped(1, sendersBlock(m, p.senders.table(), w, 3, 12, !p.onLists)), lists, gapped(dropped(4-2*len(alarm), say)))
	}
	return append(alarm, sendersBlock(m, p.senders.table(), w, 3, 12, !p.onLists), lists, identityBlock(m, w), gapped(say))
}

// permitQuestion is asked once, before anything else.
const permitQuestion = "May you stop this mail server for some minutes? If you may not, you can still look, collect the evidence, and hand a report to those who may."

// permitAsked says that the operator still has to say whether this server may be stopped.
func (m *Model) permitAsked() bool {
	return m.begun() && m.state.PermitAsked()
}

// listsLine says what the listings come to, and how old the answers are.
func listsLine(m *Model, w int, t *Table, h int) string {
	live := &m.state.Live
	var all []dnsbl.Result
	for _, address := range live.Lists.Addresses {
		all = append(all, address.Results...)
	}
	says, age := []string{"not asked yet"}, ""
	switch {
	case live.Asking && len(all) > 0:
		says = []string{count(dnsbl.Count(all).Asked()) + " answers so far"}
		age = "asking"
	case live.Asking:
		age = "asking"
	case len(all) > 0:
		says = impactCounts(all)
		if p := live.Preflight; p != nil && p.Kind > resolver.Good {
			says = append(says, ", resolver "+p.Kind.String())
		}
		age = ago(m.state.Now.Sub(live.Lists.At))
	case !m.state.Incident.Asked.IsZero():
		says = []string{plural(len(m.state.Incident.Listings), "listing", "listings") + " when last asked"}
		age = ago(m.state.Now.Sub(m.state.Incident.Asked))
	case len(m.state.Incident.Addresses) == 0:
		says = []string{"no address of this server is known; start delist with --ip ADDRESS"}
	}
	says[0] = "LISTS  " + says[0]
	return headLine(m, w, says, t, h, age)
}

// impactCounts says what the answers come to, what decides first: "3 stop mail now", ", 2 of 38 gave no answer", ", 1 can
// be ignored". The last ones give way where there is no room; the table has them.
func impactCounts(results []dnsbl.Result) []string {
	tally := dnsbl.Count(results)
	silent := tally.SilentWords()
	if silent != "" && tally.Silent() == tally.Asked() {
		return []string{silent}
	}
	first := ""
	switch {
	case tally.StopsMail > 0:
		first = count(tally.StopsMail) + " stop mail now"
	case tally.StopsSomeMail+tally.Ignored == 0:
		first = "none that answered has the server"
	}
	var parts []string
	for _, says := range []struct {
		n     int
		words string
	}{{tally.Silent(), silent}, {tally.StopsSomeMail, count(tally.StopsSomeMail) + " stop some mail"}, {tally.Ignored, count(tally.Ignored) + " can be ignored"}} {
		if says.n > 0 {
			parts = append(parts, ", "+says.words)
		}
	}
	if first == "" {
		parts[0] = strings.TrimPrefix(parts[0], ", ")
		return parts
	}
	return append([]string{first}, parts...)
}

// listRows are the answers of the lists, what matters most first.
type listRows struct {
	results []dnsbl.Result
	state   *steps.State
	many    bool // several addresses were asked about
}

func newListRows(s *steps.State) listRows {
	rows := listRows{state: s, many: len(s.Live.Lists.Addresses) > 1}
	for _, address := range s.Live.Lists.Addresses {
		for _, r := range address.Results {
			if r.Shown() {
				rows.results = append(rows.results, r)
			}
		}
	}
	slices.SortStableFunc(rows.results, dnsbl.Compare)
	return rows
}

// Len implements Source.
func (l listRows) Len() int { return len(l.results) }

// Row implements Source.
func (l listRows) Row(i int) Row {
	r := l.results[i]
	row := Row{ID: r.IP.String() + " " + r.List.Name}
	meaning, next, since := meaningOf(r), "", ""
	switch r.Verdict {
	case dnsbl.Listed:
		next = string(r.List.Impact)
		row.Tone = ToneBad
		if r.List.Impact == dnsbl.Ignore {
			row.Tone = ToneText
		}
		since = clock(l.state.Incident.ListedSince(r.IP, r.List.Name), l.state.Now)
	case dnsbl.Clear:
		row.Tone = ToneGood
	default:
		next = "says nothing"
	}
	name := r.List.Name
	if l.many {
		name += " " + r.IP.String()
	}
	row.Cells = []string{name, r.Verdict.String(), meaning, next, since}
	return row
}

// meaningOf is what an answer means, in a few words.
func meaningOf(r dnsbl.Result) string {
	var words []string
	for _, code := range r.Codes {
		words = append(words, code.Meaning)
	}
	if len(words) == 0 {
		return r.Note
	}
	return strings.Join(words, "; ")
}

// listWidth is how wide a column of lists has to be: where there are several addresses, each is named with its own.
func listWidth(s *steps.State, alone int) int {
	if len(s.Incident.Addresses) > 1 {
		return 28
	}
	return alone
}

func listColumns() []Column {
	return []Column{
		{Title: "list", Min: 15, Flex: 1}, {Title: "verdict", Min: 8}, {Title: "what it means", Min: 20, Flex: 4},
		{Title: "what it does", Min: 14, Drop: 1}, {Title: "seen", Min: 6, Right: true, Drop: 2},
	}
}

// showList shows all that is known of the list under the cursor.
func (m *Model) showList(t *Table) {
	row, ok := t.Current()
	if !ok {
		return
	}
	for _, r := range newListRows(&m.state).results {
		if r.IP.String()+" "+r.List.Name == row.ID {
			m.open(view(r.List.Name, listText(r)))
			return
		}
	}
}

// listText is a verdict with the evidence behind it.
func listText(r dnsbl.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s on %s.\n", r.IP, r.Verdict, r.List.Name)
	if meaning := meaningOf(r); meaning != "" {
		fmt.Fprintf(&b, "Meaning: %s\n", meaning)
	}
	if r.Reason != "" {
		fmt.Fprintf(&b, "The list says: %s\n", r.Reason)
	}
	if r.Note != "" {
		fmt.Fprintf(&b, "Note: %s\n", r.Note)
	}
	if r.Verdict == dnsbl.Listed {
		fmt.Fprintf(&b, "It %s.\n\n", impactWords(r.List.Impact))
		for _, removal := range r.Removals() {
			fmt.Fprintf(&b, "What to do: %s\n", removal.Advice)
		}
	}
	if r.Lookup != "" {
		fmt.Fprintf(&b, "Look it up: %s\n", r.Lookup)
	}
	b.WriteString("\nEvidence: each question, and what came back\n")
	if len(r.Evidence) == 0 {
		b.WriteString("none: the list was not asked\n")
	}
	for _, e := range r.Evidence {
		fmt.Fprintf(&b, "%s %s\n    %s\n", e.Type, e.Name, evidenceText(e))
	}
	return b.String()
}

// evidenceText is what came back for one question, from which server, when.
func evidenceText(e dnsbl.Evidence) string {
	got := joined(", ", e.RCode, strings.Join(e.Answers, " "), e.Error)
	if e.Server != "" {
		got += ", from " + e.Server
	}
	return fmt.Sprintf("%s at %s in %d ms", got, e.At.Local().Format("15:04:05"), e.Took.Milliseconds())
}

func impactWords(i dnsbl.Impact) string {
	if i == dnsbl.Ignore {
		return "can be ignored"
	}
	return string(i)
}
