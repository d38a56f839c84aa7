package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/checks/dnsbl"
	"delist/steps"
)

// delistPanel is the worklist: each listing, what to do about it, and when to look again.
type delistPanel struct {
	noMarks
	work  *Table
	state *steps.State
}

func newDelistPanel() *delistPanel {
	p := &delistPanel{state: &steps.State{}}
	p.work = &Table{Columns: []Column{
		{Title: "list", Min: 14, Flex: 1}, {Title: "state", Min: 17, Flex: 1}, {Title: "what to do", Min: 18, Flex: 3},
		{Title: "next look", Min: 13, Right: true, Drop: 1}, {Title: "address", Min: 15, Drop: 2},
	}}
	p.work.Reset(workRows(nil))
	return p
}

func (p *delistPanel) update(s *steps.State) {
	p.state = s
	work := workRows(s.Incident.Worklist())
	p.work.Set(work)
	if !p.work.inside { // the cursor waits at what is to do next
		if next, ok := s.Incident.NextListing(); ok {
			p.work.place(slices.IndexFunc(work, func(l steps.Listing) bool { return listingID(l) == listingID(next) }))
		}
	}
}

func (p *delistPanel) table() *Table { return p.work }

// current is the listing under the cursor.
func (p *delistPanel) current() *steps.Listing {
	row, ok := p.work.Current()
	if !ok {
		return nil
	}
	for i := range p.state.Incident.Listings {
		if l := &p.state.Incident.Listings[i]; listingID(*l) == row.ID {
			return l
		}
	}
	return nil
}

func (p *delistPanel) answer() steps.Answer {
	if l := p.current(); l != nil {
		return steps.Answer{IP: l.IP, List: l.List}
	}
	return steps.Answer{}
}

func (p *delistPanel) binds(m *Model) []Bind {
	l := p.current()
	if l == nil {
		return nil
	}
	listing := *l
	show := bind("t", "show the link and the text", func() tea.Cmd {
		m.open(m.textWithCopy(listing.List, listingText(&m.state.Incident, listing)))
		return nil
	})
	if listing.State == steps.ListingToDo && !m.leaveNext() {
		// Reading comes before marking: Enter shows what to do.
		show.SetKeys("enter", "t")
		show.SetHelp("Enter", "show the link and the text")
	}
	return []Bind{show}
}

func (p *delistPanel) blocks(m *Model, w int) []block {
	if p.work.Len() == 0 {
		return []block{gapped(textBlock(0, paragraph(w, "No list has this server. There is nothing to ask for.")))}
	}
	blocks := []block{gapped(tableBlock(m, p.work, w, 3))}
	if l := p.current(); l != nil {
		blocks = append(blocks, gapped(textBlock(1, paragraph(w, m.listingAdvice(*l)))))
	}
	return blocks
}

// leaveNext says that the runbook recommends to leave the listing under the cursor.
func (m *Model) leaveNext() bool {
	a, ok := m.state.Recommended(steps.Delist)
	return ok && a.ID == steps.ActLeave && m.onNextListing()
}

// onNextListing says that the cursor is on the listing that the runbook means.
func (m *Model) onNextListing() bool {
	next, ok := m.state.Incident.NextListing()
	answer := m.panels[steps.Delist].answer()
	return ok && next.IP == answer.IP && next.List == answer.List
}

// listingAdvice says what the listing under the cursor means, and what to do about it.
func (m *Model) listingAdvice(l steps.Listing) string {
	text := fmt.Sprintf("%s lists %s: %s.", l.List, l.IP, strings.TrimRight(joined(", ", strings.Join(l.Meaning, ", "), impactWords(dnsbl.Impact(l.Impact))), "."))
	if l.Verdict.String() == "clear" {
		text = fmt.Sprintf("%s no longer lists %s, since %s.", l.List, l.IP, clock(l.Gone))
	}
	if quiet := m.state.Incident.Watch.Since; !quiet.IsZero() {
		text += " No new spam seen since " + clock(quiet) + "."
	}
	if l.Removal == nil || l.State == steps.ListingCleared {
		return text
	}
	if hindrance := m.state.Incident.Hindrance(l); hindrance != "" {
		text += "\n" + hindrance
	}
	text += "\n" + l.Removal.Advice
	if l.Removal.Need != "" {
		text += "\nHave ready: " + strings.TrimRight(lowerFirst(l.Removal.Need), ".") + "."
	}
	if l.Removal.Penalty != "" {
		text += " " + sentence(l.Removal.Penalty)
	}
	return text
}

// listingText is everything for one request: the link, the advice, the drafted text.
func listingText(inc *steps.Incident, l steps.Listing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s lists %s.\n", l.List, l.IP)
	if l.Reason != "" {
		fmt.Fprintf(&b, "The list says: %s\n", l.Reason)
	}
	if l.Lookup != "" {
		fmt.Fprintf(&b, "Look it up:  %s\n", l.Lookup)
	}
	if r := l.Removal; r != nil {
		if link := r.Link(l.IP); link != "" {
			fmt.Fprintf(&b, "Ask here:    %s\n", link)
		}
		if hindrance := inc.Hindrance(l); hindrance != "" {
			fmt.Fprintf(&b, "\n%s\n", hindrance)
		}
		fmt.Fprintf(&b, "\n%s\n", r.Advice)
		for _, f := range []fact{{"Have ready", r.Need}, {"It takes", r.Usual}, {"It ends by itself", r.Expires}, {"Too early, or twice", r.Penalty}} {
			if f.value != "" {
				fmt.Fprintf(&b, "%s: %s\n", f.name, f.value)
			}
		}
	}
	fmt.Fprintf(&b, "\nThe text, from this incident's own facts. delist sends nothing: you do.\n\n%s", steps.Draft(inc, l.IP, l.List))
	return b.String()
}

// workRows are the listings in the order in which to work on them.
type workRows []steps.Listing

// Len implements Source.
func (r workRows) Len() int { return len(r) }

func listingID(l steps.Listing) string { return l.IP.String() + " " + l.List }

// Row implements Source.
func (r workRows) Row(i int) Row {
	l := r[i]
	row := Row{ID: listingID(l)}
	state, do := l.State.String(), ""
	switch l.State {
	case steps.ListingToDo:
		row.Tone = ToneBad
		if l.Removal != nil {
			do = joined(", ", removalWords(string(l.Removal.Kind)), l.Removal.Usual)
		}
	case steps.ListingAsked:
		state = joined(" ", "asked", clock(l.At), "by", l.By)
		do = joined(", ", "wait, do not ask again", l.Ticket)
	case steps.ListingWaits:
		do = "nothing"
	case steps.ListingLeft:
		state, do = "left: "+l.Why, "nothing"
	case steps.ListingCleared:
		row.Tone = ToneGood
		do = "nothing, it is clear"
	}
	next := ""
	if l.State == steps.ListingAsked || l.State == steps.ListingWaits {
		next = day(l.Until)
	}
	row.Cells = []string{l.List, state, do, next, l.IP.String()}
	return row
}

// removalWords say who has to do what.
func removalWords(kind string) string {
	switch kind {
	case "self-service":
		return "self-service form"
	case "provider":
		return "your provider has to ask"
	case "mail":
		return "write a mail"
	case "waits":
		return "nothing, clears by itself"
	case "none":
		return "nothing; never pay for it"
	}
	return kind
}
