package steps

import (
	"time"

	"delist/steps/incident"
)

// Event tells that something happened. Exactly one of its two kinds is set.
type Event struct {
	// Record is journalled and folded into the incident; none is ever dropped.
	Record *incident.Record
	// Progress passes by: it may be dropped when nobody reads fast enough.
	Progress *Progress
}

// Progress is news that changes nothing in the record: a fresh look at the spool, a counter.
type Progress struct {
	At   time.Time
	What string // one line, empty when only the live tables changed
}
