package spool

import "strings"

// needle is a text to look for in others, in any case. It finds what strings.Contains finds in what strings.ToLower makes
// of a text, without making it: a search looks into millions of short texts.
type needle struct {
	lower string
	ascii bool
	plain bool // it has no letter, and so no case
	pivot int  // the place of the byte that stands in the fewest texts
	small byte
	large byte // the same in upper case, or small again
}

// commonBytes are the bytes of addresses and subjects from the most to the least common; those not named are rarer.
const commonBytes = " etaoinsrlhdcumpfg.wybvkx@jqz"

func newNeedle(lower string) needle {
	n := needle{lower: lower, ascii: isASCII(lower), plain: isASCII(lower) && strings.ToUpper(lower) == lower}
	rarity := -1
	for i := range len(lower) {
		r := strings.IndexByte(commonBytes, lower[i])
		if r < 0 {
			r = len(commonBytes)
		}
		if r > rarity {
			n.pivot, rarity = i, r
		}
	}
	if lower != "" {
		n.small = lower[n.pivot]
		n.large = n.small
		if 'a' <= n.small && n.small <= 'z' {
			n.large -= 'a' - 'A'
		}
	}
	return n
}

// in reports whether s holds the needle.
func (n *needle) in(s string) bool {
	return n.inPlain(s) || n.ascii && odd(s) && strings.Contains(strings.ToLower(s), n.lower)
}

// inPlain is in for a text that is not odd.
func (n *needle) inPlain(s string) bool {
	switch {
	case !n.ascii:
		return strings.Contains(strings.ToLower(s), n.lower)
	case n.plain:
		return strings.Contains(s, n.lower)
	case len(s) < len(n.lower):
		return false
	}
	return n.lower == "" || n.at(s, n.small) || n.large != n.small && n.at(s, n.large)
}

// odd reports whether s holds one of the two letters outside ASCII that have a small letter inside it: the Kelvin sign and
// the dotted capital I.
func odd(s string) bool { return strings.Contains(s, "\u212a") || strings.Contains(s, "\u0130") }

// at reports whether s, which is long enough, holds the needle with its pivot written as c.
func (n *needle) at(s string, c byte) bool {
	end := len(s) - len(n.lower) + n.pivot + 1 // behind the last place of the pivot
	for from := n.pivot; from < end; from++ {
		i := strings.IndexByte(s[from:end], c)
		if i < 0 {
			return false
		}
		from += i
		if equalFolded(s[from-n.pivot:from-n.pivot+len(n.lower)], n.lower) {
			return true
		}
	}
	return false
}

// equalFolded reports whether s is lower, which is ASCII in lower case, with perhaps some capitals.
func equalFolded(s, lower string) bool {
	for i := range len(lower) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
