package ui

// placesHeld is the most rows of a live table whose places are kept one by one. A
// longer one waits whole until it is refreshed.
const placesHeld = 4096

// placedRows are newer rows at the places of older ones.
type placedRows []Row

// Len implements Source.
func (h placedRows) Len() int { return len(h) }

// Row implements Source.
func (h placedRows) Row(i int) Row { return h[i] }

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
	rows := make(placedRows, older.Len())
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
