package ui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
	"delist/steps/incident"
)

// request shows everything for one request for removal, with the ways to get it to where it is needed: into a browser,
// onto the clipboard, into a file.
func (m *Model) request(l incident.Listing) *viewer {
	box := view(l.List, "")
	link, text := linkOf(&l), m.state.NotYet()+listingText(&m.state.Incident, &l, m.options.NoBrowser)
	var binds []Bind
	for _, a := range m.actions() {
		if a.ID == steps.ActRequested && a.Refused == "" {
			binds = append(binds, bind(actionKeys[a.ID], a.Label, func() tea.Cmd { box.closed = true; return m.begin(a) }))
		}
	}
	if link != "" && !l.Nothing() {
		if m.options.Open != nil && strings.HasPrefix(link, "http") {
			binds = append(binds, m.away(box, "o", "open the link", func(ctx context.Context) (string, error) {
				return "The desktop was asked to open the link. If nothing opens, copy it.", m.options.Open(ctx, link)
			}))
		}
		if m.options.Copy != nil {
			binds = append(binds, m.away(box, "l", "copy the link", func(ctx context.Context) (string, error) {
				where, err := m.options.Copy(ctx, link)
				return "The link is copied to " + where + ".", err
			}))
		}
	}
	if m.options.Copy != nil {
		binds = append(binds, m.away(box, "c", "copy all", func(ctx context.Context) (string, error) {
			where, err := m.options.Copy(ctx, text)
			return "Copied to " + where + ".", err
		}))
	}
	if m.options.Write != nil {
		name := "request-" + fileName(l.List) + "-" + fileName(l.IP.String()) + ".txt"
		binds = append(binds, m.away(box, "w", "write to a file", func(ctx context.Context) (string, error) {
			path, err := m.options.Write(ctx, name, text)
			return "Written to " + path + ".", err
		}))
	}
	box.text, box.binds = text, binds
	return box
}

// away makes a key that takes the text of a box elsewhere, and says in the box where it went or why not.
func (m *Model) away(box *viewer, key, words string, act func(context.Context) (string, error)) Bind {
	return bind(key, words, func() tea.Cmd {
		return m.run(func(ctx context.Context) tea.Msg {
			said, err := act(ctx)
			if err != nil {
				return saidMsg{sentence("that did not work: " + err.Error()), box}
			}
			return saidMsg{said, box}
		})
	})
}

// fileName makes a part of a file's name: letters, digits and hyphens.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, s)
}

// linkOf is where removal is asked for, empty where there is no such place.
func linkOf(l *incident.Listing) string {
	if l.Removal == nil {
		return ""
	}
	return l.Removal.Link(l.IP)
}

// listingText is everything for one request: the link, why no browser opens it, the advice, the drafted text.
func listingText(inc *incident.Incident, l *incident.Listing, noBrowser string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", l.WhatItSays())
	if l.Reason != "" {
		fmt.Fprintf(&b, "It says: %s\n", l.Reason)
	}
	if text := l.WhatWasDone(); text != "" {
		fmt.Fprintf(&b, "%s\n", text)
	}
	link := linkOf(l)
	if l.Lookup != "" && l.Lookup != link {
		fmt.Fprintf(&b, "Look it up:  %s\n", l.Lookup)
	}
	draft := steps.Draft(inc, l.IP, l.List)
	if link != "" && draft != "" {
		fmt.Fprintf(&b, "Ask here:    %s\n", link)
		if noBrowser != "" {
			fmt.Fprintf(&b, "No browser opens from here: %s.\n", noBrowser)
		}
	} else if link != "" {
		fmt.Fprintf(&b, "Its page:    %s\n", link)
	}
	if hindrance := inc.Hindrance(*l); hindrance != "" {
		fmt.Fprintf(&b, "\n%s\n", hindrance)
	}
	if r := l.Removal; r != nil {
		fmt.Fprintf(&b, "\n%s\n", r.Advice)
		for _, f := range []fact{{"Have ready", r.Need}, {"It takes", r.Usual}, {"It ends by itself", r.Expires}, {"Too early, or twice", r.Penalty}} {
			if f.value != "" {
				fmt.Fprintf(&b, "%s: %s\n", f.name, f.value)
			}
		}
	}
	if draft == "" {
		b.WriteString("\nThere is nothing to ask for, and nothing to send.\n")
		return b.String()
	}
	fmt.Fprintf(&b, "\nThe text, from this incident's own facts. delist sends nothing: you do.\n\n%s", draft)
	return b.String()
}
