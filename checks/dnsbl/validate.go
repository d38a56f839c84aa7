package dnsbl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// faults collects what is wrong with a catalogue, so that it can be mended in one go.
type faults []string

// of gives the function that notes what is wrong with one entry.
func (f *faults) of(entry string) func(string, ...any) {
	return func(format string, args ...any) { *f = append(*f, entry+": "+fmt.Sprintf(format, args...)) }
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return errors.New(strings.Join(f, "; "))
}

// validate gives everything that is missing or contradictory, also between entries.
func (c *Catalogue) validate() error {
	var found faults
	c.validateDead(&found)
	ids, names, zones := make(map[string]bool), make(map[string]bool), make(map[string]string)
	for i := range c.Lists {
		l := &c.Lists[i]
		fault := found.of(fmt.Sprintf("list %q", l.ID))
		if ids[l.ID] {
			fault("the id is used twice")
		}
		ids[l.ID] = true
		if name := strings.ToLower(l.Name); name != "" && names[name] {
			fault("the name %q is used twice", l.Name)
		}
		names[strings.ToLower(l.Name)] = true
		for _, zone := range l.zones() {
			if other, taken := zones[zone]; taken {
				fault("the zone %s is used twice; it belongs to %q", zone, other)
			}
			zones[zone] = l.ID
		}
		if _, ok := c.Operators[l.Operator]; !ok {
			fault("no operator %q", l.Operator)
		}
		if l.Disabled {
			fault("disabled is only for an operator's own file")
		}
		c.validateAlive(l, fault)
		l.validate(fault)
	}
	return found.err()
}

// validateDead looks at the zones that have ended.
func (c *Catalogue) validateDead(found *faults) {
	for i, d := range c.Dead {
		fault := found.of(fmt.Sprintf("dead zone %q", d.Suffix))
		if !zoneForm.MatchString(d.Suffix) || d.Effect == "" {
			fault("needs a suffix in lower case and an effect")
		}
		for _, other := range c.Dead[:i] {
			if within(d.Suffix, other.Suffix) || within(other.Suffix, d.Suffix) {
				fault("stands there twice, with %q", other.Suffix)
			}
		}
	}
}

// validateAlive finds dead zones, wherever an entry could lead to one.
func (c *Catalogue) validateAlive(l *List, fault func(string, ...any)) {
	for _, zone := range l.zones() {
		if dead, ok := c.DeadZone(zone); ok {
			fault("the zone %s is dead%s: %s; it must never be asked", zone, dead.sinceWhen(), dead.Effect)
		}
	}
	links := []string{l.Lookup, l.Removal.URL}
	for _, code := range l.Codes {
		if code.Removal != nil {
			links = append(links, code.Removal.URL)
		}
	}
	for _, link := range links {
		u, err := url.Parse(filled(link))
		if err != nil {
			continue // not a web address: said elsewhere
		}
		_, domain, _ := strings.Cut(u.Opaque, "@") // of a mailto:
		for _, host := range []string{u.Hostname(), domain} {
			if dead, ok := c.DeadZone(host); ok {
				fault("%s leads to a list that is dead%s: %s", link, dead.sinceWhen(), dead.Effect)
			}
		}
	}
}

// sinceWhen gives " since DAY", or nothing where the day is not known.
func (d Dead) sinceWhen() string {
	if d.Since == "" {
		return ""
	}
	return " since " + d.Since
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	zoneForm = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)+[a-z]{2,}$`)
	nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	// money finds advice that costs money; "never" makes it good advice.
	money = regexp.MustCompile(`(?i)\b(pay|pays|paid|paying|fee|buy|purchase)\b`)
)

// oneOf notes a value that is not one of those allowed.
func oneOf(fault func(string, ...any), what, got string, allowed ...string) {
	if !slices.Contains(allowed, got) {
		fault("%s is %q, want one of %s", what, got, strings.Join(allowed, ", "))
	}
}

// validate reports what is missing or contradictory in one entry.
func (l *List) validate(fault func(string, ...any)) {
	if !idForm.MatchString(l.ID) {
		fault("the id is not made of small letters, digits and single hyphens")
	}
	for _, zone := range l.zones() {
		if !zoneForm.MatchString(zone) {
			fault("%q is not a zone in lower case", zone)
		}
	}
	if l.Name == "" || l.Source == "" {
		fault("the name or the source is missing")
	}
	if l.Tier < 1 || l.Tier > 3 {
		fault("tier %d, want 1 to 3", l.Tier)
	}
	oneOf(fault, "scope", string(l.Scope), "address", "range", "network", "policy", "domain")
	oneOf(fault, "impact", string(l.Impact), string(StopsMail), string(StopsSomeMail), string(Ignore))
	oneOf(fault, "confidence", l.Confidence, "primary", "secondary", "memory")
	if _, err := time.Parse(time.DateOnly, l.Checked); err != nil {
		fault("checked %q is not a day such as 2026-11-20", l.Checked)
	}
	if l.Tier == 3 && l.Impact != Ignore {
		fault("a list of tier 3 is for information: its impact is %q, not %q", Ignore, l.Impact)
	}
	l.validateLink(fault, "lookup", l.Lookup)
	if l.Zone == "" && l.Keyed == "" {
		if len(l.Codes) > 0 || len(l.Families) > 0 {
			fault("codes or families without a zone")
		}
		if l.OwnResolver || l.Registered || l.OpenEnded || l.Bits || l.Allow || l.OfDomains() || l.SelfTest.given() {
			fault("says how a list answers, without a zone")
		}
	} else {
		l.validateFamilies(fault)
		l.validateCodes(fault)
		l.validateSelfTest(fault)
	}
	if l.Allow {
		l.validateAllow(fault)
		return
	}
	l.validateRemoval(&l.Removal, fault)
	for _, code := range l.Codes {
		if code.Removal != nil {
			l.validateRemoval(code.Removal, fault)
		}
	}
}

// validateLink looks at a web address; only lists of tier 3 may go without one.
func (l *List) validateLink(fault func(string, ...any), what, link string) {
	if !webURL(link) && !(link == "" && l.Tier == 3) {
		fault("%s %q is not a web address", what, link)
	}
	if strings.Contains(link, "{ip}") && l.OfDomains() || strings.Contains(link, "{domain}") && !l.OfDomains() {
		fault("%s %q: {ip} is for lists of addresses, {domain} for lists of domains", what, link)
	}
}

// validateAllow looks at what only a list of the good has, or must not have.
func (l *List) validateAllow(fault func(string, ...any)) {
	if l.Removal != (Removal{}) || slices.ContainsFunc(l.Codes, func(c CodeRule) bool { return c.Removal != nil }) {
		fault("an allow list has nothing to be removed from")
	}
	if l.Tier != 3 || l.OpenEnded {
		fault("an allow list is of tier 3, and not open-ended")
	}
}

// validateFamilies looks at what a list says to have data on.
func (l *List) validateFamilies(fault func(string, ...any)) {
	if len(l.Families) == 0 {
		fault("no families")
	}
	for i, f := range l.Families {
		if f != "ipv4" && f != "ipv6" && f != "domain" {
			fault("family %q, want ipv4, ipv6 or domain", f)
		}
		if slices.Contains(l.Families[:i], f) {
			fault("family %q stands there twice", f)
		}
	}
	if domains := slices.Contains(l.Families, "domain"); domains != l.OfDomains() || domains && len(l.Families) > 1 {
		fault("a list of domains has the scope domain and the family domain, and no other")
	}
}

// validateCodes looks at the meanings of the answers.
func (l *List) validateCodes(fault func(string, ...any)) {
	kinds := []CodeKind{l.finding(), CodeNotListed, CodeRefused}
	found := false
	for i, code := range l.Codes {
		found = found || code.Kind == l.finding()
		if code.Meaning == "" || !slices.Contains(kinds, code.Kind) {
			fault("code %s: the meaning is missing, or the kind %q is not one of %v", code.example(), code.Kind, kinds)
		}
		if !loopback.Contains(code.example()) {
			fault("code %s is outside 127.0.0.0/8", code.example())
		}
		if refusals.Contains(code.example()) && code.Kind != CodeRefused {
			fault("code %s is a refusal everywhere", code.example())
		}
		if code.Answer.bit != 0 != l.Bits {
			fault("code %s: a list with bits has bits only, and a list without has none", code.example())
		}
		for _, other := range l.Codes[:i] {
			if code.Answer.overlaps(other.Answer) {
				fault("code %s has two meanings", code.example())
			}
		}
	}
	if !found {
		fault("no code means %s", l.finding())
	}
}

// given reports that something differs from RFC 5782 section 5.
func (t SelfTest) given() bool {
	return t.Positive.IsValid() || t.PositiveName != "" || len(t.Expect) > 0 || t.SkipNegative || t.None
}

// validateSelfTest looks at whether the list can pass its test.
func (l *List) validateSelfTest(fault func(string, ...any)) {
	t := l.SelfTest
	for _, answer := range t.Expect {
		if !slices.ContainsFunc(l.rules(answer), func(c CodeRule) bool { return c.Kind == l.finding() }) {
			fault("the self-test expects %s, which is not a code for %s", answer, l.finding())
		}
	}
	if t.Positive.IsValid() && (l.OfDomains() || !t.Positive.Is4()) {
		fault("the self-test's positive is for lists of addresses, and an IPv4 address")
	}
	if t.PositiveName != "" && (!l.OfDomains() || !nameForm.MatchString(t.PositiveName)) {
		fault("the self-test's positive_name is for lists of domains, and a name")
	}
	if t.None && (l.Tier != 3 || t.Positive.IsValid() || t.PositiveName != "" || len(t.Expect) > 0 || t.SkipNegative) {
		fault("only a list of tier 3 may have no self-test, and then nothing else is said of the test")
	}
}

// validateRemoval reports what is missing or contradictory in a procedure.
func (l *List) validateRemoval(r *Removal, fault func(string, ...any)) {
	if r.URL != "" && !strings.HasPrefix(r.URL, "mailto:") {
		l.validateLink(fault, "removal url", r.URL)
	}
	switch r.Kind {
	case SelfService:
		if !webURL(r.URL) || r.Need == "" || r.Usual == "" || r.WaitHours == 0 {
			fault("a self-service removal needs url, need, usual and wait_hours")
		}
	case ByMail:
		if !webURL(r.URL) && !strings.HasPrefix(r.URL, "mailto:") || r.Need == "" || r.Usual == "" || r.WaitHours == 0 {
			fault("a removal by mail needs url, need, usual and wait_hours")
		}
	case ByProvider:
		if r.Need == "" || r.WaitHours == 0 || r.Order != 2 {
			fault("a removal by the provider needs need, wait_hours and order 2")
		}
	case Waits:
		if r.Expires == "" || r.WaitHours == 0 || r.Order != 6 {
			fault("a listing that waits needs expires, wait_hours and order 6")
		}
	case NoRemoval:
		if r.WaitHours != 0 || r.Order != 7 {
			fault("where there is nothing to do there is no wait_hours, and the order is 7")
		}
	default:
		fault("removal kind %q is unknown", r.Kind)
	}
	if n := strings.Count(r.Advice+" ", ". "); n != 2 {
		fault("the advice has %d sentences, want 2: %q", n, r.Advice)
	}
	if money.MatchString(r.Advice+" "+r.Need+" "+r.Usual) && !strings.Contains(r.Advice, "Never") {
		fault("the advice speaks of paying, and not to say never: %q", r.Advice)
	}
	if r.Order < 2 || r.Order > 7 || r.WaitHours < 0 {
		fault("removal order %d or wait_hours %d is out of range", r.Order, r.WaitHours)
	}
}

func webURL(s string) bool {
	u, err := url.Parse(filled(s))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// filled gives a link of the catalogue with examples in its places.
func filled(link string) string {
	return withDomain(withIP(link, netip.AddrFrom4([4]byte{192, 0, 2, 1})), "example.com")
}

var (
	loopback = netip.MustParsePrefix("127.0.0.0/8")
	refusals = netip.MustParsePrefix("127.255.255.0/24") // Spamhaus' error codes, copied by others
)
