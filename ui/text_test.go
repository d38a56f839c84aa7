package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestFitIsExactlyAsWideAsAsked(t *testing.T) {
	for _, text := range []string{
		"", "Invoice", "a subject that is much too long for its column", "Grüße aus Köln", "发票逾期未付款项通知",
		"\x1b[2J\x1b[31mred", "a\tb\r\nc", "\u202egnp.exe", "\xff\xfe broken", "👩‍👩‍👧 family", strings.Repeat("é", 5000),
	} {
		for _, w := range []int{0, 1, 2, 5, 6, 12, 40} {
			for name, got := range map[string]string{"fit": fit(text, w), "fitRight": fitRight(text, w)} {
				if n := ansi.StringWidth(got); n != w {
					t.Errorf("%s(%q, %d) is %d cells wide: %q", name, text, w, n, got)
				}
				if strings.ContainsAny(got, "\x1b\n\r\t\u202e") || !utf8.ValidString(got) {
					t.Errorf("%s(%q, %d) lets through %q", name, text, w, got)
				}
			}
		}
	}
}

func TestClipSaysThatItCut(t *testing.T) {
	for _, test := range []struct {
		text string
		w    int
		want string
	}{
		{"Invoice 48213 overdue", 12, "Invoice 48.."},
		{"Invoice", 7, "Invoice"},
		{"Invoice", 4, "Invo"},
		{"Rechnung fällig", 12, "Rechnung f.."},
	} {
		if got := clip(test.text, test.w); got != test.want {
			t.Errorf("clip(%q, %d) = %q, want %q", test.text, test.w, got, test.want)
		}
	}
}

func TestWrapBreaksAtSpaces(t *testing.T) {
	for _, test := range []struct {
		text string
		w    int
		want string
	}{
		{"one two three", 7, "one two|three"},
		{"one\n\ntwo", 10, "one||two"},
		{"  indented text stays so", 12, "  indented|  text stays|  so"},
		{"abcdefghij", 4, "abcd|efgh|ij"},
		{"a abcdefghij b", 4, "a|abcd|efgh|ij b"},
		{"", 4, ""},
		{"über ähnlich", 5, "über|ähnli|ch"},
	} {
		if got := strings.Join(wrap(test.text, test.w), "|"); got != test.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", test.text, test.w, got, test.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("one two three", 7)
	f.Add("发票逾期 未付款", 1)
	f.Add("  \x1b[31m \n x", 3)
	f.Fuzz(func(t *testing.T, text string, w int) {
		w = w%200 + 1
		if w < 2 { // a wide character does not fit one cell
			return
		}
		for _, line := range wrap(text, w) {
			if n := ansi.StringWidth(line); n > w {
				t.Fatalf("wrap(%q, %d) gives %q, %d cells", text, w, line, n)
			}
		}
	})
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 3310: "3,310", 1002003: "1,002,003", -4500: "-4,500"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}

// What is made ASCII is as wide as before.
func TestASCIIIsAsWide(t *testing.T) {
	for _, text := range []string{
		"", "Invoice", "Grüße aus Köln", "发票逾期", "\x1b[1;96m Prüfung\x1b[0m ► √ │─┐", "e\u0301tude", "👩 family", "🇩🇪 flag", "👍🏽 ok", "\xff\x9b", "한국어 메일",
		strings.Repeat("ü", 2000),
	} {
		got := ASCII(text)
		if !utf8.ValidString(text) {
			text = strings.ToValidUTF8(text, "")
			got = strings.ReplaceAll(got, "?", "")
		}
		if ansi.StringWidth(got) != ansi.StringWidth(text) || strings.ContainsFunc(got, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("ASCII(%q) = %q: %d cells, want %d", text, got, ansi.StringWidth(got), ansi.StringWidth(text))
		}
	}
}
