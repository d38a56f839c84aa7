package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	tests := []struct{ name, in, line, block string }{
		{"plain", "Invoice 48213", "Invoice 48213", "Invoice 48213"},
		{"other scripts stay", "Счёт – 請求書 é", "Счёт – 請求書 é", "Счёт – 請求書 é"},
		{"escape sequence", "a\x1b[31mred\x1b]0;title\x07b", "a[31mred]0;titleb", "a[31mred]0;titleb"},
		{"C1 control sequence introducer", "a\u009b31mb", "a31mb", "a31mb"},
		{"raw C1 byte is no UTF-8", "a\x9b31mb", "a31mb", "a31mb"},
		{"line ends and tabs", "a\tb\r\nc", "a b  c", "a    b\nc"},
		{"delete and nul", "a\x7f\x00b", "ab", "ab"},
		{"right to left override", "exe\u202etxt.\u2066x\u2069", "exetxt.x", "exetxt.x"},
		{"zero width and separators", "a\u200bb\u2028c\u2029d\ufeff", "abcd", "abcd"},
		{"tags and variation selectors", "a\U000e0041b\ufe0f", "ab", "ab"},
		{"cut rune", "caf\xc3", "caf", "caf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Printable(tt.in); got != tt.line {
				t.Errorf("Printable = %q, want %q", got, tt.line)
			}
			if got := PrintableBlock(tt.in); got != tt.block {
				t.Errorf("PrintableBlock = %q, want %q", got, tt.block)
			}
		})
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[2Jb\u202e\xff\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{Printable(s), strings.ReplaceAll(PrintableBlock(s), "\n", "")} {
			if !utf8.ValidString(got) {
				t.Fatalf("%q is no UTF-8", got)
			}
			for _, r := range got {
				if r < ' ' || r >= 0x7f && r <= 0x9f {
					t.Fatalf("%q keeps the control character %U", got, r)
				}
			}
		}
	})
}
