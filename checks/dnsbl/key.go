package dnsbl

import (
	"fmt"
	"regexp"
)

// Key is a customer's key for a list. It stands in the names that are asked,
// and is never written anywhere: however it is printed, it is masked.
type Key string

const mask = "KEY"

// keyForm is one label of a name, which a key becomes (RFC 1035 section 2.3.4).
var keyForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,63}$`)

func (k Key) wellFormed() bool { return keyForm.MatchString(string(k)) }

// Format masks the key for every verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, mask) }

// MarshalText masks the key in JSON and the like.
func (k Key) MarshalText() ([]byte, error) { return []byte(mask), nil }

// hide takes the key out of a text, in whatever case it stands there.
func (k Key) hide(text string) string {
	if k == "" {
		return text
	}
	return regexp.MustCompile("(?i)"+regexp.QuoteMeta(string(k))).ReplaceAllLiteralString(text, mask)
}

// zone gives the zone to ask with this key, and whether the list can be asked.
func (l *List) zone(k Key) (string, bool) {
	if l.SelfTest.None {
		return "", false
	}
	if k != "" && l.Keyed != "" {
		return string(k) + "." + l.Keyed, true
	}
	return l.Zone, l.Zone != ""
}
