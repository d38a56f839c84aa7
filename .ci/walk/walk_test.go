package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// over lays a box over a screen of one step.
func over(step string, box ...string) string {
	return " mail01  DRILL  incident 7F3A, 2m\n √ Look ► " + step + "\n────\n " + step + ": what it is for.\n\n" + strings.Join(box, "\n") + "\n\n Enter: go ahead   q: leave\n"
}

const worklist = " mail01  203.0.113.25  incident 7F3A, 12m\n √ Look √ Verify ► Delist   Close\n────\n Delist: ask each list once.\n\n" +
	"    Barracuda      asked\n ►  Spamhaus ZEN   to do\n\n Last: quiet\n Enter: show the link and the text   "

func TestReadScreen(t *testing.T) {
	for _, test := range []struct {
		name, screen string
		read         bool
		step, what   string
		press        []stroke
	}{
		{"what Enter is said to do", over("Stop"), false, "Stop", "go ahead", keys("Enter")},
		{"an Enter that is refused", " Look: find out.\n\n (Enter: go on)   q: leave\n", false, "Look", "", nil},
		{"the steps beside it", " √ Look     done │ Purge: move the spam.\n                 │ Enter: search   q: leave\n", false, "Purge", "search", keys("Enter")},
		{"only waiting", " Verify: watch.\n\n j: judge it quiet myself   q: leave\n", false, "Verify", "", nil},
		{"yes or no", over("Stop", "  ┌─ Stop ALL mail now? ───────────────────┐", "  │ Nobody can send.                       │", "  │ Enter, n or Esc: cancel   y: stop mail │", "  └────────────────────────────────────────┘"),
			false, "Stop", "Stop ALL mail now?", keys("y")},
		{"a number of the title", over("Purge", "  ┌─ Move 3,291 messages out of the spool? ────────┐ 12 messages", "  │ 4 accounts, 19 messages stay                   │", "  │ Enter or Esc: cancel   Once typed, Enter: move │", "  └────────────────────────────────────────────────┘"),
			false, "Purge", "Move 3,291 messages out of the spool?, 3291", typed("3291")},
		{"a number without the word", over("Purge", "  ┌─ Set the whole spool aside, 3,912? ─────────────────┐", "  │ Enter or Esc: cancel   Once typed, Enter: set aside │", "  └─────────────────────────────────────────────────────┘"),
			false, "Purge", "Set the whole spool aside, 3,912?, 3912", typed("3912")},
		{"a word", over("Stop", "  ┌─ Every node? ───────────────────┐", `  │ Type "every node" to confirm:   │`, "  │                                 │", "  │ Enter: go on   Esc: cancel      │", "  └─────────────────────────────────┘"),
			false, "Stop", "Every node?", typed("every node")},
		{"a text that is there", over("Purge", "  ┌─ Search ─────────────────────┐", "  │ Search for:                  │", "  │ account:a@b.example          │", "  │                              │",
			"  │ Enter: go on   Esc: cancel   │", "  └──────────────────────────────┘"), false, "Purge", "Search, Search for:account:a@b.example", keys("Enter")},
		{"a text that is missing", over("Notify", "  ┌─ The owner is told ──────────┐", "  │ How was the owner told?      │", "  │                              │", "  │                              │",
			"  │ It may not be empty.         │", "  │ Enter: go on   Esc: cancel   │", "  └──────────────────────────────┘"), false, "Notify", "The owner is told, How was the owner told?", typed("told by phone")},
		{"a text to read", over("Delist", "  ┌─ Spamhaus ZEN ─────┐", "  │ Ask here.          │", "  │ c: copy   Esc: back│", "  └────────────────────┘"), false, "Delist", "Spamhaus ZEN", keys("Escape")},
		{"a listing", worklist + "m: mark as asked\n", false, "Delist", "show the link and the text Spamhaus ZEN   to do", keys("Enter")},
		{"a listing that was read", worklist + "m: mark as asked\n", true, "Delist", "mark as asked Spamhaus ZEN   to do", keys("m")},
		{"a listing that may not be asked", worklist + "x: leave it   (m: mark as asked)\n", true, "Delist", "leave it Spamhaus ZEN   to do", keys("x")},
		{"the shell's question", "Incident 7F3A is open on this spool.\nMAIL IS DOWN since 09:41. Go on with it? [Y/n] \n\n", false, "", "MAIL IS DOWN since 09:41. Go on with it?", typed("y")},
		{"the shell's question of something risky", "Replace it? [y/N] \n", false, "", "Replace it?", typed("y")},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := readScreen(test.screen, test.read)
			if o.step != test.step || o.what != test.what || !slices.Equal(o.press, test.press) {
				t.Errorf("got %q %q %v, want %q %q %v", o.step, o.what, o.press, test.step, test.what, test.press)
			}
		})
	}
}

func TestReadLines(t *testing.T) {
	const menu = "Step 3 of 9, Purge: move the spam.\n 1  search  (Enter)\n 2  note\n -  quarantine: not now, search first\n"
	for _, test := range []struct {
		name, text string
		step, what string
		press      []stroke
	}{
		{"a menu", menu + ">", "Purge", "search", keys("Enter")},
		{"a menu that is still written", menu, "Purge", "", nil},
		{"a menu without a recommendation", " 1  judge it quiet myself\n 2  note\n> \nnews\n>", "Look", "", typed("wait 3")},
		{"an old menu", menu + ">\nWhat can be done has changed; type ? to see it.\n>", "Purge", "", typed("?")},
		{"a new menu behind an old one", menu + ">\nWhat can be done has changed; type ? to see it.\n 1  plan  (Enter)\n>", "Purge", "plan", keys("Enter")},
		{"yes or no", "Mail stops.\nGo on? [y/N] ", "Look", "Mail stops. Go on? [y/N]", typed("y")},
		{"an incident to go on with", "Incident 7F3A is open.\nGo on with it? [Y/n] ", "Look", "Incident 7F3A is open. Go on with it? [Y/n]", typed("y")},
		{"a number", "To go on, type the number of messages (3,291): ", "Look", "To go on, type the number of messages (3,291):", typed("3291")},
		{"a row", "   1  ZEN\nNumber of the listing [2]: ", "Look", "Number of the listing [2]:", keys("Enter")},
		{"a text with a default", "Search for: [account:a@b.example]\n>", "Look", "Search for: [account:a@b.example]", keys("Enter")},
		{"a text", "Ticket number, if you got one:\n>", "Look", "Ticket number, if you got one:", typed("4711")},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := readLines(test.text, "Look")
			if o.step != test.step || o.what != test.what || !slices.Equal(o.press, test.press) {
				t.Errorf("got %q %q %v, want %q %q %v", o.step, o.what, o.press, test.step, test.what, test.press)
			}
		})
	}
}

func TestByHand(t *testing.T) {
	for _, test := range []struct {
		act  string
		want string
	}{
		{"mail is stopped now", "stop"}, {"stop ALL mail now", ""}, {"mail is stopped on every node", "stop"},
		{"mail runs now", "start"}, {"start mail again", ""}, {"I have set it in SmarterMail", "password"},
	} {
		w := &walk{settings: settings{stopCmd: "true", startCmd: "true"}}
		if saysSet.MatchString(test.act) {
			w.hands = append(w.hands, "password")
		} else if err := w.byHand(offer{act: test.act}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(w.hands, " "); got != test.want {
			t.Errorf("%q: did %q, want %q", test.act, got, test.want)
		}
	}
}

func TestNewPassword(t *testing.T) {
	m := newPassword.FindStringSubmatch("The new password of billing@quayworks.example:  Kq7-Rw4x-Pz9t  Say it by phone.")
	if m == nil || m[1] != "billing@quayworks.example" || m[2] != "Kq7-Rw4x-Pz9t" {
		t.Errorf("read %q", m)
	}
}

func TestMakeSpool(t *testing.T) {
	for _, test := range []struct {
		relay           bool
		pairs, loggedIn int
	}{{false, 268, 260}, {true, 360, 60}} {
		dir := t.TempDir()
		if err := makeSpool(dir, test.relay, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
		heads, err := filepath.Glob(filepath.Join(dir, "SubSpool*", "*.hdr"))
		if err != nil || len(heads) != test.pairs {
			t.Errorf("%d pairs (%v), want %d", len(heads), err, test.pairs)
		}
		loggedIn := 0
		for _, head := range heads {
			text, err := os.ReadFile(head)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(strings.TrimSuffix(head, ".hdr") + ".eml"); err != nil {
				t.Error(err)
			}
			if !strings.HasPrefix(string(text), "Written \r\n") || !strings.HasSuffix(string(text), "\r\n\r\n") {
				t.Errorf("%s is no envelope:\n%s", head, text)
			}
			if strings.Contains(string(text), "\r\nauth: ") {
				loggedIn++
			}
		}
		if loggedIn != test.loggedIn {
			t.Errorf("relay %v: %d messages have an account, want %d", test.relay, loggedIn, test.loggedIn)
		}
	}
}
