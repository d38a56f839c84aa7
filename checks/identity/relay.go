package identity

import (
	"context"
	"fmt"

	"delist/spool/message"
)

// What it takes to call a host a relay: so many deliveries, to so many domains of recipients, and all but a stray one to that host.
// Fewer prove nothing: a small office may write to one customer all day.
const (
	relayDeliveries = 20
	relayDomains    = 5
)

// Relay says whether the newest deliveries all went to one host, that is, to a relay or gateway: then its address is the one that
// lists see. remotes counts the deliveries by the host that took them; domains is how many domains their recipients have. The bool
// is false when nothing can be said, because there were too few.
func Relay(remotes map[string]int, domains int) (Finding, bool) {
	total, most, host := 0, 0, ""
	for name, n := range remotes {
		total += n
		if n > most || n == most && name < host {
			most, host = n, name
		}
	}
	if total < relayDeliveries || domains < relayDomains {
		return Finding{}, false
	}
	host = message.Printable(host)
	if most*100 < total*95 {
		return Finding{Kind: Good, About: OfRelay, Short: "mail leaves directly",
			Sentence: fmt.Sprintf("The newest %d deliveries went to %d hosts: mail leaves from this server directly.", total, len(remotes))}, true
	}
	return Finding{Kind: Bad, About: OfRelay, Name: host, Short: "mail leaves through " + host,
		Sentence: fmt.Sprintf("%d of the newest %d deliveries, to %d domains, went to one host, %s: a relay or gateway. "+
			"The world sees its address, and spam may wait in its queue.", most, total, domains, host),
		Remedy: fmt.Sprintf("Look which address %s sends from, and give that one with --ip. Tell those who run it, and have its queue searched as well.", host)}, true
}

// checkRelay looks at the deliveries, where a log names the hosts that took them.
func (c *Checker) checkRelay(ctx context.Context) Finding {
	const remedy = "If SmarterMail hands all mail to a gateway, give the address of that gateway with --ip, and look into its queue."
	if c.Deliveries == nil {
		return Finding{Kind: NotAsked, About: OfRelay, Remedy: remedy,
			Sentence: "Whether mail leaves through a relay or gateway was not looked at: no log named the hosts that take it."}
	}
	remotes, domains, err := c.Deliveries(ctx)
	if err != nil {
		return Finding{Kind: Unknown, About: OfRelay, Short: "whether mail leaves through a relay is unknown", Remedy: remedy,
			Sentence: fmt.Sprintf("Whether mail leaves through a relay or gateway cannot be told: %s.", message.Printable(err.Error()))}
	}
	if f, ok := Relay(remotes, domains); ok {
		return f
	}
	return Finding{Kind: Unknown, About: OfRelay, Short: "whether mail leaves through a relay is unknown", Remedy: remedy,
		Sentence: fmt.Sprintf("Whether mail leaves through a relay or gateway cannot be told: the logs name too few deliveries (fewer than %d, or to fewer than %d domains).", relayDeliveries, relayDomains)}
}
