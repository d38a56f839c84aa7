package spool

import (
	"strings"
	"testing"
)

func TestNeedle(t *testing.T) {
	for _, test := range []struct {
		in, lower string
		want      bool
	}{
		{"Invoice 777 is overdue", "invoice", true},
		{"INVOICE", "invoice", true},
		{"invoic", "invoice", false},
		{"", "x", false},
		{"anything", "", true},
		{"an invoice", "invoice", true},
		{"the end: 777", "777", true},
		{"77", "777", false},
		{"ÜBERWEISUNG 4", "überweisung", true},
		{"27 \u212aELVIN", "kelvin", true}, // the Kelvin sign is a small k in lower case
		{"\u0130stanbul", "istanbul", true},
		{"grüße an alle", "alle", true},
		{"grüße an a", "alle", false},
	} {
		n := newNeedle(test.lower)
		if got := n.in(test.in); got != test.want {
			t.Errorf("%q in %q: %v", test.lower, test.in, got)
		}
	}
}

// FuzzNeedle holds the search to what it stands for.
func FuzzNeedle(f *testing.F) {
	f.Add("Invoice 777", "voice")
	f.Add("\u212a\u0130", "ki")
	f.Add("a\xffB", "b")
	f.Fuzz(func(t *testing.T, in, lower string) {
		lower = strings.ToLower(lower)
		n := newNeedle(lower)
		if got, want := n.in(in), strings.Contains(strings.ToLower(in), lower); got != want {
			t.Errorf("%q in %q: %v, want %v", lower, in, got, want)
		}
	})
}
