package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"delist/steps/words"
)

// confirm asks before something is done. Cancel comes first and has the focus. Where a
// word or a number has to be typed, the focus leaves Cancel only once it is there.
type confirm struct {
	title, body string
	yes         string // the button's verb
	word        string // has to be typed; empty where yes or no will do
	prompt      string // asks for the word
	field       textinput.Model
	onYes       bool // the focus is on the verb
	hasty       bool // an Enter came too soon after another key
	wrong       bool // an Enter came after another word
	dropped     bool // what is no digit was typed where a number is asked for
	did         bool // it was done
	do          func() tea.Cmd
	cancel      func() tea.Cmd // may be nil
}

// askYes makes a question that y or n answers.
func askYes(title, body, yes string, do func() tea.Cmd) *confirm {
	return &confirm{title: title, body: body, yes: yes, do: do}
}

// askWord makes a question that a typed word or number answers.
func askWord(title, body, prompt, word, yes string, s Styles, do func() tea.Cmd) *confirm {
	return &confirm{title: title, body: body, yes: yes, prompt: prompt, word: word, field: newField("", s), do: do}
}

// The keys that answer a dialog.
var (
	keyYes    = key.NewBinding(key.WithKeys("y", "Y"), key.WithHelp("y", "yes"))
	keyNo     = key.NewBinding(key.WithKeys("n", "N"), key.WithHelp("n", "no"))
	keyEscape = key.NewBinding(key.WithKeys("esc"), key.WithHelp("Esc", "cancel"))
	keyEnter  = key.NewBinding(key.WithKeys("enter"), key.WithHelp("Enter", "go on"))
	keyOther  = key.NewBinding(key.WithKeys("tab", "shift+tab"), key.WithHelp("Tab", "next"))
	keySide   = key.NewBinding(key.WithKeys("left", "right"))
)

func (c *confirm) press(msg tea.KeyMsg, quiet time.Duration) (bool, tea.Cmd) {
	c.hasty, c.wrong = false, false
	switch {
	case key.Matches(msg, keyEscape):
		return c.end(c.cancel)
	case key.Matches(msg, keyEnter):
		if !c.onYes {
			if !c.ready() && (c.field.Value() != "" || c.dropped) { // typed, but not the word: stay and say so
				c.wrong = true
				return true, nil
			}
			return c.end(c.cancel)
		}
		if quiet < enterQuiet {
			c.hasty = true
			return true, nil
		}
		return c.end(c.begin)
	case key.Matches(msg, keyOther), c.word == "" && key.Matches(msg, keySide):
		c.onYes = !c.onYes && c.ready()
		return true, nil
	}
	if c.word != "" {
		msg = forField(msg)
		if c.number() {
			all := len(msg.Runes)
			msg.Runes = slices.DeleteFunc(msg.Runes, func(r rune) bool { return (r < '0' || r > '9') && r != ',' })
			c.dropped = len(msg.Runes) < all
			c.wrong = c.dropped && len(msg.Runes) == 0
		}
		c.field, _ = c.field.Update(msg)
		c.onYes = c.ready()
		return true, nil
	}
	switch {
	case key.Matches(msg, keyYes):
		if quiet < enterQuiet {
			c.hasty = true
			return true, nil
		}
		return c.end(c.begin)
	case key.Matches(msg, keyNo):
		return c.end(c.cancel)
	}
	return true, nil
}

func (c *confirm) begin() tea.Cmd {
	c.did = true
	return c.do()
}

func (c *confirm) end(then func() tea.Cmd) (bool, tea.Cmd) {
	if then == nil {
		return false, nil
	}
	return false, then()
}

// hint says what the keys do, and Enter above all, which is pressed first.
func (c *confirm) hint() string {
	act := words.LowerFirst(c.yes)
	switch {
	case c.word == "" && c.onYes:
		return "Enter or y: " + act + "   n or Esc: cancel"
	case c.word == "":
		return "Enter, n or Esc: cancel   y: " + act
	case c.onYes:
		return "Enter: " + act + "   Esc: cancel"
	case c.field.Value() == "":
		return "Enter or Esc: cancel   Once typed, Enter: " + act
	}
	return "Once typed, Enter: " + act + "   Esc: cancel"
}

// left is what was not done, where the operator said no.
func (c *confirm) left() string {
	if c.did {
		return ""
	}
	return c.title
}

// ready says that the word is typed. A number may have its commas.
func (c *confirm) ready() bool {
	return c.word == "" || strings.ReplaceAll(strings.TrimSpace(c.field.Value()), ",", "") == c.word
}

// number says that a number has to be typed: then nothing else can be.
func (c *confirm) number() bool { return strings.Trim(c.word, "0123456789") == "" }

// asPeopleWrite gives a number its commas; a word stays.
func asPeopleWrite(word string) string {
	if n, err := strconv.Atoi(word); err == nil {
		return count(n)
	}
	return word
}

func (c *confirm) draw(w, h int, g Glyphs, s Styles) []string {
	inner := innerWidth(w)
	var ask []string
	if c.word != "" {
		c.field.Width = max(inner-width(c.prompt)-2, 8)
		ask = append(ask, "", c.prompt+" "+c.field.View())
	}
	if c.wrong {
		ask = append(ask, "", s.Alarm.Paint("That is not "+asPeopleWrite(c.word)+"."))
	}
	if c.hasty {
		ask = append(ask, "", "That came too fast to be meant. Once more, slowly.")
	}
	hint := clip(c.hint(), inner)
	focus := 0
	if c.onYes {
		focus = 1
	}
	ask = append(ask, "", buttons([]string{"Cancel", c.yes}, focus, inner, s), s.Faint.Paint(spaces((inner-width(hint))/2)+hint))
	lines := append(cutBlock(wrap(c.body, inner), h-2-len(ask)), ask...)
	return boxed(c.title, lines, inner, g, s)
}

// newField is a text field of one line without a blinking cursor and without a paste
// key: blinking repaints, and pasting is the terminal's.
func newField(value string, s Styles) textinput.Model {
	field := textinput.New()
	field.Prompt = ""
	field.CharLimit = maxField
	field.KeyMap.Paste.SetEnabled(false)
	field.Cursor.SetMode(cursor.CursorStatic)
	field.Cursor.Style = s.renderer.NewStyle()
	field.Cursor.TextStyle = s.renderer.NewStyle()
	field.TextStyle = s.renderer.NewStyle().Underline(true)
	field.PlaceholderStyle = s.renderer.NewStyle()
	field.SetValue(value)
	field.CursorEnd()
	field.Focus()
	return field
}

// maxField is the longest text of one line, in runes.
const maxField = 1000
