package ui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/spool"
	"delist/steps"
)

// senderView is by what the table of who sends is ordered.
type senderView int

const (
	byAccount senderView = iota
	byCampaign
	byClient
	senderViews int = iota
)

var singular = [senderViews]string{"account", "campaign", "client address"}

// senderTables are the views that find the culprit: the same mail by account, by campaign and by client address. Each
// keeps its cursor.
type senderTables struct {
	state  *steps.State
	view   senderView
	tables [senderViews]*Table
	glyphs Glyphs
}

func newSenderTables(g Glyphs) *senderTables {
	v := &senderTables{glyphs: g}
	for i, columns := range [senderViews][]Column{senderColumns(), campaignColumns(), clientColumns()} {
		v.tables[i] = &Table{Columns: columns, Headed: true}
	}
	v.update(&steps.State{})
	return v
}

func (v *senderTables) update(s *steps.State) {
	v.state = s
	v.tables[byAccount].Set(senderRows{s.Live.Senders, v.glyphs, s.Now})
	v.tables[byCampaign].Set(campaignRows{s.Live.Campaigns, v.glyphs, s.Now})
	v.tables[byClient].Set(clientRows{s.Live.Clients, v.glyphs, s.Now})
}

func (v *senderTables) table() *Table { return v.tables[v.view] }

// chosen says that the operator has moved to a row, or to another view.
func (v *senderTables) chosen() bool { return v.view != byAccount || v.table().inside }

// upNext is the view that comes after this one.
func (v *senderTables) upNext() senderView { return (v.view + 1) % senderView(senderViews) }

// bind is the key that goes on to the next view.
func (v *senderTables) bind() Bind {
	return bind("v", "by "+singular[v.upNext()], func() tea.Cmd { v.view = v.upNext(); return nil })
}

// answer is the row under the cursor, and its account: in other views the one that alone sent what the row stands for.
func (v *senderTables) answer() steps.Answer {
	row, ok := v.table().Current()
	if !ok {
		return steps.Answer{}
	}
	var only []string
	switch v.view {
	case byAccount:
		return rowAnswer(v.table())
	case byCampaign:
		for _, c := range v.state.Live.Campaigns {
			if c.Name == row.ID {
				only = c.Accounts[:min(c.AccountCount, len(c.Accounts))]
			}
		}
	case byClient:
		for _, c := range v.state.Live.Clients {
			if c.IP.String() == row.ID {
				only = c.Accounts[:min(c.AccountCount, len(c.Accounts))]
			}
		}
	}
	if len(only) != 1 {
		return steps.Answer{}
	}
	return steps.Answer{Row: only[0], Account: only[0]}
}

// rowAnswer is the row under the cursor of a table of accounts.
func rowAnswer(t *Table) steps.Answer {
	row, ok := t.Current()
	if !ok {
		return steps.Answer{}
	}
	a := steps.Answer{Row: row.ID}
	if row.ID != steps.RowBounces && row.ID != steps.RowNobody {
		a.Account = row.ID
	}
	return a
}

// query selects the mail of the row under the cursor; empty where no search does.
func (v *senderTables) query(s *steps.State) string {
	row, ok := v.table().Current()
	switch {
	case !ok:
	case v.view == byClient:
		return "ip:" + row.ID
	case v.view == byCampaign:
		for _, c := range s.Live.Campaigns {
			if c.Name == row.ID {
				return c.Query
			}
		}
	default:
		for i := range s.Live.Senders {
			if sender := &s.Live.Senders[i]; sender.Name() == row.ID {
				return sender.Query()
			}
		}
	}
	return ""
}

// why says why the row under the cursor is suspected; empty where it is not.
func (v *senderTables) why(s *steps.State) string {
	row, ok := v.table().Current()
	if !ok {
		return ""
	}
	var why []string
	switch v.view {
	case byAccount:
		for _, sender := range s.Live.Senders {
			if sender.Account != "" && sender.Account == row.ID {
				why = sender.Why
			}
		}
	case byCampaign:
		for _, c := range s.Live.Campaigns {
			if c.Name == row.ID {
				why = c.Why
			}
		}
	case byClient:
		for _, c := range s.Live.Clients {
			if c.IP.String() == row.ID {
				why = c.Why
			}
		}
	}
	if len(why) == 0 {
		return ""
	}
	return row.Cells[0] + ": " + strings.Join(why, ", ") + "."
}

// chart draws when mail came, one cell a stretch of time.
func chart(c spool.Chart, g Glyphs) string {
	most := 0
	for _, n := range c {
		most = max(most, n)
	}
	var b strings.Builder
	for _, n := range c {
		level := 0
		if most > 0 {
			level = (n*8 + most - 1) / most
		}
		b.WriteString(g.Steps[level])
	}
	return b.String()
}

// latest is what came in the last stretch of a chart.
func latest(c spool.Chart) int { return c[len(c)-1] }

// chartColumn is the last two hours, for wide windows.
func chartColumn(drop int) Column {
	return Column{Title: "last 2 h", Min: spool.ChartSteps, Drop: drop}
}

// campaignRows are the campaigns, the fullest first.
type campaignRows struct {
	rows   []steps.CampaignRow
	glyphs Glyphs
	now    time.Time
}

// Len implements Source.
func (r campaignRows) Len() int { return len(r.rows) }

// Row implements Source.
func (r campaignRows) Row(i int) Row {
	c := &r.rows[i]
	row := Row{ID: c.Name, Cells: []string{
		c.NewestSubject, count(c.Queued), spool.Percent(c.Share), several(c.Accounts, c.AccountCount), count(c.IPCount),
		perMinute(c.In, c.Known, "+"), perMinute(c.Out, c.Known, "-"), count(c.Recipients), clock(c.FirstSeen, r.now), clock(c.LastSeen, r.now), chart(c.Arrivals, r.glyphs),
	}}
	if c.NewestSubject == "" {
		row.Cells[0] = "(no subject)"
	}
	if c.Suspect {
		row.Tone = ToneBad
	}
	return row
}

// Numbers implements numbered.
func (r campaignRows) Numbers(i int) []float64 {
	c := &r.rows[i]
	return []float64{
		asText(), float64(c.Queued), c.Share, asText(), float64(c.IPCount),
		c.In, c.Out, float64(c.Recipients), moment(c.FirstSeen), moment(c.LastSeen), float64(latest(c.Arrivals)),
	}
}

func campaignColumns() []Column {
	return []Column{
		{Title: "campaign, newest subject", Min: 19, Flex: 3}, {Title: "queued", Min: 6, Right: true}, {Title: "share", Min: 5, Right: true, Drop: 4},
		{Title: "sent as", Min: 26, Flex: 2, Drop: 1}, {Title: "IPs", Min: 4, Right: true, Drop: 2},
		{Title: "in/min", Min: 6, Right: true, Drop: 3}, {Title: "out/min", Min: 7, Right: true, Drop: 7}, {Title: "to", Min: 7, Right: true, Drop: 6},
		{Title: "since", Min: 6, Right: true, Drop: 8}, {Title: "until", Min: 6, Right: true, Drop: 9}, chartColumn(5),
	}
}

// clientRows are the client addresses, the fullest first.
type clientRows struct {
	rows   []steps.ClientRow
	glyphs Glyphs
	now    time.Time
}

// Len implements Source.
func (r clientRows) Len() int { return len(r.rows) }

// Row implements Source.
func (r clientRows) Row(i int) Row {
	c := &r.rows[i]
	row := Row{ID: c.IP.String(), Cells: []string{
		c.IP.String(), count(c.Queued), spool.Percent(c.Share), several(c.Accounts, c.AccountCount), c.NewestSubject,
		perMinute(c.In, c.Known, "+"), perMinute(c.Out, c.Known, "-"), count(c.Recipients), clock(c.FirstSeen, r.now), clock(c.LastSeen, r.now), chart(c.Arrivals, r.glyphs),
	}}
	if c.Suspect {
		row.Tone = ToneBad
	}
	return row
}

// Numbers implements numbered.
func (r clientRows) Numbers(i int) []float64 {
	c := &r.rows[i]
	return []float64{
		asText(), float64(c.Queued), c.Share, asText(), asText(),
		c.In, c.Out, float64(c.Recipients), moment(c.FirstSeen), moment(c.LastSeen), float64(latest(c.Arrivals)),
	}
}

func clientColumns() []Column {
	return []Column{
		{Title: "client address", Min: 15, Flex: 1}, {Title: "queued", Min: 6, Right: true}, {Title: "share", Min: 5, Right: true, Drop: 2},
		{Title: "sent as", Min: 26, Flex: 2, Drop: 1}, {Title: "newest subject", Min: 14, Flex: 2, Drop: 4},
		{Title: "in/min", Min: 6, Right: true, Drop: 3}, {Title: "out/min", Min: 7, Right: true, Drop: 7}, {Title: "to", Min: 7, Right: true, Drop: 6},
		{Title: "since", Min: 6, Right: true, Drop: 8}, {Title: "until", Min: 6, Right: true, Drop: 9}, chartColumn(5),
	}
}

// several names the first of some accounts, and how many there are more.
func several(names []string, n int) string {
	switch {
	case n == 0:
		return "nobody"
	case n == 1:
		return names[0]
	}
	return names[0] + " +" + count(n-1)
}
