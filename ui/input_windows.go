package ui

import (
	"os"

	tea "github.com/charmbracelet/bubbletea"
)

// terminalInput leaves the console to Bubble Tea, which reads it record by record: what a terminal answers the console
// keeps for itself, and window sizes come among the keys.
func terminalInput() (tea.ProgramOption, func() error, error) {
	return tea.WithInput(os.Stdin), func() error { return nil }, nil
}
