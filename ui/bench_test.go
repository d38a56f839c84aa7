package ui_test

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
	"delist/ui"
	"delist/ui/uitest"
)

// TestKeyIsCheap holds a key, from the press to the frame at 120x40, to 64 KB of garbage.
func TestKeyIsCheap(t *testing.T) {
	state := uitest.At(t, steps.Purge)
	model := ui.New(uitest.NewRunbook(t, state), ui.Options{Glyphs: ui.LineGlyphs(), Colour: true})
	model.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			model.Update(tea.KeyMsg{Type: tea.KeyDown})
			model.View()
			model.Update(tea.KeyMsg{Type: tea.KeyUp})
			model.View()
		}
	})
	t.Logf("two keys: %s, %s", result, result.MemString())
	if garbage := result.AllocedBytesPerOp() / 2; garbage > 64<<10 {
		t.Errorf("a key makes %d bytes of garbage, want at most 64 KB", garbage)
	}
}
