package identity

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"delist/checks/resolver"
)

// Asker puts one question to DNS; *resolver.Client is one. A name that does not exist is an answer, not an error.
type Asker interface {
	Ask(ctx context.Context, name string, qtype uint16) (resolver.Answer, error)
}

// errHalf is an answer without a record, and without the SOA record that says that there is none (RFC 2308 section 2.2).
var errHalf = errors.New("the answer is empty, and does not say that there is no such record")

// ask puts one question. Half an answer is none: that a record is missing, somebody has to say.
func ask(ctx context.Context, asker Asker, name string, qtype uint16) (resolver.Answer, error) {
	a, err := asker.Ask(ctx, name, qtype)
	if err == nil && !a.Denied && len(a.A)+len(a.TXT)+len(a.PTR)+len(a.MX) == 0 {
		err = errHalf
	}
	return a, err
}

// addressesOf gives the addresses of a name, IPv4 and IPv6. With an error the addresses of the other family may still be there.
func addressesOf(ctx context.Context, asker Asker, name string) ([]netip.Addr, error) {
	v4, err4 := ask(ctx, asker, name, dns.TypeA)
	v6, err6 := ask(ctx, asker, name, dns.TypeAAAA)
	ips := append(v4.A, v6.A...)
	if len(ips) > 0 { // old servers and small ones give half an answer for the family that a name does not have
		err4, err6 = unlessHalf(err4), unlessHalf(err6)
	}
	return ips, errors.Join(err4, err6)
}

func unlessHalf(err error) error {
	if errors.Is(err, errHalf) {
		return nil
	}
	return err
}

// pointsTo says whether a name has the address. An error says that nobody can tell.
func pointsTo(ctx context.Context, asker Asker, name string, ip netip.Addr) (bool, error) {
	qtype := dns.TypeA
	if ip.Is6() {
		qtype = dns.TypeAAAA
	}
	answer, err := ask(ctx, asker, name, qtype)
	for _, a := range answer.A {
		if a == ip {
			return true, nil
		}
	}
	return false, err
}

// isHostName says that a name is one that a mail server can have: at least two labels of letters, digits and hyphens (RFC 1123
// section 2.1, RFC 5321 section 2.3.5), the last one no number.
func isHostName(name string) bool {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	if len(labels) < 2 || len(name) > 253 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(strings.ToLower(label), hostLetters) != "" {
			return false
		}
	}
	return strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

const hostLetters = "abcdefghijklmnopqrstuvwxyz0123456789-"

// sameName compares host names.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// unanswered makes the finding that nobody can tell.
func unanswered(about Subject, ip netip.Addr, name, short, question string, err error) Finding {
	return Finding{Kind: Unknown, About: about, IP: ip, Name: name, Short: short,
		Sentence: question + " cannot be told: " + resolver.Reason(err) + ". That is not the same as missing.",
		Remedy:   "Ask again in some minutes; if it stays so, look at the DNS server of that name, or give another resolver with --resolver."}
}
