package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Bind is one key and what it does here. The hints at the foot, the lines of the help and
// the act itself come from the same value, so that none of them can be wrong alone.
type Bind struct {
	key.Binding
	About   string         // for the help: what it will do, what to expect, how to undo it
	Refused string         // why it cannot be done now; its hint is greyed and stands in brackets
	Quiet   bool           // in the help only, not at the foot
	Place   place          // among the hints
	Short   string         // its words where not all hints have room; may be empty
	Do      func() tea.Cmd // changes the model; never called while Refused
}

// place is where a hint stands: what has no place of its own comes in the order of the bindings.
type place int

// The places, from the first on.
const (
	placeEnter place = iota - 2 // the recommended act
	placeRow                    // what the row under the cursor is for
	placeUsual
	placeRefused // what cannot be done now
	placeTable   // what changes the rows in sight
	placeSoon    // behind the first two acts, of which one is to stop mail where that is urgent
)

// placed is the place that a binding comes to.
func (b Bind) placed() place {
	switch {
	case b.Keys()[0] == "enter":
		return placeEnter
	case b.Refused != "":
		return placeRefused
	case b.Place == placeSoon:
		return placeUsual
	}
	return b.Place
}

// bind makes a Bind of a key, its words and its act.
func bind(keyName, words string, do func() tea.Cmd) Bind {
	return Bind{Binding: key.NewBinding(key.WithKeys(keyName), key.WithHelp(keyLabel(keyName), words)), Do: do}
}

// keyLabel is a key as a hint names it.
func keyLabel(name string) string {
	switch name {
	case "enter":
		return "Enter"
	case " ":
		return "Space"
	case "esc":
		return "Esc"
	case "tab":
		return "Tab"
	case "left":
		return "Left"
	case "right":
		return "Right"
	case "ctrl+c":
		return "Ctrl+C"
	}
	return name
}

// match finds the binding of a key.
func match(binds []Bind, msg tea.KeyMsg) (Bind, bool) {
	for _, b := range binds {
		if key.Matches(msg, b.Binding) {
			return b, true
		}
	}
	return Bind{}, false
}

// keysAtTheDoor turns what the terminal reports into single keys. A rune of value 0 is
// Caps Lock or Alt alone on Windows; several runes in one report are quick typing, or a
// slow line; a paste stays whole, for text fields only.
func keysAtTheDoor(msg tea.KeyMsg) []tea.KeyMsg {
	if msg.Type != tea.KeyRunes {
		return []tea.KeyMsg{msg}
	}
	if msg.Paste {
		return []tea.KeyMsg{msg}
	}
	var keys []tea.KeyMsg
	for _, r := range msg.Runes {
		switch r {
		case 0, utf8.RuneError:
		case ' ':
			keys = append(keys, tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}, Alt: msg.Alt})
		default:
			keys = append(keys, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt})
		}
	}
	return keys
}

// typed is the text that a key or a paste puts into a field, empty for other keys. On
// Windows AltGr sets Alt: the rune is what counts.
func typed(msg tea.KeyMsg) string {
	switch {
	case msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace:
		return string(msg.Runes)
	default:
		return ""
	}
}

// forField is a key as a text field of one line takes it: runes without Alt, a paste
// on one line.
func forField(msg tea.KeyMsg) tea.KeyMsg {
	if msg.Type != tea.KeyRunes && msg.Type != tea.KeySpace {
		return msg
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(plain(strings.TrimRight(string(msg.Runes), "\r\n")))}
}

// hints draws the keys at the foot in at most h lines of width w: in order, the first
// one first. The last two, leaving and help, are always there; where others had no room
// the help says so.
func hints(binds []Bind, w, h int, s Styles) []string {
	var shown []Bind
	for _, b := range binds {
		if !b.Quiet && b.Help().Desc != "" {
			shown = append(shown, b)
		}
	}
	if len(shown) == 0 || h < 1 {
		return nil
	}
	if lines, missing := hintLines(shown, w, h, s); !missing {
		return lines
	}
	for i, b := range shown {
		if b.Short != "" {
			shown[i].SetHelp(b.Help().Key, b.Short)
		}
	}
	lines, _ := hintLines(shown, w, h, s)
	return lines
}

// hintLines draws hints, and says whether some had no room.
func hintLines(shown []Bind, w, h int, s Styles) (lines []string, missing bool) {
	always := shown[max(len(shown)-2, 0):]
	reserve := hintGap + width(moreKeys)
	for _, b := range always {
		reserve += hintWidth(b) + hintGap
	}
	rows := make([]hintRow, 1, h)
	for _, b := range shown[:len(shown)-len(always)] {
		row := &rows[len(rows)-1]
		room := w
		if len(rows) == h {
			room -= reserve
		}
		switch {
		case row.fits(hintWidth(b), room):
			row.add(b, s)
		case len(rows) < h && (len(rows)+1 < h || 1+hintWidth(b) <= w-reserve):
			rows = append(rows, hintRow{})
			rows[len(rows)-1].add(b, s)
		default:
			missing = true // a shorter one behind it may still fit
		}
	}
	for i, b := range always {
		if i == len(always)-1 && missing {
			b.SetHelp(b.Help().Key, b.Help().Desc+moreKeys)
		}
		if row := &rows[len(rows)-1]; !row.fits(hintWidth(b), w) && len(rows) < h {
			rows = append(rows, hintRow{})
		}
		rows[len(rows)-1].add(b, s)
	}
	for _, row := range rows {
		lines = append(lines, " "+row.text)
	}
	return lines, missing
}

// moreKeys follows the help's hint where not all keys have room.
const moreKeys = ", more keys"

const hintGap = 3

// hintRow is one line of hints.
type hintRow struct {
	text  string
	width int
}

func (r *hintRow) fits(w, limit int) bool {
	if r.width == 0 {
		return 1+w <= limit
	}
	return 1+r.width+hintGap+w <= limit
}

func (r *hintRow) add(b Bind, s Styles) {
	if r.width > 0 {
		r.text += spaces(hintGap)
		r.width += hintGap
	}
	r.text += hint(b, s)
	r.width += hintWidth(b)
}

// hint is one key with its words; what is refused stands greyed in brackets.
func hint(b Bind, s Styles) string {
	h := b.Help()
	if b.Refused != "" {
		return s.Faint.Paint("(" + h.Key + ": " + plain(h.Desc) + ")")
	}
	return s.Key.Paint(h.Key) + ": " + plain(h.Desc)
}

func hintWidth(b Bind) int {
	w := width(b.Help().Key) + 2 + width(plain(b.Help().Desc))
	if b.Refused != "" {
		w += 2
	}
	return w
}
