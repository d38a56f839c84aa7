package ui

import (
	"os"

	tea "github.com/charmbracelet/bubbletea"
)

// terminalInput leaves the console to Bubble Tea, which reads it record by record, since window sizes come among the keys.
// What a terminal answers the console keeps for itself, or it comes as keys: answers knows it.
func terminalInput() (tea.ProgramOption, func() error, error) {
	return tea.WithInput(os.Stdin), func() error { return nil }, nil
}
