package ui_test

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// manyFound is Purge after a search that found most of a large spool: of $DELIST_PAIRS messages, or of few.
func manyFound(t *testing.T) steps.State {
	t.Helper()
	pairs, err := strconv.Atoi(os.Getenv("DELIST_PAIRS"))
	if err != nil {
		pairs = 3000
	}
	root := t.TempDir()
	if err := (spooltest.Tree{Pairs: pairs, Folders: 10}).Write(root); err != nil {
		t.Fatal(err)
	}
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	snap, err := sp.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	query, err := spool.ParseQuery("web") // is in a recipient of each
	if err != nil {
		t.Fatal(err)
	}
	results, err := sp.Search(t.Context(), snap, query, nil)
	if err != nil || len(results.Hits) != pairs {
		t.Fatalf("%d hits of %d, error %v", len(results.Hits), pairs, err)
	}
	state := uitest.At(t, incident.Purge)
	state.Live.Spool, state.Live.Results = snap, results
	return state
}

// TestKeyIsCheap holds a key in the table of the messages found, from the press to the frame at 120x40, to 64 KB of garbage.
// It logs the time too.
func TestKeyIsCheap(t *testing.T) {
	state := manyFound(t)
	model := ui.New(uitest.NewRunbook(t, state), ui.Options{Glyphs: ui.LineGlyphs(), Colour: true})
	model.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	for _, key := range []struct {
		name string
		keys [2]tea.KeyType
	}{{"row down", [2]tea.KeyType{tea.KeyDown, tea.KeyUp}}, {"page down", [2]tea.KeyType{tea.KeyPgDown, tea.KeyPgUp}}, {"last row", [2]tea.KeyType{tea.KeyEnd, tea.KeyHome}}} {
		result := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				model.Update(tea.KeyMsg{Type: key.keys[i%2]})
				model.View()
			}
		})
		t.Logf("%d rows, %s: %d ns a key, %d bytes", len(state.Live.Results.Hits), key.name, result.NsPerOp(), result.AllocedBytesPerOp())
		if garbage := result.AllocedBytesPerOp(); garbage > 64<<10 && !racing {
			t.Errorf("%s makes %d bytes of garbage, want at most 64 KB", key.name, garbage)
		}
	}
}

// TestCursorMoveIsShort holds what a cursor move writes to a terminal of 120x40 to 700 bytes: over RDP and SSH each one counts.
func TestCursorMoveIsShort(t *testing.T) {
	model := ui.New(uitest.NewRunbook(t, manyFound(t)), ui.Options{Glyphs: ui.LineGlyphs(), Colour: true})
	model.Update(tea.KeyMsg{Type: tea.KeyDown}) // the cursor is in the list
	out := &written{}
	keys, typist := io.Pipe()
	defer typist.Close()
	p := tea.NewProgram(model, tea.WithInput(keys), tea.WithOutput(out), tea.WithFPS(60), tea.WithoutSignalHandler(), tea.WithAltScreen())
	ended := make(chan error, 1)
	go func() { _, err := p.Run(); ended <- err }()
	p.Send(tea.WindowSizeMsg{Width: 120, Height: 40})
	out.settle()
	for i := range 5 {
		out.take()
		if _, err := io.WriteString(typist, "\x1b[B"); err != nil {
			t.Fatal(err)
		}
		out.settle()
		move := out.take()
		t.Logf("move %d: %d bytes", i+1, len(move))
		if len(move) == 0 || len(move) > 700 {
			t.Errorf("a cursor move writes %d bytes, want some, and at most 700: %q", len(move), move)
		}
	}
	p.Quit()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// written is a terminal that keeps what it is sent.
type written struct {
	mu   sync.Mutex
	sent bytes.Buffer
	last time.Time
}

// Write implements io.Writer.
func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = time.Now()
	return w.sent.Write(b)
}

// settle waits until something was written, and then nothing for a while.
func (w *written) settle() {
	for {
		time.Sleep(20 * time.Millisecond)
		w.mu.Lock()
		done := w.sent.Len() > 0 && time.Since(w.last) > 200*time.Millisecond
		w.mu.Unlock()
		if done {
			return
		}
	}
}

// take returns what was written since it was called before.
func (w *written) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.sent.String()
	w.sent.Reset()
	return text
}
