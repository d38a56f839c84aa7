//go:build !windows

package ui

import (
	"os"

	tea "github.com/charmbracelet/bubbletea"

	"delist/ui/keyboard"
)

// terminalInput lets Bubble Tea read keys alone. What it returns second ends the reading.
func terminalInput() (tea.ProgramOption, func() error, error) {
	keys, err := keyboard.Open(os.Stdin)
	if err != nil {
		return nil, nil, err
	}
	return tea.WithInput(keys), keys.Close, nil
}
