package ui_test

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// asRecords is how the Windows console passes on what it does not understand: each character a key, at once.
func asRecords(d *uitest.Driver, text string) {
	d.Wait(time.Second)
	for _, r := range text {
		d.Wait(2 * time.Millisecond)
		switch r {
		case '\x1b':
			d.Send(tea.KeyMsg{Type: tea.KeyEsc})
		case '\a':
			d.Send(tea.KeyMsg{Type: tea.KeyCtrlG})
		default:
			d.Send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
		}
	}
}

// What the console passes on of a terminal's answers opens nothing and types nothing; keys behind it are heard.
func TestAnswersAsRecordsDoNotAct(t *testing.T) {
	for _, answer := range []string{
		"\x1b]11;rgb:qqqq/????/0000\a", "\x1b]lq?nq\x1b\\", "\x1b[?62;22c", "\x1b[24;80R", "\x1b[0n", "\x1bP1$rq?\x1b\\", "\x1b_Gi=1;q?\x1b\\",
		"\x1b^q?\x1b\\", "\x1bXq?\x1b\\", "\x1b[?2026;2$y", "\x1b[I", "\x1b[8;24;80t",
	} {
		d, _ := at(t, incident.Look, ui.Options{})
		before := d.Screen()
		asRecords(d, answer)
		if d.Screen() != before {
			t.Errorf("%q changed the screen:\n%s", answer, d.Screen())
		}
		d.Press("?").ExpectDialog("Help: Look").Press("esc").ExpectNoDialog()

		d.Press("/")
		before = d.Screen()
		d.Press("esc", "/") // an Esc, and a key a while later
		if d.Screen() != before {
			t.Errorf("Esc and / a second later do not open the field again:\n%s", d.Screen())
		}
	}
	d, _ := at(t, incident.Look, ui.Options{})
	asRecords(d, "\x1b]11;rgb") // the rest never comes
	d.Wait(3 * time.Second).Press("?").ExpectDialog("Help: Look")
	asRecords(d, "\x1b]11;rgb")
	d.Wait(time.Millisecond).Send(tea.KeyMsg{Type: tea.KeyCtrlC}).ExpectDialog("Leave delist?")
}
