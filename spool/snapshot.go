package spool

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// Snapshot is the spool as it was when it was last looked at. It never changes, and any number of goroutines may read
// it.
type Snapshot struct {
	takenAt  time.Time
	shelves  []shelf // sorted by folder
	library  *library
	texts    texts // of the library, as far as the records go
	odd      bool  // one of them is
	problems []Problem
	partial  bool
	overlong bool // a message was not read to its end
	apart    Apart
	count    int
	layouts  layouts // of its messages, and of those that a search read and did not keep
	bytes    int64
	oldest   int64
	restamp  int // the message at which the next Rescan goes on looking for rewritten ones
	likeness likeness
}

// shelf holds the messages of one folder. Snapshots share the records of folders in which nothing changed.
type shelf struct {
	dir     string
	records []record // sorted by base name
	from    int      // the number of the first, in the whole snapshot
}

// newSnapshot takes over shelves and problems, and adds those of messages that were not read to their end.
func newSnapshot(takenAt time.Time, shelves []shelf, lib *library, problems []Problem, partial bool) *Snapshot {
	shelves = slices.DeleteFunc(shelves, func(f shelf) bool { return len(f.records) == 0 })
	slices.SortFunc(shelves, func(a, b shelf) int { return cmp.Compare(a.dir, b.dir) })
	cutOff(problems, takenAt)
	s := &Snapshot{takenAt: takenAt, shelves: shelves, library: lib, oldest: noTime}
	lib.mu.Lock()
	s.texts, s.odd, s.partial = lib.texts(), lib.odd, partial || lib.full
	lib.mu.Unlock()
	for i := range s.shelves {
		f := &s.shelves[i]
		f.from = s.count
		s.count += len(f.records)
		for j := range f.records {
			r := &f.records[j]
			s.bytes += r.emlSize
			s.layouts[r.layout]++
			if r.created != noTime && (s.oldest == noTime || r.created < s.oldest) {
				s.oldest = r.created
			}
			if r.unread != 0 {
				problems = append(problems, Problem{Path: string(s.entry(f, j).id()), Kind: Overlong, Detail: r.unread.String()})
				s.overlong = true
			}
		}
	}
	sortProblems(problems)
	s.problems = problems
	return s
}

// TakenAt returns when the look at the spool began: what arrived later may be missing.
func (s *Snapshot) TakenAt() time.Time { return s.takenAt }

// Len returns the number of messages.
func (s *Snapshot) Len() int { return s.count }

// At returns message i of Len, in the order of folders and names. It panics when i is out of range.
func (s *Snapshot) At(i int) Message { return s.at(i).message() }

func (s *Snapshot) at(i int) entry {
	n, found := slices.BinarySearchFunc(s.shelves, i, func(f shelf, i int) int { return cmp.Compare(f.from, i) })
	if !found {
		n--
	}
	f := &s.shelves[n]
	return s.entry(f, i-f.from)
}

func (s *Snapshot) entry(f *shelf, i int) entry {
	return entry{record: &f.records[i], dir: f.dir, texts: s.texts}
}

// entries yields all messages in order.
func (s *Snapshot) entries() iter.Seq[entry] { return s.between(0, s.count) }

// Answers yields what answers another message by itself: bounces and automatic answers.
func (s *Snapshot) Answers() iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for e := range s.entries() {
			if answers(e.bounce, e.basis, e.layout, e.marks) && !yield(e.message()) {
				return
			}
		}
	}
}

// between yields the messages from number from to before number to.
func (s *Snapshot) between(from, to int) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for i := range s.shelves {
			f := &s.shelves[i]
			for j := max(0, from-f.from); j < min(len(f.records), to-f.from); j++ {
				if !yield(s.entry(f, j)) {
					return
				}
			}
		}
	}
}

// Find returns the message with the given name.
func (s *Snapshot) Find(id ID) (Message, bool) {
	if e, found := s.find(id); found {
		return e.message(), true
	}
	return Message{}, false
}

func (s *Snapshot) find(id ID) (entry, bool) {
	f, i, found := s.place(id)
	if !found {
		return entry{}, false
	}
	return s.entry(&s.shelves[f], i), true
}

// place says at which place of which shelf a message is.
func (s *Snapshot) place(id ID) (on, at int, found bool) {
	if on, found = s.shelfAt(id.Dir()); !found {
		return 0, 0, false
	}
	at, found = slices.BinarySearchFunc(s.shelves[on].records, id.Base(), func(r record, base string) int {
		return strings.Compare(s.texts.at(r.base), base)
	})
	return on, at, found
}

// shelf returns the messages of a folder; nil when it holds none.
func (s *Snapshot) shelf(dir string) *shelf {
	i, found := s.shelfAt(dir)
	if !found {
		return nil
	}
	return &s.shelves[i]
}

func (s *Snapshot) shelfAt(dir string) (int, bool) {
	return slices.BinarySearchFunc(s.shelves, dir, func(f shelf, dir string) int { return cmp.Compare(f.dir, dir) })
}

// Problems returns what is in the spool but is not a message that was read to its end, sorted by path.
func (s *Snapshot) Problems() []Problem { return slices.Clone(s.problems) }

// Bytes returns the size of all EML files.
func (s *Snapshot) Bytes() int64 { return s.bytes }

// Oldest returns when the oldest message was created; zero when there is none.
func (s *Snapshot) Oldest() time.Time { return fromNanos(s.oldest) }

// Layout counts the messages of a layout.
func (s *Snapshot) Layout(l Layout) int { return s.layouts[l] }

// OddLayouts says how many messages are not laid out as current builds do, in words; empty where all are.
func (s *Snapshot) OddLayouts() string { return s.layouts.say() }

// Whole reports that every folder was listed and every file opened, whether what is in it was understood or not.
func (s *Snapshot) Whole() bool { return !s.partial }

// Unread counts the messages that are there and could not be read or not be understood. What is just arriving is as it
// should be.
func (s *Snapshot) Unread() int {
	n := s.layouts[LayoutUnknown]
	for _, p := range s.problems {
		if p.Kind.Unread() {
			n++
		}
	}
	return n
}

// found counts the problems of a kind.
func (s *Snapshot) found(kind ProblemKind) int {
	n := 0
	for _, p := range s.problems {
		if p.Kind == kind {
			n++
		}
	}
	return n
}

// Waiting counts what is there as messages, read or not, without what is just arriving.
func (s *Snapshot) Waiting() int { return s.count + s.Unread() - s.layouts[LayoutUnknown] }

// SayUnread says of how many messages nobody knows all, and why: "75 not understood, 3 not readable"; empty where there
// are none.
func (s *Snapshot) SayUnread() string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{s.layouts[LayoutUnknown], "not understood"}, {s.found(Unreadable), "not readable"}, {s.found(CutOff), CutOff.String()}} {
		if part.n > 0 {
			parts = append(parts, number(part.n)+" "+part.what)
		}
	}
	return strings.Join(parts, ", ")
}

// Partial reports that nobody knows all that is in the spool: the look was cut short, or something could not be read, not
// to its end, or not be understood.
func (s *Snapshot) Partial() bool { return s.overlong || s.Missing() }

// Missing reports the same of all that a search might not see at all: a message that was not read to its end is a
// message, and each search says whether that leaves its answer open.
func (s *Snapshot) Missing() bool { return s.partial || s.Unread() > 0 }

// Arriving counts the messages that are still being received, or of which the envelope is just being written: nobody looks
// into them before they are whole.
func (s *Snapshot) Arriving() int { return s.found(Receiving) }

// Halves counts the files of messages whose other file is missing. SmarterMail does not send them, and no search looks into
// them.
func (s *Snapshot) Halves() int { return s.found(OrphanHDR) + s.found(OrphanEML) }

// SayArriving says how many messages are still arriving, empty where none is.
func (s *Snapshot) SayArriving() string {
	if n := s.Arriving(); n > 0 {
		return number(n) + " still arriving"
	}
	return ""
}

// Pairs counts the messages by their files alone, whether they could be read or not.
func (s *Snapshot) Pairs() int {
	pairs := map[ID]bool{} // that are no messages here
	for _, p := range s.problems {
		base, ext := strings.CutSuffix(p.Path, ".hdr")
		if !ext {
			base, ext = strings.CutSuffix(p.Path, ".eml")
		}
		if ext && (p.Kind.Unread() || p.Kind == Receiving) {
			if _, known := s.find(ID(base)); !known {
				pairs[ID(base)] = true
			}
		}
	}
	return s.count + len(pairs)
}
