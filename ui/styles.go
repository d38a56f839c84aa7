package ui

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Style is a lipgloss style reduced to what goes before and after a text. Building
// styles is dear and applying them is not, so each is built once and paints whole lines.
type Style struct{ before, after string }

// Paint styles a text of one line.
func (s Style) Paint(text string) string {
	if s.before == "" || text == "" {
		return text
	}
	return s.before + text + s.after
}

// Styles are named by what they mean. A meaning is always in the words or the glyphs
// too; colour only helps the eye.
type Styles struct {
	Head     Style // who and where
	Alarm    Style // mail is down, the mode, a thing that is not what it seems
	Title    Style // the step's name, a panel's heading
	Text     Style
	Faint    Style // old, refused, the background of a dialog
	Cursor   Style // the row or button that a key would act on
	Bad      Style // listed, stolen, failed
	Good     Style // done, clear
	Key      Style // a key in a hint
	Column   Style // a column's title
	Field    Style // what is typed
	renderer *lipgloss.Renderer
}

// NewStyles builds the styles: of the sixteen ANSI colours only, because consoles fold
// anything finer to those. Without colour, bold and reverse remain.
func NewStyles(colour bool) Styles {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.ANSI)
	r.SetHasDarkBackground(true)
	base := r.NewStyle()
	tint := func(s lipgloss.Style, colourCode string) lipgloss.Style {
		if colour {
			return s.Foreground(lipgloss.Color(colourCode))
		}
		return s
	}
	return Styles{
		Head:     reduce(base.Bold(true)),
		Alarm:    reduce(tint(base.Bold(true), "11")),
		Title:    reduce(tint(base.Bold(true), "14")),
		Text:     Style{},
		Faint:    reduce(tint(base, "8")),
		Cursor:   reduce(base.Reverse(true)),
		Bad:      reduce(tint(base, "9")),
		Good:     reduce(tint(base, "10")),
		Key:      reduce(tint(base.Bold(true), "15")),
		Column:   reduce(tint(base, "6")),
		Field:    reduce(base.Underline(true)),
		renderer: r,
	}
}

// NoStyles paints nothing: for golden screens and for tests that read frames.
func NoStyles() Styles {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	return Styles{renderer: r}
}

// reduce finds what a style writes around a text.
func reduce(s lipgloss.Style) Style {
	before, after, _ := strings.Cut(s.Render("x"), "x")
	return Style{before, after}
}
