package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"delist/checks/dnsbl"
)

// Lines keep within the terminal, lose no word, and go on further in.
func TestLinesKeepWithinTheWidth(t *testing.T) {
	text := "  12 lists  unusable  each could not be asked: no answer came in time (Spamhaus ZEN, Mailspike, https://check.example/a/very/long/address/that/fits/no/line/of/forty)"
	for _, width := range []int{0, 20, 40, 79, 80, 81, 132, 1000} {
		var out bytes.Buffer
		l := lines{&out, width}
		l.put("%s", text)
		l.table([][]string{{"Spamhaus ZEN", "listed", strings.TrimSpace(text)}, {"PSBL", "unusable", "could not be asked"}})
		for line := range strings.Lines(out.String()) {
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); width > 0 && n >= width {
				t.Errorf("width %d: a line of %d: %q", width, n, line)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got := squeeze(out.String()); !strings.HasPrefix(got, squeeze(text)) {
			t.Errorf("width %d: words were lost: %s", width, out.String())
		}
		if width == 0 && strings.Count(out.String(), "\n") != 3 {
			t.Errorf("without a terminal lines are broken: %s", out.String())
		}
	}
}

// Lists that were silent for the same reason are one row; refused, and another reason, are others.
func TestSilences(t *testing.T) {
	of := func(name string, v dnsbl.Verdict, why string) dnsbl.Result {
		return dnsbl.Result{List: &dnsbl.List{Name: name, Tier: 2}, Verdict: v, Why: why}
	}
	one := checked{results: []dnsbl.Result{of("A", dnsbl.Unusable, "was late"), of("B", dnsbl.Refused, "refused us"), of("C", dnsbl.Unusable, "was late"),
		of("D", dnsbl.Unusable, "is gone"), of("E", dnsbl.Clear, "")}}
	var got []string
	for _, s := range silences([]checked{one}) {
		got = append(got, strings.Join(s.row(), " | "))
	}
	want := "2 lists | unusable | each was late (A, C)\nB | refused | refused us\nD | unusable | is gone"
	if strings.Join(got, "\n") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
