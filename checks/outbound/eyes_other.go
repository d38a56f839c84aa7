//go:build !linux && !windows

package outbound

import (
	"context"
	"fmt"
	"runtime"
)

// eyes see nothing: SmarterMail runs on Windows and Linux.
type eyes struct{}

func newEyes() eyes { return eyes{} }

func (*eyes) connections(context.Context, func(connection) bool) ([]connection, []string, error) {
	return nil, nil, fmt.Errorf("who speaks to mail servers cannot be seen on %s", runtime.GOOS)
}

func (*eyes) programs(context.Context, []connection, func(connection) bool) ([]Program, int, []string) {
	return nil, 0, nil
}
