package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// answered counts what a dialog did.
type answered struct {
	times int
	text  string
}

func (a *answered) do() tea.Cmd              { a.times++; return nil }
func (a *answered) take(text string) tea.Cmd { a.times++; a.text = text; return nil }

const slowly = time.Second

func TestConfirmStartsAtCancel(t *testing.T) {
	for _, test := range []struct {
		name  string
		keys  string
		quiet time.Duration
		open  bool
		done  int
	}{
		{"Enter alone cancels", "enter", slowly, false, 0},
		{"Esc cancels", "esc", slowly, false, 0},
		{"n cancels", "n", slowly, false, 0},
		{"y does it", "y", slowly, false, 1},
		{"Tab and Enter do it", "tab enter", slowly, false, 1},
		{"Tab twice is Cancel again", "tab tab enter", slowly, false, 0},
		{"another key does nothing", "x", slowly, true, 0},
		{"pasted keys do nothing", "y", 20 * time.Millisecond, true, 0},
		{"a pasted Enter does nothing", "tab enter", 20 * time.Millisecond, true, 0},
	} {
		var got answered
		d := askYes("Stop mail?", "Nothing is delivered until it runs again.", "Stop", got.do)
		open := true
		for name := range strings.FieldsSeq(test.keys) {
			open, _ = d.press(press(name), test.quiet)
		}
		if open != test.open || got.times != test.done {
			t.Errorf("%s: open %v, done %d times; want %v, %d", test.name, open, got.times, test.open, test.done)
		}
	}
}

func TestTypedCountMovesTheFocus(t *testing.T) {
	for _, test := range []struct {
		typed string
		onYes bool
	}{
		{"", false}, {"329", false}, {"3291", true}, {"3,291", true}, {"32910", false}, {"y", false},
	} {
		var got answered
		d := askWord("Move 3,291 messages?", "They go into the quarantine.", "To go on, type the number of messages:", "3291", "Move", NoStyles(), got.do)
		for _, r := range test.typed {
			d.press(press(string(r)), slowly)
		}
		if d.onYes != test.onYes {
			t.Errorf("after %q the focus is on the verb: %v", test.typed, d.onYes)
		}
		d.press(press("enter"), 50*time.Millisecond)
		if got.times != 0 {
			t.Errorf("%q and an Enter 50 ms later moved the messages", test.typed)
		}
		d.press(press("enter"), slowly)
		if want := map[bool]int{true: 1}[test.onYes]; got.times != want {
			t.Errorf("%q and Enter: done %d times, want %d", test.typed, got.times, want)
		}
	}
}

// A box for a number takes digits only, from keys and from a paste; a box for a word takes what it gets.
func TestNumberBoxTakesDigitsOnly(t *testing.T) {
	for _, test := range []struct{ word, typed, want string }{
		{"3291", "3q2 9é1", "3291"}, {"3291", "3,291", "3,291"}, {"3291", "qy", ""}, {"1", "+1-", "1"}, {"42", "٤2", "2"}, {"7", "seven 7\n", "7"},
		{"mail01", "mail 01", "mail 01"},
	} {
		for _, pasted := range []bool{false, true} {
			d := askWord("Move?", "They go.", "Type:", test.word, "Move", NoStyles(), func() tea.Cmd { return nil })
			if pasted {
				d.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(test.typed), Paste: true}, slowly)
			} else {
				for _, r := range strings.TrimSpace(test.typed) {
					d.press(press(string(r)), slowly)
				}
			}
			if got := d.field.Value(); got != test.want {
				t.Errorf("%q in a box for %s (pasted: %v): %q, want %q", test.typed, test.word, pasted, got, test.want)
			}
		}
	}
}

func TestWrongCountIsSaid(t *testing.T) {
	var got answered
	d := askWord("Move 3,392 messages?", "They go into the quarantine.", "To go on, type the number of messages:", "3392", "Move", NoStyles(), got.do)
	for _, test := range []struct {
		key  string
		said bool
	}{{"n", true}, {"enter", true}, {"3", false}, {"enter", true}, {"3", false}, {"enter", true}, {"tab", false}} {
		open, _ := d.press(press(test.key), slowly)
		box := strings.Join(d.draw(80, 24, ASCIIGlyphs(), NoStyles()), "\n")
		if said := strings.Contains(box, "That is not 3,392."); !open || said != test.said {
			t.Errorf("after %s: open %v, said %v\n%s", test.key, open, said, box)
		}
	}
}

func TestCancelInFocusCancels(t *testing.T) {
	var got answered
	d := askWord("Move 7 messages?", "", "To go on, type the number of messages:", "7", "Move", NoStyles(), got.do)
	open := true
	for _, name := range []string{"7", "tab", "enter"} {
		open, _ = d.press(press(name), slowly)
	}
	if open || got.times != 0 {
		t.Errorf("Enter on Cancel, the number typed: open %v, done %d times", open, got.times)
	}
}

func TestPopupWaitsForQuiet(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	p := shutAt(start)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	for _, test := range []struct {
		key, last int
		hears     bool
	}{
		{200, -50, false}, {500, 200, false}, {890, 500, false}, {1300, 890, true}, {1301, 1300, true},
	} {
		if got := p.hears(at(test.key), at(test.last)); got != test.hears {
			t.Errorf("a key at %d ms after one at %d ms is heard: %v", test.key, test.last, got)
		}
	}
}

func TestPopupHearsWhoInsists(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	p, last := shutAt(start), start
	for ms := 100; ms <= 1400; ms += 100 {
		now := start.Add(time.Duration(ms) * time.Millisecond)
		if p.hears(now, last) {
			t.Fatalf("a key after %d ms of steady typing is heard", ms)
		}
		last = now
	}
	if !p.hears(start.Add(1500*time.Millisecond), last) {
		t.Error("1.5 s of keys are not heard")
	}
}

func TestPromptWantsAReason(t *testing.T) {
	var got answered
	d := askText("Skip Verify?", "", "Why is this step passed over?", "", true, NoStyles(), got.take)
	if open, _ := d.press(press("enter"), slowly); !open || d.complaint == "" {
		t.Error("an empty reason was taken")
	}
	for _, r := range "told to" {
		d.press(press(string(r)), slowly)
	}
	if open, _ := d.press(press("enter"), slowly); open || got.text != "told to" {
		t.Errorf("open %v, text %q", open, got.text)
	}
}

func TestPasteTakesLinesAndNothingElseEndsIt(t *testing.T) {
	var got answered
	d := &paste{title: "Read a bounce", yes: "Read", done: got.take}
	bounce := "554 fed1rmimpi309 cox\r\n203.0.113.25 blocked"
	d.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(bounce), Paste: true}, slowly)
	d.press(press("enter"), slowly)
	d.press(press("q"), slowly)
	d.press(press("backspace"), slowly)
	if got.times != 0 {
		t.Fatal("typing ended it")
	}
	for _, key := range []string{"tab", "tab", "enter"} {
		d.press(press(key), slowly)
	}
	if want := "554 fed1rmimpi309 cox\n203.0.113.25 blocked\n"; got.text != want {
		t.Errorf("text %q, want %q", got.text, want)
	}
}

func TestPasteIsBounded(t *testing.T) {
	d := &paste{yes: "Read"}
	for range 10 {
		d.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(strings.Repeat("é", 30<<10)), Paste: true}, slowly)
	}
	if len(d.text) > maxPaste || d.complaint == "" {
		t.Errorf("%d bytes, complaint %q", len(d.text), d.complaint)
	}
}

func TestDialogsFitTheirWindow(t *testing.T) {
	long := strings.Repeat("48.1 MB, one account, forged senders. You can put them back in Purge. ", 12)
	for name, make := range map[string]func() dialog{
		"confirm": func() dialog { return askYes("Stop mail?", long, "Stop", nil) },
		"count": func() dialog {
			return askWord("Move?", long, "To go on, type the number:", "3291", "Move", NoStyles(), nil)
		},
		"prompt": func() dialog { return askText("Skip?", long, "Why?", "", true, NoStyles(), nil) },
		"paste": func() dialog {
			return &paste{title: "Read a bounce", body: "Paste it.", yes: "Read", text: []byte(long)}
		},
		"viewer": func() dialog { return view("Help", long) },
	} {
		for _, size := range windows {
			box := make().draw(size.w, size.h, ASCIIGlyphs(), NoStyles())
			if len(box) > size.h {
				t.Errorf("%s at %dx%d is %d lines high", name, size.w, size.h, len(box))
			}
			checkFrame(t, strings.Join(box, "\n"), size.w, size.h)
			if last := strings.Join(box[max(len(box)-4, 0):], ""); !strings.Contains(last, "Esc") {
				t.Errorf("%s at %dx%d does not say how to leave: %q", name, size.w, size.h, last)
			}
		}
	}
}

func TestViewerPages(t *testing.T) {
	v := view("Help", strings.Repeat("line\n", 99)+"last")
	draw := func() string { return strings.Join(v.draw(80, 24, ASCIIGlyphs(), NoStyles()), "\n") }
	if !strings.Contains(draw(), "1-20 of 100") {
		t.Fatal(draw())
	}
	for _, test := range []struct{ key, want string }{
		{"pgdown", "21-40 of 100"}, {" ", "41-60 of 100"}, {"up", "31-50 of 100"}, {"end", "81-100 of 100"}, {"home", "1-20 of 100"},
	} {
		v.press(press(test.key), slowly)
		if got := draw(); !strings.Contains(got, test.want) {
			t.Errorf("after %s: want %s in\n%s", test.key, test.want, got)
		}
	}
	if open, _ := v.press(press("esc"), slowly); open {
		t.Error("Esc does not close it")
	}
}
