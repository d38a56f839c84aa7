package dnsbl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"delist/spool/message"

	"github.com/miekg/dns"
)

// CheckDomains asks lists of domains about names: a PTR name, a HELO name, the
// domain of a sender. The same rules hold as for addresses: a self-test first,
// a refusal is no listing, no answer is not clear. Results come gravest first,
// and each goes to each as it comes, one call at a time; each may be nil.
// Names are hostile input: one that cannot be a domain, or is an address, is
// an error, and then nothing is asked. On the end of ctx the results hold what
// was known by then, and the error is the context's.
func (c *Checker) CheckDomains(ctx context.Context, lists []*List, names []string, each func(Result)) ([]Result, error) {
	if err := c.checkKeys(); err != nil {
		return nil, err
	}
	var subjects []subject
	for _, name := range names {
		domain, err := domainOf(name)
		if err != nil {
			return nil, err
		}
		if s := (subject{domain: domain}); !slices.Contains(subjects, s) {
			subjects = append(subjects, s)
		}
	}
	if len(subjects) == 0 {
		return nil, errors.New("no domain to check; give the one that the server sends mail for")
	}
	results := (&run{Checker: c}).each(ctx, c.askable(lists), subjects, each)
	slices.SortFunc(results, Compare)
	return results, ctx.Err()
}

// DomainLists gives the lists of domains of the catalogue.
func (c *Checker) DomainLists() []*List { return c.cat.DomainLists() }

// maxDomain bounds a domain in bytes, so that with a zone and a key behind it
// the name still fits the 253 that a name may have (RFC 1035 section 2.3.4).
const maxDomain = 150

// domainOf gives a name as lists of domains are asked for it.
func domainOf(name string) (string, error) {
	domain := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	_, notAddress := netip.ParseAddr(strings.Trim(domain, "[]"))
	if len(domain) > maxDomain || !strings.Contains(domain, ".") || notAddress == nil || !hostname(domain) {
		if len(name) > maxDomain {
			name = name[:maxDomain] + ".."
		}
		return "", fmt.Errorf("%q is not a domain; give one such as mail.example.com", message.Printable(name))
	}
	return domain, nil
}

// hostname reports that a name is made of labels of letters, digits, hyphens
// and underscores (RFC 1123 section 2.1), so that no label can be mistaken. No
// label begins or ends with a hyphen, and the last one is no number: 999.1.1.1
// was meant for an address.
func hostname(domain string) bool {
	if _, ok := dns.IsDomainName(domain); !ok {
		return false
	}
	last := ""
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || strings.Trim(label, "-") != label {
			return false
		}
		last = label
	}
	return strings.Trim(last, "0123456789") != ""
}

// IsDomain reports that CheckDomains can ask about a name.
func IsDomain(name string) bool {
	_, err := domainOf(name)
	return err == nil
}

// domainTest gives the subjects of a domain list's self-test.
func domainTest(l *List) (positive, negative subject) {
	return subject{domain: l.PositiveName()}, subject{domain: l.NegativeName()}
}
