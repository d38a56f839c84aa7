package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// helpText explains the step on the screen: what is happening, what each key does and
// why it may not, the words, the signs.
func (m *Model) helpText() string {
	var b strings.Builder
	first, others := m.enterAndOthers()
	if first == nil {
		b.WriteString("Enter: does nothing here now.\n")
	} else {
		writeKey(&b, "", first.Help(), first.About, first.Refused)
	}
	fmt.Fprintf(&b, "%s: %s\n", m.step, m.page().Purpose)
	if text := m.panelText(); text != "" {
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	if text := joined("\n", m.heard, lastText(m.state.Live.Last)); text != "" {
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	b.WriteString("\nOTHER KEYS\n")
	for _, bind := range others {
		writeKey(&b, keyIndent, bind.Help(), bind.About, bind.Refused)
	}
	if m.panels[m.step].table() != nil {
		for _, k := range tableKeys() {
			writeKey(&b, keyIndent, k.Help(), "", "")
		}
	}
	writeKey(&b, keyIndent, key.Help{Key: "Ctrl+C", Desc: "stop what runs, safely; twice: leave"}, "", "")
	if list := m.page().Words; len(list) > 0 {
		b.WriteString("\nWORDS\n")
		for _, w := range list {
			fmt.Fprintf(&b, "  %s: %s\n", w.Name, w.Value)
		}
	}
	g := m.glyphs
	fmt.Fprintf(&b, "\nSIGNS\n  %s here, or to do now   %s done, or marked   %s held   %s failed   %s skipped, not needed, or gone\n",
		g.Here, g.Done, g.Held, g.Failed, g.Left)
	return b.String()
}

// lastText is what happened last, in full: the status has two lines for it at most.
func lastText(last string) string {
	if last == "" {
		return ""
	}
	return "Last: " + last
}

// panelText is what the panel says, which a small window may have cut.
func (m *Model) panelText() string {
	switch p := m.panels[m.step].(type) {
	case *purgePanel:
		return p.advice(m)
	case *delistPanel:
		if l := p.current(); l != nil {
			return m.listingAdvice(l)
		}
	}
	return pageText(m.page())
}

// enterAndOthers are the key that goes on, nil where none does, and all the others.
func (m *Model) enterAndOthers() (first *Bind, others []Bind) {
	for _, b := range m.binds() {
		if first == nil && b.Keys()[0] == "enter" {
			first = &b
		} else {
			others = append(others, b)
		}
	}
	return first, others
}

// keyIndent sets the keys of a list apart from its title.
const keyIndent = "  "

// writeKey is one line of the help: the key, what it does, and why it may not now.
func writeKey(b *strings.Builder, indent string, h key.Help, about, refused string) {
	fmt.Fprintf(b, "%s%s: %s\n", indent, h.Key, h.Desc)
	if refused != "" {
		fmt.Fprintf(b, "%s    Not now: %s\n", indent, sentence(refused))
	}
	if about != "" {
		fmt.Fprintf(b, "%s    %s\n", indent, about)
	}
}
