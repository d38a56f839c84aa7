//go:build race

package ui_test

// racing says that the race detector runs, which makes garbage of its own.
const racing = true
