package ui

import (
	"slices"

	"delist/spool"
	"delist/steps"
)

// keep keeps what is marked now beside what the next search will find, for the same move, and shows who sends.
func (p *purgePanel) keep() { p.keeping, p.onSenders = true, true }

// carryOver takes the marks along from the search that ends: all of them where the operator said so, else what was kept
// before and still is marked.
func (p *purgePanel) carryOver() {
	if p.keeping {
		ids := p.ids()
		p.kept, p.keeping = make(map[spool.ID]bool, len(ids)), false
		for _, id := range ids {
			p.kept[id] = true
		}
		return
	}
	if p.results == nil || len(p.kept) == 0 {
		return
	}
	for _, hit := range p.results.Hits {
		if p.kept[hit.ID] && !p.found.Marks.Has(string(hit.ID), true) {
			delete(p.kept, hit.ID)
		}
	}
}

// comesMarked is the choice that a hit comes with: the search's own, or an earlier search's.
func (p *purgePanel) comesMarked(hit spool.Hit) bool {
	return hit.Marked() && !p.off[hit.ID] || p.kept[hit.ID]
}

// remember keeps what the operator has decided against marking, before a move forgets the marks: what they took off, and
// what has gone back.
func (p *purgePanel) remember(now []steps.Quarantined) {
	if p.off == nil {
		p.off = map[spool.ID]bool{}
	}
	if p.results != nil {
		for _, hit := range p.results.Hits {
			if given := p.comesMarked(hit); hit.Marked() && !p.found.Marks.Has(string(hit.ID), given) {
				p.off[hit.ID] = true
			}
		}
	}
	if len(now) < len(p.were) {
		held := make(map[spool.ID]bool, len(now))
		for i := range now {
			held[now[i].ID] = true
		}
		for i := range p.were {
			if id := p.were[i].ID; !held[id] {
				p.off[id] = true
			}
		}
	}
	p.were = now
}

// countGiven counts the hits that come marked, and what is kept beside them.
func (p *purgePanel) countGiven() int {
	given, inside := 0, 0
	for _, hit := range p.results.Hits {
		if p.comesMarked(hit) {
			given++
		}
		if p.kept[hit.ID] {
			inside++
		}
	}
	p.outside = len(p.kept) - inside
	return given
}

// keptOutside are the kept messages that this search did not find.
func (p *purgePanel) keptOutside() []spool.ID {
	if p.outside == 0 {
		return nil
	}
	found := make(map[spool.ID]bool, len(p.results.Hits))
	for _, hit := range p.results.Hits {
		found[hit.ID] = true
	}
	ids := make([]spool.ID, 0, p.outside)
	for id := range p.kept {
		if !found[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids) // a plan is the same list every time
	return ids
}

// markAll marks all that is shown, but for what may be an owner's; again it marks that too, and then none. It says so.
func (p *purgePanel) markAll(t *Table) string {
	spared := 0
	if !p.onHeld && p.results != nil {
		spared = p.results.Doubtful()
	}
	before := p.marked() - p.outside
	if spared == 0 || t.by.filter != "" || before == t.Len()-spared {
		t.markAll(p.given())
		if spared > 0 && before == t.Len()-spared {
			return plural(spared, "message that may be its owner's is", "messages that may be their owners' are") + " marked too now."
		}
		return ""
	}
	if before == t.Len() {
		t.markAll(p.given())
		return ""
	}
	t.Marks.Every()
	for _, hit := range p.results.Hits {
		if hit.Doubtful {
			t.Marks.Toggle(string(hit.ID), true)
		}
	}
	return "All are marked but " + plural(spared, "message that may be its owner's", "messages that may be their owners'") + ". * again marks those too."
}
