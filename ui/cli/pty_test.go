//go:build unix

package cli

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// firstFrame starts a drill on a terminal that answers no question and returns how long its first frame took. The
// terminal is then hung up, as a dropped SSH link does, and the drill has to end by itself.
func firstFrame(t *testing.T, binary string) time.Duration {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "drill", "--messages", "50")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "TMPDIR="+t.TempDir())
	began := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	var out screenLog
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&out, tty) // ends with an error when the program does
	}()
	defer func() {
		hangUp(t, cmd, &out)
		_ = tty.Close()
		<-read
	}()
	for !out.has("DRILL", "Look", "Close") {
		if time.Since(began) > 10*time.Second {
			t.Fatal("no first frame within ten seconds on a terminal that answers nothing")
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

// hangUp ends a program as a dropped SSH link does, and fails when it does not end by itself.
func hangUp(t *testing.T, cmd *exec.Cmd, out *screenLog) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Error(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		<-ended
		t.Errorf("still there 20 s after the line was cut:\n%s", out.tail())
	}
}

// screenLog keeps what a program writes to its terminal.
type screenLog struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (l *screenLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	return len(b), nil
}

// has says whether all words were written: a whole frame has its head and its last step.
func (l *screenLog) has(words ...string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, word := range words {
		if !bytes.Contains(l.text, []byte(word)) {
			return false
		}
	}
	return true
}

func (l *screenLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text[max(0, len(l.text)-20_000):])
}

// TestFirstFrame: a terminal that answers nothing must not hold up the start. Bubble Tea v1 would wait five seconds for
// the background colour; package noprobe keeps it from asking.
func TestFirstFrame(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and starts it 20 times")
	}
	binary := filepath.Join(t.TempDir(), "delist")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "delist").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var took []time.Duration
	for range 20 {
		took = append(took, firstFrame(t, binary))
	}
	slices.Sort(took)
	median := took[len(took)/2]
	t.Logf("first frame: median %v, slowest %v of %d starts", median, took[len(took)-1], len(took))
	if median > time.Second { // a busy machine may hold up one start; the wait for an answer holds up all, by five seconds
		t.Errorf("the median of the first frames is %v, over a second", median)
	}
}
