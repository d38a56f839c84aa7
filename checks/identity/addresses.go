package identity

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"delist/spool/message"
)

// Origin is where an address was found.
type Origin string

// The origins, the surest first.
const (
	FromOperator  Origin = "given"
	FromBounce    Origin = "bounce"
	FromLog       Origin = "log"
	FromInterface Origin = "interface"
	FromHostName  Origin = "host name"
)

// Candidate is an address that the server may send from.
type Candidate struct {
	IP     netip.Addr
	Origin Origin
	Ground string // "bound to interface eth0"
}

// Source finds candidates.
type Source func(context.Context) ([]Candidate, error)

// Scope is how far an address reaches.
type Scope string

// The scopes.
const (
	Public  Scope = "public"
	Private Scope = "private"             // RFC 1918, RFC 4193
	Shared  Scope = "the provider's NAT"  // RFC 6598: carrier-grade NAT
	Local   Scope = "this machine's only" // loopback, link-local, multicast, none
)

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// ScopeOf says how far an address reaches. The ranges for documentation count as public.
func ScopeOf(ip netip.Addr) Scope {
	switch {
	case !ip.IsGlobalUnicast():
		return Local
	case ip.IsPrivate():
		return Private
	case carrierNAT.Contains(ip):
		return Shared
	}
	return Public
}

// Address is one address with the grounds to believe that the server sends from it.
type Address struct {
	IP      netip.Addr `json:"ip"`
	Scope   Scope      `json:"scope"`
	Grounds []string   `json:"grounds"` // "bound to interface eth0"
	Origins []Origin   `json:"origins"` // of the grounds, in the same order
}

func (a Address) has(o Origin) bool { return slices.Contains(a.Origins, o) }

func (a Address) String() string { return fmt.Sprintf("%s (%s)", a.IP, strings.Join(a.Grounds, ", ")) }

// maxAddresses bounds the addresses that are looked at.
const maxAddresses = 32

// Addresses asks every source, and says what the addresses come to. A source that fails is a finding of its own.
func Addresses(ctx context.Context, sources ...Source) ([]Address, []Finding) {
	var found []Address
	var findings []Finding
	for _, source := range sources {
		candidates, err := source(ctx)
		if err != nil {
			findings = append(findings, Finding{Kind: Unknown, About: OfAddress, Short: "not every address is known",
				Sentence: "Some addresses of this server could not be looked up: " + message.Printable(err.Error()) + ".",
				Remedy:   "Give every address that mail leaves from with --ip."})
		}
		for _, c := range candidates {
			found = merge(found, c)
		}
	}
	return found, append(judgeAddresses(found), findings...)
}

// merge adds a candidate to what was found.
func merge(found []Address, c Candidate) []Address {
	ip := c.IP.Unmap().WithZone("")
	scope := ScopeOf(ip)
	if scope == Local && c.Origin != FromOperator {
		return found
	}
	i := slices.IndexFunc(found, func(a Address) bool { return a.IP == ip })
	if i < 0 {
		if len(found) == maxAddresses {
			return found
		}
		found = append(found, Address{IP: ip, Scope: scope})
		i = len(found) - 1
	}
	ground := message.Printable(c.Ground)
	if !slices.Contains(found[i].Grounds, ground) {
		found[i].Grounds = append(found[i].Grounds, ground)
		found[i].Origins = append(found[i].Origins, c.Origin)
	}
	return found
}

// ToCheck are the public addresses to look at: those given and those that bounces name; where there are none, every other.
func ToCheck(addresses []Address) []netip.Addr {
	var sure, rest []netip.Addr
	for _, a := range addresses {
		switch {
		case a.Scope != Public:
		case a.has(FromOperator) || a.has(FromBounce):
			sure = append(sure, a.IP)
		default:
			rest = append(rest, a.IP)
		}
	}
	if len(sure) > 0 {
		return sure
	}
	return rest
}

// judgeAddresses says what the addresses come to.
func judgeAddresses(all []Address) []Finding {
	var findings []Finding
	add := func(kind Kind, ip netip.Addr, short, sentence, remedy string) {
		findings = append(findings, Finding{Kind: kind, About: OfAddress, IP: ip, Short: short, Sentence: sentence, Remedy: remedy})
	}
	public, inside, given, boundPublic := false, "", false, false
	for _, a := range all {
		public = public || a.Scope == Public
		given = given || a.has(FromOperator)
		boundPublic = boundPublic || a.Scope == Public && a.has(FromInterface)
		if a.Scope != Public && a.has(FromInterface) && inside == "" && a.IP.Is4() {
			inside = a.String()
		}
	}
	for _, a := range all {
		switch {
		case a.Scope != Public && a.has(FromOperator):
			add(Bad, a.IP, fmt.Sprintf("%s is not public", a.IP),
				fmt.Sprintf("%s was given, and it is no public address (%s): no list can have it.", a.IP, a.Scope), findPublic)
		case a.Scope != Public:
		case given && a.has(FromBounce) && !a.has(FromOperator):
			add(Bad, a.IP, fmt.Sprintf("a bounce names %s, which was not given", a.IP),
				fmt.Sprintf("A bounce names %s, and that address was not given: mail leaves from it too, or instead.", a.IP),
				fmt.Sprintf("Start delist with --ip %s as well, so that the lists are asked about it.", a.IP))
		case !given:
			add(Note, a.IP, fmt.Sprintf("%s was found, not given", a.IP),
				fmt.Sprintf("Mail may leave from %s. Nobody has said so, and the lists are asked only about what was given.", a),
				fmt.Sprintf("If mail leaves from it, start delist with --ip %s.", a.IP))
		case !a.has(FromOperator):
			add(Note, a.IP, fmt.Sprintf("mail may leave from %s too", a.IP), otherAddress(a),
				fmt.Sprintf("If mail leaves from it, start delist with --ip %s as well.", a.IP))
		}
	}
	switch {
	case len(all) == 0:
		add(Unknown, netip.Addr{}, "no address is known", "No address of this server is known.", "Give the address that mail leaves from with --ip.")
	case !public && !given:
		add(Bad, netip.Addr{}, "behind NAT, the public address is not known",
			fmt.Sprintf("This server has no public address of its own (%s): it stands behind NAT, and the world sees another address.", all[0]), findPublic)
	case public && !boundPublic && inside != "":
		add(Note, netip.Addr{}, "behind NAT", fmt.Sprintf("No public address is bound here, only %s: a router translates (NAT). "+
			"Every computer behind it sends with the same address, and one of them may be the cause of a listing.", inside),
			"Let only the mail server connect to port 25 outside, at the firewall.")
	}
	return findings
}

const findPublic = "Find the address that the world sees: in a bounce, at the router, or with your provider. Then give it with --ip."

func otherAddress(a Address) string {
	if a.IP.Is6() {
		return fmt.Sprintf("This server has the IPv6 address %s: receivers with IPv6 may see that one, and the lists were not asked about it.", a)
	}
	return fmt.Sprintf("This server also has the address %s, which was not given: mail may leave from it, and the lists were not asked about it.", a)
}

// Listed makes a Source of addresses that are known already, all on one ground.
func Listed(origin Origin, ground string, ips []netip.Addr) Source {
	return func(context.Context) ([]Candidate, error) {
		var candidates []Candidate
		for _, ip := range ips {
			if ip.IsValid() {
				candidates = append(candidates, Candidate{ip, origin, ground})
			}
		}
		return candidates, nil
	}
}

// BehindName is the Source of the addresses behind this server's name. A name of one label is nobody's in public, and is not asked.
func BehindName(resolver Asker, name string) Source {
	return func(ctx context.Context) ([]Candidate, error) {
		if !isHostName(name) {
			return nil, nil
		}
		ips, err := addressesOf(ctx, resolver, name)
		var candidates []Candidate
		for _, ip := range ips {
			candidates = append(candidates, Candidate{ip, FromHostName, "behind the host name " + name})
		}
		if err != nil {
			err = fmt.Errorf("the addresses behind the host name %s: %w", name, err)
		}
		return candidates, err
	}
}
