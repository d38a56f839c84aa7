package identity

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Report is all that was found.
type Report struct {
	At        time.Time `json:"at"` // UTC
	HELO      string    `json:"helo,omitempty"`
	Addresses []Address `json:"addresses"`
	Findings  []Finding `json:"findings"`
}

// Worst is the gravest kind among the findings: bad, then unknown, then note.
func (r Report) Worst() Kind {
	for _, kind := range []Kind{Bad, Unknown, Note} {
		for _, f := range r.Findings {
			if f.Kind == kind {
				return kind
			}
		}
	}
	return Good
}

// Same reports that two reports found the same, at whatever time.
func (r Report) Same(other Report) bool {
	r.At, other.At = time.Time{}, time.Time{}
	return reflect.DeepEqual(r, other)
}

// Summary is the report in one line, what is amiss first: "PTR mail01.example, forward-confirmed; HELO agrees; ...".
func (r Report) Summary() string {
	var parts []string
	for _, kind := range []Kind{Bad, Unknown, Note, Good} {
		for i, f := range r.Findings {
			if f.Short == "" || f.Kind != kind || r.toldBefore(i) {
				continue
			}
			text := f.Short
			if more := r.alike(f) - 1; more > 0 {
				text += fmt.Sprintf(" and %d more", more)
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "; ")
}

// toldBefore says that an earlier finding stands for this one in the summary.
func (r Report) toldBefore(i int) bool {
	for _, f := range r.Findings[:i] {
		if f.Short != "" && f.Kind == r.Findings[i].Kind && f.About == r.Findings[i].About {
			return true
		}
	}
	return false
}

// alike counts the findings of the same kind on the same subject.
func (r Report) alike(f Finding) int {
	n := 0
	for _, other := range r.Findings {
		if other.Short != "" && other.Kind == f.Kind && other.About == f.About {
			n++
		}
	}
	return n
}
