package cli

import (
	"regexp"
	"strings"
	"testing"
)

// TestExamples: every command that is shown has examples, and each is a command line that its command takes.
func TestExamples(t *testing.T) {
	root := (&program{env: Environment{LookupEnv: func(string) (string, bool) { return "", false }}}).rootCommand()
	explained := regexp.MustCompile(`  +`)
	for _, cmd := range append(root.Commands(), root) {
		if !cmd.IsAvailableCommand() && cmd != root || cmd.Name() == "help" {
			continue
		}
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.Name())
		}
		for line := range strings.Lines(cmd.Example) {
			words := strings.Fields(explained.Split(strings.TrimSpace(line), 2)[0])
			if len(words) == 0 || words[0] != "delist" {
				t.Errorf("%q is no command line", line)
				continue
			}
			called, rest, err := root.Find(words[1:])
			if err == nil {
				err = called.ParseFlags(rest)
			}
			if err == nil {
				err = called.ValidateArgs(called.Flags().Args())
			}
			if err != nil || called != cmd && cmd != root {
				t.Errorf("%q of %s calls %s: %v", line, cmd.Name(), called.Name(), err)
			}
		}
	}
}
