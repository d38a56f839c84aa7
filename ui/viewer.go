package ui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// viewer shows a long text in pages.
type viewer struct {
	title  string
	text   string // of our own, or cleaned; wrapped to the window
	top    int
	page   int // lines of a page, as last drawn
	total  int
	binds  []Bind // what else can be done with the text
	closed bool   // an act of its own ended it
}

func view(title, text string, binds ...Bind) *viewer {
	return &viewer{title: title, text: text, binds: binds}
}

var keyViewerEnd = key.NewBinding(key.WithKeys("esc", "q", "enter", "?"), key.WithHelp("Esc", "back"))

func (v *viewer) press(msg tea.KeyMsg, _ time.Duration) (bool, tea.Cmd) {
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
	v.page = max(min(h-4, v.total), 1)
	v.clamp()
	shown := append([]string(nil), lines[v.top:min(v.top+v.page, v.total)]...)
	foot := ""
	for _, b := range v.binds {
		foot += hint(b, s) + "   "
	}
	foot += "Esc: back"
	if v.total > v.page {
		foot += "   PgUp, PgDn: " + count(v.top+1) + "-" + count(v.top+len(shown)) + " of " + count(v.total)
	}
	return boxed(v.title, append(shown, "", foot), inner, g, s)
}
