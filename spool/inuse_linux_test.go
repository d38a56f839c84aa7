package spool_test

import (
	"os"
	"os/exec"
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
)

func TestInUseNamesWhoHoldsAMessage(t *testing.T) {
	root := t.TempDir()
	id := spooltest.Write(t, root, spooltest.Pair{})
	s, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if users, err := s.InUse(t.Context()); err != nil || len(users) != 0 {
		t.Fatalf("nobody holds a message, got %+v, %v", users, err)
	}
	f, err := os.Open(root + "/" + id.HDR())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	holder := exec.Command("sleep", "60")
	holder.Stdin = f
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Process.Kill(); _ = holder.Wait() }()
	users, err := s.InUse(t.Context())
	if err != nil || len(users) != 1 || users[0].PID != holder.Process.Pid || users[0].Files != 1 {
		t.Fatalf("got %+v, %v, want process %d with one file", users, err, holder.Process.Pid)
	}
}
