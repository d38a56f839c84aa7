package identity

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// spfFault is a word of an SPF record that RFC 7208 does not allow. One such word anywhere spoils the whole record (section 4.6),
// also behind what matches; a reader that takes word by word would not come to it.
type spfFault struct {
	domain string // whose record it is
	word   string
	why    string
}

// Error says which word is wrong, and why. The word is as it came: not safe to print.
func (f *spfFault) Error() string {
	return fmt.Sprintf("the record of %s has the word %q: %s", f.domain, f.word, f.why)
}

// spfRecords are the SPF records among the texts of a domain (RFC 7208 section 4.5).
func spfRecords(texts []string) []string {
	var records []string
	for _, text := range texts {
		version, _, _ := strings.Cut(text, " ")
		if strings.EqualFold(version, "v=spf1") {
			records = append(records, text)
		}
	}
	return records
}

// spfSyntax holds a whole record against the grammar of RFC 7208 section 12, and gives the first word that is not in it, with the
// reason in words; both are empty where all is well.
func spfSyntax(record string) (word, why string) {
	_, terms, _ := strings.Cut(record, " ")
	modifiers := map[string]bool{}
	for term := range strings.SplitSeq(terms, " ") {
		if term == "" {
			continue
		}
		if why := spfTerm(term, modifiers); why != "" {
			return term, why
		}
	}
	return "", ""
}

// spfAllowsAll reports a record whose all allows every address: what does not match before it.
func spfAllowsAll(record string) bool {
	for term := range strings.FieldsSeq(strings.ToLower(record)) {
		switch term {
		case "all", "+all":
			return true
		case "-all", "~all", "?all":
			return false // what follows is not read (section 5.1)
		}
	}
	return false
}

// spfMeant is how to put right a record that names an address, as the given mechanism, where it does not count; empty where it
// does not name it so.
func spfMeant(record, address string) string {
	all := ""
	for term := range strings.FieldsSeq(strings.ToLower(record)) {
		bare := strings.TrimLeft(term, "+-~?")
		switch sign := strings.TrimSuffix(term, bare); {
		case bare == address && all != "":
			return fmt.Sprintf("Move %s before %s in the record: what stands behind it is not read.", term, all)
		case bare == address && sign != "" && sign != "+":
			return fmt.Sprintf("Take the %s from %s in the record: it says that mail from there is not to be taken for good.", sign, term)
		case bare == "all" && all == "":
			all = term
		}
	}
	return ""
}

// spfTerm says what is wrong with one word; modifiers are those that came before it, and those that may stand there once only.
func spfTerm(term string, modifiers map[string]bool) (why string) {
	if strings.ContainsFunc(term, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "it holds a character that no SPF record may have; words are divided by blanks, and names are written in ASCII"
	}
	at := strings.IndexAny(term, "=:/")
	if at >= 0 && term[at] == '=' {
		return spfModifier(strings.ToLower(term[:at]), term[at+1:], modifiers)
	}
	bare := term
	if strings.ContainsRune("+-?~", rune(term[0])) {
		bare = term[1:]
	}
	name, rest := bare, ""
	if at := strings.IndexAny(bare, ":/"); at >= 0 {
		name, rest = bare[:at], bare[at:]
	}
	why = spfMechanism(strings.ToLower(name), rest)
	if why != "" && strings.Contains(term, ",") {
		why += " (words are divided by blanks, not by commas)"
	}
	return why
}

var modifierName = regexp.MustCompile(`^[a-z][a-z0-9._-]*$`)

// spfModifier checks NAME=VALUE (section 6). Unknown ones are for later, and only have to be well formed.
func spfModifier(name, value string, before map[string]bool) (why string) {
	switch {
	case !modifierName.MatchString(name):
		return "what stands before = is no name"
	case name != "redirect" && name != "exp":
		_, why = macroString(value)
		return why
	case before[name]:
		return name + "= may stand in a record once only"
	}
	before[name] = true
	return domainSpec(value)
}

// spfMechanism checks a mechanism (section 5): its name in lower case, and what follows from : or / on.
func spfMechanism(name, rest string) (why string) {
	switch name {
	case "all":
		if rest != "" {
			return "nothing may follow all"
		}
		return ""
	case "include", "exists":
		domain, ok := strings.CutPrefix(rest, ":")
		if !ok {
			return "a domain is missing, as in " + name + ":example.com"
		}
		return domainSpec(domain)
	case "a", "mx":
		return domainAndLengths(rest)
	case "ptr":
		return optionalDomain(rest)
	case "ip4":
		return network(rest, "IPv4", netip.Addr.Is4, 32)
	case "ip6":
		return network(rest, "IPv6", netip.Addr.Is6, 128)
	}
	if meant := meantMechanism[name]; meant != "" {
		return "SPF knows no such word; " + meant + " may be meant"
	}
	return "SPF knows no such word"
}

// meantMechanism are what people write for a mechanism, by what they mean.
var meantMechanism = map[string]string{"ipv4": "ip4:", "ip": "ip4:", "ipv6": "ip6:", "inlcude": "include:", "includes": "include:", "inculde": "include:",
	"redirect": "redirect=", "exist": "exists:", "mx4": "mx"}

var lengths = regexp.MustCompile(`^(.*?)(?:/([0-9]+))?(?://([0-9]+))?$`)

// domainAndLengths checks [":" domain] ["/" length] ["//" length], as a and mx have it (sections 5.3 and 5.4).
func domainAndLengths(rest string) (why string) {
	parts := lengths.FindStringSubmatch(rest)
	if why := optionalDomain(parts[1]); why != "" {
		return why
	}
	if parts[2] != "" && !lengthWithin(parts[2], 32) {
		return "the length behind / is no number from 0 to 32"
	}
	if parts[3] != "" && !lengthWithin(parts[3], 128) {
		return "the length behind // is no number from 0 to 128"
	}
	return ""
}

func optionalDomain(rest string) (why string) {
	if rest == "" {
		return ""
	}
	domain, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return "what follows its name is neither a domain nor a length"
	}
	return domainSpec(domain)
}

// network checks ":" address ["/" length] (section 5.6).
func network(rest, family string, of func(netip.Addr) bool, most int) (why string) {
	text, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return "an address is missing"
	}
	text, length, cut := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil || !of(addr) || addr.Zone() != "":
		return "that is no " + family + " address"
	case cut && !lengthWithin(length, most):
		return fmt.Sprintf("the length behind / is no number from 0 to %d", most)
	}
	return ""
}

// lengthWithin reports a number without leading zeros, up to most.
func lengthWithin(digits string, most int) bool {
	n, err := strconv.Atoi(digits)
	return err == nil && n >= 0 && n <= most && strconv.Itoa(n) == digits
}

var topLabel = regexp.MustCompile(`^(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])$`)

// domainSpec checks a domain, which may hold macros (section 7.1): it ends with a top-level domain, or with a macro.
func domainSpec(s string) (why string) {
	if s == "" {
		return "a domain is missing"
	}
	tail, why := macroString(s)
	if why != "" || tail == "" {
		return why
	}
	tail = strings.TrimSuffix(tail, ".")
	dot := strings.LastIndexByte(tail, '.')
	if dot < 0 || !topLabel.MatchString(tail[dot+1:]) {
		return "that is no full domain name, as example.com is"
	}
	return ""
}

// macro is what may follow a % (section 7.1). The letters c, r and t may stand in explanations only (section 7.2).
var macro = regexp.MustCompile(`^(?:[%_-]|\{[slodiphvSLODIPHV]([0-9]*)[rR]?[-.+,/_=]*\})`)

// macroString checks the macros of a text, and gives what stands behind the last one.
func macroString(s string) (tail, why string) {
	for {
		at := strings.IndexByte(s, '%')
		if at < 0 {
			return s, ""
		}
		found := macro.FindStringSubmatch(s[at+1:])
		if found == nil || found[1] != "" && strings.Trim(found[1], "0") == "" {
			return "", "the part from % on is no macro"
		}
		s = s[at+1+len(found[0]):]
	}
}
