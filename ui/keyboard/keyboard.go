package keyboard

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/muesli/cancelreader"
)

// Keyboard is a terminal as Bubble Tea reads it: each Read gives one key, or some text, and never what the terminal said
// by itself. It has the methods by which Bubble Tea knows a terminal, but no name: a Bubble Tea that could wait for the
// terminal's file itself would not hear what waits here.
type Keyboard struct {
	tty    *os.File
	input  cancelreader.CancelReader
	filter Filter
	pieces chan []byte // what was read; closed at the end
	err    error       // of the end; read once pieces is closed
	done   chan struct{}
}

// Open begins to read a terminal. Close has to be called.
func Open(tty *os.File) (*Keyboard, error) {
	input, err := cancelreader.NewReader(tty)
	if err != nil {
		return nil, err
	}
	k := &Keyboard{tty: tty, input: input, pieces: make(chan []byte), done: make(chan struct{})}
	go k.read()
	return k, nil
}

// read reads the terminal until it ends or is closed.
func (k *Keyboard) read() {
	defer close(k.pieces)
	for {
		piece := make([]byte, 1024)
		n, err := k.input.Read(piece)
		if n > 0 {
			select {
			case k.pieces <- piece[:n]:
			case <-k.done:
				return
			}
		}
		if err != nil {
			k.err = err
			return
		}
	}
}

// Read implements io.Reader. It waits for a key; behind an Esc, for what may belong to it.
func (k *Keyboard) Read(p []byte) (int, error) {
	for {
		if key := k.filter.Next(); key != nil {
			return copy(p, key), nil
		}
		if err := k.more(); err != nil {
			return 0, err
		}
	}
}

// more waits for a piece, as long as it may come in time.
func (k *Keyboard) more() error {
	var late <-chan time.Time
	if wait := k.filter.Wait(); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case piece, more := <-k.pieces:
		if !more {
			return k.end()
		}
		k.filter.Feed(piece)
	case <-late:
		k.filter.Late()
	case <-k.done:
		return io.EOF
	}
	return nil
}

// end is how the input ended.
func (k *Keyboard) end() error {
	if k.err == nil || errors.Is(k.err, cancelreader.ErrCanceled) {
		return io.EOF
	}
	return k.err
}

// Write implements io.Writer, and Fd is the terminal's: Bubble Tea sets its mode by it.
func (k *Keyboard) Write(p []byte) (int, error) { return k.tty.Write(p) }

// Fd is the terminal's file descriptor.
func (k *Keyboard) Fd() uintptr { return k.tty.Fd() }

// Close ends the reading, and leaves the terminal itself open.
func (k *Keyboard) Close() error {
	close(k.done)
	if k.input.Cancel() {
		for range k.pieces { // the reader has ended
		}
	}
	return k.input.Close()
}
