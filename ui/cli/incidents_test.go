package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// writeIncident makes an incident whose newest start was by a process.
func writeIncident(t *testing.T, folder, id string, start incident.Started, facts ...incident.Fact) found {
	t.Helper()
	dir := filepath.Join(folder, id)
	j, err := steps.CreateJournal(dir, "maria@mail01", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, fact := range append([]incident.Fact{incident.Opened{ID: id, Spool: folder}, start}, facts...) {
		if _, err := j.Append(fact); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return readIncident(dir)
}

// ended gives the number of a process that lives no more.
func ended(t *testing.T) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// TestOwner: an incident belongs to a living process, and to one on another machine, which nobody can look at.
func TestOwner(t *testing.T) {
	here := hostname()
	for name, c := range map[string]struct {
		start incident.Started
		facts []incident.Fact
		want  bool
	}{
		"a living process":         {incident.Started{PID: os.Getppid(), Host: here}, nil, true},
		"it ended in good order":   {incident.Started{PID: os.Getppid(), Host: here}, []incident.Fact{incident.Ended{}}, false},
		"it was killed":            {incident.Started{PID: ended(t), Host: here}, nil, false},
		"this very process":        {incident.Started{PID: os.Getpid(), Host: here}, nil, false},
		"a process somewhere else": {incident.Started{PID: ended(t), Host: "elsewhere"}, nil, true},
		"no process at all":        {incident.Started{PID: 0, Host: here}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			i := writeIncident(t, t.TempDir(), "7F3A", c.start, c.facts...)
			if _, got := i.owner(); got != c.want {
				t.Errorf("owned = %v, want %v", got, c.want)
			}
		})
	}
}

// TestClaim: somebody else's incident is refused with who and since when, and taken over only by a typed word.
func TestClaim(t *testing.T) {
	i := writeIncident(t, t.TempDir(), "7F3A", incident.Started{PID: os.Getppid(), Host: hostname()})
	for name, c := range map[string]struct {
		takeOver bool
		typed    string
		refused  string
	}{
		"not asked for":  {false, "", "maria@mail01"},
		"wrong word":     {true, "yes\n", "was not taken over"},
		"nobody answers": {true, "", "was not taken over"},
		"typed":          {true, "take over\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			env, _, _ := inProcess()
			env.Stdin = strings.NewReader(c.typed)
			err := (&program{env: env}).claim(i, c.takeOver)
			switch {
			case c.refused == "" && err != nil:
				t.Error(err)
			case c.refused != "" && (err == nil || statusOf(err) != BadNews || !strings.Contains(err.Error(), c.refused)):
				t.Errorf("claim = %v, want a refusal that says %q", err, c.refused)
			}
		})
	}
}

// TestOpenOn: only an open incident of the same mode on the same spool is gone on with, and a damaged one is never.
func TestOpenOn(t *testing.T) {
	folder := t.TempDir()
	writeIncident(t, folder, "AAAA", incident.Started{}, incident.IncidentClosed{})
	writeIncident(t, folder, "BBBB", incident.Started{})
	damaged := writeIncident(t, folder, "CCCC", incident.Started{})
	if err := os.WriteFile(filepath.Join(damaged.dir, "journal.jsonl"), []byte("{}\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env, _, _ := inProcess()
	p, o := &program{env: env}, options{incidents: folder}
	if got, ok := p.openOn(o, folder, incident.Mode{}); !ok || got.inc.ID != "BBBB" {
		t.Errorf("open incident %q, %v, want BBBB", got.inc.ID, ok)
	}
	if got, ok := p.openOn(o, folder, incident.Mode{DryRun: true}); ok {
		t.Errorf("a dry run goes on with %s", got.inc.ID)
	}
	if got, ok := p.openOn(o, t.TempDir(), incident.Mode{}); ok {
		t.Errorf("another spool goes on with %s", got.inc.ID)
	}
}
