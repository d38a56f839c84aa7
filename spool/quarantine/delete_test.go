package quarantine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"delist/spool"
)

func (b *bench) del(s *Store, ids []spool.ID) Outcome {
	b.t.Helper()
	out, err := s.Delete(b.t.Context(), ids, stopped, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// wantKnown fails unless every file in quarantine belongs to a message that the books hold.
func (b *bench) wantKnown(s *Store) {
	b.t.Helper()
	books := map[string]bool{}
	for _, h := range s.Held() {
		books[h.ID.HDR()], books[h.ID.EML()] = true, true
	}
	for name := range everywhere(b.t, filepath.Join(b.dir, filesName)) {
		if !books[name] {
			b.t.Fatalf("%s is in quarantine, and not in the manifest", name)
		}
	}
}

// wantDeleted fails unless every message is either whole in quarantine and in the books, or gone from both. The spool has
// to hold the messages of alive, byte for byte, and nothing else.
func (b *bench) wantDeleted(s *Store, alive ...spool.ID) (held int) {
	b.t.Helper()
	out := everywhere(b.t, filepath.Join(b.dir, filesName))
	books := map[spool.ID]bool{}
	for _, h := range s.Held() {
		books[h.ID] = true
		if string(out[h.ID.HDR()]) != string(b.files[h.ID.HDR()]) || string(out[h.ID.EML()]) != string(b.files[h.ID.EML()]) {
			b.t.Fatalf("%s is not whole in quarantine", h.ID)
		}
	}
	if len(out) != 2*len(books) {
		b.t.Fatalf("%d files in quarantine, want two for each of %d messages", len(out), len(books))
	}
	in := everywhere(b.t, b.root)
	for _, id := range alive {
		if string(in[id.HDR()]) != string(b.files[id.HDR()]) || string(in[id.EML()]) != string(b.files[id.EML()]) {
			b.t.Fatalf("%s is not whole in the spool", id)
		}
	}
	if len(in) != 2*len(alive) {
		b.t.Fatalf("%d files in the spool, want %d", len(in), 2*len(alive))
	}
	return len(books)
}

func TestDeleteRemovesOnlyWhatIsInQuarantine(t *testing.T) {
	b := newBench(t, 9, 3)
	s := b.store()
	s.batch = 2
	b.move(s)
	if out, err := s.Restore(t.Context(), b.ids[:2], stopped, nil); err != nil || out.Restored != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	// In the spool, unknown, by another program, and changed since.
	remove(t, filepath.Join(b.dir, filesName, b.ids[3].HDR()))
	remove(t, filepath.Join(b.dir, filesName, b.ids[3].EML()))
	if err := os.WriteFile(filepath.Join(b.dir, filesName, b.ids[4].EML()), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := b.del(s, append([]spool.ID{b.ids[0], "SubSpool0/99999999"}, b.ids[3:7]...))
	if out.Deleted != 2 || out.Already != 1 || out.Left != 0 || out.Stopped ||
		reasons(out) != b.say(0)+": vanished, SubSpool0/99999999: vanished, "+b.say(4)+": changed" {
		t.Fatalf("%+v", out)
	}
	b.files[b.ids[4].EML()] = []byte("other")
	if held := b.wantDeleted(s, b.ids[:2]...); held != 4 {
		t.Fatalf("%d held, want 4", held)
	}
	s.Close()
	if held := b.wantDeleted(b.store(), b.ids[:2]...); held != 4 {
		t.Fatalf("%d held after opening again, want 4", held)
	}
}

func (b *bench) say(i int) string { return string(b.ids[i]) }

// Whatever call fails, after Recover no file lies in quarantine that the manifest does not know; a message is half there
// only where its second file could not be removed. The same act then does what is left to do. The spool may be away meanwhile.
func TestEveryCallFailingInADelete(t *testing.T) {
	for _, f := range faults {
		upTo(t, f, func(t *testing.T, f *fault) {
			b := newBenchIn(t, inMemory(t), 4, 2)
			s := b.store()
			b.move(s)
			s.Close()
			if err := os.Rename(b.root, b.root+".away"); err != nil {
				t.Fatal(err)
			}
			s = b.faulty(f)
			_, err := s.Delete(t.Context(), b.ids, stopped, nil)
			s = b.recovered(s)
			if err := os.Rename(b.root+".away", b.root); err != nil {
				t.Fatal(err)
			}
			b.wantKnown(s)
			if f.dead {
				b.wantDeleted(s)
			}
			b.del(s, b.ids)
			if held := b.wantDeleted(s); held != 0 {
				t.Fatalf("%d are still in quarantine (%v)", held, err)
			}
			s.Close()
		})
	}
}

// A delete goes on only while it may.
func TestDeleteAsksWhetherItMayGoOn(t *testing.T) {
	b := newBench(t, 4, 1)
	s := b.store()
	b.move(s)
	out, err := s.Delete(t.Context(), b.ids, func(context.Context) error { return errors.New("taken over") }, nil)
	if err == nil || out.Deleted != 0 || out.Left != 4 || !out.Stopped {
		t.Fatalf("%+v, %v", out, err)
	}
	b.wantDeleted(s)
}
