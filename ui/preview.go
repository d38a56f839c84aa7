package ui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/spool"
	"delist/spool/message"
)

// previewMsg brings a message to look at.
type previewMsg struct {
	id   spool.ID
	view message.View
	err  error
}

// preview reads the message under the cursor.
func (m *Model) preview(t *Table) tea.Cmd {
	row, ok := t.Current()
	if !ok {
		return nil
	}
	if m.options.Preview == nil {
		m.said = "There is no spool here to read a message from."
		return nil
	}
	id := spool.ID(row.ID)
	return m.run(func(ctx context.Context) tea.Msg {
		v, err := m.options.Preview(ctx, id)
		return previewMsg{id, v, err}
	})
}

// showPreview shows a message that was read, unless something else was opened meanwhile.
func (m *Model) showPreview(msg previewMsg) {
	if m.popup != nil {
		return
	}
	if msg.err != nil && len(msg.view.Headers) == 0 && msg.view.Text == "" {
		m.said = sentence("the message cannot be read: " + msg.err.Error())
		return
	}
	m.open(view("Message "+string(msg.id), m.namedByLog(msg.id)+previewText(msg)))
}

// namedByLog says that the SMTP log alone tells who sent a message; empty where it does not.
func (m *Model) namedByLog(id spool.ID) string {
	snap := m.state.Purged()
	if snap == nil {
		return ""
	}
	if found, ok := snap.Find(id); ok && found.Basis == spool.BasisLog {
		return "Sent by " + message.Printable(found.Account) + ", by the SMTP log: its own files do not say who logged in.\n\n"
	}
	return ""
}

// previewText is a message as text: what its bytes would do to a terminal is gone, what
// they say is there.
func previewText(msg previewMsg) string {
	var b strings.Builder
	b.WriteString("Shown as text: nothing in it is opened, loaded or run.\n\n")
	if msg.err != nil {
		fmt.Fprintf(&b, "Its structure is damaged: %s\n\n", message.Printable(msg.err.Error()))
	}
	if msg.view.BOM {
		b.WriteString("It starts with a byte order mark, as mail written in web mail may.\n\n")
	}
	for _, field := range msg.view.Headers {
		fmt.Fprintf(&b, "%s: %s\n", message.Printable(field.Name), message.Printable(field.Value))
	}
	b.WriteString("\n" + message.PrintableBlock(msg.view.Text) + "\n")
	for _, a := range msg.view.Attachments {
		fmt.Fprintf(&b, "\nAttached: %s (%s, %s)", message.Printable(a.Name), message.Printable(a.Type), size(a.Size))
	}
	if msg.view.Truncated {
		b.WriteString("\nThis is not all of it: the rest is too long to show.")
	}
	return b.String()
}
