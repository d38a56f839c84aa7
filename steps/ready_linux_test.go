package steps_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"delist/steps"
)

// mountAt puts a file system of its own at a folder, which is made.
func mountAt(t *testing.T, dir, options string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("no second volume: mounting one needs root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
}

// A spool that is a volume of its own, and a volume without room: the remedy is lines to type, which then work.
func TestReadyRemediesWork(t *testing.T) {
	up := t.TempDir()
	root, spare := filepath.Join(up, "Spool"), filepath.Join(up, "incidents", "quarantine")
	mountAt(t, root, "")
	spoolAt(t, root)
	p := steps.Preparation{Root: root, Spare: spare, Read: true, Bytes: 1 << 20}
	list := p.CheckReady(t.Context())
	r := found(list, steps.ReadyPlace)
	want := "[quarantine]\ndir = '" + spare + "'\nother_volume = true"
	if r.State != steps.NotReady || !strings.Contains(r.Sentence, "a volume of its own") || !strings.HasSuffix(r.Remedy, want) || list[0] != r {
		t.Fatalf("%+v", list)
	}
	p.Settings.QuarantineDir, p.Settings.OtherVolume = spare, true
	list = p.CheckReady(t.Context())
	if r = found(list, steps.ReadyPlace); r.State != steps.Ready || !strings.Contains(r.Sentence, "copied, compared") {
		t.Errorf("the remedy, followed: %+v", r)
	}
	if r = found(list, steps.ReadyRoom); r.State != steps.Ready {
		t.Errorf("%+v", r)
	}
	p.Bytes = 1 << 60
	if r = found(p.CheckReady(t.Context()), steps.ReadyRoom); r.State != steps.NotReady || !strings.Contains(r.Sentence, "would be copied there") {
		t.Errorf("%+v", r)
	}
	p.Bytes, p.Read = 0, false
	if r = found(p.CheckReady(t.Context()), steps.ReadyRoom); r.State != steps.NotKnown {
		t.Errorf("a spool that was not read whole: %+v", r)
	}

	small := filepath.Join(up, "small")
	mountAt(t, small, "size=2m")
	root = filepath.Join(small, "Spool")
	spoolAt(t, root)
	p = steps.Preparation{Root: root, Spare: spare, Read: true}
	r = found(p.CheckReady(t.Context()), steps.ReadyRoom)
	if r.State != steps.NotReady || !strings.Contains(r.Sentence, "record of what is moved") || !strings.HasSuffix(r.Remedy, want) {
		t.Errorf("a volume without room: %+v", r)
	}
}

// One folder of the spool on another volume, and a spool that can only be read.
func TestReadyFindsAMountInTheSpool(t *testing.T) {
	up := t.TempDir()
	root := filepath.Join(up, "mail", "Spool")
	mountAt(t, filepath.Join(root, "SubSpool1"), "size=1m")
	spoolAt(t, root)
	p := steps.Preparation{Root: root}
	r := found(p.CheckReady(t.Context()), steps.ReadyPlace)
	if r.State != steps.NotReady || !strings.Contains(r.Sentence, "SubSpool1") || !strings.HasSuffix(r.Remedy, "[quarantine]\nother_volume = true") {
		t.Errorf("%+v", r)
	}
	if err := unix.Mount("", filepath.Join(root, "SubSpool1"), "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	r = found(p.CheckReady(t.Context()), steps.ReadyRights)
	if r.State != steps.NotReady || !strings.Contains(r.Sentence, "SubSpool1") || !strings.Contains(r.Remedy, "read-only") {
		t.Errorf("%+v", r)
	}
}
