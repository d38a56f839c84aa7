package cli

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// Ctrl+C at a question ends the command as stopped part way, without waiting for Enter.
func TestAskedToEndAtAQuestion(t *testing.T) {
	in, typing := io.Pipe()
	defer typing.Close()
	var out strings.Builder
	env := Environment{
		Args:  []string{"quarantine", "--spool", t.TempDir(), "--incidents", t.TempDir(), "--service", "by-hand", "account:a@b.test"},
		Stdin: in, Stdout: &out, Stderr: &out, LookupEnv: func(string) (string, bool) { return "", false }, Clock: time.Now,
		Notify: func(c chan<- os.Signal) func() {
			c <- os.Interrupt
			return func() {}
		},
	}
	if got := Main(env); got != int(Unfinished) || !strings.Contains(out.String(), "stopped at a question") {
		t.Errorf("status %d: %s", got, out.String())
	}
}
