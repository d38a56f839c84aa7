package bounce

import (
	"net/netip"
	"regexp"
	"strings"
)

var (
	ipv4 = regexp.MustCompile(`\d{1,3}(?:\.\d{1,3}){3}`)
	ipv6 = regexp.MustCompile(`(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}`)

	ipv6Tag = regexp.MustCompile(`(?i)ipv6:`)

	// What stands before the sender's address, and before the receiver's own.
	before   = regexp.MustCompile(`(?i)(?:\bip(?:v6)?[=:_ ]|\bip address|\bclient|\bhost|\bfrom(?: ip)?(?: address)?|\bmessages from|\bsending ip|\bsender|\bserver|[?&/](?:ip|query|search|q)[=/]|\bfor|521<)[\s\[(:<=]*(?:ipv6:)?$`)
	fromHost = regexp.MustCompile(`(?i)\bfrom \S+\s?[\[(]+(?:ipv6:)?$`)
	receiver = regexp.MustCompile(`(?i)(?:[a-z0-9-]+\.[a-z]{2,}\s?[\[(]+|\bconnect(?:ed)? to \S*\s?[\[(]*|\bto [\[(]*)(?:ipv6:)?$`)
)

// senderIP gives the sending address that a refusal names: one in a place that
// says so, else any that is not the receiver's own.
func senderIP(text string) netip.Addr {
	var other netip.Addr
	for _, c := range candidates(text) {
		lead := text[max(0, c.at-60):c.at]
		switch {
		case fromHost.MatchString(lead):
			return c.ip
		case receiver.MatchString(lead):
		case before.MatchString(lead):
			return c.ip
		case !other.IsValid():
			other = c.ip
		}
	}
	return other
}

type candidate struct {
	ip netip.Addr
	at int // where it begins
}

// candidates gives the addresses in a text, in order.
func candidates(text string) []candidate {
	text = ipv6Tag.ReplaceAllString(text, "     ") // its "6:" would be taken for a part
	var found []candidate
	covered := 0
	for _, at := range ipv6.FindAllStringIndex(text, 40) {
		token := strings.TrimRight(text[at[0]:at[1]], ".")
		if end := at[0] + len(token); boundary(text, at[0], end) {
			if ip, err := netip.ParseAddr(token); err == nil && usable(ip.Unmap()) {
				found = append(found, candidate{ip.Unmap(), at[0]})
				covered = end
			}
		}
	}
	for _, at := range ipv4.FindAllStringIndex(text, 40) {
		ip, err := netip.ParseAddr(text[at[0]:at[1]])
		if err != nil || !usable(ip) || !boundary(text, at[0], at[1]) || at[0] < covered {
			continue
		}
		found = append(found, candidate{ip, at[0]})
	}
	return found
}

// usable drops blocklist answers, and the numbers that Yahoo ends its deferrals
// with ("4.16.55.1"), which only look like an address.
func usable(ip netip.Addr) bool {
	yahoo := netip.MustParsePrefix("4.16.0.0/16")
	return !ip.IsLoopback() && !ip.IsUnspecified() && !yahoo.Contains(ip)
}

// boundary reports that a token is not part of a longer one.
func boundary(text string, from, to int) bool {
	if from > 0 && (isWord(text[from-1]) || text[from-1] == '.' && from > 1 && isWord(text[from-2])) {
		return false
	}
	if from > 0 && text[from-1] == ':' && from > 1 && isWord(text[from-2]) {
		return true // "IP:192.0.2.1"
	}
	return to >= len(text) || !isWord(text[to]) && !(text[to] == '.' && to+1 < len(text) && isWord(text[to+1]))
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '-'
}
