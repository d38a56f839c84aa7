package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// terminal is a real one: a tmux server of our own with one window, in which the program runs.
type terminal struct{ dir string }

// around starts the program within the window. The inner shell becomes the program, so that its process is known; the
// outer one keeps the exit status, which tmux itself does not always tell.
const around = `sh -c 'echo $$ >pid; cd "$1"; shift; exec "$@"' sh "$@"; echo $? >status.new; mv status.new status`

// openTerminal starts the program in a window of this size. dir keeps the socket and what the shells write.
func openTerminal(dir string, cols, rows int, program []string) (*terminal, error) {
	t := &terminal{dir}
	settings := "set -g remain-on-exit on\nset -g history-limit 50000\nset -g status off\n"
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(settings), 0o600); err != nil {
		return nil, fmt.Errorf("write the terminal's configuration: %w", err)
	}
	return t, t.start([]string{"new-session", "-d", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows)}, program)
}

// start runs the program in this folder with a tmux command that makes or fills a window.
func (t *terminal) start(command, program []string) error {
	here, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("this folder: %w", err)
	}
	_, err = t.tmux(append(append(command, "-c", t.dir, "--", "sh", "-c", around, "sh", here), program...)...)
	return err
}

func (t *terminal) tmux(args ...string) (string, error) {
	out, err := exec.Command("tmux", append([]string{"-S", filepath.Join(t.dir, "socket"), "-f", filepath.Join(t.dir, "conf")}, args...)...).CombinedOutput()
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

// number reads a number that a shell has written.
func (t *terminal) number(name string) (int, error) {
	text, err := os.ReadFile(filepath.Join(t.dir, name))
	if err != nil {
		return 0, fmt.Errorf("the program's %s: %w", name, err)
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// ended says whether the program has ended, and with which status.
func (t *terminal) ended() (over bool, status int, err error) {
	status, err = t.number("status")
	if errors.Is(err, fs.ErrNotExist) {
		return false, 0, nil
	}
	return err == nil, status, err
}

// kill ends the program at once, as a crash or the loss of power does.
func (t *terminal) kill() error {
	pid, err := t.number("pid")
	if err != nil {
		return err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("the program's process: %w", err)
	}
	return process.Kill()
}

// again starts the program anew in the same window, which is empty then.
func (t *terminal) again(program []string) error {
	if err := os.Remove(filepath.Join(t.dir, "status")); err != nil {
		return fmt.Errorf("the program has not ended: %w", err)
	}
	if err := t.start([]string{"respawn-pane", "-k"}, program); err != nil {
		return err
	}
	_, err := t.tmux("clear-history")
	return err
}

// close ends what runs in the window, and the window.
func (t *terminal) close() { _, _ = t.tmux("kill-server") }
