package keyboard

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// answers are what terminals say by themselves, or when some program has asked.
var answers = map[string]string{
	"background colour, BEL":           "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
	"background colour, ST":            "\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
	"foreground colour":                "\x1b]10;rgb:dcdc/dcdc/dcdc\x1b\\",
	"cursor colour":                    "\x1b]12;#ffcc00\x07",
	"colour of the palette":            "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
	"clipboard":                        "\x1b]52;c;eSBxIGRlbGlzdAo=\x1b\\",
	"title":                            "\x1b]lmaria@mail01: q y r\x1b\\",
	"title with letters of two bytes":  "\x1b]lÜber Öl und ✓ y\x1b\\",
	"icon label":                       "\x1b]Lq\x1b\\",
	"place of the cursor":              "\x1b[24;80R",
	"place that looks like F3":         "\x1b[1;2R",
	"place of the cursor, DEC":         "\x1b[?24;80;1R",
	"state: ready":                     "\x1b[0n",
	"printer":                          "\x1b[?13n",
	"first device attributes":          "\x1b[?64;1;2;6;9;15;18;21;22c",
	"first, of a VT100":                "\x1b[?1;2c",
	"second device attributes":         "\x1b[>41;354;0c",
	"third device attributes":          "\x1bP!|00000000\x1b\\",
	"version of the terminal":          "\x1bP>|XTerm(390)\x1b\\",
	"setting":                          "\x1bP1$r0;1;31m\x1b\\",
	"no such setting":                  "\x1bP0$r\x1b\\",
	"terminfo":                         "\x1bP1+r544e=787465726d2d323536636f6c6f72\x1b\\",
	"mode":                             "\x1b[?2026;2$y",
	"mode, ANSI":                       "\x1b[4;2$y",
	"keyboard of kitty":                "\x1b[?1u",
	"letter as kitty tells it":         "\x1b[121;5u",
	"modified other keys":              "\x1b[27;5;121~",
	"graphics of kitty":                "\x1b_Gi=31;OK\x1b\\",
	"graphics of xterm":                "\x1b[?1;0;256S",
	"size in characters":               "\x1b[8;24;80t",
	"size in pixels":                   "\x1b[4;600;800t",
	"window is iconified":              "\x1b[2t",
	"terminal parameters":              "\x1b[2;1;1;120;120;1;0x",
	"focus came":                       "\x1b[I",
	"focus went":                       "\x1b[O",
	"mouse, SGR":                       "\x1b[<0;12;7M",
	"mouse released, SGR":              "\x1b[<0;12;7m",
	"mouse, X10":                       "\x1b[M yq",
	"mouse, urxvt":                     "\x1b[32;12;7M",
	"checksum of a rectangle":          "\x1bP1!~ABCD\x1b\\",
	"privacy message":                  "\x1b^y\x1b\\",
	"start of string":                  "\x1bXy\x1b\\",
	"record of the Windows console":    "\x1b[89;21;121;1;0;1_",
	"theme":                            "\x1b[?997;1n",
	"end of a paste without beginning": "\x1b[201~",
	"attributes in eight bits":         "\x9b?62;22c",
	"colour in eight bits":             "\x9d11;rgb:0000/0000/0000\x9c",
	"attributes in eight bits, UTF-8":  "\u009b?62;22c",
	"setting in eight bits, UTF-8":     "\u0090" + "1$r0m\u009c",
}

// pressed is what the filter makes of input that comes in these pieces, at once behind one another.
func pressed(pieces ...string) []string {
	var f Filter
	var keys []string
	take := func() {
		for key := f.Next(); key != nil; key = f.Next() {
			keys = append(keys, string(key))
		}
	}
	for _, piece := range pieces {
		f.Feed([]byte(piece))
		take()
	}
	for f.Wait() > 0 {
		f.Late()
		take()
	}
	return keys
}

// An answer is no key, whole or torn anywhere, alone or between keys.
func TestAnswersAreNoKeys(t *testing.T) {
	if len(answers) < 25 {
		t.Fatalf("%d answers", len(answers))
	}
	for name, answer := range answers {
		if got := pressed(answer); len(got) != 0 {
			t.Errorf("%s: %q", name, got)
		}
		if got := strings.Join(pressed("a"+answer+"b"), "|"); got != "a|b" && got != "ab" {
			t.Errorf("%s between a and b: %q", name, got)
		}
		for cut := 1; cut < len(answer); cut++ {
			if got := pressed(answer[:cut], answer[cut:]); len(got) != 0 {
				t.Errorf("%s, torn after %d bytes: %q", name, cut, got)
			}
			for second := cut + 1; second < len(answer); second++ {
				if got := pressed(answer[:cut], answer[cut:second], answer[second:]); len(got) != 0 {
					t.Errorf("%s, torn after %d and %d bytes: %q", name, cut, second, got)
				}
			}
		}
		if got := pressed(strings.Split(answer, "")...); len(got) != 0 {
			t.Errorf("%s, letter by letter: %q", name, got)
		}
		for cut := 1; cut < len(answer); cut++ { // the rest never comes; then a key
			got := pressed(answer[:cut])
			if cut > 1 && len(got) != 0 && answer[0] == esc {
				t.Errorf("%s, cut off after %d bytes: %q", name, cut, got)
			}
		}
	}
}

// Where the rest of an answer comes later than an Esc is waited for, the Esc acts, and the rest does not.
func TestAnswerTornOffItsEsc(t *testing.T) {
	for name, answer := range answers {
		if answer[0] != esc {
			continue
		}
		var f Filter
		f.Feed([]byte("\x1b"))
		f.Late()
		f.Feed([]byte(answer[1:]))
		f.Late()
		if key := f.Next(); string(key) != "\x1b" {
			t.Errorf("%s: %q", name, key)
		}
		if key := f.Next(); key != nil {
			t.Errorf("%s: %q behind the Esc", name, key)
		}
	}
}

// However long the rest of an answer takes, no more of it acts than an Esc that it was torn off, as long as it comes in one
// piece.
func TestTheRestMayBeLate(t *testing.T) {
	for name, answer := range answers {
		for cut := 1; cut < len(answer); cut++ {
			var f Filter
			f.Feed([]byte(answer[:cut]))
			for f.Wait() > 0 {
				f.Late()
			}
			drain(&f)
			f.Feed([]byte(answer[cut:]))
			if got := drain(&f); got != "" && utf8.RuneStart(answer[cut]) {
				t.Errorf("%s, %q long after %q: %q", name, answer[cut:], answer[:cut], got)
			}
		}
	}
	for _, torn := range [][]string{ // in three pieces, each late
		{"\x1b]11;rgb:", "1", "e1e/1e1e/1e1e\x07"}, {"\x1b]52;c;eSB", "xIGRlbGlzdAv", "o=\x1b\\"}, {"\x1bP>|WezTerm 2024", "0203-110809-v", "\x1b\\"},
		{"\x1b[?64;1", ";2;6", ";22c"}, {"\x1b]11;rgb:1e", "1e/1e1e/1e", "1e\x07"},
	} {
		var f Filter
		got := ""
		for _, piece := range torn {
			f.Feed([]byte(piece))
			for f.Wait() > 0 {
				f.Late()
			}
			got += drain(&f)
		}
		if len(got) > 1 { // a single letter may be a key
			t.Errorf("%q: %q", torn, got)
		}
	}
	for _, half := range []string{"\x1b]11;rgb:00", "\x1bP1$r", "\x1b[24;8", "\x1b["} { // and what a person presses is a key, the second time at the latest
		for _, key := range []string{"q", "\r", "\x1b[A", "2", "\x1b"} {
			var f Filter
			f.Feed([]byte(half))
			f.Late()
			f.Feed([]byte(key))
			first := drain(&f)
			f.Feed([]byte(key))
			for f.Wait() > 0 {
				f.Late()
			}
			if got := drain(&f); !strings.Contains(first+got, key) {
				t.Errorf("%q, long after %q: %q", key, half, got)
			}
		}
	}
}

// A paste whose end is lost does not make the wizard deaf.
func TestCtrlCEndsAPaste(t *testing.T) {
	if got := strings.Join(pressed("\x1b[200~some text\x03q"), "|"); got != "\x1b[200~|some text|\x1b[201~|\x03q" {
		t.Errorf("%q", got)
	}
}

func TestKeys(t *testing.T) {
	tests := []struct{ name, in, want string }{ // want: keys as Bubble Tea is to get them, with | between
		{"letters", "abc", "abc"},
		{"letters of more bytes", "äß漢", "äß漢"},
		{"Enter, Tab, Backspace, Ctrl+C", "\r\t\x7f\x03", "\r\t\x7f\x03"},
		{"Esc", "\x1b", "\x1b"},
		{"Esc twice", "\x1b\x1b", "\x1b|\x1b"},
		{"Esc three times", "\x1b\x1b\x1b", "\x1b|\x1b|\x1b"},
		{"Esc, then Ctrl+C", "\x1b\x03", "\x03"},
		{"Alt+x", "\x1bx", "\x1bx"},
		{"Alt+Enter", "\x1b\r", "\x1b\r"},
		{"AltGr and a letter of two bytes", "\x1bé", "é"},
		{"arrows", "\x1b[A\x1b[B\x1b[C\x1b[D", "\x1b[A|\x1b[B|\x1b[C|\x1b[D"},
		{"arrows in application mode", "\x1bOA\x1bOB\x1bOC\x1bOD", "\x1bOA|\x1bOB|\x1bOC|\x1bOD"},
		{"arrows with Ctrl and Shift", "\x1b[1;5C\x1b[1;2D", "\x1b[1;5C|\x1b[1;2D"},
		{"arrow with Alt, urxvt", "\x1b\x1b[A", "\x1b\x1b[A"},
		{"Home and End", "\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~", "\x1b[H|\x1b[F|\x1b[1~|\x1b[4~|\x1b[7~|\x1b[8~"},
		{"Home and End in application mode", "\x1bOH\x1bOF", "\x1b[H|\x1b[F"},
		{"Page keys, Insert, Delete", "\x1b[5~\x1b[6~\x1b[2~\x1b[3~", "\x1b[5~|\x1b[6~|\x1b[2~|\x1b[3~"},
		{"Page key with Ctrl", "\x1b[5;5~", "\x1b[5;5~"},
		{"Shift+Tab", "\x1b[Z", "\x1b[Z"},
		{"F1 to F4", "\x1bOP\x1bOQ\x1bOR\x1bOS", "\x1bOP|\x1bOQ|\x1bOR|\x1bOS"},
		{"F1 to F5 of the Linux console", "\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[E", "\x1b[[A|\x1b[[B|\x1b[[C|\x1b[[D|\x1b[[E"},
		{"F5 to F12", "\x1b[15~\x1b[17~\x1b[18~\x1b[19~\x1b[20~\x1b[21~\x1b[23~\x1b[24~", "\x1b[15~|\x1b[17~|\x1b[18~|\x1b[19~|\x1b[20~|\x1b[21~|\x1b[23~|\x1b[24~"},
		{"F5 with Shift", "\x1b[15;2~", "\x1b[15;2~"},
		{"numeric pad in application mode", "\x1bOp\x1bOq\x1bOr\x1bOs\x1bOt\x1bOu\x1bOv\x1bOw\x1bOx\x1bOy", "0123456789"},
		{"signs of the numeric pad", "\x1bOj\x1bOk\x1bOl\x1bOm\x1bOn\x1bOo\x1bOX\x1bOM", "*+,-./=\r"},
		{"paste", "\x1b[200~y\r\x1b]11;q\x07 ü\x1b[201~q", "\x1b[200~|y\r\x1b]11;q\x07 ü\x1b[201~|q"},
		{"letters around keys", "a\x1b[Ab\x1b[Bc", "a|\x1b[A|b|\x1b[B|c"},
		{"answers between keys", "a\x1b[?1;2cb\x1b]11;rgb:0/0/0\x07\x1b[A", "ab|\x1b[A"},
		{"Esc before an answer", "\x1b\x1b]11;rgb:0/0/0\x07", "\x1b"},
		{"bytes that are no letters", "a\xff\xc3b", "ab"},
		{"answer cut off, then a key", "\x1b[24;\x1b[A", "\x1b[A"},
		{"answer cut off, then Ctrl+C", "\x1b]11;rgb\x03", "\x03"},
		{"control characters of the upper half", "a\u0085b\u0099", "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(pressed(tt.in), "|"); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			whole := strings.ReplaceAll(tt.want, "|", "")
			for cut := 1; cut < len(tt.in); cut++ {
				if got := strings.Join(pressed(tt.in[:cut], tt.in[cut:]), ""); got != whole {
					t.Errorf("torn after %d bytes: got %q", cut, got)
				}
			}
			if got := strings.Join(pressed(strings.Split(tt.in, "")...), ""); got != whole && utf8.ValidString(tt.in) {
				t.Errorf("letter by letter: got %q", got)
			}
		})
	}
}

// However input is torn, the keys are the same, and an Alt that nobody meant, or an answer that never ends, does not
// make the keyboard dead: Ctrl+C is always heard, and keys are after a pause.
func FuzzFilter(f *testing.F) {
	for _, answer := range answers {
		f.Add([]byte("q"+answer+"y"), 3)
	}
	f.Add([]byte("\x1b[200~y\x1b[201~\x1b\x1b[A\x1bOp\xc3\xbc\x1b"), 5)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		cut = min(max(cut, 0), len(in))
		whole, torn := strings.Join(pressed(string(in)), ""), strings.Join(pressed(string(in[:cut]), string(in[cut:])), "")
		if whole != torn {
			t.Fatalf("%q: whole %q, torn at %d %q", in, whole, cut, torn)
		}
		if !utf8.ValidString(whole) && !strings.Contains(whole, "\x1b[200~") { // what is pasted is passed on as it is
			t.Fatalf("%q: %q is no text", in, whole)
		}
		var filter Filter
		filter.Feed(in)
		if filter.state != inPaste {
			filter.Feed([]byte{ctrlC})
			if !strings.Contains(drain(&filter), "\x03") {
				t.Fatalf("%q: Ctrl+C is not heard", in)
			}
		}
		filter = Filter{}
		filter.Feed(in)
		for filter.Wait() > 0 {
			filter.Late()
		}
		for range 4 { // as much may be missing of what the terminal began
			filter.Feed([]byte("k"))
		}
		if !strings.HasSuffix(drain(&filter), "k") {
			t.Fatalf("%q: a key is not heard after a pause", in)
		}
	})
}

func drain(f *Filter) string {
	var all strings.Builder
	for key := f.Next(); key != nil; key = f.Next() {
		all.Write(key)
	}
	return all.String()
}
