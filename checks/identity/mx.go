package identity

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"delist/checks/resolver"
)

// maxExchangers bounds how many mail exchangers are looked at.
const maxExchangers = 10

// checkMX looks at where mail for a domain goes (RFC 5321 section 5.1). A sender whose domain takes no mail is refused by many,
// and operators of lists write to it.
func checkMX(ctx context.Context, asker Asker, domain string) Finding {
	ctx, cancel := context.WithTimeout(ctx, domainLimit)
	defer cancel()
	const question = "Where mail for "
	unknown := func(err error) Finding {
		return unanswered(OfMX, netip.Addr{}, domain, "MX of "+domain+" unknown", question+domain+" goes", err)
	}
	answer, err := ask(ctx, asker, domain, dns.TypeMX)
	if err != nil {
		return unknown(err)
	}
	f := Finding{Kind: Bad, About: OfMX, Name: domain}
	exchangers := answer.MX
	slices.SortStableFunc(exchangers, func(a, b resolver.MX) int { return int(a.Preference) - int(b.Preference) })
	switch {
	case len(exchangers) == 1 && exchangers[0].Host == "":
		f.Short = domain + " takes no mail"
		f.Sentence = fmt.Sprintf("%s has a null MX (RFC 7505): it says that it takes no mail at all, so receivers may refuse what claims to come from it.", domain)
		f.Remedy = "Publish an MX record with the server that takes its mail."
		return f
	case len(exchangers) == 0:
		return checkNoMX(ctx, asker, domain, unknown)
	}
	var good, dead []string
	for _, mx := range exchangers[:min(len(exchangers), maxExchangers)] {
		ips, err := addressesOf(ctx, asker, mx.Host)
		switch {
		case err != nil && len(ips) == 0:
			return unknown(err)
		case slices.ContainsFunc(ips, netip.Addr.IsGlobalUnicast):
			good = append(good, mx.Host)
		default:
			dead = append(dead, mx.Host)
		}
	}
	switch {
	case len(good) == 0:
		f.Short = "the MX of " + domain + " leads nowhere"
		f.Sentence = fmt.Sprintf("Mail for %s goes to %s, and that has no address, so nobody can answer its mail.", domain, strings.Join(dead, ", "))
		f.Remedy = "Give the name an address record, or the MX record another name."
	case len(dead) > 0:
		f.Kind, f.absent, f.Short = Note, true, "an MX of "+domain+" leads nowhere"
		f.Sentence = fmt.Sprintf("Mail for %s goes to %s; %s has no address.", domain, strings.Join(good, ", "), strings.Join(dead, ", "))
		f.Remedy = "Take the MX record out, or give its name an address record."
	default:
		f.Kind, f.Short = Good, "MX of "+domain+" is there"
		f.Sentence = fmt.Sprintf("Mail for %s goes to %s.", domain, strings.Join(good, ", "))
	}
	return f
}

// checkNoMX looks at a domain without MX records: mail then goes to its own address.
func checkNoMX(ctx context.Context, asker Asker, domain string, unknown func(error) Finding) Finding {
	ips, err := addressesOf(ctx, asker, domain)
	if err != nil && len(ips) == 0 {
		return unknown(err)
	}
	f := Finding{Kind: Bad, About: OfMX, Name: domain, Short: domain + " takes no mail",
		Sentence: fmt.Sprintf("%s has neither an MX record (where its mail goes) nor an address, so nobody can answer its mail, and receivers may refuse it.", domain),
		Remedy:   fmt.Sprintf("Publish an MX record at %s.", domain)}
	if len(ips) > 0 {
		f.Kind, f.absent, f.Short = Note, true, "no MX at "+domain
		f.Sentence = fmt.Sprintf("%s has no MX record (where its mail goes), so mail for it goes to its own address.", domain)
	}
	return f
}
