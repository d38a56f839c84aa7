package ui

import (
	"context"
	"net/netip"

	tea "github.com/charmbracelet/bubbletea"

	"delist/checks/traffic"
)

// linesMsg brings the lines of the logs behind a row.
type linesMsg struct {
	search traffic.Search
	found  *traffic.Found
	err    error
}

// linesBind shows the lines of the logs behind the account or the client under the cursor.
func (m *Model) linesBind(v *senderTables) (Bind, bool) {
	search, ok := v.traced()
	if !ok || m.state.Incident.Logs == "" {
		return Bind{}, false
	}
	b := bind("i", "logs", func() tea.Cmd { return m.lines(search) })
	b.About = "The lines of the logs behind the row under the cursor: its newest conversations with the server, each line with its file and number."
	return b, true
}

// traced is what the logs are searched by for the row under the cursor: its account, or its client.
func (v *senderTables) traced() (s traffic.Search, ok bool) {
	row, ok := v.table().Current()
	switch {
	case !ok:
		return s, false
	case v.view == byClient:
		ip, err := netip.ParseAddr(row.ID)
		return traffic.Search{Client: ip}, err == nil
	}
	s.Account = v.answer().Account
	return s, s.Account != ""
}

// lines looks through the logs.
func (m *Model) lines(search traffic.Search) tea.Cmd {
	if m.options.Lines == nil {
		m.said = "There are no logs here to look through."
		return nil
	}
	m.said = "The logs are looked through. Where they are large, that takes a minute."
	return m.run(func(ctx context.Context) tea.Msg {
		found, err := m.options.Lines(ctx, search)
		return linesMsg{search, found, err}
	})
}

// showLines shows the lines that were found, unless something else was opened meanwhile.
func (m *Model) showLines(msg linesMsg) {
	switch {
	case m.popup != nil:
	case msg.err != nil:
		m.said = sentence("the logs cannot be looked through: " + msg.err.Error())
	default:
		m.said = ""
		m.open(view("Logs: "+msg.search.String(), m.state.LinesText(msg.search, msg.found)))
	}
}
