package ui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/checks/identity"
)

// identityFrom is the lowest window that shows good news of the identity too; what is amiss stands in any.
const identityFrom = 30

// identityBlock is who the world sees when this server sends, in one line, what is amiss first.
func identityBlock(m *Model, w int) block {
	r := m.state.Incident.Identity
	if r == nil {
		return fixed(0)
	}
	if worst := r.Worst(); m.h < identityFrom && worst != identity.Bad && worst != identity.Unknown {
		return fixed(0)
	}
	const all = "  p: all"
	return fixed(5, m.styles.Title.Paint(" SEEN AS")+"  "+fit(r.Summary(), max(w-11-width(all), 0))+all)
}

// identityBind shows all of it.
func (m *Model) identityBind() Bind {
	b := bind("p", "PTR, HELO, SPF", func() tea.Cmd {
		m.open(view("Who the world sees", identityText(*m.state.Incident.Identity, m.state.Now)))
		return nil
	})
	b.About = "Who other servers see when this one sends: its addresses, names and sender domains. Lists refuse removal where that is not in order."
	if m.state.Incident.Identity == nil {
		b.Refused = "it was not looked at yet; it comes after the lists"
	}
	return b
}

// identityText is every finding: what is bad first, then what could not be told, and what is good last.
func identityText(r identity.Report, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Looked at %s. To look again: look the lists up again.\n", clock(r.At, now))
	for _, a := range r.Addresses {
		fmt.Fprintf(&b, "Address: %s, %s\n", a, a.Scope)
	}
	for _, part := range []struct {
		kind  identity.Kind
		title string
	}{{identity.Bad, "BAD"}, {identity.Unknown, "UNKNOWN: asked, and could not be told"}, {identity.Note, "WORTH KNOWING"}, {identity.Good, "GOOD"}, {identity.NotAsked, "NOT ASKED"}} {
		title := "\n" + part.title + "\n"
		for _, f := range r.Findings {
			if f.Kind != part.kind {
				continue
			}
			fmt.Fprintf(&b, "%s  %s\n", title, joined(" ", f.Sentence, f.Remedy))
			if len(f.Refusers) > 0 {
				fmt.Fprintf(&b, "  Removal is refused for this by %s.\n", strings.Join(f.Refusers, ", "))
			}
			title = ""
		}
	}
	b.WriteString("\nWORDS\n")
	for _, word := range identityWords {
		fmt.Fprintf(&b, "  %s: %s\n", word.name, word.value)
	}
	return b.String()
}

// identityWords are the ones that an operator may not know.
var identityWords = []fact{
	{"PTR", "the name that DNS gives for an address. The provider of the address sets it."},
	{"FCrDNS, forward-confirmed", "the PTR name has that same address. Anybody can claim a name; this shows that its owner agrees."},
	{"generic", "a name made by a machine for a customer's line, which no mail server should have."},
	{"HELO", "the name with which the server greets others."},
	{"SPF", "the domain's list of servers that may send for it. pass: this one may. fail, softfail: it may not."},
	{"DMARC", "what the domain asks receivers to do with forged mail."},
}
