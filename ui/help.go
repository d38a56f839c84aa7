package ui

import (
	"fmt"
	"strings"

	"delist/steps/incident"

	"github.com/charmbracelet/bubbles/key"
)

// words are the ones that an operator may not know, by the step where they come up.
var words = map[incident.Step][]fact{
	incident.Look: {
		{"blocklist", "a list of addresses that other mail servers refuse mail from. People also say blacklist."},
		{"account", "the mailbox that logged in to send. The thief uses its real password."},
		{"sender", "what a message claims to be from. Spam forges it, so it proves nothing."},
		{"listed", "the list has this address. clear: it has not. refused: the list does not answer this resolver. unusable: no answer that can be believed. Only clear is good news."},
		{"IPs", "from how many addresses the account logged in. People have one to three, thieves dozens."},
	},
	incident.Stop:    {{"stopped", "seen stopped: the service says so, and nothing has spool files open."}},
	incident.Purge:   {{"spool", "the folder where mail waits until it is delivered."}, {"quarantine", "a folder on the same disk. What is moved there is not delivered and not lost."}, {"match", "sent: by that account. addressed: to it. mentions: only the words occur. Only sent is marked beforehand."}},
	incident.Reset:   {{"held", "the new password is made, and set at Restart: SmarterMail takes it only while it runs. It is kept in memory only."}, {"forwarding", "a thief's favourite leftover: a copy of all mail goes on to him."}},
	incident.Restart: {{"round", "when the spam comes back, Stop to Verify are to do again. What was done stays in the record."}},
	incident.Verify:  {{"quiet", "no account sends far above its usual rate, and the spool is normal."}},
	incident.Delist: {{"waiting by itself", "the listing ends without anybody asking. Asking does not make it faster."}, {"left", "deliberately not asked, with a reason."},
		{"not yet", "the list or receiver says no until the ones named have cleared."},
		{"paid removal", "money for what is free or ends by itself. Some lists sell it; never pay. It ends nothing that the cause does not bring back."},
		{"another address", "sending from a new address is no way out: it gets listed too, and looks like what spammers do."}},
	incident.Close: {{"record", "the report for people. The journal beside it has every line."}},
}

// helpText says first what to do: what Enter does now, and why. Then what the other keys
// do and why they may not, the words, the signs.
func (m *Model) helpText() string {
	var b strings.Builder
	first, others := m.enterAndOthers()
	if first == nil {
		b.WriteString("Enter: does nothing here now.\n")
	} else {
		writeKey(&b, "", first.Help(), first.About, first.Refused)
	}
	fmt.Fprintf(&b, "%s: %s\n", m.step, m.step.Purpose())
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
	if list := words[m.step]; len(list) > 0 {
		b.WriteString("\nWORDS\n")
		for _, w := range list {
			fmt.Fprintf(&b, "  %s: %s\n", w.name, w.value)
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

// panelText is the advice of the panel, which a small window may have cut.
func (m *Model) panelText() string {
	switch m.step {
	case incident.Look:
		return m.lookAdvice()
	case incident.Stop:
		return m.stopAdvice()
	case incident.Purge:
		if p, ok := m.panels[m.step].(*purgePanel); ok {
			return p.advice(m)
		}
	case incident.Restart:
		return m.restartAdvice()
	case incident.Verify:
		return m.verifyAdvice()
	case incident.Delist:
		if p, ok := m.panels[m.step].(*delistPanel); ok {
			if l := p.current(); l != nil {
				return m.listingAdvice(l)
			}
		}
	}
	return m.stepText(m.step)
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
