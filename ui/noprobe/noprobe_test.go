//go:build linux

package noprobe_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/creack/pty"

	_ "delist/ui/noprobe"
)

// firstFrame is what the child program draws.
const firstFrame = "first frame"

type onlyFrame struct{}

func (onlyFrame) Init() tea.Cmd                         { return nil }
func (m onlyFrame) Update(tea.Msg) (tea.Model, tea.Cmd) { return m, nil }
func (onlyFrame) View() string                          { return firstFrame }

// TestMain lets the test binary play the program under test: it is linked like the
// real one, with Bubble Tea and this package in it.
func TestMain(m *testing.M) {
	if os.Getenv("NOPROBE_CHILD") != "" {
		_, _ = tea.NewProgram(onlyFrame{}).Run()
		return
	}
	os.Exit(m.Run())
}

// TestMuteTerminal starts a program on a pty that answers no question. Without this
// package the first frame takes five seconds.
func TestMuteTerminal(t *testing.T) {
	best := time.Hour
	for range 5 { // a busy machine is slow now and then, a stall comes each time
		if best = min(best, startUp(t)); best < time.Second {
			break
		}
	}
	t.Logf("first frame after %v", best)
	if best > time.Second {
		t.Errorf("first frame after %v, want under 1 s: is Bubble Tea initialised before noprobe?", best)
	}
}

// startUp is how long the child program takes to its first frame.
func startUp(t *testing.T) time.Duration {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), "NOPROBE_CHILD=1", "TERM=xterm-256color")
	start := time.Now()
	terminal, err := pty.StartWithSize(child, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Skipf("no pty here: %v", err)
	}
	defer func() {
		_ = child.Process.Kill()
		_, _ = child.Process.Wait()
		_ = terminal.Close()
	}()
	shown := make(chan time.Duration, 1)
	go func() {
		var seen []byte
		chunk := make([]byte, 4096)
		for {
			n, err := terminal.Read(chunk)
			seen = append(seen, chunk[:n]...)
			if bytes.Contains(seen, []byte(firstFrame)) {
				shown <- time.Since(start)
				return
			}
			if err != nil && err != io.EOF {
				return
			}
		}
	}()
	select {
	case took := <-shown:
		return took
	case <-time.After(20 * time.Second):
		t.Fatal("no frame within 20 s")
		return 0
	}
}
