package ui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// viewer shows a long text in pages.
type viewer struct {
	title  string
	text   string // of our own, or cleaned; wrapped to the window
	top    int
	page   int // lines of a page, as last drawn
	total  int
	binds  []Bind // what else can be done with the text
	said   string // what the last of them led to
	closed bool   // an act of its own ended it
}

func view(title, text string, binds ...Bind) *viewer {
	return &viewer{title: title, text: text, binds: binds}
}

var keyViewerEnd = key.NewBinding(key.WithKeys("esc", "q", "enter", "?"), key.WithHelp("Esc", "back"))

func (v *viewer) press(msg tea.KeyMsg, _ time.Duration) (bool, tea.Cmd) {
	v.said = ""
	if b, ok := match(v.binds, msg); ok && b.Refused == "" {
		cmd := b.Do()
		return !v.closed, cmd
	}
	half := max(v.page/2, 1)
	switch {
	case key.Matches(msg, keyViewerEnd):
		return false, nil
	case key.Matches(msg, keyUp):
		v.top -= half
	case key.Matches(msg, keyDown):
		v.top += half
	case key.Matches(msg, keyPageUp):
		v.top -= v.page
	case key.Matches(msg, keyPageDown), msg.Type == tea.KeySpace:
		v.top += v.page
	case key.Matches(msg, keyTop):
		v.top = 0
	case key.Matches(msg, keyBottom):
		v.top = v.total
	}
	v.clamp()
	return true, nil
}

func (v *viewer) clamp() { v.top = max(min(v.top, v.total-v.page), 0) }

func (v *viewer) draw(w, h int, g Glyphs, s Styles) []string {
	inner := max(min(w, 100)-4, 1)
	lines := wrap(v.text, inner)
	v.total = len(lines)
	var said []string
	if v.said != "" {
		said = append(painted(s.Alarm, cutBlock(wrap(v.said, inner), h/2)), "")
	}
	h -= len(said)
	keys := make([]string, 0, len(v.binds)+1)
	for _, b := range v.binds {
		keys = append(keys, hint(b, s))
	}
	keys = append(keys, "Esc: back")
	place := ""
	if room := h - 3 - len(packed(keys, inner)); v.total > room {
		place = "PgUp, PgDn: " + count(v.total) + "-" + count(v.total) + " of " + count(v.total) // as wide as it gets
	}
	v.page = max(min(h-3-len(packed(append(keys[:len(keys):len(keys)], place), inner)), v.total), 1)
	v.clamp()
	shown := append([]string(nil), lines[v.top:min(v.top+v.page, v.total)]...)
	if place != "" {
		keys = append(keys, "PgUp, PgDn: "+count(v.top+1)+"-"+count(v.top+len(shown))+" of "+count(v.total))
	}
	shown = append(append(shown, ""), said...)
	return boxed(v.title, append(shown, packed(keys, inner)...), inner, g, s)
}

// packed puts what is there into as few lines of at most w cells as it takes, in order.
func packed(parts []string, w int) []string {
	var lines []string
	for _, part := range parts {
		last := len(lines) - 1
		switch {
		case part == "":
		case last >= 0 && ansi.StringWidth(lines[last])+3+ansi.StringWidth(part) <= w:
			lines[last] += "   " + part
		default:
			lines = append(lines, part)
		}
	}
	return lines
}
