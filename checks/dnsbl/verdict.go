package dnsbl

import (
	"fmt"
	"net/netip"
	"time"
)

// Verdict is what one list says of one address.
type Verdict uint8

// The verdicts. Refused and Unusable prove nothing, neither good nor bad.
const (
	Unusable Verdict = iota // no answer, or one that cannot be believed
	Refused                 // the list refuses to answer this resolver
	Listed
	Clear
)

var verdictNames = [...]string{"unusable", "refused", "listed", "clear"}

// String gives the verdict in lower case.
func (v Verdict) String() string { return verdictNames[v] }

// MarshalText gives the verdict's word, for JSON.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the verdict's word.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if name == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("unknown verdict %q", text)
}

// Evidence is one question put to a list, and what came back. Keys are masked.
type Evidence struct {
	Name    string        // the name asked
	Type    string        // "A" or "TXT"
	Server  string        // the DNS server that answered, or was asked last
	RCode   string        // such as "NXDOMAIN", empty without an answer
	Answers []string      // addresses or texts, safe to print
	Error   string        // why there is no usable answer, or empty
	Took    time.Duration // retries included
	At      time.Time
}

// Result is what one list says of one address or domain, and why.
type Result struct {
	IP       netip.Addr // not valid when the list was asked about a domain
	Domain   string     // in lower case; empty when it was asked about an address
	List     *List
	Verdict  Verdict
	Codes    []Code // the answers in 127.0.0.0/8, with their meanings
	Reason   string // the list's own text on the listing, safe to print
	Why      string // the verdict is Refused or Unusable, as a sentence without its subject, the list: lists share it
	Note     string // Why as a sentence, or what makes a verdict less certain
	Lookup   string // a page for people
	Evidence []Evidence
	At       time.Time
}

// take takes in a verdict with its reasons.
func (r *Result) take(out outcome) {
	r.Verdict, r.Codes, r.Why, r.Note = out.verdict, out.codes, out.why, out.doubt
	if out.why != "" {
		r.Note = r.List.Name + " " + out.why + "."
	}
}

// Removals gives the procedures that take the address off the list, in the
// order of the work; none when it is not listed.
func (r Result) Removals() []Removal {
	if r.Verdict != Listed {
		return nil
	}
	return r.List.RemovalFor(r.Codes)
}

// RemovalLink gives the page of a procedure for the address or domain.
func (r Result) RemovalLink(way Removal) string {
	if r.Domain != "" {
		return way.LinkDomain(r.Domain)
	}
	return way.Link(r.IP)
}

// Shown reports that the result is worth a row. A list of tier 3 is for
// information: only a listing of it is news. Allow lists have no row.
func (r Result) Shown() bool { return r.List.Tier < 3 || r.Verdict == Listed }

// Trusted says what an allow list has to say for the address or domain; empty
// when it does not know it, or is no allow list.
func (r Result) Trusted() string {
	if !r.List.Allow || r.Verdict != Clear || len(r.Codes) == 0 {
		return ""
	}
	return r.List.Name + ": " + r.Codes[0].Meaning
}
