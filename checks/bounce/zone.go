package bounce

import (
	"regexp"
	"strings"
	"sync"

	"delist/checks/dnsbl"
)

// namedZone finds the zone in refusals of the form that Postfix and others
// use: "blocked using ZONE", "listed at ZONE", "found in ZONE", "in an RBL: ZONE".
var namedZone = regexp.MustCompile(`(?i)\b(?:blocked (?:using|by)|listed (?:at|in|on|by)|found in|rejected by|in an rbl:|blacklisted (?:at|by|in))\s+(?:the )?((?:[a-z0-9_-]+\.)+[a-z]{2,})\b`)

// catalogue is the lists of delist's own, read once; it never changes.
var catalogue = sync.OnceValues(dnsbl.Default)

// byZone explains a refusal that names a blocklist's zone.
func byZone(r reply) (Finding, bool) {
	m := namedZone.FindStringSubmatch(r.text)
	if m == nil {
		return Finding{}, false
	}
	cat, err := catalogue()
	if err != nil { // the tests hold that it can be read
		return Finding{}, false
	}
	f := newFinding(r)
	zone := strings.ToLower(m[1])
	f.List, f.Certainty = zone, Certain
	if dead, ok := cat.DeadZone(zone); ok {
		f.Kind = RecipientResolver
		f.Advice = "This list has ended (" + dead.Effect + "); there is nothing to ask it for. Tell the receiver's postmaster to take it out of their filter."
		return f, true
	}
	f.Kind = List
	l := cat.ByZone(zone)
	switch {
	case l != nil && l.Allow:
		f.Kind, f.List = RecipientResolver, l.Name
		f.Advice = "This list names what is good, so there is nothing to ask it for. Tell the receiver's postmaster that their filter takes it for a blocklist."
		return f, true
	case l != nil && l.OfDomains():
		f.Kind, f.List, f.Advice = Domain, l.Name, l.Removal.Advice
		if f.URL = l.Lookup; strings.Contains(f.URL, "{domain}") { // which domain, the refusal rarely says
			f.URL, _, _ = strings.Cut(f.URL, "?")
		}
		return f, true
	case l != nil:
		f.List, f.Advice = l.Name, l.Removal.Advice
		f.URL = fill(l.Lookup, f.IP)
		return f, true
	}
	f.Certainty = Likely
	f.Advice = "The receiver uses a list that delist does not know, perhaps its own. Follow the reason in the refusal, or write to the receiver's postmaster."
	return f, true
}
