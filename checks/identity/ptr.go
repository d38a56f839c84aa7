package identity

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"delist/checks/resolver"
)

// maxPTR bounds the names of one address that are looked at (RFC 7208 section 5.5 does the same).
const maxPTR = 10

// ptr is what the PTR records of an address come to.
type ptr struct {
	names     []string // the first few
	confirmed []string // those that point back
	unknown   bool     // there may be others: no answer came
}

// checkPTR looks at the PTR records of an address, and whether their names point back to it. That is FCrDNS, the "iprev" of RFC 8601
// section 2.7.3: one name that points back is enough; a failure to ask is no failure of the address.
func checkPTR(ctx context.Context, asker Asker, ip netip.Addr) (ptr, []Finding) {
	reverse, err := dns.ReverseAddr(ip.String())
	var answer resolver.Answer
	if err == nil {
		answer, err = ask(ctx, asker, reverse, dns.TypePTR)
	}
	if err != nil {
		return ptr{unknown: true}, []Finding{unanswered(OfPTR, ip, "", fmt.Sprintf("PTR of %s unknown", ip), fmt.Sprintf("The PTR record of %s", ip), err)}
	}
	if len(answer.PTR) == 0 {
		return ptr{}, []Finding{{Kind: Bad, About: OfPTR, IP: ip, Short: fmt.Sprintf("%s has no PTR record", ip), Refusers: wantPTR,
			Sentence: fmt.Sprintf("%s has no PTR record (reverse DNS: the name of an address). Many receivers refuse mail for that alone, and lists refuse removal.", ip),
			Remedy:   "Ask the provider of the address to set its PTR record to the name that this server says in HELO."}}
	}
	p := ptr{names: answer.PTR[:min(len(answer.PTR), maxPTR)]}
	var findings []Finding
	if n := len(answer.PTR); n > 1 {
		findings = append(findings, Finding{Kind: Note, About: OfPTR, IP: ip, Short: fmt.Sprintf("%s has %d PTR names", ip, n),
			Sentence: fmt.Sprintf("%s has %d PTR names (%s). Receivers may look at any of them, or at the first only.", ip, n, shorten(p.names)),
			Remedy:   "Have the provider leave one PTR record, with the name of this server."})
	}
	forward := p.confirm(ctx, asker, ip)
	findings = append(findings, forward)
	return p, append(findings, p.generic(ip)...)
}

// confirm asks every name for its address.
func (p *ptr) confirm(ctx context.Context, asker Asker, ip netip.Addr) Finding {
	var failed error
	var wrong []string
	for _, name := range p.names {
		if !isHostName(name) {
			wrong = append(wrong, name)
			continue
		}
		switch yes, err := pointsTo(ctx, asker, name, ip); {
		case yes:
			p.confirmed = append(p.confirmed, name)
		case err != nil:
			failed = err
		default:
			wrong = append(wrong, name)
		}
	}
	if len(p.confirmed) > 0 {
		name := p.confirmed[0]
		return Finding{Kind: Good, About: OfForward, IP: ip, Name: name, Short: "PTR " + name + ", forward-confirmed",
			Sentence: fmt.Sprintf("The PTR record of %s names %s, and that name points back to the address (forward-confirmed, FCrDNS).", ip, name)}
	}
	if failed != nil {
		p.unknown = true
		return unanswered(OfForward, ip, p.names[0], fmt.Sprintf("whether PTR %s points back is unknown", p.names[0]),
			fmt.Sprintf("Whether %s, the PTR name of %s, points back to the address", shorten(p.names), ip), failed)
	}
	why := "has no such address, or another"
	if !isHostName(wrong[0]) {
		why = "is no name that a server can have"
	}
	return Finding{Kind: Bad, About: OfForward, IP: ip, Name: wrong[0], Short: fmt.Sprintf("PTR %s does not point back", wrong[0]), Refusers: wantForward,
		Sentence: fmt.Sprintf("The PTR record of %s names %s, and that %s: it is not forward-confirmed (FCrDNS), so receivers do not believe it.", ip, shorten(wrong), why),
		Remedy:   fmt.Sprintf("Make both agree: an address record of the name with %s, and a PTR record, set by the provider, with the name.", ip)}
}

// generic judges the name that receivers go by: the one that points back, else the first. A good one among several is enough.
func (p *ptr) generic(ip netip.Addr) []Finding {
	names := p.confirmed
	if len(names) == 0 {
		names = p.names
	}
	why := ""
	for _, name := range names {
		if why = GenericPTR(name, ip); why == "" {
			return nil
		}
	}
	return []Finding{{Kind: Bad, About: OfGeneric, IP: ip, Name: names[0], Short: fmt.Sprintf("PTR %s looks generic", names[0]), Refusers: wantPTR,
		Sentence: fmt.Sprintf("The PTR name %s looks like that of a customer's line, not of a mail server: %s.", names[0], why),
		Remedy:   "Ask the provider to set the PTR record to a name in your own domain, such as the one this server says in HELO."}}
}

// shorten lists a few names.
func shorten(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
