package ui

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// prompt asks for one line of text.
type prompt struct {
	title, body string
	ask         string
	field       textinput.Model
	fresh       bool                      // nothing was pressed yet: what is typed then replaces the text
	complaint   string                    // what is wrong with what was typed
	check       func(string) string       // the complaint about a text, empty when it is good; may be nil
	over        func(why string) bool     // says whether no text will do any more, where one did not; may be nil
	complete    func(string) string       // what Tab makes of the text; may be nil
	done        func(text string) tea.Cmd // takes the text
}

// askText makes a prompt with a text to start from. A required one takes no empty text.
func askText(title, body, ask, start string, required bool, s Styles, done func(string) tea.Cmd) *prompt {
	p := &prompt{title: title, body: body, ask: ask, field: newField(start, s), done: done, fresh: start != ""}
	if required {
		p.check = func(text string) string {
			if text == "" {
				return "It may not be empty. Esc leaves things as they are."
			}
			return ""
		}
	}
	return p
}

func (p *prompt) press(msg tea.KeyMsg, _ time.Duration) (bool, tea.Cmd) {
	switch {
	case key.Matches(msg, keyEscape):
		return false, nil
	case key.Matches(msg, keyEnter):
		text := strings.TrimSpace(p.field.Value())
		if p.check != nil {
			if p.complaint = p.check(text); p.complaint != "" {
				p.fresh = text != ""
				return p.over == nil || !p.over(p.complaint), nil
			}
		}
		return false, p.done(text)
	case key.Matches(msg, keyOther):
		if p.complete != nil {
			p.field.SetValue(p.complete(p.field.Value()))
			p.field.CursorEnd()
		}
		return true, nil
	}
	p.complaint = ""
	if text := typed(msg); p.fresh && text != "" && text != " " { // an arrow or Backspace edits it instead, a blank adds to it
		p.field.SetValue("")
	}
	p.fresh = false
	p.field, _ = p.field.Update(forField(msg))
	return true, nil
}

func (p *prompt) draw(w, h int, g Glyphs, s Styles) []string {
	inner := innerWidth(w)
	p.field.Width = max(inner-2, 8)
	ask := append(wrap(p.ask, inner), p.field.View())
	if p.complaint != "" {
		room := h - 2 - len(ask) - 3 // of the frame, and the keys with the lines around them
		ask = append(ask, "")
		ask = append(ask, painted(s.Alarm, cutBlock(wrap(p.complaint, inner), room))...)
	}
	keys := "Enter: go on   Esc: cancel"
	if p.fresh {
		keys += "   typing replaces it"
	}
	ask = append(ask, "", s.Faint.Paint(clip(keys, inner)))
	body := wrap(p.body, inner)
	if p.body == "" {
		body = nil
	} else {
		body = append(body, "")
	}
	return boxed(p.title, append(cutBlock(body, h-2-len(ask)), ask...), inner, g, s)
}

// paste takes a text of several lines, such as a bounce. Enter is a line end in it, so
// that pasted keys cannot end it: Tab goes to the buttons.
type paste struct {
	title, body string
	yes         string
	text        []byte
	focus       int // 0 the text, 1 Cancel, 2 the verb
	complaint   string
	did         bool // the text was taken
	done        func(text string) tea.Cmd
}

// left is what was not done, where the operator said no.
func (p *paste) left() string {
	if p.did {
		return ""
	}
	return p.title
}

// maxPaste is the longest pasted text, in bytes: bounces are shorter.
const maxPaste = 256 << 10

func (p *paste) press(msg tea.KeyMsg, quiet time.Duration) (bool, tea.Cmd) {
	p.complaint = ""
	switch {
	case key.Matches(msg, keyEscape):
		return false, nil
	case key.Matches(msg, keyOther):
		p.focus = (p.focus + 1) % 3
		return true, nil
	}
	if p.focus == 0 {
		p.edit(msg)
		return true, nil
	}
	switch {
	case key.Matches(msg, keySide):
		p.focus = 3 - p.focus
	case key.Matches(msg, keyEnter) && p.focus == 1:
		return false, nil
	case key.Matches(msg, keyEnter) && quiet >= enterQuiet:
		if strings.TrimSpace(string(p.text)) == "" {
			p.complaint, p.focus = "There is nothing to read yet. Paste the bounce, or a line of it.", 0
			return true, nil
		}
		p.did = true
		return false, p.done(string(p.text))
	}
	return true, nil
}

// edit changes the text.
func (p *paste) edit(msg tea.KeyMsg) {
	switch {
	case key.Matches(msg, keyEnter):
		p.add("\n")
	case msg.Type == tea.KeyBackspace && len(p.text) > 0:
		_, size := utf8.DecodeLastRune(p.text)
		p.text = p.text[:len(p.text)-size]
	case msg.Type == tea.KeyCtrlU:
		p.text = nil
	default:
		p.add(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(typed(msg)))
	}
}

func (p *paste) add(text string) {
	if len(p.text)+len(text) > maxPaste {
		p.complaint = "That is more than a bounce needs; the rest is left out."
		text = strings.ToValidUTF8(text[:max(maxPaste-len(p.text), 0)], "")
	}
	p.text = append(p.text, text...)
}

func (p *paste) draw(w, h int, g Glyphs, s Styles) []string {
	inner := innerWidth(w)
	foot := []string{}
	if p.complaint != "" {
		foot = append(foot, p.complaint)
	}
	foot = append(foot, buttons([]string{"Cancel", p.yes}, p.focus-1, inner, s),
		s.Faint.Paint("Tab: text, Cancel, "+p.yes+"   Esc: cancel"))
	head := append(wrap(p.body, inner), "")
	room := max(h-2-len(head)-len(foot)-1, 1)
	var text []string
	for line := range strings.SplitSeq(string(tail(p.text, 8<<10)), "\n") {
		text = append(text, wrap(line, inner-1)...)
	}
	if p.focus == 0 {
		text[len(text)-1] += "_"
	}
	if len(text) > room {
		text = text[len(text)-room:]
	}
	for len(text) < min(room, 6) {
		text = append(text, "")
	}
	lines := append(head, text...)
	return boxed(p.title, append(append(lines, ""), foot...), inner, g, s)
}

// tail is the end of a text, from a line's or at least a character's start.
func tail(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	text = text[len(text)-n:]
	for len(text) > 0 && !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return text
}
