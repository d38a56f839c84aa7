package dnsbl

import (
	"fmt"
	"strings"
)

// Key is a customer's key for a list. It stands in the names that are asked,
// and is never written anywhere: however it is printed, it is masked.
type Key string

const mask = "KEY"

// Format masks the key for every verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, mask) }

// MarshalText masks the key in JSON and the like.
func (k Key) MarshalText() ([]byte, error) { return []byte(mask), nil }

// hide takes the key out of a text, in whatever case it stands there.
func (k Key) hide(text string) string {
	if k == "" {
		return text
	}
	key := strings.ToLower(string(k))
	for from := 0; ; {
		at := strings.Index(strings.ToLower(text[from:]), key)
		if at < 0 {
			return text
		}
		at += from
		text = text[:at] + mask + text[at+len(key):]
		from = at + len(mask)
	}
}

// zone gives the zone to ask with this key, and whether the list can be asked.
func (l *List) zone(k Key) (string, bool) {
	if k != "" && l.Keyed != "" {
		return string(k) + "." + l.Keyed, true
	}
	return l.Zone, l.Zone != ""
}
