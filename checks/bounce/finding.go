package bounce

import "net/netip"

// Kind is what a refusal rests on.
type Kind string

// The kinds. Only List and Provider say that the address is blocked.
const (
	List              Kind = "list"               // a blocklist decides; go there
	Provider          Kind = "provider"           // the receiver's own list or reputation
	Rate              Kind = "rate"               // too much or too early; wait
	DNS               Kind = "dns"                // PTR, HELO or the like is missing or wrong
	Auth              Kind = "auth"               // SPF, DKIM, DMARC or TLS
	Content           Kind = "content"            // the message itself
	Domain            Kind = "domain"             // a domain in it, not the address
	Recipient         Kind = "recipient"          // the mailbox, or the recipient's own rules
	RecipientResolver Kind = "recipient-resolver" // the receiver's blocklist check is broken; nothing is listed
	Unknown           Kind = "unknown"            // it cannot be told
)

// Certainty is how far a finding can be trusted.
type Certainty string

// The certainties.
const (
	Certain Certainty = "certain" // a code or name that means one thing
	Likely  Certainty = "likely"  // the words fit
	Unsure  Certainty = "unsure"  // a guess from general words
)

// Finding is one thing that a bounce says. Every text is safe to print.
type Finding struct {
	Kind      Kind       `json:"kind"`
	Provider  string     `json:"provider"` // who refused, or empty
	List      string     `json:"list"`     // the blocklist named, or empty
	IP        netip.Addr `json:"ip"`       // the sending address as the refusal names it, or the zero Addr
	Permanent bool       `json:"permanent"`
	Certainty Certainty  `json:"certainty"`
	Quote     string     `json:"quote"` // the line it rests on
	Advice    string     `json:"advice"`
	URL       string     `json:"url"` // where to go, or empty
}

// Refused says that somebody refused something. Of a text in which no refusal was found there is one finding all the same,
// of kind Unknown; a refusal that nobody explains is of that kind only where it is for good.
func (f Finding) Refused() bool { return f.Kind != Unknown || f.Permanent }

// Report is all that a bounce says, refusals that say the same once.
type Report struct {
	Findings  []Finding `json:"findings"`
	Truncated bool      `json:"truncated"` // a bound or a torn encoding left a part of it unread: what is there is not known
}
