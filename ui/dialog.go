package ui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// How long the keyboard has to be quiet before a key counts.
const (
	// popQuiet is for a dialog or a screen that came by itself: what was typed ahead
	// was meant for something else.
	popQuiet = 400 * time.Millisecond
	// enterQuiet is for an Enter that changes the server: pasted text, which the Windows
	// console delivers as plain keys, ends in one.
	enterQuiet = 100 * time.Millisecond
)

// dialog is a question or a text over the screen. It takes all keys while it is there.
type dialog interface {
	// press acts on a key. quiet is how long no key came before it. It returns false
	// when the dialog is over, and what to do then.
	press(msg tea.KeyMsg, quiet time.Duration) (open bool, cmd tea.Cmd)
	// draw gives its lines, at most h, of at most w cells, with its frame.
	draw(w, h int, g Glyphs, s Styles) []string
}

// popup is a dialog on the screen.
type popup struct {
	dialog
	gate
	id string // what it is about, so that news can end it; may be empty
}

// gate keeps out the keys that were typed ahead of what came on the screen by itself.
type gate struct {
	shut  bool
	since time.Time // when it was shut
}

// gateMost is how long a gate stays shut at most: somebody who keeps pressing keys means it.
const gateMost = 1500 * time.Millisecond

// shutAt makes a gate that opens after a while of quiet.
func shutAt(now time.Time) gate { return gate{shut: true, since: now} }

// hears says whether a key at the time now counts, lastKey being the time of the one before.
func (g *gate) hears(now, lastKey time.Time) bool {
	if !g.shut {
		return true
	}
	quietSince := g.since
	if lastKey.After(quietSince) {
		quietSince = lastKey
	}
	g.shut = now.Sub(quietSince) < popQuiet && now.Sub(g.since) < gateMost
	return !g.shut
}

// boxWidth is the widest that a dialog gets: lines longer than this are hard to read.
const boxWidth = 76

// boxed draws a frame with a title around lines; inner is the width between the bars.
func boxed(title string, lines []string, inner int, g Glyphs, s Styles) []string {
	title = clip(title, inner-2)
	drawn := make([]string, 0, len(lines)+2)
	rule := inner - width(title) - 2
	drawn = append(drawn, g.TopLeft+g.Horizontal+s.Title.Paint(" "+title+" ")+strings.Repeat(g.Horizontal, max(rule+1, 0))+g.TopRight)
	for _, line := range lines {
		drawn = append(drawn, g.Vertical+" "+pad(line, inner)+" "+g.Vertical)
	}
	return append(drawn, g.BottomLeft+strings.Repeat(g.Horizontal, inner+2)+g.BottomRight)
}

// innerWidth is the room for text in a dialog of a window of width w.
func innerWidth(w int) int { return max(min(w, boxWidth)-4, 1) }

// cutBlock shortens text to h lines, and says so: behind the last line where there is room, else in it.
func cutBlock(lines []string, h int) []string {
	if len(lines) <= h {
		return lines
	}
	if h <= 0 {
		return nil
	}
	cutLines := append([]string(nil), lines[:h]...)
	widest := 0
	for _, line := range lines {
		widest = max(widest, ansi.StringWidth(line))
	}
	if ansi.StringWidth(lines[h-1])+1+len(cutMark) <= widest {
		cutLines[h-1] += " " + cutMark
		return cutLines
	}
	cutLines[h-1] = ansi.Truncate(cutLines[h-1], max(ansi.StringWidth(lines[h-1])-len(cutMark), 0), "") + cutMark
	return cutLines
}

// buttons draws the answers of a dialog, the one in focus marked in text.
func buttons(labels []string, focus, inner int, s Styles) string {
	var line string
	for i, label := range labels {
		if i > 0 {
			line += "   "
		}
		if i == focus {
			line += s.Cursor.Paint("> " + label + " <")
		} else {
			line += "  " + label + "  "
		}
	}
	return spaces(max((inner-ansi.StringWidth(line))/2, 0)) + line
}
