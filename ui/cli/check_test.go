package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before committing it")

// inProcess is an environment without a process: a fixed clock, no variables, nothing found on this machine.
func inProcess(args ...string) (Environment, *bytes.Buffer, *bytes.Buffer) {
	var out, errs bytes.Buffer
	return Environment{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		LookupEnv: func(string) (string, bool) { return "", false },
		Clock:     func() time.Time { return time.Date(2026, 11, 23, 9, 41, 0, 0, time.UTC) },
	}, &out, &errs
}

// TestCheckJSON holds the contract of `check --json`: names are added, never renamed.
func TestCheckJSON(t *testing.T) {
	dns := serveCatalogue(t)
	env, out, errs := inProcess("check", "--json", "--resolver", dns, "203.0.113.25", "198.51.100.7")
	if status := Main(env); status != int(BadNews) {
		t.Fatalf("status %d, want %d: %s", status, BadNews, errs)
	}
	got := strings.ReplaceAll(out.String(), dns, "DNS")
	path := filepath.Join("testdata", "check.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("check --json changed (-want +got):\n%s", diff)
	}
	if errs.Len() > 0 {
		t.Errorf("standard error: %s", errs)
	}
}
