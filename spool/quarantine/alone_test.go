package quarantine

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

// A second operator takes the incident over in the middle of a batch. What the first one still does is waited for, and
// each message is where the manifest says.
func TestTakenOverInABatch(t *testing.T) {
	b := newBench(t, 1200, 3)
	first := b.store()
	taken, recovered := make(chan struct{}), make(chan error, 1)
	still := func(context.Context) error {
		select {
		case <-taken:
			return errors.New("taken over")
		default:
			return nil
		}
	}
	rename, n := first.sys.rename, 0
	first.sys.rename = func(from, to *folder, name string) error {
		if n++; n == 100 { // between an HDR and its EML, or not: the probes count, too
			second := b.store()
			close(taken)
			go func() {
				_, err := second.Recover(t.Context())
				recovered <- errors.Join(err, second.Close())
			}()
		}
		return rename(from, to, name)
	}
	out, err := first.Move(t.Context(), b.plan, still, nil)
	if err == nil || out.Moved == 0 || out.Left == 0 {
		t.Fatalf("the first one: %+v, %v", out, err)
	}
	if err := errors.Join(<-recovered, first.Close()); err != nil {
		t.Fatal(err)
	}
	s := b.store()
	defer s.Close()
	if s.Unfinished() || len(s.Held()) != out.Moved {
		t.Errorf("unfinished %v, %d held, %d moved", s.Unfinished(), len(s.Held()), out.Moved)
	}
	if held := b.wantWhole(s); held != out.Moved {
		t.Errorf("%d held, %d moved", held, out.Moved)
	}
}

// Nobody waits for ever.
func TestHeldByAnother(t *testing.T) {
	name := filepath.Join(t.TempDir(), actLock)
	release, err := holdAlone(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := holdAlone(ctx, name); !errors.Is(err, context.Canceled) {
		t.Errorf("held twice, or: %v", err)
	}
	release()
	again, err := holdAlone(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
