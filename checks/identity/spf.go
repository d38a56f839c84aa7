package identity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/miekg/dns"

	"delist/checks/resolver"
	"delist/spool/message"
)

// domainLimit bounds the questions about one domain.
const domainLimit = 20 * time.Second

// checkSPF evaluates the SPF record of a sender domain (RFC 7208) with ip as the client; without one it says whether the record can
// be read. The number of lookups is bounded by the library, as section 4.6.4 wants.
func checkSPF(ctx context.Context, asker Asker, domain, helo string, ip netip.Addr) Finding {
	ctx, cancel := context.WithTimeout(ctx, domainLimit)
	defer cancel()
	client := ip
	if !ip.IsValid() {
		client = netip.IPv4Unspecified()
	}
	lookups := &spfLookups{asker: asker, v6: client.Is6(), domain: domain}
	result, why := spf.CheckHostWithSender(client.AsSlice(), either(helo, domain), "postmaster@"+domain, spf.WithContext(ctx), spf.WithResolver(lookups))
	switch {
	case result == spf.TempError:
		if lookups.failed != nil {
			why = lookups.failed
		}
		return unanswered(OfSPF, ip, domain, "SPF of "+domain+" unknown", fmt.Sprintf("SPF of %s: temperror. Whether it passes", domain), why)
	case result == spf.Pass && (errors.Is(why, spf.ErrMatchedAll) || spfAllowsAll(lookups.record)):
		return Finding{Kind: Note, About: OfSPF, IP: ip, Name: domain, Short: fmt.Sprintf("SPF of %s allows everybody", domain),
			Sentence: fmt.Sprintf("SPF of %s: pass, and so for every address in the world: its record holds +all, which receivers count against it.", domain),
			Remedy:   fmt.Sprintf("End the SPF record of %s with ~all or -all, once it names every server that sends for it.", domain)}
	case !ip.IsValid() && result != spf.None && result != spf.PermError:
		return Finding{Kind: Good, About: OfSPF, Name: domain, Short: fmt.Sprintf("SPF of %s is there", domain),
			Sentence: fmt.Sprintf("%s has an SPF record (which servers may send for the domain), and it can be read.", domain),
			Remedy:   "Give this server's address with --ip to hear whether it is allowed."}
	}
	f := spfFinding(domain, ip, result, why)
	if meant := spfMeant(lookups.record, mechanism(ip)); meant != "" && (result == spf.Fail || result == spf.SoftFail || result == spf.Neutral) {
		f.Remedy = meant
	}
	return f
}

// spfFinding is what a result comes to.
func spfFinding(domain string, ip netip.Addr, result spf.Result, why error) Finding {
	f := Finding{Kind: Bad, About: OfSPF, IP: ip, Name: domain}
	add := fmt.Sprintf("Add %s to the SPF record of %s.", mechanism(ip), domain)
	switch result {
	case spf.Pass:
		f.Kind, f.Short = Good, fmt.Sprintf("SPF of %s passes", domain)
		f.Sentence = fmt.Sprintf("SPF of %s: pass. Its record (which servers may send for the domain) allows %s.", domain, ip)
	case spf.Fail:
		f.Short = fmt.Sprintf("SPF of %s fails", domain)
		f.Sentence = fmt.Sprintf("SPF of %s: fail. Its record forbids %s to send for the domain, so receivers refuse the mail.", domain, ip)
		f.Remedy = add
	case spf.SoftFail:
		f.Short = fmt.Sprintf("SPF of %s fails softly", domain)
		f.Sentence = fmt.Sprintf("SPF of %s: softfail. Its record does not name %s, so receivers take the mail for suspicious.", domain, ip)
		f.Remedy = add
	case spf.Neutral:
		f.Kind, f.Short = Note, fmt.Sprintf("SPF of %s is neutral", domain)
		f.Sentence = fmt.Sprintf("SPF of %s: neutral. Its record says nothing of %s.", domain, ip)
		f.Remedy = add
	case spf.None:
		f.Short = domain + " has no SPF record"
		f.Sentence = fmt.Sprintf("SPF of %s: none. The domain has no such record, so nobody can tell this server from a forger.", domain)
		f.Remedy = fmt.Sprintf("Publish a TXT record at %s: \"v=spf1 mx %s ~all\", with every other server that sends for it.", domain, mechanism(ip))
	default:
		f.Short = fmt.Sprintf("SPF of %s is broken", domain)
		f.Sentence = fmt.Sprintf("SPF of %s: permerror: %s. The record cannot be read, so receivers treat it as none or as failed.", domain, spfWhy(why))
		f.Remedy = "Mend the SPF record of " + domain + ": one record only, at most 10 lookups, every word well formed."
	}
	return f
}

// mechanism names an address in an SPF record (RFC 7208 section 5.6), or stands for one that is not known.
func mechanism(ip netip.Addr) string {
	if !ip.IsValid() {
		return "ip4:ADDRESS"
	}
	if ip.Is6() {
		return "ip6:" + ip.String()
	}
	return "ip4:" + ip.String()
}

// spfReasons are the library's reasons in words.
var spfReasons = map[error]string{
	spf.ErrMultipleRecords:        "a domain has more than one SPF record",
	spf.ErrLookupLimitReached:     "it needs more than 10 lookups",
	spf.ErrVoidLookupLimitReached: "more than two of its lookups find nothing",
	spf.ErrTooManyMXRecords:       "a domain in it has more than 10 mail exchangers",
	spf.ErrNoResult:               "a domain that it includes or redirects to has no SPF record",
}

// spfWhy is the reason why a record is broken; part of it may be the record's own words.
func spfWhy(err error) string {
	switch {
	case err == nil:
		return "no reason given"
	case spfReasons[err] != "":
		return spfReasons[err]
	}
	return message.Printable(err.Error())
}

// spfLookups lets the library ask through our resolver.
type spfLookups struct {
	asker  Asker
	v6     bool   // the client's address is IPv6, so AAAA records count
	domain string // that is checked
	record string // its own, once it was asked for
	failed error  // the newest question that got no answer
}

var _ spf.DNSResolver = (*spfLookups)(nil)

var errTooLong = errors.New("its TXT records are more or longer than delist reads")

// ask puts a question. The library wants a *net.DNSError that says whether the name does not exist or nobody can tell.
func (l *spfLookups) ask(ctx context.Context, name string, qtype uint16) (resolver.Answer, error) {
	if _, ok := dns.IsDomainName(name); !ok { // what a macro made of it matches nothing (RFC 7208 section 4.3)
		return resolver.Answer{}, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	answer, err := ask(ctx, l.asker, name, qtype)
	switch {
	case err != nil:
		return answer, l.temporary(name, err)
	case !answer.Exists():
		return answer, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return answer, nil
}

func (l *spfLookups) temporary(name string, err error) error {
	l.failed = err
	return &net.DNSError{Err: resolver.Reason(err), Name: name, IsTemporary: true}
}

// LookupTXT implements spf.DNSResolver. The library evaluates word by word, and so would not see what is wrong behind a match: a
// record, also one that is included, is read to its end first.
func (l *spfLookups) LookupTXT(ctx context.Context, name string) ([]string, error) {
	answer, err := l.ask(ctx, name, dns.TypeTXT)
	if err != nil {
		return nil, err
	}
	if answer.Cut {
		return nil, l.temporary(name, errTooLong)
	}
	if records := spfRecords(answer.RawTXT); len(records) == 1 {
		if word, why := spfSyntax(records[0]); why != "" {
			return nil, &spfFault{name, word, why}
		}
		if strings.EqualFold(strings.TrimSuffix(name, "."), strings.TrimSuffix(l.domain, ".")) {
			l.record = records[0]
		}
	}
	return answer.RawTXT, nil
}

// LookupMX implements spf.DNSResolver.
func (l *spfLookups) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	answer, err := l.ask(ctx, name, dns.TypeMX)
	var records []*net.MX
	for _, mx := range answer.MX {
		records = append(records, &net.MX{Host: mx.Host, Pref: mx.Preference})
	}
	return records, err
}

// LookupIPAddr implements spf.DNSResolver. Of the client's own family only (RFC 7208 section 5), and IPv4 always: "exists" asks for
// that whatever the client is (section 5.7).
func (l *spfLookups) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	answer, err := l.ask(ctx, host, dns.TypeA)
	addrs := answer.A
	if err == nil && l.v6 {
		answer, err = l.ask(ctx, host, dns.TypeAAAA)
		addrs = append(addrs, answer.A...)
	}
	var found []net.IPAddr
	for _, a := range addrs {
		found = append(found, net.IPAddr{IP: a.AsSlice()})
	}
	return found, err
}

// LookupAddr implements spf.DNSResolver.
func (l *spfLookups) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	reverse, err := dns.ReverseAddr(strings.TrimSpace(addr))
	if err != nil {
		return nil, l.temporary(addr, err)
	}
	answer, err := l.ask(ctx, reverse, dns.TypePTR)
	return answer.PTR, err
}
