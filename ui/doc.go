// Package ui is what the operator sees: it draws, asks, and never decides.
//
// A key finds its binding, the binding gives the runbook an intent, the runbook tells
// by events what happened, and the model draws the next frame. Nothing here reads a
// file, asks a server or waits; commands call the Runbook and come back as messages.
//
// There is one tea.Model, the Model. Everything else is a plain part that draws itself
// at a given width and height. Only keys.go looks inside Bubble Tea's key messages, and
// only program.go sets its options.
package ui
