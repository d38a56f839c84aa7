package cli

import (
	"errors"
	"strings"
	"testing"
)

func environmentOf(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, pair := range pairs {
			if value, found := strings.CutPrefix(pair, name+"="); found {
				return value, true
			}
		}
		return "", false
	}
}

// TestLineByLine: a terminal that cannot be drawn on gets line mode, and is told why; who asked for it is told nothing.
func TestLineByLine(t *testing.T) {
	tests := []struct {
		name     string
		terminal bool
		env      []string
		plain    bool
		escapes  error
		yes      bool
		why      string
	}{
		{"xterm", true, []string{"TERM=xterm-256color"}, false, nil, false, ""},
		{"no TERM, as on Windows", true, nil, false, nil, false, ""},
		{"dumb", true, []string{"TERM=dumb"}, false, nil, true, "TERM is dumb"},
		{"unknown", true, []string{"TERM=unknown"}, false, nil, true, "TERM is unknown"},
		{"asked for", true, []string{"TERM=dumb"}, true, nil, true, ""},
		{"no terminal", false, []string{"TERM=dumb"}, false, nil, true, ""},
		{"console without escape codes", true, nil, false, errors.New("the parameter is incorrect"), true, "the parameter is incorrect"},
		{"a name that only begins so", true, []string{"TERM=dumb-emacs-ansi"}, false, nil, false, ""},
	}
	for _, tt := range tests {
		p := &program{env: Environment{Terminal: tt.terminal, LookupEnv: environmentOf(tt.env...), Escapes: func() error { return tt.escapes }}}
		yes, why := p.lineByLine(options{plain: tt.plain})
		if yes != tt.yes || (why == "") != (tt.why == "") || !strings.Contains(why, tt.why) {
			t.Errorf("%s: %v, %q; want %v, %q", tt.name, yes, why, tt.yes, tt.why)
		}
	}
}

// TestNoLines: where the terminal's letters are not UTF-8, or its code page has no lines, screens use ASCII.
func TestNoLines(t *testing.T) {
	tests := []struct {
		env  string // separated by blanks
		page uint32
		want string
	}{
		{"", 0, ""},
		{"LANG=en_US.UTF-8", 0, ""},
		{"LANG=de_DE.utf8@euro", 0, ""},
		{"LC_ALL=C.UTF-8", 0, ""},
		{"LC_ALL=C", 0, "LC_ALL is C"},
		{"LC_ALL=POSIX LANG=en_US.UTF-8", 0, "LC_ALL is POSIX"},
		{"LC_CTYPE=C LANG=en_US.UTF-8", 0, "LC_CTYPE is C"},
		{"LC_ALL=en_US.UTF-8 LANG=C", 0, ""},
		{"LANG=de_DE", 0, "LANG is de_DE"},
		{"LANG=ja_JP.eucJP", 0, "LANG is ja_JP.eucJP"},
		{"LANG=de_DE.ISO-8859-1", 0, "not UTF-8"},
		{"", 65001, ""}, {"", 437, ""}, {"", 850, ""}, {"", 866, ""},
		{"", 932, "code page 932"}, {"", 936, "code page 936"}, {"", 949, "code page 949"}, {"", 950, "code page 950"},
		{"", 1252, "code page 1252"}, {"", 1251, "code page 1251"}, {"", 28591, "code page 28591"}, {"", 20127, "code page 20127"}, {"", 874, "code page 874"},
	}
	for _, tt := range tests {
		p := &program{env: Environment{Terminal: true, LookupEnv: environmentOf(strings.Fields(tt.env)...), CodePage: func() uint32 { return tt.page }}}
		if got := p.noLines(); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%q, code page %d: %q, want %q", tt.env, tt.page, got, tt.want)
		}
	}
}

// TestASCIIWriter: however a letter is torn over writes, only ASCII comes out, and all of it.
func TestASCIIWriter(t *testing.T) {
	const text, want = "Grüße: Û[2J 发票 \x9b end\n", "Gr??e: ?[2J ????  end\n"
	for cut := range len(text) {
		var out strings.Builder
		w := &asciiWriter{to: &out}
		for _, part := range []string{text[:cut], text[cut:]} {
			if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
				t.Fatalf("Write = %d, %v", n, err)
			}
		}
		if out.String() != want {
			t.Errorf("cut at %d: %q, want %q", cut, out.String(), want)
		}
	}
}
