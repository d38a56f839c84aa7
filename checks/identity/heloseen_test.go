package identity

import (
	"strings"
	"testing"
)

func TestReadHELO(t *testing.T) {
	for pasted, want := range map[string]string{
		"mail01.example":                     "mail01.example",
		"  mail01.example.\r\n":              "mail01.example",
		"HELO: mail01.example":               "mail01.example",
		"helo=win-7f3a":                      "win-7f3a",
		`HELO string was "ylmf-pc"`:          "ylmf-pc",
		"EHLO [192.168.1.20]":                "[192.168.1.20]",
		"203.0.113.25 HELO localhost 09:12":  "localhost",
		"HELO value: User":                   "User",
		"(helo=abc.example)":                 "abc.example",
		"x\u202ey.example":                   "xy.example",
		"HELO":                               "HELO",
		"":                                   "",
		"two words":                          "",
		strings.Repeat("a", 300):             "",
		"MY_PC":                              "MY_PC",
		"[IPv6:2001:db8::25]":                "[IPv6:2001:db8::25]",
		"[2001:db8::25]":                     "[2001:db8::25]",
		"10.0.0.7":                           "10.0.0.7",
		"xn--mnchen-3ya.example":             "xn--mnchen-3ya.example",
		strings.Repeat("a", 63) + ".example": strings.Repeat("a", 63) + ".example",
	} {
		if got, ok := ReadHELO(pasted); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", pasted, got, ok)
		}
	}
}

func TestReadHELORefusesWhatIsNoHostName(t *testing.T) {
	for _, pasted := range []string{
		"???", "-", "n/a", "HELO: ???", "helo=*****", "mail01..example", ".", "-pc.example", "pc-.example", "a@b.example", "http://list.example",
		"[192.168.1.300]", "[192.168.1.20", "[mail01.example]", "[]", "[IPv6:]", "[fe80::1%eth0]", "fe80::1", "münchen.example", "…", "100%",
		strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 130) + "example",
	} {
		if got, ok := ReadHELO(pasted); ok {
			t.Errorf("%q is taken for %q", pasted, got)
		}
	}
}

func TestCompareHELO(t *testing.T) {
	const own = "mail01.example"
	for _, c := range []struct {
		heard, own string
		kind       HELOKind
	}{
		{"mail01.example", own, OwnHELO},
		{"MAIL01.Example", own, OwnHELO},
		{"WIN-7F3A9", own, ComputerHELO},
		{"win-7f3a9.corp.example", own, ComputerHELO},
		{"web.hosting.example", own, ComputerHELO},
		{"DESKTOP-0QH2", own, InsideHELO},
		{"localhost", own, InsideHELO},
		{"localhost.localdomain", own, InsideHELO},
		{"[192.168.1.20]", own, InsideHELO},
		{"10.0.0.7", own, InsideHELO},
		{"[IPv6:fe80::1]", own, InsideHELO},
		{"ylmf-pc", own, InsideHELO},
		{"printer.local", own, InsideHELO},
		{"smtp.bank.test", own, ForeignHELO},
		{"[198.51.100.4]", own, ForeignHELO},
		{"mail01.example.org", own, ForeignHELO},
		{"notmail01.example", own, ForeignHELO},
		{"mail01.example", "", UnknownHELO},
		{"win-7f3a9", "", UnknownHELO},
		{"DESKTOP-0QH2", "", InsideHELO},
	} {
		got := CompareHELO(c.heard, c.own, "win-7f3a9.corp.example", "web.hosting.example", c.own)
		if got.Kind != c.kind || got.Another() != (c.kind == ComputerHELO || c.kind == InsideHELO || c.kind == ForeignHELO) {
			t.Errorf("%q against %q: %s", c.heard, c.own, got.Kind)
		}
		if text := got.Means(); !strings.HasPrefix(text, c.heard) || !strings.HasSuffix(text, ".") {
			t.Errorf("%q", text)
		}
	}
}
