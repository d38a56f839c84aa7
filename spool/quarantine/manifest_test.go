package quarantine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool"
)

// someLines is a manifest in which one message was moved and restored, and a second batch was cut off.
func someLines(t testing.TB) [][]byte {
	t.Helper()
	e := entry{ID: "SubSpool3/67518204", HDR: [3]int64{412, 1788129800, 100}, EML: [3]int64{9000, 1788129800, 200}, Account: "joe@example.com"}
	f := entry{ID: "67518205", HDR: [3]int64{1, -5, 0}, EML: [3]int64{0, 1 << 40, 999}}
	at := time.Date(2026, 8, 30, 22, 43, 20, 0, time.UTC)
	recs := []record{
		{Opening: &opening{manifestVersion, absolute}},
		{Began: &batch{Verb: moving, Plan: "1a2b3c4d", Items: []entry{e, f}}},
		{Ended: &ending{2, []place{{f.ID, inBoth, "split"}}}, Began: &batch{Verb: restoring, Items: []entry{e}}},
		{Ended: &ending{1, nil}, Joined: []place{{f.ID, inQuarantine, ""}}, Note: "<&>\u2028"},
		{Began: &batch{Verb: moving, Plan: "1a2b3c4d", Items: []entry{e}}},
	}
	lines := make([][]byte, len(recs))
	for i, r := range recs {
		r.N, r.Time = i+1, at
		b, err := r.line()
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = b
	}
	return lines
}

func TestManifestTellsWhereMessagesAre(t *testing.T) {
	lines := someLines(t)
	for _, tt := range []struct {
		lines            int
		held, split      int
		pending, wantErr bool
	}{
		{lines: 1}, {lines: 2, pending: true}, {lines: 3, held: 1, split: 1, pending: true}, {lines: 4, held: 1},
		{lines: 5, held: 1, pending: true},
	} {
		k := newBooks()
		_, torn, err := readManifest(bytes.NewReader(bytes.Join(lines[:tt.lines], nil)), k.fold)
		if err != nil || torn || k.root != absolute || k.lines != tt.lines {
			t.Fatalf("%d lines: %v, torn %t, %+v", tt.lines, err, torn, k)
		}
		if len(k.held) != tt.held || len(k.split) != tt.split || (k.pending != nil) != tt.pending {
			t.Errorf("%d lines: held %d split %d pending %v, want %+v", tt.lines, len(k.held), len(k.split), k.pending, tt)
		}
	}
}

// Cut at any byte, a manifest reads as the lines before the cut.
func TestManifestTornAnywhere(t *testing.T) {
	lines := someLines(t)
	all := bytes.Join(lines, nil)
	whole, end := 0, 0
	for n := range all {
		for whole < len(lines) && n >= end+len(lines[whole]) {
			end += len(lines[whole])
			whole++
		}
		k := newBooks()
		good, torn, err := readManifest(bytes.NewReader(all[:n]), k.fold)
		if err != nil || k.lines != whole || good != int64(end) || torn != (n > end) {
			t.Fatalf("cut at byte %d: %d lines, %d good bytes, torn %t, %v; want %d, %d", n, k.lines, good, torn, err, whole, end)
		}
	}
}

// A crash can leave the last line complete in length but not in content.
func TestManifestWithABadLastLine(t *testing.T) {
	lines := someLines(t)
	last := bytes.Clone(lines[4])
	clear(last[10 : len(last)/2])
	k := newBooks()
	_, torn, err := readManifest(bytes.NewReader(append(bytes.Join(lines[:4], nil), last...)), k.fold)
	if err != nil || !torn || k.lines != 4 || k.pending != nil {
		t.Fatalf("%v, torn %t, %d lines", err, torn, k.lines)
	}
}

func TestManifestDamagedInTheMiddle(t *testing.T) {
	for name, spoil := range map[string]func(lines [][]byte) [][]byte{
		"a changed byte":      func(l [][]byte) [][]byte { l[2][40] ^= 1; return l },
		"an empty line":       func(l [][]byte) [][]byte { l[2] = []byte("\n"); return l },
		"a line of something": func(l [][]byte) [][]byte { l[2] = []byte("{}\n"); return l },
		"a missing line":      func(l [][]byte) [][]byte { return append(l[:2:2], l[3:]...) },
		"a line twice":        func(l [][]byte) [][]byte { return append(l[:2:2], l[1:]...) },
		"an endless line": func(l [][]byte) [][]byte {
			l[2] = append(bytes.Repeat([]byte("x"), maxLine+1), '\n')
			return l
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newBooks()
			_, _, err := readManifest(bytes.NewReader(bytes.Join(spoil(someLines(t)), nil)), k.fold)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "line 3") {
				t.Fatalf("%v, want ErrDamaged at line 3", err)
			}
		})
	}
}

// A torn line is cut off when the next one is written, and that is noted.
func TestWritingAfterATornLine(t *testing.T) {
	b := newBench(t, 3, 1)
	s := b.store()
	b.move(s)
	s.Close()
	name := filepath.Join(b.dir, manifestName)
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `{"n":4,"time":"2026-`+strings.Repeat("x", 2000))
	f.Close()
	s = b.store()
	if !s.Torn() || len(s.Held()) != 3 {
		t.Fatalf("torn %t, %d held", s.Torn(), len(s.Held()))
	}
	b.restore(s)
	s.Close()
	s = b.store()
	if s.Torn() || len(s.Held()) != 0 {
		t.Fatalf("after writing: torn %t, %d held", s.Torn(), len(s.Held()))
	}
	text, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(text), "cut off by a crash") {
		t.Errorf("no note in the manifest: %v", err)
	}
}

func TestManifestNamesOnlyMessages(t *testing.T) {
	for _, id := range []spool.ID{"../67518204", "SubSpool1/..", "/etc/passwd", "Drop/67518204", `C:\x`} {
		r := record{N: 2, Began: &batch{Verb: restoring, Items: []entry{{ID: id}}}}
		b, err := r.line()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseLine(b[:len(b)-1]); err == nil {
			t.Errorf("a line that names %q was read", id)
		}
	}
}

// Whatever the file holds, reading it ends, tells of no name outside a spool, and what was good stays good.
func FuzzManifest(f *testing.F) {
	lines := someLines(f)
	all := bytes.Join(lines, nil)
	f.Add(all)
	f.Add(all[:len(all)-30])
	f.Add(append(bytes.Clone(lines[0]), lines[1][5:]...))
	f.Add([]byte("\n\n"))
	f.Add([]byte(`{"n":1,"crc":"00000000"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := newBooks()
		good, torn, err := readManifest(bytes.NewReader(data), k.fold)
		if good < 0 || good > int64(len(data)) || err == nil && torn != (good < int64(len(data))) {
			t.Fatalf("%d of %d bytes good, torn %t, %v", good, len(data), torn, err)
		}
		for id := range k.held {
			if checkID(id) != nil || !filepath.IsLocal(filepath.FromSlash(string(id))) {
				t.Fatalf("%q", id)
			}
		}
		if err != nil {
			return
		}
		again := newBooks()
		if n, torn, err := readManifest(bytes.NewReader(data[:good]), again.fold); n != good || torn || err != nil {
			t.Fatalf("the good part: %d of %d, torn %t, %v", n, good, torn, err)
		}
		// Lines that a fuzzer cannot sign: the same content with a good checksum.
		for line := range bytes.Lines(data) {
			if b, ok := bytes.CutSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("}")); ok {
				parseLine(fmt.Appendf(bytes.Clone(b), "%s%08x\"}", crcField, crc(b)))
			}
		}
	})
}

// A line that still reads as one, of another message or another number, is damaged all the same: its checksum does not fit.
func TestAFlippedDigitInTheManifest(t *testing.T) {
	b := newBench(t, 3, 1)
	s := b.store()
	b.move(s)
	s.Close()
	path := filepath.Join(b.dir, manifestName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte("67518001"))
	text[at+7] = '9' // the name of a message that there is none of
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(b.dir, SameVolume); !errors.Is(err, ErrDamaged) {
		s.Close()
		t.Errorf("opened: %v", err)
	}
}
