package spool

import (
	"cmp"
	"slices"
	"time"
)

// Snapshot is the spool as it was when it was last looked at. It never changes, and any number of goroutines may read
// it.
type Snapshot struct {
	takenAt  time.Time
	records  []record // sorted by folder and base name
	folders  map[string]int
	problems []Problem
	partial  bool
	bytes    int64
	oldest   int64
}

// newSnapshot takes over records and problems.
func newSnapshot(takenAt time.Time, records []record, problems []Problem, partial bool) *Snapshot {
	slices.SortFunc(records, func(a, b record) int { return compareNames(a.dir.Value(), a.base, b.dir.Value(), b.base) })
	sortProblems(problems)
	s := &Snapshot{takenAt: takenAt, records: records, problems: problems, partial: partial,
		folders: map[string]int{}, oldest: noTime}
	for i := range records {
		r := &records[i]
		s.folders[r.dir.Value()]++
		s.bytes += r.emlSize
		if r.created != noTime && (s.oldest == noTime || r.created < s.oldest) {
			s.oldest = r.created
		}
	}
	return s
}

func compareNames(dirA, baseA, dirB, baseB string) int {
	return cmp.Or(cmp.Compare(dirA, dirB), cmp.Compare(baseA, baseB))
}

// TakenAt returns when the look at the spool began: what arrived later may be missing.
func (s *Snapshot) TakenAt() time.Time { return s.takenAt }

// Len returns the number of messages.
func (s *Snapshot) Len() int { return len(s.records) }

// At returns message i of Len, in the order of folders and names. It panics when i is out of range.
func (s *Snapshot) At(i int) Message { return s.records[i].message() }

// Find returns the message with the given name.
func (s *Snapshot) Find(id ID) (Message, bool) {
	if r := s.find(id.Dir(), id.Base()); r != nil {
		return r.message(), true
	}
	return Message{}, false
}

func (s *Snapshot) find(dir, base string) *record {
	i, found := slices.BinarySearchFunc(s.records, struct{}{}, func(r record, _ struct{}) int {
		return compareNames(r.dir.Value(), r.base, dir, base)
	})
	if !found {
		return nil
	}
	return &s.records[i]
}

// Problems returns what is in the spool but is not a readable message, sorted by path.
func (s *Snapshot) Problems() []Problem { return slices.Clone(s.problems) }

// Bytes returns the size of all EML files.
func (s *Snapshot) Bytes() int64 { return s.bytes }

// Oldest returns when the oldest message was created; zero when there is none.
func (s *Snapshot) Oldest() time.Time { return fromNanos(s.oldest) }

// Partial reports that the look was cut short, or that something could not be read: there may be more messages.
func (s *Snapshot) Partial() bool { return s.partial }
