package steps_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"delist/spool"
	"delist/steps"
)

// A quarantine on another disk is refused unless it was asked for, before anything moves. Asked for, what is moved comes
// back; a spool set aside stays on its own disk all the same, since it is renamed.
func TestAQuarantineOnAnotherVolume(t *testing.T) {
	other := t.TempDir()
	if err := unix.Mount("tmpfs", other, "tmpfs", 0, ""); err != nil {
		t.Skipf("no second volume: mounting one needs root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(other, unix.MNT_DETACH) })
	w := newWorld(t)
	w.settings.QuarantineDir = filepath.Join(other, "kept")
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	before := files(t, w.root)
	w.do(rb, steps.Search{Query: "account:" + stolen})
	err := rb.Do(t.Context(), steps.PlanPurge{Query: "account:" + stolen, IDs: []spool.ID{rb.State().Live.Results.Hits[0].ID}})
	if err == nil || !strings.Contains(err.Error(), "--other-volume") || !strings.Contains(err.Error(), w.settings.QuarantineDir) {
		t.Fatalf("a plan for another volume, not asked for: %v", err)
	}
	if err := rb.Close(); err != nil {
		t.Fatal(err)
	}

	w.settings.OtherVolume = true
	rb = w.resume()
	in := w.planAll(rb)
	if view := rb.State().Live.Plan; !view.Other || !strings.HasPrefix(view.Dir, other) {
		t.Fatalf("%+v", view)
	}
	w.do(rb, in)
	held := rb.State().Live.Held
	if len(held) != 120 || len(files(t, w.root)) != 80 {
		t.Fatalf("%d held, %d files in the spool", len(held), len(files(t, w.root)))
	}
	var ids []spool.ID
	for _, h := range held {
		ids = append(ids, h.ID)
	}
	w.do(rb, steps.Restore{IDs: ids, Count: len(ids)})
	after := files(t, w.root)
	for name, text := range before {
		if after[name] != text {
			t.Fatalf("%s is not as it was", name)
		}
	}
	w.do(rb, steps.SetAside{Count: 160})
	if dir := rb.State().Incident.Aside.Dir; strings.HasPrefix(dir, other) {
		t.Errorf("set aside in %s", dir)
	}
}
