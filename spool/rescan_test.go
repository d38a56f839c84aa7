package spool_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"delist/spool"
	"delist/spool/spooltest"
)

func TestRescan(t *testing.T) {
	root := t.TempDir()
	for _, id := range []spool.ID{"1", "SubSpool1/1", "SubSpool1/2", "SubSpool2/3", "SubSpool2/4"} {
		spooltest.Write(t, root, spooltest.Pair{ID: id})
	}
	s := open(t, root)
	first := scan(t, s)

	remove(t, root, "SubSpool1/2")
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool3/5"})
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool2/3", Retries: 1, Subject: "Changed", Created: time.Now()})
	second, changes, err := s.Rescan(t.Context(), first, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := spool.Changes{Came: []spool.ID{"SubSpool3/5"}, Went: []spool.ID{"SubSpool1/2"}, Rewritten: []spool.ID{"SubSpool2/3"}}
	if diff := cmp.Diff(want, changes, cmpopts.IgnoreFields(spool.Changes{}, "Interval")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if changes.Interval <= 0 {
		t.Errorf("interval %v", changes.Interval)
	}
	if diff := cmp.Diff(ids(scan(t, s)), ids(second)); diff != "" {
		t.Errorf("a rescan and a scan differ (-scan +rescan):\n%s", diff)
	}
	if m, _ := second.Find("SubSpool2/3"); m.Subject != "Changed" || m.Retries != 1 {
		t.Errorf("the rewritten message was not read again: %+v", m)
	}
	if first.Len() != 5 {
		t.Errorf("the first snapshot changed: %d messages", first.Len())
	}
}

func TestRescanEmptyingASpoolIsNoError(t *testing.T) {
	root := t.TempDir()
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1"})
	s := open(t, root)
	first := scan(t, s)
	remove(t, root, "SubSpool1/1")
	_, changes, err := s.Rescan(t.Context(), first, nil)
	if err != nil || len(changes.Went) != 1 {
		t.Errorf("changes %+v, error %v; want one gone", changes, err)
	}
}

func TestRescanRefusesAVanishedFolder(t *testing.T) {
	root := t.TempDir()
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1"})
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool2/2"})
	s := open(t, root)
	first := scan(t, s)
	if err := os.RemoveAll(filepath.Join(root, "SubSpool2")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Rescan(t.Context(), first, nil); !errors.Is(err, spool.ErrFolderGone) {
		t.Errorf("a folder vanished: %v, want ErrFolderGone", err)
	}
	if err := os.RemoveAll(root); err != nil { // Windows keeps an open folder: the spool cannot vanish like this there
		t.Log(err)
		return
	}
	if _, _, err := s.Rescan(t.Context(), first, nil); err == nil {
		t.Error("the spool vanished, and Rescan said nothing")
	}
}

func TestRescanRefusesAnotherSpoolInItsPlace(t *testing.T) {
	root := filepath.Join(t.TempDir(), "Spool")
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1"})
	s := open(t, root)
	first := scan(t, s)
	if err := os.Rename(root, root+".aside"); err != nil {
		t.Skip("this system does not rename an open folder:", err)
	}
	spooltest.Write(t, root, spooltest.Pair{ID: "SubSpool1/1"})
	if _, _, err := s.Rescan(t.Context(), first, nil); !errors.Is(err, spool.ErrFolderGone) {
		t.Errorf("set aside and replaced: %v, want ErrFolderGone", err)
	}
}

// TestRescanKeepsWhatIsBeingWritten: the server rewrites an HDR with each attempt. Caught half written, the message
// is neither gone nor damaged.
func TestRescanKeepsWhatIsBeingWritten(t *testing.T) {
	root := t.TempDir()
	id := spooltest.Write(t, root, spooltest.Pair{})
	s := open(t, root)
	first := scan(t, s)
	spooltest.File(t, root, id.HDR(), []byte("Writ"), time.Now())
	second, changes, err := s.Rescan(t.Context(), first, nil)
	if err != nil || len(changes.Went)+len(changes.Came) != 0 || second.Len() != 1 {
		t.Errorf("%d messages, changes %+v, error %v; want the message kept", second.Len(), changes, err)
	}
	if p := second.Problems(); len(p) != 1 || p[0].Kind != spool.Receiving {
		t.Errorf("problems %v, want one still arriving", p)
	}
}

func remove(t *testing.T, root string, id spool.ID) {
	t.Helper()
	for _, name := range []string{id.HDR(), id.EML()} {
		if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}
