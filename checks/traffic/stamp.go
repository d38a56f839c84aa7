package traffic

import (
	"time"
)

// stamp is when a line was written, as far as the line itself says.
type stamp struct {
	clock  time.Duration // since midnight
	date   civil         // in an export, and in logs of some builds; zero elsewhere
	zoned  bool          // the line names its distance from UTC
	offset int32         // that, in seconds
}

// civil is a date; either says that its day and month may be the other way round.
type civil struct {
	year       int16
	month, day int8
	either     bool
}

// on is the date's midnight: where it can be read in two ways, the one that is nearer to the day of the file.
func (c civil) on(day time.Time) time.Time {
	t := time.Date(int(c.year), time.Month(c.month), int(c.day), 0, 0, 0, 0, day.Location())
	if c.either {
		other := time.Date(int(c.year), time.Month(c.day), int(c.month), 0, 0, 0, 0, day.Location())
		if other.Sub(day).Abs() < t.Sub(day).Abs() {
			return other
		}
	}
	return t
}

// cutStamp takes the time off the beginning of a line, and the date where one stands before it: "23:59:57.727 ",
// "9:43:51 PM ", "[2026.02.18] 08:01:50 ", "2026-11-28T09:43:51.123Z ", "11/28/2026 9:43:51 AM ", "[09:43:51] ".
func cutStamp(b []byte) (s stamp, rest []byte, ok bool) {
	if s.clock, rest, ok = cutTime(b); !ok {
		if s, rest, ok = cutDated(b); !ok {
			return stamp{}, nil, false
		}
	}
	if len(rest) == 0 || rest[0] != ' ' && rest[0] != '\t' {
		return stamp{}, nil, false
	}
	return s, rest[1:], true
}

// cutDated takes a date and a time off, or either of them in brackets.
func cutDated(b []byte) (s stamp, rest []byte, ok bool) {
	b, open := cutByte(b, '[')
	if s.date, rest, ok = cutDate(b); ok {
		if open {
			if rest, ok = cutByte(rest, ']'); ok {
				open = false
			}
		}
		blank := rest
		for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t' || rest[0] == 'T' || rest[0] == ',') {
			rest = rest[1:]
		}
		if len(rest) == len(blank) && !open {
			return stamp{}, b, false
		}
		if !open {
			rest, open = cutByte(rest, '[')
		}
	} else if !open {
		return stamp{}, b, false
	}
	if s.clock, rest, ok = cutTime(rest); !ok {
		return stamp{}, b, false
	}
	s.offset, rest, s.zoned = cutZone(rest)
	if open {
		rest, ok = cutByte(rest, ']')
	}
	return s, rest, ok
}

// cutByte takes one byte off the beginning of b, where it is there.
func cutByte(b []byte, c byte) (rest []byte, ok bool) {
	if len(b) > 0 && b[0] == c {
		return b[1:], true
	}
	return b, false
}

// cutNumber takes a number of at most so many digits off the beginning of b.
func cutNumber(b []byte, most int) (n, digits int, rest []byte) {
	for len(b) > 0 && isDigit(b[0]) && digits < most {
		n, b = 10*n+int(b[0]-'0'), b[1:]
		digits++
	}
	return n, digits, b
}

// cutDate takes "2026.02.18", "2026-02-18", "2/18/2026" or "18.2.2026" off the beginning of b.
func cutDate(b []byte) (c civil, rest []byte, ok bool) {
	const year = 4
	var n, digits [3]int
	rest = b
	var sep byte
	for i := range n {
		if i > 0 {
			if len(rest) == 0 || rest[0] != '.' && rest[0] != '-' && rest[0] != '/' || sep != 0 && rest[0] != sep {
				return civil{}, b, false
			}
			sep, rest = rest[0], rest[1:]
		}
		n[i], digits[i], rest = cutNumber(rest, year)
	}
	y, m, d := n[0], n[1], n[2]
	switch {
	case digits[0] == year && digits[1] <= 2 && digits[2] <= 2:
	case digits[2] != year || digits[0] > 2 || digits[1] > 2:
		return civil{}, b, false
	case sep == '.' || n[0] > 12:
		y, m, d = n[2], n[1], n[0]
	default:
		y, m, d, c.either = n[2], n[0], n[1], n[1] <= 12
	}
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return civil{}, b, false
	}
	c.year, c.month, c.day = int16(y), int8(m), int8(d)
	return c, rest, true
}

// cutTime takes "23:59:57", "23:59:57.727" or "9:43:51 PM" off the beginning of b.
func cutTime(b []byte) (clock time.Duration, rest []byte, ok bool) {
	h, digits, rest := cutNumber(b, 2)
	if digits == 0 || len(rest) < len(":59:57") || rest[0] != ':' || rest[3] != ':' {
		return 0, b, false
	}
	m, s := twoDigits(rest[1:]), twoDigits(rest[4:])
	if h > 23 || m < 0 || m > 59 || s < 0 || s > 60 { // 60: a leap second
		return 0, b, false
	}
	rest = rest[len(":59:57"):]
	var fraction time.Duration
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && isDigit(rest[1]) {
		unit := time.Second / 10
		for rest = rest[1:]; len(rest) > 0 && isDigit(rest[0]); rest = rest[1:] {
			fraction += time.Duration(rest[0]-'0') * unit
			unit /= 10
		}
	}
	if half, after, twelve := cutHalf(rest); twelve {
		if h < 1 || h > 12 {
			return 0, b, false
		}
		h, rest = h%12+half, after
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + fraction, rest, true
}

// narrowBlank stands between time and AM or PM in what newer systems write.
const narrowBlank = "\u202f"

// cutHalf takes " AM", " p.m." and the like off the beginning of b; half is the hour that its half of the day begins at.
func cutHalf(b []byte) (half int, rest []byte, ok bool) {
	rest = b
	if len(b) > len(narrowBlank) && string(b[:len(narrowBlank)]) == narrowBlank {
		rest = b[len(narrowBlank):]
	} else if len(b) > 0 && b[0] == ' ' {
		rest = b[1:]
	}
	if len(rest) < len("AM") {
		return 0, b, false
	}
	switch rest[0] | 0x20 {
	case 'a':
	case 'p':
		half = 12
	default:
		return 0, b, false
	}
	rest, _ = cutByte(rest[1:], '.')
	if len(rest) == 0 || rest[0]|0x20 != 'm' {
		return 0, b, false
	}
	rest, _ = cutByte(rest[1:], '.')
	if len(rest) > 0 && rest[0] != ' ' && rest[0] != '\t' && rest[0] != ']' {
		return 0, b, false
	}
	return half, rest, true
}

// cutZone takes "Z", "+01:00" or "-0500" off the beginning of b.
func cutZone(b []byte) (seconds int32, rest []byte, ok bool) {
	if rest, ok = cutByte(b, 'Z'); ok {
		return 0, rest, true
	}
	if len(b) == 0 || b[0] != '+' && b[0] != '-' {
		return 0, b, false
	}
	h, digits, rest := cutNumber(b[1:], 2)
	if digits != 2 || h > 14 {
		return 0, b, false
	}
	rest, _ = cutByte(rest, ':')
	m, _, rest := cutNumber(rest, 2)
	seconds = int32(h*3600 + m*60)
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, rest, true
}

func twoDigits(b []byte) int {
	if !isDigit(b[0]) || !isDigit(b[1]) {
		return -1
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
