// Package uitest drives the wizard in tests: it presses keys, runs what the model asks
// for, and looks at the screen. The runbook behind it is a strict fake.
package uitest

import (
	"reflect"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"delist/steps"
	"delist/ui"
)

// Driver is an operator at the keyboard.
type Driver struct {
	t     testing.TB
	model tea.Model
	now   time.Time
	quit  bool
}

// New sits an operator down before a runbook, in a window of 80 by 24.
func New(t testing.TB, runbook ui.Runbook, o ui.Options) *Driver {
	d := &Driver{t: t, now: runbook.State().Now}
	if o.Clock == nil {
		o.Clock = func() time.Time { return d.now }
	}
	if o.Glyphs == (ui.Glyphs{}) {
		o.Glyphs = ui.LineGlyphs()
	}
	d.model = ui.New(runbook, o)
	d.Wait(time.Minute)
	return d.Resize(80, 24)
}

// Resize gives the window another size.
func (d *Driver) Resize(w, h int) *Driver { return d.send(tea.WindowSizeMsg{Width: w, Height: h}) }

// Wait lets time pass without a key.
func (d *Driver) Wait(pause time.Duration) *Driver {
	d.now = d.now.Add(pause)
	return d
}

// Send gives the model a message of the program's own.
func (d *Driver) Send(msg tea.Msg) *Driver { return d.send(msg) }

// Model is the model that is driven.
func (d *Driver) Model() *ui.Model { return d.model.(*ui.Model) }

// News brings the runbook's state, as the program does when something happened.
func (d *Driver) News(state steps.State) *Driver { return d.send(ui.News{State: state}) }

// keyTypes are the keys with a name.
var keyTypes = map[string]tea.KeyType{
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"home": tea.KeyHome, "end": tea.KeyEnd, "enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "backspace": tea.KeyBackspace,
	"ctrl+c": tea.KeyCtrlC, "ctrl+u": tea.KeyCtrlU,
}

// key is a key by its name, or a rune.
func key(name string) tea.KeyMsg {
	if kind, ok := keyTypes[name]; ok {
		return tea.KeyMsg{Type: kind}
	}
	if name == "space" || name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// Press presses keys one after the other, as a person does.
func (d *Driver) Press(names ...string) *Driver {
	for _, name := range names {
		d.Wait(time.Second).send(key(name))
	}
	return d
}

// Type types a text as a person does.
func (d *Driver) Type(text string) *Driver {
	for _, r := range text {
		d.Wait(200 * time.Millisecond).send(key(string(r)))
	}
	return d
}

// PasteAsKeys is how the Windows console delivers a paste: plain keys, line ends
// included, hardly any time apart.
func (d *Driver) PasteAsKeys(text string) *Driver {
	d.Wait(time.Second)
	for _, r := range text {
		d.Wait(10 * time.Millisecond)
		if r == '\n' {
			d.send(key("enter"))
			continue
		}
		d.send(key(string(r)))
	}
	return d
}

// send gives the model a message and runs all that comes of it.
func (d *Driver) send(msg tea.Msg) *Driver {
	d.t.Helper()
	if msg == nil || d.quit {
		return d
	}
	if _, quit := msg.(tea.QuitMsg); quit {
		d.quit = true
		return d
	}
	if list := reflect.ValueOf(msg); list.Kind() == reflect.Slice && list.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		for i := range list.Len() { // a batch, or a sequence, whose type is not exported
			d.run(list.Index(i).Interface().(tea.Cmd))
		}
		return d
	}
	var cmd tea.Cmd
	d.model, cmd = d.model.Update(msg)
	d.run(cmd)
	d.checkFrame()
	return d
}

func (d *Driver) run(cmd tea.Cmd) {
	if cmd != nil {
		d.send(cmd())
	}
}

// Screen is what the operator sees, without styles.
func (d *Driver) Screen() string { return ansi.Strip(d.model.View()) }

// View is the frame as the terminal gets it.
func (d *Driver) View() string { return d.model.View() }

// checkFrame holds every frame to a size that the terminal cannot have exceeded.
func (d *Driver) checkFrame() {
	d.t.Helper()
	if strings.Contains(d.model.View(), "\r") {
		d.t.Error("the frame has a carriage return")
	}
}

// Expect looks for texts on the screen. Line breaks count as spaces, frames not at all.
func (d *Driver) Expect(texts ...string) *Driver {
	d.t.Helper()
	screen := flat(d.Screen())
	for _, text := range texts {
		if !strings.Contains(screen, flat(text)) {
			d.t.Errorf("%q is not on the screen:\n%s", text, d.Screen())
		}
	}
	return d
}

// ExpectNot looks for texts that must not be on the screen.
func (d *Driver) ExpectNot(texts ...string) *Driver {
	d.t.Helper()
	screen := flat(d.Screen())
	for _, text := range texts {
		if strings.Contains(screen, flat(text)) {
			d.t.Errorf("%q is on the screen:\n%s", text, d.Screen())
		}
	}
	return d
}

// ExpectDialog looks for a dialog with this title and these texts.
func (d *Driver) ExpectDialog(title string, texts ...string) *Driver {
	d.t.Helper()
	if !strings.Contains(d.Screen(), "┌─ "+title) {
		d.t.Errorf("no dialog %q on the screen:\n%s", title, d.Screen())
	}
	return d.Expect(texts...)
}

// ExpectNoDialog looks whether all dialogs are closed.
func (d *Driver) ExpectNoDialog() *Driver {
	d.t.Helper()
	if strings.Contains(d.Screen(), "┌─ ") {
		d.t.Errorf("a dialog is on the screen:\n%s", d.Screen())
	}
	return d
}

// ExpectQuit looks whether the program has ended.
func (d *Driver) ExpectQuit(want bool) *Driver {
	d.t.Helper()
	if d.quit != want {
		d.t.Errorf("the program ended: %v, want %v", d.quit, want)
	}
	return d
}

// flat makes text comparable across line breaks and frames.
func flat(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "|", " ").Replace(s)), " ")
}
