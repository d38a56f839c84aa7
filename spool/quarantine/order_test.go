package quarantine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"delist/spool"
)

// call is one call that changes the disk, or brings a change to it.
type call struct {
	op   string // write, sync, flush, out (of the spool), back (into it), remove, coming, leaving, named
	name string // the file's, or the folder's path for flush
	dir  string // where a file was taken from
	to   string
	line []byte // what write wrote
}

// calls keeps what an act asks of the system, in order.
type calls struct{ list []call }

func (c *calls) add(k call) { c.list = append(c.list, k) }

// on is sys, and every call that succeeds is kept. A probe is none of a message.
func (c *calls) on(sys files, root string) files {
	kept := sys
	kept.write = func(f *os.File, b []byte, at int64) error {
		c.add(call{op: "write", name: filepath.Base(f.Name()), line: slices.Clone(b)})
		return sys.write(f, b, at)
	}
	kept.sync = func(f *os.File) error {
		c.add(call{op: "sync", name: filepath.Base(f.Name())})
		return sys.sync(f)
	}
	kept.flush = func(d *folder) error {
		c.add(call{op: "flush", name: d.path})
		return sys.flush(d)
	}
	kept.rename = func(from, to *folder, name string) error {
		err := sys.rename(from, to, name)
		if err == nil && name != probeName {
			op := "out"
			if strings.HasPrefix(to.path, root) {
				op = "back"
			}
			c.add(call{op: op, name: name, dir: from.path, to: to.path})
		}
		return err
	}
	kept.become = func(d *folder, name, as string) error {
		err := sys.become(d, name, as)
		if err == nil {
			c.add(call{op: "become", name: name + " > " + as, dir: d.path, to: d.path})
		}
		return err
	}
	kept.copy = func(from *folder, name string, to *folder, as string) error {
		c.add(call{op: "copy", name: as, dir: to.path, to: to.path})
		return sys.copy(from, name, to, as)
	}
	kept.remove = func(d *folder, name string) error {
		err := sys.remove(d, name)
		if err == nil && name != probeName {
			c.add(call{op: "remove", name: name, dir: d.path, to: d.path})
		}
		return err
	}
	return kept
}

// pairs are the files of the messages that the calls of these kinds touched, in the order in which they did.
func (c *calls) pairs(ops ...string) map[string][]string {
	found := map[string][]string{}
	for _, k := range c.list {
		if slices.Contains(ops, k.op) {
			stem := strings.TrimSuffix(k.name, filepath.Ext(k.name))
			found[stem] = append(found[stem], filepath.Ext(k.name))
		}
	}
	return found
}

// wantAnnounced fails unless each file is touched only after a synced line of the manifest announced its message, and
// unless every folder that a batch touched was flushed before a line says that the batch has ended.
func (c *calls) wantAnnounced(t *testing.T, touching ...string) {
	t.Helper()
	announced := map[string]bool{}
	var unsynced []string
	dirty := map[string]bool{}
	touched := 0
	for i, k := range c.list {
		switch {
		case k.op == "write" && k.name == manifestName:
			rec, err := parseLine(k.line[:len(k.line)-1])
			if err != nil {
				t.Fatal(err)
			}
			if rec.Ended != nil && len(dirty) > 0 {
				t.Errorf("call %d: the manifest says that the batch has ended, and %v are not on disk", i, dirty)
			}
			unsynced = nil
			if rec.Began != nil {
				for _, e := range rec.Began.Items {
					unsynced = append(unsynced, e.ID.Base())
				}
			}
		case k.op == "sync" && k.name == manifestName:
			for _, id := range unsynced {
				announced[id] = true
			}
			unsynced = nil
		case k.op == "flush":
			delete(dirty, k.name)
		case slices.Contains(touching, k.op):
			touched++
			if stem := strings.SplitN(k.name, ".", 2)[0]; !announced[stem] {
				t.Errorf("call %d: %s of %s before the manifest announced it on disk", i, k.op, k.name)
			}
			dirty[k.dir], dirty[k.to] = true, true
		}
	}
	if last := c.list[len(c.list)-1]; last.op != "sync" || last.name != manifestName {
		t.Errorf("the last call is %s of %s, want a sync of the manifest", last.op, last.name)
	}
	if touched == 0 || len(dirty) > 0 {
		t.Errorf("%d files touched, %v not on disk at the end", touched, dirty)
	}
}

// watched opens the quarantine with its calls kept.
func (b *bench) watched() (*Store, *calls) {
	s, c := b.store(), &calls{}
	s.batch = 3
	s.sys = c.on(s.sys, s.Root())
	return s, c
}

// What makes a message inert leaves first and returns last; the record is on disk before the first file moves, and every
// folder before the record says that a batch is done.
func TestTheOrderOfAMoveAndOfARestore(t *testing.T) {
	b := newBench(t, 8, 2)
	s, c := b.watched()
	b.move(s)
	c.wantAnnounced(t, "out")
	for id, order := range c.pairs("out") {
		if !slices.Equal(order, []string{".hdr", ".eml"}) {
			t.Errorf("%s left in the order %v", id, order)
		}
	}
	s.Close()
	s, c = b.watched()
	b.restore(s)
	c.wantAnnounced(t, "back")
	for id, order := range c.pairs("back") {
		if !slices.Equal(order, []string{".eml", ".hdr"}) {
			t.Errorf("%s came back in the order %v", id, order)
		}
	}
	if len(c.pairs("back")) != 8 {
		t.Errorf("%d messages came back", len(c.pairs("back")))
	}
}

// A message deleted loses its HDR first, too: what is left after a kill is no message.
func TestTheOrderOfADelete(t *testing.T) {
	b := newBench(t, 8, 2)
	s := b.store()
	b.move(s)
	s.Close()
	s, c := b.watched()
	if out, err := s.Delete(t.Context(), b.ids, stopped, nil); err != nil || out.Deleted != 8 {
		t.Fatalf("%+v, %v", out, err)
	}
	c.wantAnnounced(t, "remove")
	for id, order := range c.pairs("remove") {
		if !slices.Equal(order, []string{".hdr", ".eml"}) {
			t.Errorf("%s was deleted in the order %v", id, order)
		}
	}
}

// To another volume the copies are on disk before the originals take another name, and these before the copies count.
func TestTheOrderOfACrossing(t *testing.T) {
	b := newBench(t, 4, 1)
	b.on = AnyVolume
	s, c := b.watched()
	real := s.sys.rename
	s.sys.rename = func(from, to *folder, name string) error {
		if from.path != to.path {
			return syscall.EXDEV
		}
		return real(from, to, name)
	}
	b.move(s)
	wantStrides(t, c, b.ids)
	c.wantAnnounced(t, "copy", "become", "remove")
	c.list = nil
	b.restore(s)
	wantStrides(t, c, b.ids)
	c.wantAnnounced(t, "copy", "become", "remove")
}

// wantStrides fails unless each message crossed in the order that carry.go tells.
func wantStrides(t *testing.T, c *calls, ids []spool.ID) {
	t.Helper()
	for _, id := range ids {
		var got []string
		for _, k := range c.list {
			name, ours := strings.CutPrefix(k.name, id.Base())
			switch {
			case ours:
				got = append(got, k.op+" "+strings.ReplaceAll(name, id.Base(), ""))
			case k.op == "flush" && len(got) > 0 && got[len(got)-1] != "flush":
				got = append(got, "flush")
			}
		}
		want := []string{
			"copy .eml" + coming, "copy .hdr" + coming, "flush",
			"become .hdr > .hdr" + leaving, "become .eml > .eml" + leaving, "flush",
			"become .eml" + coming + " > .eml", "become .hdr" + coming + " > .hdr", "flush",
			"remove .eml" + leaving, "remove .hdr" + leaving}
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%s crossed by\n%q, want\n%q", id, got, want)
		}
	}
}

// A copy that is not as the original is none: the original stays, and counts.
func TestACopyThatDiffers(t *testing.T) {
	b := newBench(t, 2, 1)
	b.on = AnyVolume
	s := b.store()
	s.sys.rename = func(from, to *folder, name string) error { return syscall.EXDEV }
	s.sys.same = func(*folder, string, *folder, string) (bool, error) { return false, nil }
	if out := b.move(s); out.Moved != 0 || reasons(out) != "SubSpool0/67518000: changed, SubSpool0/67518001: changed" {
		t.Errorf("%+v", out)
	}
	if held := b.wantWhole(s); held != 0 {
		t.Errorf("%d moved", held)
	}
}

// What is set aside comes back EML first, too, after the list of a batch is written, and asks before every batch whether it
// may.
func TestTheOrderOfAPutBack(t *testing.T) {
	b := newBench(t, lookEvery+2, 2)
	dir := filepath.Join(filepath.Dir(b.root), "aside", "Spool")
	a := NewAside(b.root, dir)
	if err := a.Set(); err != nil {
		t.Fatal(err)
	}
	c := &calls{}
	a.sys = c.on(a.sys, b.root)
	real, renamed := a.sys.rename, 0
	a.sys.rename = func(from, to *folder, name string) error {
		if renamed++; renamed%100 != 1 && renamed != 2*lookEvery+1 { // reading the list takes long
			return real(from, to, name)
		}
		listed, err := a.readList()
		if err != nil || !slices.ContainsFunc(listed, func(it Item) bool { return strings.HasPrefix(name, it.ID.Base()+".") }) {
			t.Fatalf("%s goes back, and the list of the batch does not have it: %d listed, %v", name, len(listed), err)
		}
		return real(from, to, name)
	}
	asked := 0
	out, err := a.PutBack(t.Context(), 0, func(context.Context) error { asked++; return nil }, nil)
	if err != nil || out.Restored != lookEvery+2 {
		t.Fatalf("%+v, %v", out, err)
	}
	if asked != 2 {
		t.Errorf("asked %d times in two batches", asked)
	}
	dirty := map[string]bool{}
	for _, k := range c.list {
		switch k.op {
		case "back":
			dirty[k.dir], dirty[k.to] = true, true
		case "flush":
			delete(dirty, k.name)
		}
	}
	if len(dirty) > 0 {
		t.Errorf("not on disk at the end: %v", dirty)
	}
	for id, order := range c.pairs("back") {
		if !slices.Equal(order, []string{".eml", ".hdr"}) {
			t.Errorf("%s came back in the order %v", id, order)
		}
	}
}

// A refusal of whoever looks at the service stops a put-back before its first file, as it stops the other acts.
func TestAPutBackThatMayNot(t *testing.T) {
	b := newBench(t, 2, 1)
	a := NewAside(b.root, filepath.Join(filepath.Dir(b.root), "aside", "Spool"))
	if err := a.Set(); err != nil {
		t.Fatal(err)
	}
	no := errors.New("somebody else has taken over")
	out, err := a.PutBack(t.Context(), 0, func(context.Context) error { return no }, nil)
	if !errors.Is(err, no) || out.Restored != 0 || out.Left == 0 {
		t.Fatalf("%+v, %v", out, err)
	}
}
