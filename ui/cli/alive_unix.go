//go:build unix

package cli

import (
	"errors"
	"syscall"
)

// alive says whether a process of this machine lives; one that belongs to somebody else does (kill(2)).
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
