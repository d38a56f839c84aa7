package spool

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io/fs"
	"slices"
)

// listing is what a folder holds: the names one behind the other in one text, since there may be a million of them.
type listing struct {
	text    []byte
	entries []listed
}

// listed is one name of a listing.
type listed struct {
	key  uint64 // its first eight bytes, the first one on top: most comparisons need no more
	from uint32 // where it stands in text
	size uint8  // of no system has a name more than 255 bytes
	kind kind
}

// kind is what stands behind a name.
type kind uint8

const (
	kindFile kind = iota
	kindDir
	kindOther // a link, a device, or a name too long for any message
)

func kindOf(mode fs.FileMode) kind {
	switch {
	case mode.IsDir():
		return kindDir
	case mode.IsRegular():
		return kindFile
	}
	return kindOther
}

func (l *listing) add(name []byte, kind kind) {
	if len(name) > 255 {
		name, kind = name[:255], kindOther
	}
	var head [8]byte
	copy(head[:], name)
	l.entries = append(l.entries, listed{
		key: binary.BigEndian.Uint64(head[:]), from: uint32(len(l.text)), size: uint8(len(name)), kind: kind,
	})
	l.text = append(l.text, name...)
}

func (l *listing) reset() { l.text, l.entries = l.text[:0], l.entries[:0] }

func (l *listing) name(e listed) []byte { return l.text[e.from:][:e.size] }

func (l *listing) sort() {
	slices.SortFunc(l.entries, func(a, b listed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return bytes.Compare(l.name(a), l.name(b))
	})
}
