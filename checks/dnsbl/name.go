package dnsbl

import (
	"net/netip"
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
