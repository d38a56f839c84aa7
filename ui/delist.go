package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/checks/dnsbl"
	"delist/steps"
	"delist/steps/incident"
)

// delistPanel is the worklist: each listing, what to do about it, and when to look again.
type delistPanel struct {
	noMarks
	work  *Table
	state *steps.State
}

// nextLook is the column of dates; its title names their zone.
const nextLook = 3

func newDelistPanel() *delistPanel {
	p := &delistPanel{state: &steps.State{}}
	p.work = &Table{Columns: []Column{
		{Title: "list", Min: 12, Flex: 1}, {Title: "state", Min: 15, Flex: 2}, {Title: "what to do", Min: 22, Flex: 3},
		nextLook: {Min: 14, Right: true, Drop: 1}, {Title: "address", Min: 15, Drop: 2},
	}}
	p.work.Reset(workRows{})
	return p
}

func (p *delistPanel) update(s *steps.State) {
	p.state = s
	p.work.Columns[nextLook].Title = "next look, " + s.Now.Local().Format("MST")
	p.work.widen(0, listWidth(s, 12))
	work := s.Incident.Worklist()
	p.work.Set(workRows{work, s})
	if !p.work.inside { // the cursor waits at what is to do next
		if next, ok := s.Incident.NextListing(); ok {
			p.work.place(slices.IndexFunc(work, func(l incident.Listing) bool { return listingID(l) == listingID(next) }))
		}
	}
}

func (p *delistPanel) table() *Table { return p.work }

// current is the listing under the cursor.
func (p *delistPanel) current() *incident.Listing {
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
	show := bind("t", "show the link and the text", func() tea.Cmd { m.open(m.request(listing)); return nil })
	show.Place = placeRow
	switch {
	case m.state.Incident.ToAskNow(l):
		// Reading comes before marking: Enter shows what to do.
		show.SetKeys("enter", "t")
		show.SetHelp("Enter", "show the link and the text")
	case steps.Draft(&m.state.Incident, l.IP, l.List) == "":
		show.SetHelp("t", "about this listing")
	}
	if next, ok := m.state.Incident.NextListing(); ok && !m.state.Incident.ToAskNow(l) {
		// The cursor stays where something was done; going on is the operator's own key.
		return []Bind{bind("enter", "go on to "+next.List, func() tea.Cmd { p.goTo(next); return nil }), show}
	}
	return []Bind{show}
}

// goTo puts the cursor on a listing.
func (p *delistPanel) goTo(l incident.Listing) {
	at := find(p.work.source, listingID(l), 0)
	if at < 0 { // a filter hides it
		p.work.arrange(arrangement{})
		at = find(p.work.source, listingID(l), 0)
	}
	if at >= 0 {
		p.work.Hold()
		p.work.place(at)
	}
}

// title names the listing under the cursor in the title of what is done about it; empty for what is about no listing.
func (p *delistPanel) title(a steps.Action) string {
	l := p.current()
	if l == nil {
		return ""
	}
	name := l.List
	if len(p.state.Incident.Addresses) > 1 {
		name += " (" + l.IP.String() + ")"
	}
	switch a.ID {
	case steps.ActRequested:
		return "Mark " + name + " as asked"
	case steps.ActLeave:
		return "Leave " + name + " as it is"
	case steps.ActCleared:
		return "Mark " + name + " as cleared"
	}
	return ""
}

func (p *delistPanel) blocks(m *Model, w int) []block {
	page := m.page()
	if p.work.Len() == 0 {
		return append(m.pageAlarm(w, page), pageAdvice(0, w, page))
	}
	blocks := append(m.pageAlarm(w, page), gapped(p.workBlock(m, w)))
	if l := p.current(); l != nil {
		blocks = append(blocks, gapped(textBlock(1, paragraph(w, m.listingAdvice(l)))))
	}
	return blocks
}

// workBlock draws the worklist at one height for all its rows: the cursor moves on, and what is below stays.
func (p *delistPanel) workBlock(m *Model, w int) block {
	const most = 9 // all places where a server is usually listed; more of them are paged
	lines := min(1+max(p.work.Len(), p.work.whole.Len()), most)
	if m.h < 20 {
		lines = min(lines, 4)
	}
	return block{min: lines, want: lines, draw: func(h int) []string { return p.work.Draw(w, h, true, m.glyphs, m.styles) }}
}

// fitListing says whether an action of Delist is about the listing under the cursor at all.
func (p *delistPanel) fitListing(a steps.Action) bool {
	l := p.current()
	switch a.ID {
	case steps.ActRequested:
		return l != nil
	case steps.ActCleared:
		return l != nil && l.ByHand && l.Gone.IsZero()
	case steps.ActTakeBack:
		return a.Refused == ""
	case steps.ActLeave:
		return l != nil && l.State != incident.ListingLeft && !l.Nothing() && l.Gone.IsZero()
	}
	return true
}

// listingAdvice says what to do about the listing under the cursor, why, and what was done.
func (m *Model) listingAdvice(l *incident.Listing) string {
	return strings.Join(m.state.ListingAdvice(l), "\n")
}

// workRows are the listings in the order in which to work on them.
type workRows struct {
	work  []incident.Listing
	state *steps.State
}

// Len implements Source.
func (r workRows) Len() int { return len(r.work) }

func listingID(l incident.Listing) string { return l.IP.String() + " " + l.List }

// Row implements Source.
func (r workRows) Row(i int) Row {
	l := r.work[i]
	row := Row{ID: listingID(l), Tone: ToneText}
	state, do := l.State.String(), "nothing"
	overdue := l.Overdue(r.state.Now)
	switch l.State {
	case incident.ListingToDo:
		after := r.state.Incident.After(&l)
		if !l.Back.IsZero() {
			state = "back again"
		}
		switch {
		case l.Nothing():
		case len(after) > 0:
			state, do = "not yet", "after "+after[0]
		default:
			row.Tone, do = ToneBad, removalWords(&l)
		}
	case incident.ListingAsked:
		state = joined(", ", "asked "+l.At.Local().Format("Mon 2"), l.Ticket) // when and by whom stands below
		do = "wait, do not ask again"
		if overdue {
			row.Tone, do = ToneBad, "ask again, once"
		}
	case incident.ListingWaits:
		state = "waits by itself"
		switch {
		case overdue && l.Nothing():
			row.Tone, do = ToneBad, "look for new spam"
		case overdue:
			row.Tone, do = ToneBad, "ask again, once"
		case !l.Nothing():
			state, do = "asked before", "wait, do not ask again"
		}
	case incident.ListingLeft:
		if l.Nothing() {
			do = "nothing, never pay"
		} else if l.Why != "" {
			state += ": " + l.Why
		}
	case incident.ListingCleared:
		row.Tone, do = ToneGood, "nothing, it is clear"
	}
	next := ""
	if l.State == incident.ListingAsked || l.State == incident.ListingWaits {
		next = day(l.Until)
	}
	name := l.List
	if len(r.state.Incident.Addresses) > 1 {
		name += " " + l.IP.String() // which of them decides; the column of addresses needs a wide window
	}
	row.Cells = []string{name, state, do, next, l.IP.String()}
	return row
}

// Numbers implements numbered.
func (r workRows) Numbers(i int) []float64 {
	return []float64{asText(), asText(), asText(), -moment(r.work[i].Until), asText()} // the next one first
}

// removalWords say in a few words what to do now.
func removalWords(l *incident.Listing) string {
	switch {
	case l.Removal == nil:
		return "look it up"
	case l.Removal.Kind != dnsbl.ByProvider && l.Removal.URL == "":
		return "as said below, once"
	}
	switch l.Removal.Kind {
	case dnsbl.SelfService:
		return "fill in its form, once"
	case dnsbl.ByProvider:
		return "have your provider ask"
	case dnsbl.ByMail:
		return "write to them, once"
	}
	return "nothing"
}
