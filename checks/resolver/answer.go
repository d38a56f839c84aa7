package resolver

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/spool/message"

	"github.com/miekg/dns"
)

// Bounds on what one answer may hold. Of texts and names what is beyond is dropped, of
// addresses it makes the answer a damaged one: nothing that is asked here has so many.
const (
	maxAddresses = 512
	maxTexts     = 100
	maxText      = 1000 // bytes of one TXT record
	maxAliases   = 16   // CNAMEs in a chain; resolvers themselves follow about as many
)

// Answer is what a server said to one question.
type Answer struct {
	Server Server
	RCode  int           // RFC 1035 section 4.1.1, RFC 6895 section 2.3
	A      []netip.Addr  // every address, each once, also behind a CNAME
	TXT    []string      // every text, its strings joined, made safe to print
	RawTXT []string      // the same as they came, for whoever has to judge each byte; never to be printed
	PTR    []string      // every name that a PTR record gives, without the final dot
	MX     []MX          // every mail exchanger, in the order of the answer
	Cut    bool          // there were more texts than are kept, or longer ones
	Denied bool          // it says clearly that there is no record of the type that was asked for: see denies
	Zone   string        // of the SOA record that came with a denial, "." for the root's; empty where none came
	Took   time.Duration // from the first question to the answer, retries included
	TCP    bool          // the answer came over TCP
}

// Exists reports that the name has records of some kind: not NXDOMAIN.
func (a Answer) Exists() bool { return a.RCode == dns.RcodeSuccess }

// RCodeText gives the response code's name, such as "NXDOMAIN".
func (a Answer) RCodeText() string {
	if text, ok := dns.RcodeToString[a.RCode]; ok {
		return text
	}
	return fmt.Sprintf("RCODE%d", a.RCode)
}

// unpack reads a reply and makes sure that it answers query: the response bit,
// the ID, and the question's name, type and class (RFC 5452 section 9.1).
func unpack(wire []byte, query *dns.Msg) (*dns.Msg, error) {
	reply := new(dns.Msg)
	err := reply.Unpack(wire)
	if err != nil && !reply.Truncated {
		return nil, ErrMalformed
	}
	if !reply.Response || reply.Id != query.Id {
		return nil, ErrMismatch
	}
	// Some servers leave the question out of a FORMERR (RFC 6891 section 7).
	if len(reply.Question) == 0 && (reply.Rcode == dns.RcodeFormatError || reply.Rcode == dns.RcodeNotImplemented) {
		return reply, nil
	}
	if len(reply.Question) != 1 {
		return nil, ErrMismatch
	}
	got, want := reply.Question[0], query.Question[0]
	if !strings.EqualFold(got.Name, want.Name) || got.Qtype != want.Qtype || got.Qclass != want.Qclass {
		return nil, ErrMismatch
	}
	return reply, nil
}

// answerFrom takes the records that answer the question out of a reply.
// Records of other names count only when a chain of CNAMEs leads to them; a
// reply of such records alone answers something else, and one that denies the
// name while giving it an address is damaged. Neither may pass for an empty one.
func answerFrom(reply *dns.Msg) (Answer, error) {
	a := Answer{RCode: reply.Rcode}
	if len(reply.Question) != 1 {
		return a, nil
	}
	if filtered(reply) {
		return a, ErrFiltered
	}
	names, err := chain(reply)
	if err != nil {
		return a, err
	}
	foreign, fitting, other := false, false, false
	for _, rr := range reply.Answer {
		if rr == nil {
			continue
		}
		h := rr.Header()
		wanted := h.Rrtype == reply.Question[0].Qtype
		if h.Class != dns.ClassINET || !names[strings.ToLower(h.Name)] {
			foreign = foreign || wanted
			continue
		}
		if !wanted { // an alias, or what nobody asked for
			other = other || h.Rrtype != dns.TypeCNAME
			continue
		}
		fitting = true
		switch rr := rr.(type) {
		case *dns.A:
			a.addAddress(rr.A)
		case *dns.AAAA:
			a.addAddress(rr.AAAA)
		case *dns.TXT:
			a.addText(rr.Txt)
		default:
			a.addName(rr)
		}
	}
	switch {
	case foreign && !fitting:
		return a, ErrMismatch
	case reply.Rcode == dns.RcodeNameError && len(a.A) > 0, len(a.A) > maxAddresses:
		return a, ErrMalformed
	case fitting:
		return a, nil
	case reply.Rcode == dns.RcodeSuccess && holds(reply.Ns, dns.TypeNS) && !holds(reply.Ns, dns.TypeSOA):
		return a, ErrReferral
	}
	a.Denied = len(names) == 1 && !other && denies(reply)
	if i := slices.IndexFunc(reply.Ns, isSOA); i >= 0 {
		a.Zone = dns.CanonicalName(reply.Ns[i].Header().Name)
	}
	return a, nil
}

// denies reports that a reply without a fitting record says that there is none: the name does not exist, or it has no record of
// the type, with the SOA record that goes with this (RFC 2308 section 2.2). Without it an empty reply may be half of one; so may an
// alias that leads to nothing.
func denies(reply *dns.Msg) bool {
	ours, foreign := false, false
	for _, rr := range reply.Ns {
		if isSOA(rr) { // of the zone that the name is in, or would be in
			fits := dns.IsSubDomain(rr.Header().Name, reply.Question[0].Name)
			ours, foreign = ours || fits, foreign || !fits
		}
	}
	return !foreign && (reply.Rcode == dns.RcodeNameError || reply.Rcode == dns.RcodeSuccess && ours)
}

func isSOA(rr dns.RR) bool { return rr != nil && rr.Header().Rrtype == dns.TypeSOA }

// filtered reports that the resolver itself says that it held the answer back (RFC 8914 section 4: Blocked, Censored, Filtered,
// Prohibited).
func filtered(reply *dns.Msg) bool {
	opt := reply.IsEdns0()
	return opt != nil && slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool {
		e, says := o.(*dns.EDNS0_EDE)
		return says && e.InfoCode >= dns.ExtendedErrorCodeBlocked && e.InfoCode <= dns.ExtendedErrorCodeProhibited
	})
}

func holds(records []dns.RR, rrtype uint16) bool {
	return slices.ContainsFunc(records, func(rr dns.RR) bool { return rr != nil && rr.Header().Rrtype == rrtype })
}

func (a *Answer) addText(parts []string) {
	if len(a.TXT) == maxTexts {
		a.Cut = true
		return
	}
	raw := joined(parts)
	if len(raw) > maxText {
		a.RawTXT, a.TXT, a.Cut = append(a.RawTXT, raw[:maxText]), append(a.TXT, message.Printable(raw[:maxText])+".."), true
		return
	}
	a.RawTXT, a.TXT = append(a.RawTXT, raw), append(a.TXT, message.Printable(raw))
}

func (a *Answer) addAddress(ip []byte) {
	if addr, ok := netip.AddrFromSlice(ip); ok && len(a.A) <= maxAddresses && !slices.Contains(a.A, addr.Unmap()) {
		a.A = append(a.A, addr.Unmap())
	}
}

// chain gives the names that answer the question: its own, and those its
// CNAMEs lead to, in whatever order the records come. A chain without an end is
// no answer.
func chain(reply *dns.Msg) (map[string]bool, error) {
	aliases := make(map[string]string)
	for _, rr := range reply.Answer {
		if c, ok := rr.(*dns.CNAME); ok {
			aliases[strings.ToLower(c.Hdr.Name)] = strings.ToLower(c.Target)
		}
	}
	names := make(map[string]bool)
	for name := strings.ToLower(reply.Question[0].Name); name != ""; name = aliases[name] {
		if names[name] || len(names) > maxAliases {
			return nil, ErrMalformed
		}
		names[name] = true
	}
	return names, nil
}

// joined gives the strings of one TXT record as one text, without a space between them (RFC 7208 section 3.3).
func joined(parts []string) string {
	var raw []byte
	for _, part := range parts {
		raw = append(raw, unescape(part)...)
		if len(raw) > maxText {
			break
		}
	}
	return string(raw)
}

// unescape undoes the presentation form in which the DNS library keeps texts:
// \" and \\, and \DDD for a byte (RFC 1035 section 5.1).
func unescape(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			out = append(out, s[i])
		case i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]):
			out = append(out, (s[i+1]-'0')*100+(s[i+2]-'0')*10+(s[i+3]-'0'))
			i += 3
		default:
			i++
			out = append(out, s[i])
		}
	}
	return out
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
