package cli

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool"

	"github.com/gofrs/flock"
)

// A message that was moved can still be read before somebody puts it back.
func TestPreviewFromTheQuarantine(t *testing.T) {
	dir := t.TempDir()
	root, incidents := filepath.Join(dir, "Spool"), filepath.Join(dir, "incidents")
	if err := layOutSpool(root); err != nil {
		t.Fatal(err)
	}
	env := Environment{
		Args:  []string{"quarantine", "--spool", root, "--incidents", incidents, "--service", "none", "--yes", "id:20000001"},
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Clock: time.Now,
		LookupEnv: func(string) (string, bool) { return "", false },
	}
	if status := Main(env); status != 0 {
		t.Fatalf("status %d", status)
	}
	p := &program{env: env}
	o := options{incidents: incidents}
	all := p.listIncidents(o)
	s := server{}
	s.spool.value, s.service.value = root, "none"
	session, err := p.openHeld(o, s, all[0], false)
	if err != nil {
		t.Fatal(err)
	}
	defer session.close()
	held := session.State().Live.Held
	if len(held) != 1 {
		t.Fatalf("%d held", len(held))
	}
	if view, err := session.Preview(t.Context(), held[0].ID); err != nil || len(view.Headers) == 0 {
		t.Errorf("%d headers, %v", len(view.Headers), err)
	}
	if _, err := session.Preview(t.Context(), "SubSpool0/99999999"); err == nil {
		t.Error("a message that is nowhere was read")
	}
	read, err := session.ReadHeld(t.Context(), []spool.ID{held[0].ID, "SubSpool0/99999999"})
	if err != nil || read.Len() != 1 || read.At(0).Subject == "" {
		t.Fatalf("read %d messages of the quarantine, want 1 with its subject; error %v", read.Len(), err)
	}
	for query, want := range map[string]bool{"subject:\"" + read.At(0).Subject + "\"": true, "subject:nothing-like-it": false} {
		if match, err := session.SearchHeld(t.Context(), query); err != nil || match[held[0].ID] != want {
			t.Errorf("%s finds it: %v, want %v; error %v", query, match[held[0].ID], want, err)
		}
	}
}

// What was searched before mail is known to be stopped counts no more once it is: a command that moves waits for the record
// of it, however long that takes.
func TestReadyOnceTheRecordSaysThatMailIsStopped(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "Spool")
	if err := layOutSpool(root); err != nil {
		t.Fatal(err)
	}
	env, _, _ := inProcess()
	env.Stdin = strings.NewReader("y\n")
	p := &program{env: env}
	s := server{}
	s.spool.value, s.service.value = root, "by-hand"
	session, err := p.openForMoving(options{incidents: filepath.Join(dir, "incidents")}, s, false)
	if err != nil {
		t.Fatal(err)
	}
	defer session.close()
	record := flock.New(filepath.Join(session.dir, "journal.jsonl.lock"))
	if err := record.Lock(); err != nil {
		t.Fatal(err)
	}
	session.Start()
	ready := make(chan error, 1)
	go func() { ready <- session.ready(t.Context(), io.Discard) }()
	time.Sleep(300 * time.Millisecond)
	early := len(ready) > 0
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ready; err != nil || early {
		t.Fatalf("ready before the record says that mail is stopped: %v; %v", early, err)
	}
	if state := session.State(); state.Incident.MailDown.IsZero() {
		t.Error("ready, and mail is not known to be stopped")
	}
}
