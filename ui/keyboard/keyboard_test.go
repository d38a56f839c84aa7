//go:build unix

package keyboard

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

// typing is a Keyboard on a pipe, and the other end of that.
func typing(t *testing.T) (*Keyboard, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	k, err := Open(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close(); _ = r.Close() })
	return k, w
}

// hears reads one key and compares it.
func hears(t *testing.T, k *Keyboard, want string) {
	t.Helper()
	buf := make([]byte, 256)
	if n, err := k.Read(buf); err != nil || string(buf[:n]) != want {
		t.Fatalf("Read = %q, %v; want %q", buf[:n], err, want)
	}
}

func TestKeyboard(t *testing.T) {
	k, w := typing(t)
	write := func(text string) {
		t.Helper()
		if _, err := w.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("\x1b]11;rgb:0000/00")
	time.Sleep(2 * EscapeWait) // a slow line
	write("00/0000\x07y")
	hears(t, k, "y")
	write("\x1b[A\x1b")
	hears(t, k, "\x1b[A")
	began := time.Now()
	hears(t, k, "\x1b")
	if took := time.Since(began); took > 10*EscapeWait {
		t.Errorf("Esc took %v", took)
	}
	write("[?1;2cq") // what was torn off that Esc
	hears(t, k, "q")
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	if _, err := k.Read(make([]byte, 256)); !errors.Is(err, io.EOF) {
		t.Errorf("Read after Close = %v", err)
	}
}

// Close ends a Read that waits, and leaves no reader behind; the end of the terminal is the end of the input.
func TestKeyboardEnds(t *testing.T) {
	for name, end := range map[string]func(*Keyboard, *os.File) error{
		"closed":  func(k *Keyboard, _ *os.File) error { return k.Close() },
		"hung up": func(_ *Keyboard, w *os.File) error { return w.Close() },
	} {
		k, w := typing(t)
		ended := make(chan error, 1)
		go func() { _, err := k.Read(make([]byte, 256)); ended <- err }()
		time.Sleep(20 * time.Millisecond)
		if err := end(k, w); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if !errors.Is(err, io.EOF) {
				t.Errorf("%s: Read = %v", name, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: Read goes on", name)
		}
		if _, open := <-k.pieces; open {
			t.Errorf("%s: the reader goes on", name)
		}
		if name != "closed" {
			_ = k.Close()
		}
	}
}
