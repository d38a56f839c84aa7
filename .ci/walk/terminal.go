package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// terminal is a real one: a tmux server of our own with one window, in which the program runs without a shell.
type terminal struct {
	socket  string
	config  string
	program []string
}

// openTerminal starts the program in a window of this size. dir keeps the terminal's configuration and socket.
func openTerminal(dir string, cols, rows int, program []string) (*terminal, error) {
	t := &terminal{socket: filepath.Join(dir, "tmux"), config: filepath.Join(dir, "tmux.conf"), program: program}
	settings := "set -g remain-on-exit on\nset -g history-limit 50000\nset -g status off\nset -g default-terminal screen-256color\n"
	if err := os.WriteFile(t.config, []byte(settings), 0o600); err != nil {
		return nil, fmt.Errorf("write the terminal's configuration: %w", err)
	}
	_, err := t.tmux(append([]string{"new-session", "-d", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows), "--"}, program...)...)
	return t, err
}

func (t *terminal) tmux(args ...string) (string, error) {
	out, err := exec.Command("tmux", append([]string{"-S", t.socket, "-f", t.config}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// screen is what the operator sees; all also holds what has scrolled away, each line whole however narrow the window.
func (t *terminal) screen(all bool) (string, error) {
	if all {
		return t.tmux("capture-pane", "-p", "-J", "-S", "-")
	}
	return t.tmux("capture-pane", "-p")
}

// press presses a key by its name in tmux, such as Enter.
func (t *terminal) press(key string) error {
	_, err := t.tmux("send-keys", key)
	return err
}

// write types a text.
func (t *terminal) write(text string) error {
	_, err := t.tmux("send-keys", "-l", "--", text)
	return err
}

// ended says whether the program has ended, and with which status; a signal's is -1.
func (t *terminal) ended() (over bool, status int, err error) {
	out, err := t.tmux("display-message", "-p", "#{pane_dead} #{pane_dead_status}")
	if err != nil {
		return false, 0, err
	}
	dead, code, _ := strings.Cut(strings.TrimSpace(out), " ")
	if dead != "1" {
		return false, 0, nil
	}
	if status, err = strconv.Atoi(code); err != nil {
		return true, -1, nil
	}
	return true, status, nil
}

// kill ends the program at once, as a crash or the loss of power does.
func (t *terminal) kill() error {
	out, err := t.tmux("display-message", "-p", "#{pane_pid}")
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		return fmt.Errorf("the program's process: %w", err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("the program's process: %w", err)
	}
	return process.Kill()
}

// again starts the program anew in the same window, which is empty then.
func (t *terminal) again(program []string) error {
	if _, err := t.tmux(append([]string{"respawn-pane", "-k", "--"}, program...)...); err != nil {
		return err
	}
	_, err := t.tmux("clear-history")
	return err
}

func (t *terminal) close() { _, _ = t.tmux("kill-server") }
