package ui

import "delist/spool"

// messageRows are the messages of a search.
type messageRows struct{ p *purgePanel }

// Len implements Source.
func (r messageRows) Len() int {
	if r.p.results == nil {
		return 0
	}
	return len(r.p.results.Hits)
}

// Row implements Source.
func (r messageRows) Row(i int) Row {
	hit := r.p.results.Hits[i]
	row := Row{ID: string(hit.ID), Marked: r.p.comesMarked(hit)}
	m, ok := spool.Message{}, false
	if r.p.snapshot != nil {
		m, ok = r.p.snapshot.Find(hit.ID)
	}
	if !ok {
		row.Gone, row.Cells = true, []string{"no longer in the spool", "", string(hit.ID)}
		return row
	}
	to := ""
	if len(m.Recipients) > 0 {
		to = m.Recipients[0]
	}
	if m.RecipientCount > 1 {
		to = clip(to, 15) + " +" + count(m.RecipientCount-1)
	}
	from := m.From
	if from == "" {
		from = m.MailFrom
	}
	ip := ""
	if m.ClientIP.IsValid() {
		ip = m.ClientIP.String()
	}
	row.Cells = []string{to, from, m.Subject, span(m.Queued(r.p.state.Now)), matchWords(hit, &m), ip, size(m.Size)}
	return row
}

// matchWords says why a message was found, and whose it may be.
func matchWords(hit spool.Hit, m *spool.Message) string {
	switch {
	case hit.Doubtful:
		return "owner's?"
	case m.Bounce: // no account sent it
		return "bounce"
	}
	return hit.Relation.String()
}

func messageColumns() []Column {
	return []Column{
		{Title: "to", Min: 20, Flex: 2}, {Title: "from (as shown)", Min: 14, Flex: 2, Drop: 1}, {Title: "subject", Min: 16, Flex: 3},
		{Title: "queued", Min: 6, Right: true}, {Title: "match", Min: 9, Drop: 2}, {Title: "client", Min: 15, Drop: 4}, {Title: "size", Min: 7, Right: true, Drop: 3},
	}
}

// quarantineRows are the messages in the quarantine.
type quarantineRows struct{ p *purgePanel }

// Len implements Source.
func (r quarantineRows) Len() int { return len(r.p.state.Live.Held) }

// Row implements Source.
func (r quarantineRows) Row(i int) Row {
	held := r.p.state.Live.Held[i]
	note := ""
	switch {
	case held.Removed:
		note = "removed by another program"
	case held.Split:
		note = "one file is still in the spool"
	}
	return Row{ID: string(held.ID), Cells: []string{string(held.ID), held.Account, clock(held.Since), note}}
}

func heldColumns() []Column {
	return []Column{{Title: "message", Min: 20, Flex: 1}, {Title: "sent by", Min: 20, Flex: 2}, {Title: "moved", Min: 5}, {Title: "", Min: 10, Flex: 1, Drop: 1}}
}
