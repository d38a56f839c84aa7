package spool

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"sync"
)

// A spool of a million messages holds some ten million short texts. As Go strings they would cost more in headers and in
// work for the garbage collector than in letters, so they lie one behind the other in large blocks, and a record names
// them by number.

// ref names a text: the block in its upper bits, the place in the block in the lower ones. 0 is the empty text.
type ref uint32

const (
	blockBits = 20 // blocks of 1 MB, 4096 of them at most
	blockSize = 1 << blockBits
)

// texts is what a library held at some moment. Any number of goroutines may read it.
type texts []string

// at returns a text without copying it.
func (t texts) at(r ref) string {
	if r == 0 {
		return ""
	}
	s := t[r>>blockBits][r&(blockSize-1):]
	n, i := int(s[0]), 1
	if n >= 0x80 { // a uvarint of more than one byte
		n &= 0x7f
		for shift := 7; ; shift += 7 {
			c := int(s[i])
			i++
			n |= c & 0x7f << shift
			if c < 0x80 {
				break
			}
		}
	}
	return s[i : i+n]
}

// library collects texts. It only ever grows: what was handed out stays as it is.
type library struct {
	mu     sync.Mutex // guards what follows
	blocks []*strings.Builder
	size   int  // bytes in all blocks
	odd    bool // a text is odd
	full   bool // a text was not kept

	seed  maphash.Seed
	slots []ref // of interned texts, open addressing; a power of two
	used  int
}

func newLibrary() *library {
	return &library{seed: maphash.MakeSeed(), slots: make([]ref, 1<<10)}
}

// texts returns what the library holds now. The caller holds mu, as for all that follow.
func (l *library) texts() texts {
	t := make(texts, len(l.blocks))
	for i, b := range l.blocks {
		t[i] = b.String()
	}
	return t
}

// add keeps a text that hardly another message shares. When all blocks are full, which takes 4 GB, it keeps nothing, and is full.
func (l *library) add(s string) ref {
	if s == "" {
		return 0
	}
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(len(s)))
	need := n + len(s)
	last := len(l.blocks) - 1
	if last < 0 || l.blocks[last].Len()+need > l.blocks[last].Cap() || l.blocks[last].Len() >= blockSize {
		if last+1 == 1<<(32-blockBits) {
			l.full = true
			return 0
		}
		b := new(strings.Builder)
		b.Grow(max(blockSize, need+1)) // a builder that has room never moves what it holds
		l.blocks = append(l.blocks, b)
		last++
		if last == 0 {
			b.WriteByte(0) // so that no text is at 0
		}
	}
	b := l.blocks[last]
	r := ref(last<<blockBits | b.Len())
	b.Write(head[:n])
	b.WriteString(s)
	l.size += need
	l.odd = l.odd || odd(s)
	return r
}

// intern keeps a text that many messages share, once.
func (l *library) intern(s string) ref {
	if s == "" {
		return 0
	}
	if 2*l.used >= len(l.slots) {
		l.grow()
	}
	for i := l.slot(s); ; i = (i + 1) & (len(l.slots) - 1) {
		switch r := l.slots[i]; {
		case r == 0:
			l.slots[i] = l.add(s)
			l.used++
			return l.slots[i]
		case l.at(r) == s:
			return r
		}
	}
}

func (l *library) slot(s string) int { return int(maphash.String(l.seed, s)) & (len(l.slots) - 1) }

func (l *library) grow() {
	old := l.slots
	l.slots = make([]ref, 2*len(old))
	for _, r := range old {
		if r == 0 {
			continue
		}
		i := l.slot(l.at(r))
		for l.slots[i] != 0 {
			i = (i + 1) & (len(l.slots) - 1)
		}
		l.slots[i] = r
	}
}

// at reads one text through the block it is in.
func (l *library) at(r ref) string {
	block := texts{l.blocks[r>>blockBits].String()}
	return block.at(r & (blockSize - 1))
}

// tidy gives the snapshot a library of its own when most of what its library holds is of messages long gone.
func (s *Snapshot) tidy() {
	s.library.mu.Lock()
	crowded := s.library.size > 64<<20 && s.library.size > 600*s.count
	s.library.mu.Unlock()
	if !crowded {
		return
	}
	fresh := newLibrary()
	fresh.mu.Lock()
	defer fresh.mu.Unlock()
	for i := range s.shelves {
		f := &s.shelves[i]
		records := make([]record, len(f.records)) // others may share the old ones
		for j := range f.records {
			records[j] = fresh.moved(f.records[j], s.texts)
		}
		f.records = records
	}
	s.library, s.texts, s.odd = fresh, fresh.texts(), fresh.odd
}

// moved takes a record over from another library.
func (l *library) moved(r record, from texts) record {
	for _, text := range []*ref{&r.base, &r.session, &r.recipients} {
		*text = l.add(from.at(*text))
	}
	for _, text := range []*ref{&r.account, &r.mailFrom, &r.from, &r.subject, &r.helo, &r.ip} {
		*text = l.intern(from.at(*text))
	}
	return r
}
