package traffic

import "time"

// dayClock gives the lines of one file their full time.
type dayClock struct {
	day    time.Time     // midnight at the beginning of the file's day
	latest time.Duration // of that day, of the lines so far
}

const (
	// overMidnight is how far the clock has to fall back to have passed midnight. The end of summer time, and lines that
	// threads write out of turn, fall back less.
	overMidnight = 12 * time.Hour
	// tail is how long a file goes on after its day, while its last connections end. What is later belongs to the day
	// itself: then the file began with some lines of the day before.
	tail = time.Hour
)

// late says that a line was written after the file's day.
func (c *dayClock) late(s stamp) bool { return s.clock < tail && c.latest-s.clock > overMidnight }

// pass goes on to the next line.
func (c *dayClock) pass(s stamp) {
	if !c.late(s) {
		c.latest = max(c.latest, s.clock)
	}
}

// at is the full time of a line that was passed. Nothing that now has not reached yet is taken to be after midnight.
func (c *dayClock) at(s stamp, now time.Time) time.Time {
	day := c.day
	switch {
	case s.date.year != 0:
		day = s.date.on(c.day)
	case c.late(s):
		if t := onDay(c.day.AddDate(0, 0, 1), s.clock); !t.After(now.Add(tail)) {
			return t
		}
	}
	if s.zoned {
		y, m, d := day.Date()
		there := onDay(time.Date(y, m, d, 0, 0, 0, 0, time.FixedZone("", int(s.offset))), s.clock)
		return there.In(c.day.Location())
	}
	return onDay(day, s.clock)
}

// onDay puts a clock's time on a day, also one that is 23 or 25 hours long.
func onDay(day time.Time, clock time.Duration) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, int(clock/time.Second), int(clock%time.Second), day.Location())
}
