package spool

// sieve dismisses records without making messages of them. Many messages share a text, and what a term says of a text is
// remembered.
type sieve struct {
	query Query
	known []map[ref]bool // for each term
}

func newSieve(q Query) *sieve {
	v := &sieve{query: q, known: make([]map[ref]bool, len(q.terms))}
	for i := range v.known {
		v.known[i] = map[ref]bool{}
	}
	return v
}

// dismisses reports whether a term does not hold, as far as that can be told from the texts that messages share.
func (v *sieve) dismisses(e entry) bool {
	for i, t := range v.query.terms {
		var found bool
		switch t.field {
		case fieldAccount:
			found = v.holds(i, e, e.account, t.account)
		case fieldDomain:
			found = v.holds(i, e, e.account, t.ofDomain)
		case fieldFrom:
			in := func(s string) bool { return holdsAddress(s, t.lower) }
			found = v.holds(i, e, e.mailFrom, in) || v.holds(i, e, e.from, in)
		case fieldHELO:
			found = v.holds(i, e, e.helo, func(s string) bool { return holds(s, t.lower) })
		case fieldStatus:
			found = e.status == t.status
		case fieldClass:
			found = e.bounce
		case fieldSize:
			found = t.bound.holds(e.emlSize)
		default:
			continue
		}
		if found == t.negate {
			return true
		}
	}
	return false
}

func (v *sieve) holds(term int, e entry, r ref, found func(string) bool) bool {
	yes, known := v.known[term][r]
	if !known {
		yes = found(e.texts.at(r))
		v.known[term][r] = yes
	}
	return yes
}
