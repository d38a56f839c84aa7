package ui

import (
	"cmp"
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// quarantineRows are the messages in the quarantine.
type quarantineRows struct{ p *purgePanel }

// Len implements Source.
func (r quarantineRows) Len() int { return len(r.p.state.Live.Held) }

// Row implements Source.
func (r quarantineRows) Row(i int) Row {
	held := r.p.state.Live.Held[i]
	row := Row{ID: string(held.ID)}
	to, from, subject := "..", "", ".."
	switch read := r.p.read; {
	case held.Removed:
		to, subject, row.Tone = "", "removed by another program", ToneFaint
	case held.Split:
		to, subject = "", "one file is still in the spool"
	case read == nil:
	default:
		if m, ok := read.Find(held.ID); ok {
			to, from, subject = recipients(&m), cmp.Or(m.FromRead(), m.MailFrom), m.SubjectRead()
		}
	}
	row.Cells = []string{to, subject, held.Account, from, clock(held.Since, r.p.state.Now), string(held.ID)}
	return row
}

// Numbers implements numbered.
func (r quarantineRows) Numbers(i int) []float64 {
	return []float64{asText(), asText(), asText(), asText(), moment(r.p.state.Live.Held[i].Since), asText()}
}

// Still implements still.
func (r quarantineRows) Still() Source {
	return quarantineRows{&purgePanel{state: &steps.State{Live: steps.Live{Held: r.p.state.Live.Held}}}}
}

func heldColumns() []Column {
	return []Column{
		{Title: "to", Min: leastTo, Flex: 2, Lazy: true}, {Title: "subject", Min: 16, Flex: 3, Lazy: true}, {Title: "sent by", Min: 26, Flex: 1, Drop: 1},
		{Title: "from (as shown)", Min: 14, Flex: 2, Drop: 3, Lazy: true}, {Title: "moved", Min: 5, Right: true, Drop: 2}, {Title: "message", Min: 20, Drop: 4},
	}
}

// readAtOnce is how many rows of the quarantine are read around the page in sight.
const readAtOnce = 64

// heldReadMsg brings what messages in the quarantine say.
type heldReadMsg struct {
	part heldPart
	read *spool.Snapshot
	err  error
}

// readHeld reads the messages in the quarantine around the cursor, while their table is on the screen.
func (m *Model) readHeld() tea.Cmd {
	p, ok := m.panels[m.step].(*purgePanel)
	if !ok || !p.onHeld || m.options.ReadHeld == nil {
		return nil
	}
	part := heldPart{p.held.cursor / readAtOnce, p.held.generation}
	if part == p.part {
		return nil
	}
	p.part = part
	var ids []spool.ID
	for i := max(part.nth-1, 0) * readAtOnce; i < min((part.nth+2)*readAtOnce, p.held.Len()); i++ {
		ids = append(ids, spool.ID(p.held.source.Row(i).ID))
	}
	return m.run(func(ctx context.Context) tea.Msg {
		read, err := m.options.ReadHeld(ctx, ids)
		return heldReadMsg{part, read, err}
	})
}

// heldPart is a part of the quarantine's rows as they are arranged.
type heldPart struct{ nth, generation int }

// showHeld shows what was read, unless other rows are in sight by now.
func (m *Model) showHeld(msg heldReadMsg) {
	switch p, ok := m.panels[incident.Purge].(*purgePanel); {
	case !ok || msg.part != p.part:
	case msg.err != nil:
		m.said = sentence(msg.err.Error())
	default:
		p.read = msg.read
	}
}

// heldFoundMsg brings the messages in the quarantine that match a query.
type heldFoundMsg struct {
	query string
	held  int // how many messages were in it
	match map[spool.ID]bool
	err   error
}

// heldSearch is the key that searches the quarantine.
func (p *purgePanel) heldSearch(m *Model) Bind {
	b := bind("/", "search here", func() tea.Cmd { m.askHeld(p.held); return nil })
	b.Place = placeRow
	return b
}

// askHeld asks for the messages of the quarantine to show.
func (m *Model) askHeld(t *Table) {
	if m.options.SearchHeld == nil {
		m.said = "There is no quarantine here to search."
		return
	}
	box := askText("Search the quarantine", "Part of an address or a subject finds a message: invoice. Also account:NAME, to:, subject:, text:\"...\". An empty text shows all.",
		"Search for:", t.by.filter, false, m.styles, func(query string) tea.Cmd { return m.searchHeld(t, query) })
	box.check = func(query string) string {
		if _, err := spool.ParseQuery(query); err != nil {
			return sentence(err.Error())
		}
		return ""
	}
	m.open(box)
}

// searchHeld searches the quarantine.
func (m *Model) searchHeld(t *Table, query string) tea.Cmd {
	if query == "" {
		m.narrow(t, "", nil)
		return nil
	}
	m.said = "Looking through the quarantine for " + query + " .."
	held := len(m.state.Live.Held)
	return m.run(func(ctx context.Context) tea.Msg {
		match, err := m.options.SearchHeld(ctx, query)
		return heldFoundMsg{query, held, match, err}
	})
}

// showFoundHeld narrows the quarantine's table to what a search found.
func (m *Model) showFoundHeld(msg heldFoundMsg) {
	p, ok := m.panels[m.step].(*purgePanel)
	if !ok || !p.onHeld {
		return
	}
	switch m.said = ""; {
	case msg.held != len(m.state.Live.Held):
		m.said = "The quarantine changed meanwhile. Search again."
	case msg.err != nil:
		m.said = sentence(msg.err.Error())
	case len(msg.match) == 0:
		m.said = "Nothing in the quarantine matches " + msg.query + "."
	default:
		m.narrow(p.held, msg.query, func(row Row) bool { return msg.match[spool.ID(row.ID)] })
	}
}
