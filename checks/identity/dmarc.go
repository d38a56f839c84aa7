package identity

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// dmarcRecord is the beginning of a DMARC record (RFC 7489 section 6.4: the version comes first, exactly so).
var dmarcRecord = regexp.MustCompile(`^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)`)

var dmarcPolicy = regexp.MustCompile(`(?i);[ \t]*p[ \t]*=[ \t]*(none|quarantine|reject)[ \t]*(?:;|$)`)

// checkDMARC looks for the policy of a sender domain: at the domain itself, then at the one it belongs to (RFC 7489 section 6.6.3).
func checkDMARC(ctx context.Context, asker Asker, domain string) Finding {
	ctx, cancel := context.WithTimeout(ctx, domainLimit)
	defer cancel()
	places := []string{domain}
	if parent, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil && !sameName(parent, domain) {
		places = append(places, parent)
	}
	for _, place := range places {
		answer, err := ask(ctx, asker, "_dmarc."+place, dns.TypeTXT)
		if err != nil {
			return unanswered(OfDMARC, netip.Addr{}, domain, "DMARC of "+domain+" unknown", "Whether "+domain+" has a DMARC record", err)
		}
		var records []string
		for _, text := range answer.TXT {
			if dmarcRecord.MatchString(text) {
				records = append(records, text)
			}
		}
		switch {
		case len(records) == 1:
			return dmarcFound(domain, place, records[0])
		case len(records) > 1:
			return Finding{Kind: Bad, About: OfDMARC, Name: domain, Short: fmt.Sprintf("%s has %d DMARC records", place, len(records)),
				Sentence: fmt.Sprintf("_dmarc.%s has %d DMARC records; with more than one, none counts.", place, len(records)),
				Remedy:   "Leave one of them."}
		case answer.Cut:
			return unanswered(OfDMARC, netip.Addr{}, domain, "DMARC of "+domain+" unknown", "Whether "+domain+" has a DMARC record", errTooLong)
		}
	}
	return Finding{Kind: Note, absent: true, About: OfDMARC, Name: domain, Short: "no DMARC at " + domain,
		Sentence: fmt.Sprintf("%s has no DMARC record (what receivers shall do with forged mail of the domain). Large receivers want one.", domain),
		Remedy:   fmt.Sprintf("Publish a TXT record at _dmarc.%s, to begin with: \"v=DMARC1; p=none\".", domain)}
}

func dmarcFound(domain, place, record string) Finding {
	f := Finding{Kind: Good, About: OfDMARC, Name: domain, Short: "DMARC of " + domain + " is there"}
	policy := dmarcPolicy.FindStringSubmatch(record)
	if policy == nil {
		f.Kind, f.Short = Note, "DMARC of "+domain+" has no policy"
		f.Sentence = fmt.Sprintf("%s has a DMARC record at _dmarc.%s that names no policy (p=), so receivers take it for none.", domain, place)
		f.Remedy = "Write p=none, p=quarantine or p=reject into it."
		return f
	}
	f.Sentence = fmt.Sprintf("%s has a DMARC record at _dmarc.%s: p=%s.", domain, place, policy[1])
	return f
}
