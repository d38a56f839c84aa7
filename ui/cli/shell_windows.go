package cli

import (
	"context"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

// shellCommand is a command line for the system's shell. It takes the line as it was typed: cmd has quoting rules of its
// own (cmd /?), with /S the outer quotes go and nothing else.
func shellCommand(ctx context.Context, line string) *exec.Cmd {
	shell := "cmd.exe"
	if dir, err := windows.GetSystemDirectory(); err == nil {
		shell = filepath.Join(dir, shell)
	}
	cmd := exec.CommandContext(ctx, shell)
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd.exe /D /S /C "` + line + `"`, HideWindow: true}
	return cmd
}
