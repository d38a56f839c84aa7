package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

func TestKeysAtTheDoor(t *testing.T) {
	runes := func(s string) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)} }
	for _, test := range []struct {
		name string
		in   tea.KeyMsg
		want []string
	}{
		{"a letter", runes("s"), []string{"s"}},
		{"Caps Lock alone on Windows", runes("\x00"), nil},
		{"quick typing in one report", runes("3 2"), []string{"3", " ", "2"}},
		{"AltGr and a letter", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("@"), Alt: true}, []string{"alt+@"}},
		{"a key with a name", tea.KeyMsg{Type: tea.KeyEnter}, []string{"enter"}},
		{"a paste stays whole", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("ys"), Paste: true}, []string{"[ys]"}},
	} {
		var got []string
		for _, msg := range keysAtTheDoor(test.in) {
			got = append(got, msg.String())
		}
		if strings.Join(got, ",") != strings.Join(test.want, ",") {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestFieldTakesAltGrAndPaste(t *testing.T) {
	field := newField("", NoStyles())
	for _, msg := range []tea.KeyMsg{
		press("m"), {Type: tea.KeyRunes, Runes: []rune("@"), Alt: true}, press(" "),
		{Type: tea.KeyRunes, Runes: []rune("a\x1b[31m\u202eb\r\n"), Paste: true},
	} {
		field, _ = field.Update(forField(msg))
	}
	if got, want := field.Value(), "m@ a[31mb"; got != want {
		t.Errorf("the field holds %q, want %q", got, want)
	}
}

func TestHintsComeFromTheBindings(t *testing.T) {
	binds := []Bind{
		bind("enter", "quarantine 3,291", nil), bind(" ", "mark", nil), bind("p", "preview", nil),
		{Binding: key.NewBinding(key.WithKeys("w"), key.WithHelp("w", "set all aside")), Refused: "mail still runs"},
		{Binding: key.NewBinding(key.WithKeys("z"), key.WithHelp("z", "not shown")), Quiet: true},
		bind("q", "leave", nil), bind("?", "help", nil),
	}
	for _, test := range []struct {
		w, h int
		want string
	}{
		{100, 2, " Enter: quarantine 3,291   Space: mark   p: preview   (w: set all aside)   q: leave   ?: help"},
		{80, 2, " Enter: quarantine 3,291   Space: mark   p: preview   (w: set all aside)| q: leave   ?: help"},
		{60, 2, " Enter: quarantine 3,291   Space: mark   p: preview| (w: set all aside)   q: leave   ?: help"},
		{70, 1, " Enter: quarantine 3,291   q: leave   ?: help, more keys"},
	} {
		if got := strings.Join(hints(binds, test.w, test.h, NoStyles()), "|"); got != test.want {
			t.Errorf("hints at %dx%d:\n%s\nwant\n%s", test.w, test.h, got, test.want)
		}
	}
}
