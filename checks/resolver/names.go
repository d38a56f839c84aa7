package resolver

import (
	"strings"

	"delist/spool/message"

	"github.com/miekg/dns"
)

// maxNames bounds the names of one answer; what is beyond is dropped.
const maxNames = 256

// MX is one mail exchanger of a domain (RFC 5321 section 5.1).
type MX struct {
	Host       string // without the final dot, safe to print
	Preference uint16 // the lowest comes first
}

// addName keeps what a PTR or MX record names (RFC 1035 sections 3.3.12 and 3.3.9).
func (a *Answer) addName(rr dns.RR) {
	if len(a.PTR)+len(a.MX) >= maxNames {
		return
	}
	switch rr := rr.(type) {
	case *dns.PTR:
		a.PTR = append(a.PTR, hostName(rr.Ptr))
	case *dns.MX:
		a.MX = append(a.MX, MX{hostName(rr.Mx), rr.Preference})
	}
}

// hostName is a name as people write it. What does not belong into one keeps
// the presentation form of RFC 1035 section 5.1, such as \027.
func hostName(name string) string { return message.Printable(strings.TrimSuffix(name, ".")) }
