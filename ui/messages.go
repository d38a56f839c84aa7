package ui

import (
	"cmp"

	"delist/spool"
	"delist/steps"
)

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
	ip := ""
	if m.ClientIP.IsValid() {
		ip = m.ClientIP.String()
	}
	row.Cells = []string{recipients(&m), cmp.Or(m.FromRead(), m.MailFrom), m.SubjectRead(), span(m.Queued(r.p.state.Now)), matchWords(hit), ip, size(m.Size)}
	return row
}

// Numbers implements numbered.
func (r messageRows) Numbers(i int) []float64 {
	var m spool.Message
	if r.p.snapshot != nil {
		m, _ = r.p.snapshot.Find(r.p.results.Hits[i].ID)
	}
	return []float64{asText(), asText(), asText(), -moment(m.Created), asText(), asText(), float64(m.Size)} // the oldest first
}

// Still implements still: of the panel it keeps what an order rests on.
func (r messageRows) Still() Source {
	return messageRows{&purgePanel{state: &steps.State{Now: r.p.state.Now}, results: r.p.results, snapshot: r.p.snapshot}}
}

// leastTo is the least width of a column of recipients: how many there are is never cut.
const leastTo = 20

// recipients names the first recipient of a message, and how many there are more.
func recipients(m *spool.Message) string {
	switch {
	case len(m.Recipients) == 0:
		return ""
	case m.Layout == spool.LayoutUnknown: // it is what the message says, or one of the addresses of its envelope
		return clip(m.Recipients[0], 18) + " ?"
	case m.RecipientCount > 1:
		more := " +" + count(m.RecipientCount-1)
		return clip(m.Recipients[0], leastTo-len(more)) + more
	}
	return m.Recipients[0]
}

// matchWords says why a message was found, and whose it may be.
func matchWords(hit spool.Hit) string {
	switch {
	case hit.Guessed && hit.Relation == spool.Sent:
		return "by guess"
	case hit.Bounce: // no account sent it
		return "bounce"
	case hit.Doubtful:
		return "owner's?"
	}
	return hit.Relation.String()
}

func messageColumns() []Column {
	return []Column{
		{Title: "to", Min: leastTo, Flex: 2}, {Title: "from (as shown)", Min: 14, Flex: 2, Drop: 1}, {Title: "subject", Min: 16, Flex: 3},
		{Title: "queued", Min: 6, Right: true}, {Title: "match", Min: 9, Drop: 2}, {Title: "client", Min: 15, Drop: 4}, {Title: "size", Min: 7, Right: true, Drop: 3},
	}
}
