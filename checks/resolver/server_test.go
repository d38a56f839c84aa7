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
	if got := safeText([]string{`a\027[31m`, `b\010c`}); strings.ContainsAny(got, "\x1b\n") || !strings.HasPrefix(got, "a") {
		t.Errorf("safeText let control characters through: %q", got)
	}
	if got := safeText([]string{strings.Repeat("x", 255), strings.Repeat("x", 255), strings.Repeat("x", 255), strings.Repeat("x", 255)}); len(got) != maxText+2 {
		t.Errorf("safeText of 1,020 bytes has %d", len(got))
	}
}
