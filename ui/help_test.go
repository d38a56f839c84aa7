package ui_test

import (
	"strings"
	"testing"

	"delist/steps/incident"
	"delist/ui"
)

// TestHelpSaysFirstWhatToDo: what Enter does and what for comes before the other keys, and those before the words.
func TestHelpSaysFirstWhatToDo(t *testing.T) {
	for _, step := range incident.AllSteps() {
		d, _ := at(t, step, ui.Options{})
		d.Resize(100, 100).Press("?").ExpectDialog("Help: " + step.String())
		text, after := d.Screen(), 0
		for _, part := range []string{"Help: " + step.String(), "│ Enter: ", step.Purpose()[:20], "OTHER KEYS", "SIGNS"} {
			at := strings.Index(text[after:], part)
			if at < 0 {
				t.Errorf("the help of %s does not come to %q in its place:\n%s", step, part, text)
				break
			}
			after += at
		}
	}
}
