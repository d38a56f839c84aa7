package dnsbl

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// CodeKind is what an answer of a list amounts to.
type CodeKind string

// The kinds of code.
const (
	CodeListed    CodeKind = "listed"
	CodeNotListed CodeKind = "notlisted" // the list knows the address, for good or without judgement
	CodeRefused   CodeKind = "refused"   // the list refuses the resolver that asks
	CodeAllowed   CodeKind = "allowed"   // an allow list knows it as good
)

// CodeRule says what an answer, or a range of answers, means.
type CodeRule struct {
	Answer  Answers  `toml:"answer"`
	Name    string   `toml:"name"` // a sublist's name, such as "CSS"
	Meaning string   `toml:"meaning"`
	Kind    CodeKind `toml:"kind"`
	Policy  bool     `toml:"policy"`  // it says what kind of address it is: no spam was seen
	Removal *Removal `toml:"removal"` // when it differs from the list's
}

// example gives an answer that the rule covers.
func (c CodeRule) example() netip.Addr {
	if c.Answer.bit != 0 {
		return netip.AddrFrom4([4]byte{127, 0, 0, c.Answer.bit})
	}
	return c.Answer.from
}

// Answers is a set of answers: one address, a range, a prefix, or, in lists
// with Bits, one bit of the last octet.
type Answers struct {
	from, to netip.Addr
	bit      byte
}

// UnmarshalText reads "127.0.0.2", "127.0.0.5-127.0.0.7", "127.0.1.0/24" or "bit 4".
func (a *Answers) UnmarshalText(text []byte) error {
	s := string(text)
	if digits, ok := strings.CutPrefix(s, "bit "); ok {
		n, err := strconv.ParseUint(digits, 10, 8)
		if err != nil || n == 0 || n&(n-1) != 0 {
			return fmt.Errorf("%q is not one bit of an octet", s)
		}
		a.bit = byte(n)
		return nil
	}
	if prefix, err := netip.ParsePrefix(s); err == nil && prefix.Addr().Is4() && prefix.Bits() >= 8 {
		a.from = prefix.Masked().Addr()
		last := a.from.As4()
		for i := prefix.Bits(); i < 32; i++ {
			last[i/8] |= 0x80 >> (i % 8)
		}
		a.to = netip.AddrFrom4(last)
		return nil
	}
	from, to, found := strings.Cut(s, "-")
	if !found {
		to = from
	}
	var err error
	if a.from, err = netip.ParseAddr(from); err != nil {
		return fmt.Errorf("code %q: %w", s, err)
	}
	if a.to, err = netip.ParseAddr(to); err != nil {
		return fmt.Errorf("code %q: %w", s, err)
	}
	if !a.from.Is4() || !a.to.Is4() || a.to.Less(a.from) {
		return fmt.Errorf("code %q is not a range of IPv4 addresses", s)
	}
	return nil
}

func (a Answers) contains(ip netip.Addr) bool {
	if !ip.Is4() {
		return false
	}
	if a.bit != 0 {
		octets := ip.As4()
		return octets[1] == 0 && octets[2] == 0 && octets[3]&a.bit != 0
	}
	return !ip.Less(a.from) && !a.to.Less(ip)
}

// overlaps reports that some answer is in both sets.
func (a Answers) overlaps(b Answers) bool {
	if a.bit != 0 || b.bit != 0 {
		return a.bit == b.bit
	}
	return !a.to.Less(b.from) && !b.to.Less(a.from)
}

// Code is one answer of a list, with what it means.
type Code struct {
	Answer  netip.Addr
	Name    string // the sublist, such as "CSS", or empty
	Meaning string
	Policy  bool     // no spam was seen
	Removal *Removal // the code's own procedure, or nil
}

// rules gives the rules that cover an answer: several only for a set of bits.
func (l *List) rules(answer netip.Addr) []CodeRule {
	var found []CodeRule
	for _, rule := range l.Codes {
		if rule.Answer.contains(answer) {
			if rule.Answer.bit == 0 {
				return []CodeRule{rule}
			}
			found = append(found, rule)
		}
	}
	return found
}
