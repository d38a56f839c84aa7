package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestLayoutFillsTheWindow(t *testing.T) {
	for _, size := range windows {
		l := newLayout(size.w, size.h, 1, 1, 2)
		if l.TooSmall {
			t.Fatalf("%dx%d is too small", size.w, size.h)
		}
		if bottom := l.Keys.Y + l.Keys.H; bottom != size.h {
			t.Errorf("%dx%d: the keys end at line %d", size.w, size.h, bottom)
		}
		if l.Body.H < 5 || l.Status.Y != l.Body.Y+l.Body.H {
			t.Errorf("%dx%d: body %+v, status %+v", size.w, size.h, l.Body, l.Status)
		}
		if l.Side != (size.w >= 100) || l.Compact != (size.w < 80) {
			t.Errorf("%dx%d: side %v, compact %v", size.w, size.h, l.Side, l.Compact)
		}
		if l.Body.W != panelWidth(size.w) {
			t.Errorf("%dx%d: body is %d wide, panelWidth says %d", size.w, size.h, l.Body.W, panelWidth(size.w))
		}
	}
	for _, size := range [][2]int{{59, 24}, {80, 14}, {1, 1}, {0, 0}} {
		if !newLayout(size[0], size[1], 1, 1, 2).TooSmall {
			t.Errorf("%v is not too small", size)
		}
	}
}

func TestFrameHoldsItsWindow(t *testing.T) {
	lines := []string{strings.Repeat("x", 100), "\x1b[1m" + strings.Repeat("é", 100) + "\x1b[0m", "a\nb", "发票逾期未付款"}
	for _, size := range [][2]int{{0, 0}, {1, 1}, {5, 2}, {60, 15}} {
		checkFrame(t, frame(lines, size[0], size[1]), max(size[0], 1), max(size[1], 1))
	}
}

func TestOverPutsTheBoxInTheMiddle(t *testing.T) {
	screen := slices.Repeat([]string{"\x1b[1m" + strings.Repeat("s", 40) + "\x1b[0m"}, 9)
	drawn := over(screen, []string{"+--+", "|ab|", "+--+"}, 40, 9, Style{})
	if want := strings.Repeat("s", 17) + " |ab| " + strings.Repeat("s", 17); drawn[4] != want {
		t.Errorf("line 5 is %q, want %q", drawn[4], want)
	}
	for i, line := range drawn {
		if n := ansi.StringWidth(line); n != 40 {
			t.Errorf("line %d is %d cells wide", i+1, n)
		}
	}
}

func TestStackGivesEachBlockItsLines(t *testing.T) {
	table := func(name string, drop int) block {
		return block{min: 2, want: 10, drop: drop, gap: true, draw: func(h int) []string {
			return slices.Repeat([]string{name}, h)
		}}
	}
	for _, test := range []struct {
		name   string
		h      int
		blocks []block
		want   string
	}{
		{"all and gaps", 8, []block{fixed(0, "t"), table("a", 0), gapped(fixed(1, "x"))}, "t aaaa x"},
		{"gaps close first", 5, []block{fixed(0, "t"), table("a", 0), table("b", 0)}, "taabb"},
		{"the highest drop goes", 4, []block{fixed(1, "t"), table("a", 0), table("b", 2)}, "t aa"},
		{"growing in turn", 10, []block{table("a", 0), table("b", 0)}, " aaaa bbbb"},
		{"nothing may go", 1, []block{table("a", 0)}, "a"},
		{"the rest is empty", 4, []block{fixed(0, "t")}, "t..."},
	} {
		got := stack(test.h, test.blocks...)
		if len(got) != test.h {
			t.Errorf("%s: %d lines, want %d", test.name, len(got), test.h)
		}
		var drawn strings.Builder
		for _, line := range got {
			if line == "" {
				line = "."
			}
			drawn.WriteString(line)
		}
		want := strings.ReplaceAll(test.want, " ", ".")
		if drawn.String() != want {
			t.Errorf("%s: %q, want %q", test.name, drawn.String(), want)
		}
	}
}
