package ui

import "testing"

// TestMarks marks among four rows, of which a and b came marked.
func TestMarks(t *testing.T) {
	given := map[string]bool{"a": true, "b": true, "c": false, "d": false}
	for _, test := range []struct {
		name string
		do   func(*Marks)
		want string
	}{
		{"as given", func(*Marks) {}, "ab"},
		{"one more", func(m *Marks) { m.Toggle("c", false) }, "abc"},
		{"one less", func(m *Marks) { m.Toggle("a", true) }, "b"},
		{"there and back", func(m *Marks) { m.Toggle("a", true); m.Toggle("a", true) }, "ab"},
		{"all", func(m *Marks) { m.Toggle("a", true); m.All(4, 2) }, "abcd"},
		{"all but one", func(m *Marks) { m.All(4, 2); m.Toggle("a", true) }, "bcd"},
		{"all twice is none", func(m *Marks) { m.All(4, 2); m.All(4, 2) }, ""},
		{"none but one", func(m *Marks) { m.All(4, 2); m.All(4, 2); m.Toggle("d", false) }, "d"},
		{"cleared", func(m *Marks) { m.All(4, 2); m.Clear() }, "ab"},
	} {
		var m Marks
		test.do(&m)
		got := ""
		for _, id := range []string{"a", "b", "c", "d"} {
			if m.Has(id, given[id]) {
				got += id
			}
		}
		if got != test.want || m.Count(4, 2) != len(test.want) {
			t.Errorf("%s: marked %q, counted %d; want %q", test.name, got, m.Count(4, 2), test.want)
		}
	}
}
