package spool

import (
	"delist/spool/message"
	"strings"
	"time"
)

// sieve answers a query from the records alone, without making messages of them, wherever that is possible. Many messages
// share a text, and what a term says of a text is remembered for a while.
type sieve struct {
	query Query
	now   time.Time
	odd   bool                 // of the texts
	order []int                // of the terms, those that rule out the most first
	looks []looks              // for each term
	known [][remembered]remark // for each term
	pages pages
	hits  hits // a worker's memory, used again and again
}

// remark is what a term says of a text.
type remark struct {
	text ref
	yes  bool
}

// remembered is of how many texts; of those that fall on the same place the last counts.
const (
	rememberedBits = 11
	remembered     = 1 << rememberedBits
)

// looks are the ways to look for a term's value in a text.
type looks struct{ in, address, account, domain func(string) bool }

func newSieve(s *Spool, q Query, now time.Time, odd bool) *sieve {
	v := &sieve{query: q, pages: pages{spool: s}, now: now, odd: odd, known: make([][remembered]remark, len(q.terms))}
	for i := range q.terms {
		t := &q.terms[i]
		v.order = append(v.order, i)
		v.looks = append(v.looks, looks{t.needle.in, t.holdsAddress, t.account, t.ofDomain})
	}
	return v
}

// match compares a record with the query, as Query.match does. It does not know where a file would have to be read.
func (v *sieve) match(e *entry) (relation Relation, known bool) {
	var all judgement
	known = true
	for at, i := range v.order {
		t := &v.query.terms[i]
		found, told := v.term(i, e)
		if !told || (e.unread != 0 || e.marks.Has(message.Undecoded)) && t.open(e.unread, e.marks, found != 0) {
			known = false
			continue
		}
		if !all.takes(t, found) {
			v.sooner(at)
			return 0, true
		}
	}
	if !known {
		return 0, false
	}
	return all.relation(e.basis), true
}

// sooner lets a term that ruled a message out be asked before the one in front of it, which did not, if both cost the same.
func (v *sieve) sooner(at int) {
	if at > 0 && v.query.terms[v.order[at]].field == v.query.terms[v.order[at-1]].field {
		v.order[at-1], v.order[at] = v.order[at], v.order[at-1]
	}
}

// term compares a record with one term, not yet turned round.
func (v *sieve) term(i int, e *entry) (found Relation, known bool) {
	t := &v.query.terms[i]
	sent := func(yes bool) (Relation, bool) {
		if yes {
			return Sent, true
		}
		return 0, true
	}
	switch t.field {
	case fieldAny:
		found, known := v.anywhere(i, e)
		return found, known && (found != 0 || e.layout != LayoutUnknown)
	case fieldAccount:
		return sent(v.says(i, e, e.account, v.looks[i].account))
	case fieldDomain:
		return sent(v.says(i, e, e.account, v.looks[i].domain))
	case fieldFrom:
		yes := v.says(i, e, e.mailFrom, v.looks[i].address) || v.says(i, e, e.from, v.looks[i].address)
		found, known := sent(yes)
		return found, known && (yes || e.layout != LayoutUnknown)
	case fieldTo:
		return v.recipient(t, e, v.looks[i].address)
	case fieldSubject:
		return sent(v.holds(t, e.texts.at(e.subject)))
	case fieldIP:
		return sent(v.says(i, e, e.ip, func(string) bool { return t.prefix.Contains(e.clientIP()) }))
	case fieldHELO:
		return sent(v.says(i, e, e.helo, v.looks[i].in))
	case fieldStatus:
		return sent(e.status == t.status)
	case fieldClass:
		return sent(t.ofClass(e.bounce, e.ip != 0, e.basis, e.marks, e.layout, e.unread))
	case fieldSize:
		return sent(t.bound.holds(e.emlSize))
	case fieldAge:
		return sent(e.created != noTime && t.bound.holds(max(0, v.now.UnixNano()-e.created)))
	}
	return 0, false
}

// anywhere looks where bare words are looked for.
func (v *sieve) anywhere(i int, e *entry) (found Relation, known bool) {
	t := &v.query.terms[i]
	for _, text := range [...]ref{e.account, e.mailFrom, e.from} {
		if v.says(i, e, text, v.looks[i].in) {
			return Sent, true
		}
	}
	if found, known := v.recipient(t, e, v.looks[i].in); found != 0 || !known {
		return found, known
	}
	if v.holds(t, e.texts.at(e.subject)) {
		return Mentions, true
	}
	return 0, true
}

// recipient looks among the recipients, one of which has to be found as a whole. Those that the record does not have it
// does not know.
func (v *sieve) recipient(t *term, e *entry, is func(string) bool) (found Relation, known bool) {
	all := e.texts.at(e.recipients)
	if v.holds(t, all) {
		for to := range strings.SplitSeq(all, "\n") {
			if is(to) {
				return Addressed, true
			}
		}
	}
	return 0, e.recipientCount <= MaxRecipients
}

// holds reports whether a text that hardly another message shares holds a term's value.
func (v *sieve) holds(t *term, text string) bool {
	if v.odd {
		return t.needle.in(text)
	}
	return t.needle.inPlain(text)
}

// says reports what a term says of a text that messages share.
func (v *sieve) says(term int, e *entry, text ref, holds func(string) bool) bool {
	if text == 0 {
		return holds("")
	}
	place := &v.known[term][uint32(text)*0x9e3779b1>>(32-rememberedBits)]
	if place.text != text {
		*place = remark{text, holds(e.texts.at(text))}
	}
	return place.yes
}
