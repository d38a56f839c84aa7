package spool

import "strings"

// needle is a text to look for in others, in any case. It finds what strings.Contains finds in what strings.ToLower makes
// of a text, without making it: a search looks into millions of short texts.
type needle struct {
	lower string
	ascii bool
	pivot int // the place of the byte that stands in the fewest texts
	small byte
	large byte // the same in upper case, or small again
}

// commonBytes are the bytes of addresses and subjects from the most to the least common; those not named are rarer.
const commonBytes = " etaoinsrlhdcumpfg.wybvkx@jqz"

func newNeedle(lower string) needle {
	n := needle{lower: lower, ascii: isASCII(lower)}
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
	if !n.ascii {
		return strings.Contains(strings.ToLower(s), n.lower)
	}
	if len(s) < len(n.lower) {
		return false
	}
	if n.lower == "" {
		return true
	}
	last := len(s) - len(n.lower) + n.pivot // where the pivot can stand at the latest
	for at := n.pivot; at <= last; at++ {
		if c := s[at]; c != n.small && c != n.large {
			continue
		}
		if equalFolded(s[at-n.pivot:at-n.pivot+len(n.lower)], n.lower) {
			return true
		}
	}
	// Two letters outside ASCII have a small letter inside it: the Kelvin sign and the dotted capital I.
	return !isASCII(s) && strings.Contains(strings.ToLower(s), n.lower)
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
