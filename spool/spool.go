// Package spool reads the mail that a SmarterMail server keeps on disk while it waits for delivery: it finds the
// messages, says who sent them, searches them and reports what came and went. It changes nothing on disk.
//
// A message is a pair of files with one base name: <id>.hdr holds the envelope and the server's own notes, <id>.eml
// the message as RFC 5322 describes it. Everything in both files may have been written by an attacker.
package spool

import (
	"path"
	"strings"
	"time"
)

// ID names a message in one spool: its folder below the root and its base name, slash separated on every system
// ("SubSpool3/67518204"; in the root itself "67518204").
type ID string

// NewID joins a folder below the root ("" for the root, slash separated) and a base name.
func NewID(dir, base string) ID { return ID(path.Join(dir, base)) }

// Dir returns the folder below the root, slash separated, "" for the root itself.
func (id ID) Dir() string {
	if i := strings.LastIndexByte(string(id), '/'); i >= 0 {
		return string(id[:i])
	}
	return ""
}

// Base returns the name that the two files share, without an extension.
func (id ID) Base() string { return string(id[strings.LastIndexByte(string(id), '/')+1:]) }

// HDR returns the slash separated path of the envelope file below the root.
func (id ID) HDR() string { return string(id) + ".hdr" }

// EML returns the slash separated path of the message file below the root.
func (id ID) EML() string { return string(id) + ".eml" }

// FileStamp tells whether a file changed: its size in bytes and its time of last change.
type FileStamp struct {
	Size    int64
	ModTime time.Time
}

// Equal reports whether both stamps were taken of the same state of a file.
func (s FileStamp) Equal(o FileStamp) bool { return s.Size == o.Size && s.ModTime.Equal(o.ModTime) }

// Stamp tells whether a message changed: the stamps of its two files.
type Stamp struct{ HDR, EML FileStamp }

// Equal reports whether both stamps were taken of the same state of a message.
func (s Stamp) Equal(o Stamp) bool { return s.HDR.Equal(o.HDR) && s.EML.Equal(o.EML) }
