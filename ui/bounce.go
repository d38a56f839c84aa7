package ui

import (
	"cmp"
	"fmt"
	"strings"

	"delist/checks/bounce"
)

// showBounce shows what a bounce says, as soon as it was read, unless something else was opened meanwhile: the screen
// behind has no room for all of it.
func (m *Model) showBounce(findings []bounce.Finding) {
	if m.popup == nil {
		m.popup = &popup{dialog: view("What the bounce says", bounceText(findings)), gate: shutAt(m.options.Clock())}
	}
}

// bounceText is each finding with the line it rests on, and what to do.
func bounceText(findings []bounce.Finding) string {
	if len(findings) == 0 {
		return "It names no blocker. Look for the line with a three-digit code, such as 554, and paste that."
	}
	var b strings.Builder
	for i, f := range findings {
		if i > 0 {
			b.WriteByte('\n')
		}
		parts := []fact{{"It says", f.Quote}, {"What to do", f.Advice}, {"Go to", f.URL}}
		if f.Refused() {
			fmt.Fprintf(&b, "%s\n", bounceSentence(f))
		} else {
			fmt.Fprintf(&b, "%s\n", f.Advice)
			parts = parts[:1]
		}
		for _, part := range parts {
			if part.value != "" {
				fmt.Fprintf(&b, "\n%s: %s\n", part.name, part.value)
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// refusals are the kinds of a finding, as what the receiver did.
var refusals = map[bounce.Kind]string{
	bounce.List: "refuses this server because a blocklist has it", bounce.Provider: "refuses this server by its own list or reputation",
	bounce.Rate: "slows this server down: too much, or too early", bounce.DNS: "refuses this server for its DNS names",
	bounce.Auth: "refuses the message for SPF, DKIM, DMARC or TLS", bounce.Content: "refuses the message for what it holds",
	bounce.Domain: "refuses the message for a domain in it", bounce.Recipient: "refuses this recipient only",
	bounce.RecipientResolver: "has a blocklist check that is broken: nothing is listed",
}

// bounceSentence says who refused what, for how long, and how sure that is.
func bounceSentence(f bounce.Finding) string {
	text := capital(cmp.Or(f.Provider, "the receiving server")) + " " + cmp.Or(refusals[f.Kind], "refuses the message, and does not say why")
	if f.List != "" && f.List != f.Provider {
		text += " (" + f.List + ")"
	}
	if f.IP.IsValid() {
		text += ". The address is " + f.IP.String()
	}
	if f.Permanent {
		text += ". The message is not tried again"
	} else {
		text += ". The message is tried again by itself"
	}
	switch f.Certainty {
	case bounce.Likely:
		text += ". This is likely, not certain"
	case bounce.Unsure:
		text += ". This is a guess from general words"
	}
	return text + "."
}
