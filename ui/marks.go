package ui

// Marks are the rows that the operator chose, by ID. Each row comes with a choice that
// was made for it; "all" and "none" are rules over that, and what Space changed are
// exceptions to the rule. So a million marked rows cost nothing.
type Marks struct {
	rule    markRule
	flipped map[string]bool // exceptions, with what the rule says of each
}

type markRule uint8

const (
	asGiven markRule = iota
	allMarked
	noneMarked
)

// Has says whether a row is marked, given the choice that it came with.
func (m *Marks) Has(id string, given bool) bool {
	_, flipped := m.flipped[id]
	return m.ruled(given) != flipped
}

func (m *Marks) ruled(given bool) bool {
	switch m.rule {
	case allMarked:
		return true
	case noneMarked:
		return false
	}
	return given
}

// Toggle marks a row, or takes its mark away.
func (m *Marks) Toggle(id string, given bool) {
	if _, flipped := m.flipped[id]; flipped {
		delete(m.flipped, id)
		return
	}
	if m.flipped == nil {
		m.flipped = map[string]bool{}
	}
	m.flipped[id] = m.ruled(given)
}

// Every marks all rows.
func (m *Marks) Every() { m.rule, m.flipped = allMarked, nil }

// All marks every one of n rows, or none of them when all are marked. given is how many
// came marked.
func (m *Marks) All(n, given int) {
	rule := allMarked
	if m.Count(n, given) == n {
		rule = noneMarked
	}
	m.rule, m.flipped = rule, nil
}

// markAll marks every row, or none of them when all are marked; under a filter, of those that it shows.
func (t *Table) markAll(given int) {
	if t.by.filter == "" {
		t.Marks.All(t.Len(), given)
		return
	}
	all := true
	for i := range t.Len() {
		row := t.source.Row(i)
		all = all && t.Marks.Has(row.ID, row.Marked)
	}
	for i := range t.Len() {
		if row := t.source.Row(i); t.Marks.Has(row.ID, row.Marked) == all {
			t.Marks.Toggle(row.ID, row.Marked)
		}
	}
}

// Clear goes back to what the rows came with.
func (m *Marks) Clear() { m.rule, m.flipped = asGiven, nil }

// Count is how many of n rows are marked, when given of them came marked.
func (m *Marks) Count(n, given int) int {
	marked := given
	switch m.rule {
	case allMarked:
		marked = n
	case noneMarked:
		marked = 0
	}
	for _, was := range m.flipped {
		if was {
			marked--
		} else {
			marked++
		}
	}
	return marked
}
