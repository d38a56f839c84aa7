package ui

import (
	"math"
	"time"

	"delist/spool"
	"delist/steps"
)

// senderRows is the live table of who sends.
type senderRows struct {
	rows   []steps.SenderRow
	glyphs Glyphs
	now    time.Time
}

// Len implements Source.
func (s senderRows) Len() int { return len(s.rows) }

// Row implements Source.
func (s senderRows) Row(i int) Row {
	sender := s.rows[i]
	row := Row{ID: sender.Name(), Marked: sender.Marked}
	name := sender.Account
	switch row.ID {
	case steps.RowBounces:
		name = "(bounces, no account)"
	case steps.RowNobody:
		name = "(no account named)"
	}
	if sender.Marked || sender.Suspect {
		row.Tone = ToneBad
	}
	ips := count(sender.IPCount)
	if sender.Bounces || sender.IPCount == 0 {
		ips = "-"
	}
	to := count(sender.Recipients)
	if sender.Unread > 0 && sender.Unread == sender.Queued {
		to = "?"
	}
	row.Cells = []string{
		name, count(sender.Queued), spool.Percent(sender.Share), perMinute(sender.In, sender.Known, "+"), ips,
		sender.NewestSubject, size(sender.Bytes), clock(sender.FirstSeen, s.now), perMinute(sender.Out, sender.Known, "-"), chart(sender.Arrivals, s.glyphs),
		to, clock(sender.LastSeen, s.now),
	}
	return row
}

// Numbers implements numbered.
func (s senderRows) Numbers(i int) []float64 {
	r := &s.rows[i]
	return []float64{
		asText(), float64(r.Queued), r.Share, r.In, float64(r.IPCount),
		asText(), float64(r.Bytes), moment(r.FirstSeen), r.Out, float64(latest(r.Arrivals)),
		float64(r.Recipients), moment(r.LastSeen),
	}
}

// senderColumns are those of the senders table; the later ones need a wide window.
func senderColumns() []Column {
	return []Column{
		{Title: "account", Min: 26, Flex: 2}, {Title: "queued", Min: 6, Right: true}, {Title: "share", Min: 5, Right: true, Drop: 2},
		{Title: "in/min", Min: 6, Right: true}, {Title: "IPs", Min: 4, Right: true, Drop: 1}, {Title: "newest subject", Min: 14, Flex: 3, Drop: 3},
		{Title: "size", Min: 7, Right: true, Drop: 7}, {Title: "since", Min: 6, Right: true, Drop: 5},
		{Title: "out/min", Min: 7, Right: true, Drop: 6}, chartColumn(4),
		{Title: "to", Min: 7, Right: true, Drop: 8}, {Title: "until", Min: 6, Right: true, Drop: 9},
	}
}

// perMinute is a rate as "+39", or "?" before two looks were taken.
func perMinute(rate float64, known bool, sign string) string {
	switch n := int(math.Round(rate)); {
	case !known:
		return "?"
	case n == 0:
		return "0"
	default:
		return sign + count(n)
	}
}

// spoolLine says how much mail waits, how fast it comes and goes, and how old that is. t is the table of it that stands
// below in h lines; nil where none does.
func spoolLine(m *Model, w int, t *Table, h int) string {
	live := &m.state.Live
	if live.Spool == nil {
		text := "SPOOL  not read yet"
		switch {
		case live.SpoolErr != "":
			text = "SPOOL  cannot be read: " + live.SpoolErr
		case m.state.Incident.Spool == "":
			text = "SPOOL  none known. Start delist with --spool DIR to see the mail that waits."
		case live.Scanning != nil && live.Scanning.Total > 0:
			text = "SPOOL  being read, " + count(live.Scanning.Done) + " of " + plural(live.Scanning.Total, "message", "messages")
			if left := live.Scanning.Left(m.state.Now); left > 0 {
				text += ", about " + span(left) + " to go"
			}
		case live.Scanning != nil:
			text = "SPOOL  being read, " + plural(live.Scanning.Done, "message", "messages") + " so far"
		}
		return headLine(m, w, []string{text}, t, h, "")
	}
	parts := []string{"SPOOL  " + count(live.Spool.Waiting()) + " waiting"}
	if !live.Spool.Whole() {
		parts[0] += "  (not all of it)"
	}
	if unread := live.Spool.SayUnread(); unread != "" {
		parts[0] += " (" + unread + ")"
	}
	if live.Rates.Known {
		parts = append(parts, "  "+perMinute(live.Rates.In, true, "+")+"/min in", "  "+perMinute(live.Rates.Out, true, "-")+"/min out")
	}
	if oldest := live.Spool.Oldest(); !oldest.IsZero() {
		parts = append(parts, "  oldest "+span(m.state.Now.Sub(oldest)))
	}
	age := ago(m.state.Now.Sub(live.Spool.TakenAt()))
	if live.SpoolErr != "" {
		age = "CANNOT BE READ NOW, " + age
	}
	return headLine(m, w, parts, t, h, age)
}

// sendersBlock draws the live senders table under its line.
func sendersBlock(m *Model, t *Table, w, least, most int, focused bool) block {
	return block{
		min: 1 + min(least, t.wants()), want: 1 + min(most, t.wants()), gap: true,
		draw: func(h int) []string {
			return append([]string{spoolLine(m, w, t, h-1)}, t.Draw(w, h-1, focused, m.glyphs, m.styles)...)
		},
	}
}
