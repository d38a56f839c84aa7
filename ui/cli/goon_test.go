package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// interrupted runs a command, and asks it to end as soon as a file matches.
func interrupted(t *testing.T, once string, words ...string) (Status, string) {
	t.Helper()
	var out, errs bytes.Buffer
	done := make(chan struct{})
	defer close(done)
	env := Environment{Args: words, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Clock: time.Now,
		LookupEnv: func(string) (string, bool) { return "", false },
		Notify: func(c chan<- os.Signal) func() {
			go func() {
				for {
					if found, _ := filepath.Glob(once); len(found) > 0 {
						c <- os.Interrupt
						return
					}
					select {
					case <-done:
						return
					case <-time.After(time.Millisecond):
					}
				}
			}()
			return func() {}
		},
	}
	status := Status(Main(env))
	return status, errs.String()
}

var printedCommand = regexp.MustCompile("`delist ([^`]*)` goes on")

// A move that was stopped part way prints the command that goes on, with the count of what is left; so does the way back.
func TestTheCommandThatGoesOn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the printed command is read by sh")
	}
	const messages = 4000
	home := t.TempDir()
	root, incidents := filepath.Join(home, "my Spool"), filepath.Join(home, "inc")
	for i := range messages {
		spooltest.Write(t, root, spooltest.Pair{ID: spool.NewID(fmt.Sprintf("SubSpool%d", i%10), fmt.Sprint(10000000+i)), Auth: "sales@harbourlight.example", IP: "198.51.100.7", Subject: "Invoice overdue"})
	}
	t.Chdir(home)
	held := filepath.Join(home, "delist", "*", "files", "*", "*.hdr")
	flags := []string{"--spool", "my Spool", "--incidents", "inc", "--service", "none"}
	all := fmt.Sprintf("--yes=%d", messages)
	goOn := func(once string, words ...string) {
		t.Helper()
		status, errs := interrupted(t, once, words...)
		if status == Good || strings.Contains(errs, "nothing of it is left to do") {
			t.Skip("it was done before it could be stopped")
		}
		printed := printedCommand.FindStringSubmatch(errs)
		if status != Unfinished || printed == nil {
			t.Fatalf("it ends with %d and names no command that goes on:\n%s", status, errs)
		}
		if strings.Contains(printed[1], all) || !strings.Contains(printed[1], "--yes=") {
			t.Errorf("the count is not that of now: %s", printed[1])
		}
		t.Chdir(t.TempDir()) // it works from any folder
		read, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\n' `+printed[1]).Output()
		if err != nil {
			t.Fatal(err)
		}
		again := strings.Split(strings.TrimSuffix(string(read), "\n"), "\n")
		if status, out, errs := (commands{t: t}).status(again...); status != Good {
			t.Fatalf("%s ends with %d\n%s%s", printed[1], status, out, errs)
		}
		t.Chdir(home)
	}
	goOn(held, append([]string{"quarantine", "account:sales@harbourlight.example subject:invoice", all}, flags...)...)
	if left := holding(t, root, "Invoice overdue"); len(left) > 0 {
		t.Fatalf("%d were left in the spool", len(left))
	}
	p := &program{env: Environment{LookupEnv: func(string) (string, bool) { return "", false }}}
	id := p.listIncidents(options{incidents: incidents})[0].inc.ID
	goOn(filepath.Join(root, "*", "*.hdr"), append([]string{"restore", id, "--all", all}, flags...)...)
	if back := holding(t, root, "Invoice overdue"); len(back) != messages {
		t.Fatalf("%d came back, want %d", len(back), messages)
	}
}
