package ui

// placesHeld is the most rows of a live table whose places are kept one by one. A
// longer one waits whole until it is refreshed.
const placesHeld = 4096

// heldRows are newer rows at the places of older ones.
type heldRows []Row

// Len implements Source.
func (h heldRows) Len() int { return len(h) }

// Row implements Source.
func (h heldRows) Row(i int) Row { return h[i] }

// holdPlaces puts newer rows where the older ones stand. Rows that are gone stay and say so;
// rows that came are left out. same says that the newer data has the same rows in the
// same order, so that nothing waits.
func holdPlaces(older, newer Source) (held Source, same bool) {
	if older.Len() > placesHeld || newer.Len() > placesHeld {
		return older, false
	}
	places := make(map[string]int, newer.Len())
	for i := range newer.Len() {
		places[newer.Row(i).ID] = i
	}
	rows := make(heldRows, older.Len())
	same = older.Len() == newer.Len()
	for i := range rows {
		row := older.Row(i)
		at, there := places[row.ID]
		if there {
			rows[i] = newer.Row(at)
		} else {
			row.Gone = true
			rows[i] = row
		}
		same = same && there && at == i
	}
	return rows, same
}

// Marks are the rows that the operator chose, by ID. "All" is a rule with exceptions,
// not a list of a million IDs.
type Marks struct {
	all    bool
	except map[string]bool
}

// Has says whether a row is marked.
func (m *Marks) Has(id string) bool { return m.all != m.except[id] }

// Toggle marks a row, or takes its mark away.
func (m *Marks) Toggle(id string) {
	if m.except[id] {
		delete(m.except, id)
		return
	}
	if m.except == nil {
		m.except = map[string]bool{}
	}
	m.except[id] = true
}

// All marks every row, or none when every row is marked.
func (m *Marks) All() {
	all := !m.all || len(m.except) > 0
	m.Clear()
	m.all = all
}

// Clear takes all marks away.
func (m *Marks) Clear() { m.all, m.except = false, nil }

// Count is how many of n rows are marked.
func (m *Marks) Count(n int) int {
	if m.all {
		return n - len(m.except)
	}
	return len(m.except)
}
