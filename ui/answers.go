package ui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/ui/keyboard"
)

// answers knows among the keys what a terminal says by itself, where package keyboard cannot come before: the Windows
// console passes on an answer that it does not understand as one key after the other, from Esc on. That Esc acts as one.
type answers struct {
	filter keyboard.Filter
	last   time.Time
	begun  bool // the key before was an Esc
}

// drop reports whether a key belongs to an answer.
func (a *answers) drop(msg tea.KeyMsg, now time.Time) bool {
	pause := now.Sub(a.last)
	a.last = now
	text := typed(msg)
	switch {
	case msg.Paste, msg.Type == tea.KeyCtrlC, msg.Type == tea.KeyEsc && a.filter.Wait() == 0:
		*a = answers{last: now, begun: msg.Type == tea.KeyEsc}
		return false
	case msg.Type == tea.KeyEsc: // of Esc \, the end of an answer
		text = "\x1b"
	case msg.Type == tea.KeyCtrlG:
		text = "\a"
	}
	if a.begun {
		a.begun = false
		if pause > keyboard.EscapeWait || text == "" || !strings.Contains("[]P^_X", text[:1]) {
			return false
		}
		text = "\x1b" + text
	} else if a.filter.Wait() == 0 {
		return false
	}
	if wait := a.filter.Wait(); wait > 0 && pause > wait {
		*a = answers{last: now, begun: msg.Type == tea.KeyEsc}
		return false
	}
	a.filter.Feed([]byte(text))
	for a.filter.Next() != nil { // a key in the old spelling: the console has its own for all that delist takes
	}
	return true
}
