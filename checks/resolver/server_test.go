package resolver

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"192.0.2.53", "192.0.2.53:53"},
		{" 192.0.2.53:5353 ", "192.0.2.53:5353"},
		{"tcp://192.0.2.53", "tcp://192.0.2.53:53"},
		{"tcp://192.0.2.53:5300", "tcp://192.0.2.53:5300"},
		{"udp://192.0.2.53", "192.0.2.53:53"},
		{"2001:db8::53", "[2001:db8::53]:53"},
		{"[2001:db8::53]", "[2001:db8::53]:53"},
		{"tcp://[2001:db8::53]:5353", "tcp://[2001:db8::53]:5353"},
		{"fe80::1%eth0", "[fe80::1%eth0]:53"},
		{"::ffff:192.0.2.53", "192.0.2.53:53"},
	} {
		got, err := Parse(tt.in)
		if err != nil || got.String() != tt.want {
			t.Errorf("Parse(%q) = %v, %v; want %s", tt.in, got, err, tt.want)
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("Parse(%q) = %v, %v; String and Parse disagree", got.String(), again, err)
		}
	}
	for _, in := range []string{"", "localhost", "dns.example", "dns.example:53", "192.0.2.53:0", "192.0.2.53:99999", "https://192.0.2.53", "192.0.2.300"} {
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %v, want a refusal", in, got)
		}
	}
}

func TestBounded(t *testing.T) {
	var many []Server
	for _, s := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"} {
		server, _ := Parse(s)
		many = append(many, server)
	}
	if got := bounded(many); len(got) != maxServers || !slices.Equal(got[:2], []Server{many[0], many[2]}) {
		t.Errorf("bounded = %v", got)
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`plain`:          "plain",
		`\"quoted\"`:     `"quoted"`,
		`\195\164`:       "ä",
		`\\`:             `\`,
		`end\`:           `end\`,
		`\27[31m`:        `27[31m`,
		`\027[31m\00`:    "\x1b[31m00",
		`https://a\;b\.`: "https://a;b.",
	} {
		if got := string(unescape(in)); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
	var a Answer
	a.addText([]string{`a\027[31m`, `b\010c`})
	if got := a.TXT[0]; strings.ContainsAny(got, "\x1b\n") || !strings.HasPrefix(got, "a") || a.RawTXT[0] != "a\x1b[31mb\nc" || a.Cut {
		t.Errorf("%q, raw %q, cut %v", got, a.RawTXT[0], a.Cut)
	}
	long := strings.Repeat("x", 255)
	a.addText([]string{long, long, long, long})
	if len(a.TXT[1]) != maxText+2 || len(a.RawTXT[1]) != maxText || !a.Cut {
		t.Errorf("of 1,020 bytes came %d, raw %d, cut %v", len(a.TXT[1]), len(a.RawTXT[1]), a.Cut)
	}
}
