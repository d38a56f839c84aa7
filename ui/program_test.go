//go:build linux

package ui_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is the wizard on a pty that answers no question.
type terminal struct {
	t     *testing.T
	pty   *os.File
	child *exec.Cmd
	ended chan error
	said  bytes.Buffer // standard error

	mu   sync.Mutex
	seen bytes.Buffer
}

func startWizard(t *testing.T) *terminal {
	t.Helper()
	term := &terminal{t: t, child: exec.Command(os.Args[0]), ended: make(chan error, 1)}
	term.child.Env = append(os.Environ(), "UI_CHILD=1", "TERM=xterm-256color")
	term.child.Stderr = &term.said
	var err error
	if term.pty, err = pty.StartWithSize(term.child, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Skipf("no pty here: %v", err)
	}
	t.Cleanup(func() {
		_ = term.child.Process.Kill()
		_ = term.pty.Close()
	})
	go func() {
		chunk := make([]byte, 32<<10)
		for {
			n, err := term.pty.Read(chunk)
			term.mu.Lock()
			term.seen.Write(chunk[:n])
			term.mu.Unlock()
			if err != nil {
				term.ended <- term.child.Wait()
				return
			}
		}
	}()
	return term
}

// waitFor waits until a text was written to the terminal.
func (term *terminal) waitFor(text string) {
	term.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if strings.Contains(term.sees(), text) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	term.t.Fatalf("%q was never written; standard error: %s", text, term.said.String())
}

// sees is all that was written to the terminal.
func (term *terminal) sees() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.seen.String()
}

func (term *terminal) key(keys string) {
	if _, err := term.pty.WriteString(keys); err != nil {
		term.t.Fatal(err)
	}
}

// wait waits for the end and holds it to good order: the alternate screen left, the
// exit status 0.
func (term *terminal) wait() {
	term.t.Helper()
	select {
	case err := <-term.ended:
		if err != nil {
			term.t.Errorf("it ended with %v: %s", err, term.said.String())
		}
	case <-time.After(10 * time.Second):
		term.t.Fatal("it did not end")
	}
	if !strings.Contains(term.said.String(), "ended in good order") {
		term.t.Errorf("standard error: %q", term.said.String())
	}
}

// TestFirstFrameOnAMuteTerminal takes the best of a few starts: a busy machine is slow
// now and then, a program that waits for an answer is slow each time.
func TestFirstFrameOnAMuteTerminal(t *testing.T) {
	best := time.Hour
	var term *terminal
	for range 5 {
		start := time.Now()
		term = startWizard(t)
		term.waitFor("Look: find out")
		if best = min(best, time.Since(start)); best < time.Second {
			break
		}
	}
	t.Logf("first frame after %v", best)
	if best > time.Second {
		t.Errorf("the first frame took %v, want under 1 s", best)
	}
	term.key("q")
	term.waitFor("Leave delist?")
	time.Sleep(200 * time.Millisecond) // a person's pause: quicker keys are taken for a paste
	term.key("y")
	term.wait()
	term.waitFor("\x1b[?1049l")
}

func TestLiveResize(t *testing.T) {
	term := startWizard(t)
	term.waitFor("Look: find out")
	if err := pty.Setsize(term.pty, &pty.Winsize{Rows: 10, Cols: 40}); err != nil {
		t.Fatal(err)
	}
	term.waitFor("Please enlarge")
	if err := pty.Setsize(term.pty, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	term.waitFor("│")
	term.key("\x03\x03")
	term.wait()
}

func TestSignalsStopSafely(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		term := startWizard(t)
		term.waitFor("Look: find out")
		if err := term.child.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		term.wait()
		if !strings.Contains(term.said.String(), "stopped safely") {
			t.Errorf("%v: what ran was not stopped", sig)
		}
	}
}

// What a terminal says by itself does nothing, in whatever pieces a slow line brings it; keys do what they did.
func TestAnswersOfTheTerminalDoNotAct(t *testing.T) {
	term := startWizard(t)
	term.waitFor("Look: find out")
	for _, answer := range []string{"\x1b]lq?q\x1b\\", "\x1b]11;rgb:0000/0000/0000\x07", "\x1b[24;80R", "\x1b[?62;22c", "\x1bP1$rq?\x1b\\", "\x1b_Gi=1;q?\x1b\\"} {
		for _, cut := range []int{1, 2, len(answer) / 2, len(answer) - 1} {
			term.key(answer[:cut])
			time.Sleep(10 * time.Millisecond)
			term.key(answer[cut:])
			time.Sleep(10 * time.Millisecond)
		}
	}
	time.Sleep(300 * time.Millisecond)
	if screen := term.sees(); strings.Contains(screen, "Leave delist?") || strings.Contains(screen, "Help: Look") {
		t.Errorf("an answer acted:\n%s", screen)
	}
	term.key("?")
	term.waitFor("Help: Look")
	term.key("\x1b")
	time.Sleep(300 * time.Millisecond)
	term.key("q")
	term.waitFor("Leave delist?")
	time.Sleep(200 * time.Millisecond)
	term.key("y")
	term.wait()
}
