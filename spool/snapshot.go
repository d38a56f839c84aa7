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
	cutOff   bool // a message was not read to its end
	apart    Apart
	count    int
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
			if r.created != noTime && (s.oldest == noTime || r.created < s.oldest) {
				s.oldest = r.created
			}
			if r.unread != 0 {
				problems = append(problems, Problem{Path: string(s.entry(f, j).id()), Kind: CutOff, Detail: r.unread.String()})
				s.cutOff = true
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
			if answers(e.bounce, e.basis, e.marks) && !yield(e.message()) {
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
	f := s.shelf(id.Dir())
	if f == nil {
		return entry{}, false
	}
	i, found := slices.BinarySearchFunc(f.records, id.Base(), func(r record, base string) int {
		return strings.Compare(s.texts.at(r.base), base)
	})
	if !found {
		return entry{}, false
	}
	return s.entry(f, i), true
}

// shelf returns the messages of a folder; nil when it holds none.
func (s *Snapshot) shelf(dir string) *shelf {
	i, found := slices.BinarySearchFunc(s.shelves, dir, func(f shelf, dir string) int { return cmp.Compare(f.dir, dir) })
	if !found {
		return nil
	}
	return &s.shelves[i]
}

// Problems returns what is in the spool but is not a message that was read to its end, sorted by path.
func (s *Snapshot) Problems() []Problem { return slices.Clone(s.problems) }

// Bytes returns the size of all EML files.
func (s *Snapshot) Bytes() int64 { return s.bytes }

// Oldest returns when the oldest message was created; zero when there is none.
func (s *Snapshot) Oldest() time.Time { return fromNanos(s.oldest) }

// Partial reports that the look was cut short, or that something could not be read, or not to its end.
func (s *Snapshot) Partial() bool { return s.partial || s.cutOff }

// Missing reports that the look was cut short, or that something could not be read: there may be more messages.
func (s *Snapshot) Missing() bool { return s.partial }
