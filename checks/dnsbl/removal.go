package dnsbl

import "net/netip"

// Removal is how to get off a list.
type Removal struct {
	Kind    RemovalKind `toml:"kind"`
	URL     string      `toml:"url"`     // form, page or mailto:; {ip} stands for the address, {domain} for the domain
	Need    string      `toml:"need"`    // what to have ready
	Usual   string      `toml:"usual"`   // how long it takes as a rule
	Expires string      `toml:"expires"` // when the listing ends by itself
	Penalty string      `toml:"penalty"` // what asking too early or twice brings
	Advice  string      `toml:"advice"`  // two plain sentences
	// WaitHours is how long to wait, after a request or after the last spam,
	// before looking or asking again.
	WaitHours int `toml:"wait_hours"`
	// Order is the place in the work: 2 by the provider, 3 Spamhaus' own forms,
	// 4 the other lists that decide, 6 what waits by itself, 7 the rest. (1 is
	// to stop the cause, 5 are the receivers that follow the lists before them.)
	Order int `toml:"order"`
}

// RemovalKind is who has to do what.
type RemovalKind string

// The kinds of removal.
const (
	SelfService RemovalKind = "self-service" // a form on the list's site
	ByProvider  RemovalKind = "provider"     // only the owner of the network can ask
	ByMail      RemovalKind = "mail"         // a letter to the operator
	Waits       RemovalKind = "waits"        // it ends by itself, nobody can speed it up
	NoRemoval   RemovalKind = "none"         // there is nothing to do
)

// Link gives the removal's URL for ip.
func (r Removal) Link(ip netip.Addr) string { return withIP(r.URL, ip) }

// LinkDomain gives the removal's URL for a domain.
func (r Removal) LinkDomain(domain string) string { return withDomain(r.URL, domain) }
