package drill

import "testing"

// OpenSink opens a sink of its own, and gives its address and what it has noted so far.
func OpenSink(t *testing.T) (addr string, notes func() []Arrival) {
	t.Helper()
	dir := t.TempDir()
	s, err := openSink(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s.addr, func() []Arrival {
		tally, err := DeliveredIn(dir)
		if err != nil {
			t.Fatal(err)
		}
		return tally.Arrivals
	}
}
