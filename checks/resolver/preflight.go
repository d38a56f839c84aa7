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
	Seen     netip.Addr // the address blocklists see the questions come from, when one said so
	Err      error      // why nothing could be reached, else nil
}

// The names a preflight asks for. RFC 6761 section 6.4 lets a resolver answer
// .invalid by itself and so hide a rewriting one behind it: hence also a name
// that cannot exist under a real domain.
const (
	realDomain = "example.com"
	testEntry  = "2.0.0.127.zen.spamhaus.org" // RFC 5782 section 5
	whoAmI     = "2.0.0.127.multi.uribl.com"  // its refusal names the resolver it sees
	own        = "Use a resolver of your own: on the mail server a local Unbound without a forward-zone, or Windows DNS Server without forwarders. Then give it with --resolver."
)

var (
	loopback = netip.MustParsePrefix("127.0.0.0/8")
	refusals = netip.MustParsePrefix("127.255.255.0/24") // Spamhaus' error codes, copied by others
)

// Preflight asks what every blocklist check depends on: that names which do
// not exist stay so, and that a blocklist's test entry comes through.
func Preflight(ctx context.Context, c *Client) Finding {
	label := "delist-" + strings.ToLower(rand.Text()[:12])
	names := [...]string{label + ".invalid", label + "." + realDomain, testEntry}
	var answers [len(names)]Answer
	var errs [len(names)]error
	var asking sync.WaitGroup
	for i, name := range names {
		asking.Go(func() { answers[i], errs[i] = c.Ask(ctx, name, dns.TypeA) })
	}
	asking.Wait()
	if ctx.Err() != nil {
		return Finding{Sentence: "The check of the resolver was stopped.", Err: ctx.Err()}
	}
	reached := false
	for i := range names[:2] {
		// A failure here proves nothing: a closed network may know no outside
		// name and still reach the lists. The test entry decides.
		if errs[i] == nil && len(answers[i].A) > 0 {
			return rewriting(answers[i])
		}
		reached = reached || errs[i] == nil
	}
	finding := judge(answers[2], errs[2], reached)
	if finding.Kind == PublicRefused {
		finding.Seen = seenAs(ctx, c)
		if finding.Seen.IsValid() {
			finding.Sentence += fmt.Sprintf(" The lists see the questions come from %s.", finding.Seen)
		}
	}
	return finding
}

// judge reads the answer for the test entry; reached says that the resolver
// answered other questions.
func judge(a Answer, err error, reached bool) Finding {
	f := Finding{Server: a.Server}
	switch {
	case err != nil && !reached:
		f.Kind, f.Err = Unreachable, err
		f.Sentence = fmt.Sprintf("No resolver gives an answer (%v).", err)
		f.Remedy = "Look at the network and the firewall (port 53, UDP and TCP), or give another resolver with --resolver."
	case err != nil:
		f.Kind, f.Err = Filtered, err
		f.Sentence = fmt.Sprintf("The test entry of Spamhaus cannot be asked (%v).", err)
		f.Remedy = own
	case slices.ContainsFunc(a.A, refusals.Contains):
		f.Kind = PublicRefused
		f.Sentence = fmt.Sprintf("Spamhaus refuses this resolver (%s): %s.", a.Server.Addr.Addr(), refusal(a.A))
		f.Remedy = own
	case slices.ContainsFunc(a.A, func(ip netip.Addr) bool { return !loopback.Contains(ip) }):
		return rewriting(a)
	case len(a.A) == 0:
		f.Kind = Filtered
		f.Sentence = fmt.Sprintf("The test entry of Spamhaus does not come through this resolver (%s): it, or a router, drops answers in 127.0.0.0/8 or blocks the list.", a.Server.Addr.Addr())
		f.Remedy = "Switch off the DNS rebind protection for blocklists (dnsmasq: rebind-localhost-ok; Unbound: no private-address 127.0.0.0/8), or give another resolver with --resolver."
	default:
		f.Kind = Good
		f.Sentence = fmt.Sprintf("The resolver %s is good: its answers about blocklists can be believed.", a.Server.Addr.Addr())
	}
	return f
}

func rewriting(a Answer) Finding {
	return Finding{
		Kind:     Rewriting,
		Server:   a.Server,
		Sentence: fmt.Sprintf("The resolver %s makes up answers: a name that does not exist got %s.", a.Server.Addr.Addr(), a.A[0]),
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
