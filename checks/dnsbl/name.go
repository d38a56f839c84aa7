package dnsbl

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// QueryName gives the name to ask a zone for an address: its octets reversed
// (RFC 5782 section 2.1), or for IPv6 its 32 nibbles (section 2.4).
func QueryName(ip netip.Addr, zone string) string {
	var b strings.Builder
	if ip.Is4() {
		octets := ip.As4()
		for i := range octets {
			b.WriteString(strconv.Itoa(int(octets[len(octets)-1-i])))
			b.WriteByte('.')
		}
		return b.String() + zone
	}
	const digits = "0123456789abcdef"
	octets := ip.As16()
	for i := range octets {
		o := octets[len(octets)-1-i]
		b.WriteByte(digits[o&0xf])
		b.WriteByte('.')
		b.WriteByte(digits[o>>4])
		b.WriteByte('.')
	}
	return b.String() + zone
}

// subject is what a list is asked about: an address, or else a domain.
type subject struct {
	ip     netip.Addr
	domain string
}

// in gives the name to ask a zone for (for domains RFC 5782 section 3).
func (s subject) in(zone string) string {
	if s.domain != "" {
		return s.domain + "." + zone
	}
	return QueryName(s.ip, zone)
}

// coveredBy reports that the list has data on subjects of this kind.
func (s subject) coveredBy(l *List) bool {
	return s.domain != "" || l.Covers(s.ip)
}

// lookup gives the list's page for people on the subject.
func (s subject) lookup(l *List) string {
	if s.domain != "" {
		return strings.ReplaceAll(l.Lookup, "{domain}", url.QueryEscape(s.domain))
	}
	return l.LookupURL(s.ip)
}
