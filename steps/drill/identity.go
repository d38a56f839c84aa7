package drill

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"delist/checks/identity"
	"delist/steps/drill/smartermail"
)

// bareDomain is the one hosted domain without a DMARC record: the only thing amiss with the practice server's identity.
const bareDomain = "quayside.example"

// identityRecords are what DNS says of the practice server and of the domains that it hosts: a PTR record that points back, SPF
// records that name it, DMARC records for all but one.
func identityRecords(ip netip.Addr) (map[string][]dns.RR, error) {
	reverse, err := dns.ReverseAddr(ip.String())
	if err != nil {
		return nil, fmt.Errorf("practice DNS server: %w", err)
	}
	server := dns.Fqdn(ServerName)
	lines := []string{fmt.Sprintf("%s A %s", server, ip), fmt.Sprintf("%s PTR %s", reverse, server)}
	for _, domain := range smartermail.Domains() {
		lines = append(lines, fmt.Sprintf("%s MX 10 %s", dns.Fqdn(domain), server),
			fmt.Sprintf("%s TXT \"v=spf1 mx -all\"", dns.Fqdn(domain)))
		if domain != bareDomain {
			lines = append(lines, fmt.Sprintf("_dmarc.%s TXT \"v=DMARC1; p=quarantine\"", dns.Fqdn(domain)))
		}
	}
	records := map[string][]dns.RR{}
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			return nil, fmt.Errorf("practice DNS server: %w", err)
		}
		rr.Header().Ttl = ttl
		name := strings.TrimSuffix(rr.Header().Name, ".")
		records[name] = append(records[name], rr)
	}
	return records, nil
}

// ofType are the records that answer a question.
func ofType(records []dns.RR, qtype uint16) []dns.RR {
	return slices.DeleteFunc(slices.Clone(records), func(rr dns.RR) bool { return rr.Header().Rrtype != qtype })
}

// AddressSource says where the practice server's address is bound; this machine's own addresses have no part in a drill.
func (p *Practice) AddressSource() identity.Source {
	return func(context.Context) ([]identity.Candidate, error) {
		return []identity.Candidate{{IP: p.IP, Origin: identity.FromInterface, Ground: "bound to interface eth0 of the practice server"}}, nil
	}
}
