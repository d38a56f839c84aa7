package spool

import (
	"slices"
	"strings"
	"time"

	"delist/spool/message"
)

// Unnamed is a message of a layout other than today's whose files do not say who logged in to send it. The SMTP log may.
type Unnamed struct {
	ID      ID
	Written time.Time // its EML, which the server writes once
	Account string    // as whom somebody had logged in, once that was found; "" where nothing tells
}

// unnamed reports whether the SMTP log is to be asked who sent the message.
func (r *record) unnamed() bool {
	return r.layout != LayoutCurrent && !r.basis.Proven() && r.basis != BasisAmbiguous && !r.asked
}

// Unnamed returns the messages that the SMTP log is to be asked about: those that Named was not yet told of. In a spool of
// today's layout there are none.
func (s *Snapshot) Unnamed() []Unnamed {
	if s.layouts[LayoutAlike]+s.layouts[LayoutUnknown] == 0 {
		return nil
	}
	var list []Unnamed
	for e := range s.entries() {
		if e.unnamed() {
			list = append(list, Unnamed{ID: e.id(), Written: time.Unix(0, e.emlTime)})
		}
	}
	return list
}

// Named is the snapshot with what was found about messages, and how many of them it holds. They are asked about no more, as
// long as they stay as they are. What is only in the log is never reason enough to choose a message beforehand.
func (s *Snapshot) Named(list []Unnamed) (named *Snapshot, n int) {
	shelves := slices.Clone(s.shelves)
	own := make([]bool, len(shelves)) // the records are a copy: other snapshots share the old ones
	s.library.mu.Lock()
	for _, u := range list {
		on, at, found := s.place(u.ID)
		if !found {
			continue
		}
		f := &shelves[on]
		if r := &f.records[at]; !r.unnamed() || r.emlTime != u.Written.UnixNano() {
			continue
		}
		if !own[on] {
			f.records, own[on] = slices.Clone(f.records), true
		}
		r := &f.records[at]
		r.asked = true
		n++
		if account := strings.ToLower(u.Account); account != "" {
			r.named(s.library.intern(account), differ(account, message.Address(s.texts.at(r.mailFrom))))
		}
	}
	s.library.mu.Unlock()
	if n == 0 {
		return s, 0
	}
	problems := slices.DeleteFunc(slices.Clone(s.problems), func(p Problem) bool { return p.Kind == Overlong })
	named = newSnapshot(s.takenAt, shelves, s.library, problems, s.partial)
	named.apart, named.layouts, named.restamp = s.apart, s.layouts, s.restamp
	return named, n
}

// named notes who sent the message by the SMTP log.
func (r *record) named(account ref, disagrees bool) {
	r.account, r.basis, r.disagrees, r.bounce = account, BasisLog, disagrees, false
	r.unread &^= UnreadAccount
}

// keepNames hands on what was found about messages to records that were read anew, since a delivery was tried, say.
func (k rest) keepNames(came []record, t texts) {
	for i := range came {
		r := &came[i]
		if !r.unnamed() {
			continue
		}
		at, found := slices.BinarySearchFunc(k.old, t.at(r.base), func(old record, base string) int { return strings.Compare(t.at(old.base), base) })
		if !found {
			continue
		}
		if old := &k.old[at]; old.asked && old.emlTime == r.emlTime && old.emlSize == r.emlSize {
			r.asked = true
			if old.basis == BasisLog {
				r.named(old.account, old.disagrees)
			}
		}
	}
}
