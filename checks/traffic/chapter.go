package traffic

import (
	"bytes"
	"time"
)

// chapter is what is new of one file, on its way into the book.
type chapter struct {
	*book
	*reading
	now  time.Time
	line stamp            // of the line that is taken in, or was taken in last
	at   func() time.Time // its full time
	some bool             // there was a line
}

func newChapter(b *book, r *reading, now time.Time) *chapter {
	c := &chapter{book: b, reading: r, now: now}
	c.at = func() time.Time { return c.clock.at(c.line, c.now) }
	return c
}

// byteOrderMark begins a file that some editor has been at.
var byteOrderMark = []byte("\xef\xbb\xbf")

// take takes in one line. What does not fit its log's layout is counted and passed by.
func (c *chapter) take(b []byte) {
	if c.torn {
		c.torn = false
		return
	}
	b = bytes.TrimPrefix(b, byteOrderMark)
	c.count(c.Kind, b, c.understand(b))
}

// understand takes in a line that fits its log's layout, and says whether it did.
func (c *chapter) understand(b []byte) bool {
	switch c.Kind {
	case SMTP:
		if l, ok := parseSMTP(b); ok {
			c.turn(l.stamp)
			c.smtp(l, c.at)
			return true
		}
	case Delivery:
		if l, ok := parseDelivery(b); ok {
			c.turn(l.stamp)
			c.delivery(l, c.at)
			return true
		}
	case Administrative:
		if l, ok := parseAdministrative(b); ok {
			c.turn(l.stamp)
			c.administrative(l, c.at)
			return true
		}
	}
	return notice(b)
}

// notice says that a line tells of the service itself, as "23:59:56 SMTP Started at 11/28/2026 9:00:01 AM" does.
func notice(b []byte) bool {
	_, rest, ok := cutStamp(b)
	return ok && (bytes.Contains(rest, []byte(" Started at ")) || bytes.Contains(rest, []byte(" Stopped at ")))
}

// turn goes on to a line.
func (c *chapter) turn(s stamp) {
	c.clock.pass(s)
	c.line, c.some = s, true
	if c.from.IsZero() {
		c.from = c.at()
	}
}

// end tells the book what time the file covers by now.
func (c *chapter) end() {
	if !c.some {
		return
	}
	to := c.at()
	c.spans(c.from, to)
	if c.Kind == Administrative {
		return // logins say nothing of how much is sent
	}
	c.covers(c.from, to)
	if c.Kind == SMTP && (c.first.IsZero() || c.from.Before(c.first)) {
		c.first = c.from
	}
}
