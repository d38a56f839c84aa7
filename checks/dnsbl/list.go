package dnsbl

import (
	"net/netip"
	"net/url"
	"strings"
)

// List is one list: what to ask, what the answers mean, and how to get off it.
// Most are blocklists of addresses; some list domains, some what is good.
type List struct {
	ID       string   `toml:"id"`       // a stable short name, for settings and records
	Name     string   `toml:"name"`     // as people say it
	Zone     string   `toml:"zone"`     // empty: it has no public DNS, only bounces show it
	Keyed    string   `toml:"keyed"`    // the zone for holders of a key, asked as ADDRESS.KEY.keyed
	Includes []string `toml:"includes"` // zones that say no more than this list: never asked, but a bounce may name them
	Tier     int      `toml:"tier"`     // 1: rejections really follow, 2: a part of the world uses it, 3: for information
	Families []string `toml:"families"` // what it has data on: "ipv4", "ipv6", or "domain" alone
	Scope    Scope    `toml:"scope"`
	Impact   Impact   `toml:"impact"`
	Operator string   `toml:"operator"` // who runs it; its lists share one rate limit

	// Allow says that the list names what is good: an answer is never a listing.
	Allow bool `toml:"allow"`
	// Disabled takes the list out; only an operator's own file says so.
	Disabled bool `toml:"disabled"`

	// OwnResolver says that the list misleads those who ask through a public
	// resolver; its "clear" is then not believed.
	OwnResolver bool `toml:"own_resolver"`
	// Registered says that the list answers only resolvers registered with it;
	// its refusal then does not keep an address from being clear.
	Registered bool `toml:"registered"`
	// OpenEnded says that codes come without notice, so that an unrecognised
	// answer is a listing all the same.
	OpenEnded bool `toml:"open_ended"`
	// Bits says that the last octet of a code is a set of bits.
	Bits bool `toml:"bits"`

	Codes    []CodeRule `toml:"code"`
	SelfTest SelfTest   `toml:"selftest"`
	Lookup   string     `toml:"lookup"` // a page for people; {ip} stands for the address, {domain} for the domain
	Removal  Removal    `toml:"removal"`

	Source     string `toml:"source"`     // where this was read
	Confidence string `toml:"confidence"` // "primary", "secondary" or "memory"
	Checked    string `toml:"checked"`    // the day it was read, as 2026-11-20
}

// Scope is what a listing speaks of.
type Scope string

// The scopes.
const (
	ScopeAddress Scope = "address" // the address itself
	ScopeRange   Scope = "range"   // the addresses around it too
	ScopeNetwork Scope = "network" // the whole network of its provider
	ScopePolicy  Scope = "policy"  // what kind of address it is, no accusation
	ScopeDomain  Scope = "domain"  // a name: of the server, of a sender, of a link
)

// Impact is what a listing does to the mail, in words for a person.
type Impact string

// The impacts, gravest first.
const (
	StopsMail     Impact = "stops mail now"
	StopsSomeMail Impact = "stops some mail"
	Ignore        Impact = "ignore"
)

// SelfTest says how a list proves that it is alive and honest. The zero value
// is the pair of RFC 5782 section 5: 127.0.0.2 listed, 127.0.0.1 not; for a
// list of domains, TEST listed, INVALID not.
type SelfTest struct {
	Positive     netip.Addr   `toml:"positive"`      // IPv4 address that must be listed, if not 127.0.0.2
	PositiveName string       `toml:"positive_name"` // name that a list of domains must list, if not TEST
	Expect       []netip.Addr `toml:"expect"`        // one of these answers must come
	SkipNegative bool         `toml:"skip_negative"` // 127.0.0.1 is listed in good order
	// None says that the list has no test entry. It is then never asked, since
	// nothing it says could be believed; a bounce that names it is explained.
	None bool `toml:"none"`
}

var (
	positiveTest = netip.AddrFrom4([4]byte{127, 0, 0, 2})
	negativeTest = netip.AddrFrom4([4]byte{127, 0, 0, 1})
)

// PositiveTest gives the IPv4 address that the list must list.
func (l *List) PositiveTest() netip.Addr {
	if l.SelfTest.Positive.IsValid() {
		return l.SelfTest.Positive
	}
	return positiveTest
}

// PositiveName gives the name, below the zone, that a list of domains must list.
func (l *List) PositiveName() string {
	if l.SelfTest.PositiveName != "" {
		return l.SelfTest.PositiveName
	}
	return "TEST"
}

// NegativeName gives the name, below the zone, that a list of domains must not list.
func (l *List) NegativeName() string { return "INVALID" }

// TestAnswers gives answers with which the list passes its positive test.
func (l *List) TestAnswers() []netip.Addr {
	if len(l.SelfTest.Expect) > 0 {
		return l.SelfTest.Expect
	}
	for _, c := range l.Codes {
		if c.Kind == l.finding() {
			return []netip.Addr{c.example()}
		}
	}
	return nil
}

// finding is the kind of code that the list exists for.
func (l *List) finding() CodeKind {
	if l.Allow {
		return CodeAllowed
	}
	return CodeListed
}

// OfDomains reports that the list has data on domains, and on no address.
func (l *List) OfDomains() bool { return l.Scope == ScopeDomain }

// Covers reports that the list has data on addresses of ip's family.
func (l *List) Covers(ip netip.Addr) bool {
	family := "ipv6"
	if ip.Is4() {
		family = "ipv4"
	}
	for _, f := range l.Families {
		if f == family {
			return true
		}
	}
	return false
}

// LookupURL gives the page where a person can look ip up.
func (l *List) LookupURL(ip netip.Addr) string { return withIP(l.Lookup, ip) }

// LookupDomain gives the page where a person can look a domain up.
func (l *List) LookupDomain(domain string) string { return withDomain(l.Lookup, domain) }

// RemovalFor gives the procedures that take an address with these codes off
// the list, each once: a code's own, or the list's.
func (l *List) RemovalFor(codes []Code) []Removal {
	var removals []Removal
	seen := make(map[Removal]bool)
	add := func(r Removal) {
		if !seen[r] {
			seen[r] = true
			removals = append(removals, r)
		}
	}
	for _, code := range codes {
		if code.Removal != nil {
			add(*code.Removal)
		} else {
			add(l.Removal)
		}
	}
	if len(removals) == 0 {
		add(l.Removal)
	}
	return removals
}

// withIP fills an address into a URL of the catalogue.
func withIP(template string, ip netip.Addr) string {
	return strings.ReplaceAll(template, "{ip}", url.QueryEscape(ip.String()))
}

// withDomain fills a domain into a URL of the catalogue.
func withDomain(template, domain string) string {
	return strings.ReplaceAll(template, "{domain}", url.QueryEscape(domain))
}
