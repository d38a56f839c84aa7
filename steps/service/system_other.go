//go:build !linux && !windows

package service

import (
	"context"
	"fmt"
	"runtime"
)

func systemControl(string) (control, error) {
	return nil, fmt.Errorf("%w that delist knows on %s; use --service by-hand", ErrNoManager, runtime.GOOS)
}

// Find returns nothing: SmarterMail runs on Windows and Linux.
func Find(context.Context) ([]Found, error) { return nil, nil }

func thisMachine() machine { return machine{} }
