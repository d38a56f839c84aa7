package report

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestText(t *testing.T) {
	for in, want := range map[string]safe{
		"plain, with 3,291 (85 %).":    "plain, with 3,291 (85 %).",
		"a|b":                          `a\|b`,
		"`rm`":                         "\\`rm\\`",
		"<script>alert(1)</script>":    "&lt;script&gt;alert(1)&lt;/script&gt;",
		"[x](http://evil.example)":     `\[x\](http\://evil.example)`,
		"www.evil.example":             `www\.evil.example`,
		"**bold** _it_ ~~x~~ # h":      `\*\*bold\*\* \_it\_ \~\~x\~\~ \# h`,
		"- item":                       `\- item`,
		"1. item":                      `1\. item`,
		"203.0.113.25":                 "203.0.113.25",
		"2026-07-21":                   "2026-07-21",
		"a\nb\tc\r\n":                  "a b c",
		"\x1b[31mred\x1b[0m":           `\[31mred\[0m`,
		"right\u202eto left\u200b":     "rightto left",
		"\xff\xfebroken":               "broken",
		`D:\SmarterMail`:               `D:\\SmarterMail`,
		"&lt;":                         "&amp;lt;",
		strings.Repeat("x", maxText+1): safe(strings.Repeat("x", maxText) + " .. (cut)"),
		"=HYPERLINK(1)":                `\=HYPERLINK(1)`,
	} {
		if got := text(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestLinkTakesPlainPagesOnly(t *testing.T) {
	for in, want := range map[string]safe{
		"":                              "-",
		"https://a.example/?q=1.2.3.4":  "<https://a.example/?q=1.2.3.4>",
		"javascript:alert(1)":           "javascript:alert(1)",
		"https://a.example/><script>":   `https\://a.example/&gt;&lt;script&gt;`,
		"https://a.example/|x":          `https\://a.example/\|x`,
		"https://user:pw@evil.example/": `https\://user:pw@evil.example/`,
	} {
		if got := link(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestCodeCannotBeLeft(t *testing.T) {
	for in, want := range map[string]safe{
		`D:\SmarterMail\`: "`D:\\SmarterMail\\`", "a`b": "a\\`b", "a|b": `a\|b`, "<b>": "&lt;b&gt;", "": "-", "a\nb": "`a b`",
	} {
		if got := code(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for in, want := range map[time.Duration]safe{
		-time.Second: "0 s", 4 * time.Second: "4 s", 14*time.Minute + 3*time.Second: "14 min 3 s", 125 * time.Minute: "2 h 5 min", 76 * time.Hour: "3 d 4 h",
	} {
		if got := span(in); got != want {
			t.Errorf("%s becomes %q, want %q", in, got, want)
		}
	}
}

// lineShape is what a hostile text would change of a line if it got out of its place.
type lineShape struct {
	First string // character
	Cells int
	HTML  bool
}

var ourLink = regexp.MustCompile(`<https?://[^<>|` + "`" + `\s]*>`)

// shape reads a report as a Markdown program would: escapes and code spans are passed over.
func shape(report string) []lineShape {
	var shapes []lineShape
	for line := range strings.Lines(report) {
		line = ourLink.ReplaceAllString(strings.TrimSuffix(line, "\n"), "link")
		s := lineShape{HTML: strings.ContainsAny(line, "<")}
		if line != "" {
			s.First = line[:1]
		}
		inCode := false
		for i := 0; i < len(line); i++ {
			switch {
			case line[i] == '`':
				inCode = !inCode
			case line[i] == '\\' && !inCode:
				i++
			case line[i] == '|':
				s.Cells++
			}
		}
		if inCode {
			s.Cells = -1 // a code span that swallows the rest
		}
		shapes = append(shapes, s)
	}
	return shapes
}

// hold fails when text from outside changes the shape of a report, or passes anything that is not meant to be read.
func hold(t *testing.T, payload string) {
	t.Helper()
	benign, hostile := asIs, func(s string) string { return s + " " + payload }
	inc, records := example(benign)
	want := shape(markdown(t, inc, records))
	for _, foreign := range []func(string) string{hostile, func(s string) string { return payload + s }} {
		inc, records = example(foreign)
		got := markdown(t, inc, records)
		if diff := cmp.Diff(want, shape(got)); diff != "" {
			t.Errorf("%q changes the report's shape (-plain +hostile):\n%s", payload, diff)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q: not UTF-8", payload)
		}
		for _, r := range got {
			if r != '\n' && unicode.IsControl(r) {
				t.Errorf("%q: control character %U", payload, r)
			}
		}
	}
}

var hostileTexts = []string{
	"\x1b]0;owned\x07\x1b[2J", "| a | b |", "\n| a |", "\n\n# owned\n", "`", "``", "\\", "\\`", "<script>alert(1)</script>", "<!--", "]]>",
	"[x](https://evil.example)", "![x](https://evil.example/p.png)", "\u009b31m", "\u202egnp.exe", "\xff\xfe\x80", "&#x3c;b&#x3e;", "- - -", "===", "***",
	"1. x", "{{7*7}}", "$(id)", "https://evil.example/|`<", "\r\n\r\n---\r\n", "> q", "\t\tcode", "|---|---|", "~~~",
}

func TestHostileTextStaysInItsPlace(t *testing.T) {
	for _, payload := range hostileTexts {
		hold(t, payload)
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, payload := range hostileTexts {
		f.Add(payload)
	}
	f.Fuzz(hold)
}

// TestCommandIsCopiedAsItRuns: nothing of a command is escaped or cut, and it cannot leave its span.
func TestCommandIsCopiedAsItRuns(t *testing.T) {
	for s, want := range map[string]safe{
		`./delist restore 7F3A --all --incidents '/k$HOME it (x)'`: "`./delist restore 7F3A --all --incidents '/k$HOME it (x)'`",
		"delist '/a`b``c'": "```delist '/a`b``c'```",
		"delist \x1b[31m`": "`` delist [31m` ``",
	} {
		if got := command(s); got != want {
			t.Errorf("%q is marked up as %s, want %s", s, got, want)
		}
	}
}
