package ui

import (
	"context"
	"net/netip"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/checks/traffic"
	"delist/spool/message"
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
		m.open(view("Logs: "+msg.search.String(), linesText(msg)+m.furtherBack(msg)))
	}
}

// linesText is what was found as text, what is not known first.
func linesText(msg linesMsg) string {
	var parts []string
	for _, why := range msg.found.Unread {
		parts = append(parts, "Not known: "+message.Printable(why)+".")
	}
	switch from := msg.found.From.Format("Mon 2 Jan"); {
	case msg.found.From.IsZero():
		parts = append(parts, "There are no logs that can be read.")
	case len(msg.found.Conversations) == 0:
		parts = append(parts, "Nothing in the logs since "+from+" is about it.")
	default:
		parts = append(parts, "From the logs since "+from+", the newest first. What may be a password is left out.", msg.found.Text())
	}
	return strings.Join(parts, "\n\n")
}

// furtherBack is the command that shows more than is shown here.
func (m *Model) furtherBack(msg linesMsg) string {
	if m.state.Settings.Command == nil || len(msg.found.Conversations) > 0 && msg.found.More == 0 {
		return ""
	}
	return "\n\nTo look further back, in another window: " +
		m.state.Settings.Command("logs", "--logs", m.state.Incident.Logs, "--days", "30", msg.search.String())
}
