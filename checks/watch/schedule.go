package watch

import (
	"time"

	"delist/checks/dnsbl"
)

// The bounds of a list's schedule: nobody is asked more often than the least,
// and no change goes unseen for longer than the most.
const (
	least = 15 * time.Minute
	most  = 6 * time.Hour
)

// Schedule is the pause between two looks at a list: a twenty-fourth of the
// time that the list wants to be left alone after a request, within 15 minutes
// and 6 hours. So a list that needs a day is asked every hour.
func Schedule(l *dnsbl.List) time.Duration {
	wait := time.Duration(l.Removal.WaitHours) * time.Hour
	if wait <= 0 {
		wait = 24 * time.Hour
	}
	return min(max(wait/24, least), most)
}

// soonest is when a list is looked at that gave no usable answer, misses times
// in a row: early at first, less and less often then, at last on its schedule.
func soonest(every time.Duration, misses int) time.Duration {
	pause := min(least, every)
	for range misses - 1 {
		if pause >= every {
			break
		}
		pause *= 2
	}
	return min(pause, every)
}
