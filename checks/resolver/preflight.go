package resolver

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// Kind is what a preflight found.
type Kind uint8

// The findings, from facts anyone can check with dig.
const (
	Unknown       Kind = iota // no preflight was made, or it was cancelled
	Good                      // answers about blocklists can be believed
	Rewriting                 // names that do not exist get an address
	PublicRefused             // blocklists refuse to answer this resolver
	Filtered                  // answers in 127.0.0.0/8 do not come through
	Unreachable               // no server answers
)

// String gives the finding in one or two words.
func (k Kind) String() string {
	return [...]string{"unknown", "good", "rewriting", "refused by blocklists", "filtered", "unreachable"}[k]
}

// Finding is the result of a preflight.
type Finding struct {
	Kind     Kind
	Sentence string     // what was found
	Remedy   string     // what to do about it, empty when there is nothing to do
	Server   Server     // who gave the telling answer
	Instead  netip.Addr // what a filter gives for the names that it blocks, where a test entry got that
	Seen     netip.Addr // the address blocklists see the questions come from, when one said so
	Err      error      // why nothing could be reached, else nil
}

// The names a preflight asks for. RFC 6761 section 6.4 lets a resolver answer
// .invalid by itself and so hide a rewriting one behind it: hence also a name
// that cannot exist under a real domain.
const (
	realDomain = "example.com"
	whoAmI     = "2.0.0.127.multi.uribl.com" // its refusal names the resolver it sees
	own        = "Use a resolver of your own: on the mail server a local Unbound without a forward-zone, or Windows DNS Server without forwarders. Then give it with --resolver."
)

// witness is the test entry (RFC 5782 section 5) of one operator's list. It
// speaks for that list; only what befalls all of them is the resolver's doing.
type witness struct{ list, name string }

// witnesses are lists that answer everybody and have 127.0.0.2 with the code 127.0.0.2. The first one refuses public resolvers.
var witnesses = [...]witness{
	{"Spamhaus", "2.0.0.127.zen.spamhaus.org"},
	{"SpamCop", "2.0.0.127.bl.spamcop.net"},
	{"PSBL", "2.0.0.127.psbl.surriel.com"},
	{"UCEPROTECT", "2.0.0.127.dnsbl-1.uceprotect.net"},
	{"Hostkarma", "2.0.0.127.hostkarma.junkemailfilter.com"},
}

var (
	loopback  = netip.MustParsePrefix("127.0.0.0/8")
	refusals  = netip.MustParsePrefix("127.255.255.0/24") // Spamhaus' error codes, copied by others
	testEntry = netip.AddrFrom4([4]byte{127, 0, 0, 2})
)

// said is what came of one of a preflight's questions.
type said struct {
	answer Answer
	err    error
}

// Preflight asks what every blocklist check depends on: that names which do
// not exist stay so, and that blocklists' test entries come through.
func Preflight(ctx context.Context, c *Client) Finding {
	label := "delist-" + strings.ToLower(rand.Text()[:12])
	made := [...]string{label + ".invalid", label + "." + realDomain}
	var invented [len(made)]said
	var entries [len(witnesses)]said
	var asking sync.WaitGroup
	ask := func(name string, into *said) {
		asking.Go(func() { into.answer, into.err = c.Ask(ctx, name, dns.TypeA) })
	}
	for i, name := range made {
		ask(name, &invented[i])
	}
	for i, w := range witnesses {
		ask(w.name, &entries[i])
	}
	asking.Wait()
	if ctx.Err() != nil {
		return Finding{Sentence: "The check of the resolver was stopped.", Err: ctx.Err()}
	}
	reached := false
	for _, s := range invented {
		// A failure here proves nothing: a closed network may know no outside
		// name and still reach the lists. The test entries decide.
		if s.err == nil && len(s.answer.A) > 0 {
			return rewriting(s.answer, "a name that does not exist")
		}
		reached = reached || s.err == nil
	}
	finding := judge(entries[:], reached)
	if finding.Kind == PublicRefused {
		finding.Seen = seenAs(ctx, c)
		if finding.Seen.IsValid() {
			finding.Sentence += fmt.Sprintf(" The lists see the questions come from %s.", finding.Seen)
		}
	}
	return finding
}

// judge reads the answers for the test entries, in the order of the witnesses;
// reached says that the resolver answered other questions.
func judge(entries []said, reached bool) Finding {
	first := entries[0]
	var through, outside *said // a test entry that came through, and one with an address that no list gives
	var instead netip.Addr
	var missing []string
	for i := range entries {
		s := &entries[i]
		reached = reached || s.err == nil
		switch {
		case s.err == nil && slices.Contains(s.answer.A, testEntry):
			through = s
			continue
		case s.err == nil && slices.ContainsFunc(s.answer.A, func(ip netip.Addr) bool { return !loopback.Contains(ip) }):
			outside = s
		case s.err == nil && len(s.answer.A) > 0 && !slices.ContainsFunc(s.answer.A, refusals.Contains):
			instead = s.answer.A[0] // no witness has another code
		}
		missing = append(missing, witnesses[i].list)
	}
	f := Finding{Server: first.answer.Server}
	at := f.Server.Addr.Addr()
	switch {
	case !reached:
		f.Kind, f.Err = Unreachable, first.err
		f.Sentence = fmt.Sprintf("No resolver gives an answer: %s.", Reason(first.err))
		f.Remedy = "Look at the network and the firewall (port 53, UDP and TCP), or give another resolver with --resolver."
	case first.err == nil && slices.ContainsFunc(first.answer.A, refusals.Contains):
		f.Kind = PublicRefused
		f.Sentence = fmt.Sprintf("Spamhaus refuses this resolver (%s): %s.", at, refusal(first.answer.A))
		f.Remedy = own
	case through == nil && outside != nil:
		return rewriting(outside.answer, "the test entry of a blocklist")
	case through == nil:
		f.Kind, f.Err, f.Instead = Filtered, first.err, instead
		f.Sentence = fmt.Sprintf("No list's test entry comes through this resolver (%s; asked: %s): it, or a router, drops answers in 127.0.0.0/8 or blocks the lists.", at, strings.Join(missing, ", "))
		f.Remedy = "Switch off the DNS rebind protection for blocklists (dnsmasq: rebind-localhost-ok; Unbound: no private-address 127.0.0.0/8), or give another resolver with --resolver."
	default:
		f.Kind, f.Server = Good, through.answer.Server
		f.Sentence = fmt.Sprintf("The resolver %s is good: its answers about blocklists can be believed.", f.Server.Addr.Addr())
		if len(missing) > 0 {
			f.Sentence += fmt.Sprintf(" The test entry does not come through of: %s. That is about these lists alone.", strings.Join(missing, ", "))
		}
	}
	return f
}

// rewriting is the finding of an address that cannot be right, and what it was given for.
func rewriting(a Answer, what string) Finding {
	return Finding{
		Kind:     Rewriting,
		Server:   a.Server,
		Sentence: fmt.Sprintf("The resolver %s makes up answers: %s got %s.", a.Server.Addr.Addr(), what, a.A[0]),
		Remedy:   own,
	}
}

// refusal says what a Spamhaus error code means (Spamhaus, "DNSBL return codes").
func refusal(addrs []netip.Addr) string {
	switch addrs[slices.IndexFunc(addrs, refusals.Contains)].As4()[3] {
	case 252:
		return "it calls the question malformed"
	case 254:
		return "it is a public or open resolver"
	case 255:
		return "it has asked too much"
	default:
		return "it gave an error code"
	}
}

var dnsIP = regexp.MustCompile(`(?i)your dns ip: *([0-9a-f.:]+)`)

// seenAs asks URIBL, whose refusal names the resolver that it sees.
func seenAs(ctx context.Context, c *Client) netip.Addr {
	a, err := c.Ask(ctx, whoAmI, dns.TypeTXT)
	if err != nil {
		return netip.Addr{}
	}
	for _, text := range a.TXT {
		if m := dnsIP.FindStringSubmatch(text); m != nil {
			if addr, err := netip.ParseAddr(strings.Trim(m[1], ".")); err == nil {
				return addr
			}
		}
	}
	return netip.Addr{}
}
