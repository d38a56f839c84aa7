package identity

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// lineWords are what providers call the lines of their customers. They count only left of the provider's own domain.
var lineWords = []string{"dyn", "dynamic", "dynip", "dhcp", "pool", "pools", "ppp", "pppoe", "dial", "dialup", "dialin", "dsl", "adsl", "vdsl", "xdsl",
	"cable", "cablemodem", "catv", "ftth", "fttb", "broadband", "cust", "customer", "customers", "client", "clients", "res", "residential",
	"unassigned", "unallocated", "unused", "nat", "cgnat", "wireless", "mobile", "lte"}

// mailWords show that somebody named the host on purpose.
var mailWords = []string{"mail", "mx", "smtp", "mta", "out", "outbound", "relay"}

// GenericPTR says why a PTR name looks as if it was made by a machine for a range of addresses; empty when it does not. Such a name
// holds the address, in decimal or hexadecimal, forwards or backwards, or a provider's word for a customer's line.
func GenericPTR(name string, ip netip.Addr) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if holdsAddress(name, ip) {
		return "it is made of the address itself"
	}
	own := name
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		own = strings.TrimSuffix(strings.TrimSuffix(name, domain), ".")
	}
	words := strings.FieldsFunc(own, func(r rune) bool { return r < 'a' || r > 'z' })
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(mailWords, w) }) {
		return ""
	}
	for _, word := range words {
		if slices.Contains(lineWords, word) {
			return fmt.Sprintf("%q is what providers call the lines of their customers", word)
		}
	}
	return ""
}

// holdsAddress says that a name contains the address in one of the usual ways.
func holdsAddress(name string, ip netip.Addr) bool {
	bare := strings.NewReplacer(".", "", "-", "", "_", "").Replace(name)
	if ip.Is4() {
		octets := ip.As4()
		back := octets
		slices.Reverse(back[:])
		return holdsOctets(name, octets[:]) || holdsOctets(name, back[:]) || holdsOctets(name, octets[1:]) || holdsOctets(name, back[:3]) ||
			strings.Contains(bare, hex.EncodeToString(octets[:])) || strings.Contains(bare, hex.EncodeToString(back[:]))
	}
	full := ip.As16()
	nibbles := []byte(hex.EncodeToString(full[:]))
	forwards := string(nibbles)
	slices.Reverse(nibbles)
	short := strings.NewReplacer("::", "--", ":", "-").Replace(ip.String())
	return strings.Contains(bare, forwards) || strings.Contains(bare, string(nibbles)) || strings.Contains(name, strings.Trim(short, "-")) ||
		strings.Contains(name, strings.ReplaceAll(short, "--", "-"))
}

// holdsOctets says that the name has the octets one after the other, as whole numbers, with or without leading zeros. All four may
// also stand without anything between them.
func holdsOctets(name string, octets []byte) bool {
	var numbers []string
	for _, run := range strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' }) {
		number := strings.TrimLeft(run, "0")
		if number == "" {
			number = "0"
		}
		numbers = append(numbers, number)
	}
	var want []string
	padded := ""
	for _, o := range octets {
		want = append(want, fmt.Sprint(o))
		padded += fmt.Sprintf("%03d", o)
	}
	for i := range numbers {
		if i+len(want) <= len(numbers) && slices.Equal(numbers[i:i+len(want)], want) {
			return true
		}
	}
	joined := strings.Join(want, "")
	return strings.Contains(name, padded) || len(octets) == 4 && len(joined) >= 8 && strings.Contains(name, joined)
}
