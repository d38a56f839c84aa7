package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden screens anew; read the difference before committing it")

// golden compares a text with testdata/<name>.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: go test ./ui -update writes it", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is another screen than before (-want +got):\n%s", name, diff)
	}
}

// windows are the sizes that every screen is tried in.
var windows = []struct{ w, h int }{{60, 15}, {80, 24}, {100, 30}, {120, 40}}

// glyphSets are both ways to draw.
var glyphSets = []struct {
	name   string
	glyphs Glyphs
}{{"line", LineGlyphs()}, {"ascii", ASCIIGlyphs()}}

// inEveryWindow draws a screen in all sizes and both glyph sets, holds each frame to its
// window, and compares the lot with one golden file.
func inEveryWindow(t *testing.T, name string, draw func(w, h int, g Glyphs) string) {
	t.Helper()
	var all strings.Builder
	for _, set := range glyphSets {
		for _, size := range windows {
			frame := draw(size.w, size.h, set.glyphs)
			checkFrame(t, frame, size.w, size.h)
			if set.name == "ascii" {
				checkASCII(t, frame)
			}
			fmt.Fprintf(&all, "=== %dx%d %s\n", size.w, size.h, set.name)
			for line := range strings.SplitSeq(frame, "\n") {
				all.WriteString(strings.TrimRight(ansi.Strip(line), " ") + "\n")
			}
		}
	}
	golden(t, name, all.String())
}

// checkFrame fails when a frame does not fit its window: the renderer would drop its top.
func checkFrame(t *testing.T, frame string, w, h int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) > h {
		t.Errorf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got > w {
			t.Errorf("%dx%d: line %d is %d cells wide: %q", w, h, i+1, got, line)
		}
	}
}

// checkASCII fails when a frame draws what --ascii promises not to. The states of the
// tests hold no other text.
func checkASCII(t *testing.T, frame string) {
	t.Helper()
	for i, r := range ansi.Strip(frame) {
		if r > '~' {
			t.Errorf("--ascii draws %q near %q", r, frame[max(i-20, 0):i])
			return
		}
	}
}
