// Package noprobe answers Bubble Tea's start-up colour question before it is asked.
//
// Bubble Tea v1 asks the terminal for its background colour while its package
// initialises, and waits five seconds where nobody answers: a bare pty, a relayed
// SSH session, a serial console. Go initialises ready packages in import-path order,
// and delist/... sorts before github.com/charmbracelet/bubbletea, so this package
// speaks first. It imports lipgloss only: a package that needs Bubble Tea would run
// too late.
//
// Any package of the binary may import it for its side effect.
package noprobe

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
