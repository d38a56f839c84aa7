package spool

import (
	"strings"
	"testing"
	"time"
)

// A library that is full says so, and what is known from it is not all there is.
func TestFullLibrary(t *testing.T) {
	lib := newLibrary()
	if lib.add("a"); lib.full {
		t.Fatal("full with one text")
	}
	block := new(strings.Builder)
	block.WriteString(strings.Repeat("x", blockSize))
	for len(lib.blocks) < 1<<(32-blockBits) {
		lib.blocks = append(lib.blocks, block)
	}
	if r := lib.add("lost"); r != 0 || !lib.full {
		t.Errorf("text %d, full %v; want none, and full", r, lib.full)
	}
	if s := newSnapshot(time.Now(), nil, lib, nil, false); !s.Partial() || !s.Missing() {
		t.Error("a snapshot from a full library is said to be whole")
	}
}
