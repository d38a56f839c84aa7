package identity

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// checkHELO holds the name that the server says in HELO against the address and its PTR names. RFC 5321 section 4.1.1.1 wants the
// server's own full name there; Spamhaus' XBL lists servers that say something else.
func checkHELO(ctx context.Context, asker Asker, helo string, ip netip.Addr, p ptr) Finding {
	f := Finding{About: OfHELO, IP: ip, Name: helo}
	const setting = "Set it in SmarterMail to the name that the PTR record has (the hostname among the server's settings)."
	switch {
	case helo == "":
		return Finding{Kind: Unknown, About: OfHELO, IP: ip, Short: "HELO name unknown",
			Sentence: "The name that this server says in HELO (when it greets another server) is not known.",
			Remedy:   "Look it up in SmarterMail (the hostname among the server's settings), and give it with --helo."}
	case !isHostName(helo):
		f.Kind, f.Short = Bad, fmt.Sprintf("HELO %q is no full host name", helo)
		f.Sentence = fmt.Sprintf("In HELO this server says %q: that is no full name of a host. Receivers take it for an infected computer.", helo)
		f.Remedy = setting
		return f
	}
	yes, err := pointsTo(ctx, asker, helo, ip)
	named := slices.ContainsFunc(p.names, func(name string) bool { return sameName(name, helo) })
	switch {
	case err != nil && !yes:
		return unanswered(OfHELO, ip, helo, "whether HELO fits is unknown", fmt.Sprintf("Whether the HELO name %s has the address %s", helo, ip), err)
	case !yes:
		f.Kind, f.Short = Bad, fmt.Sprintf("HELO %s does not point to %s", helo, ip)
		f.Sentence = fmt.Sprintf("In HELO this server says %s, and that name does not have the address %s.", helo, ip)
		f.Remedy = fmt.Sprintf("%s Or give %s an address record with %s.", setting, helo, ip)
	case named:
		f.Kind, f.Short = Good, "HELO agrees"
		f.Sentence = fmt.Sprintf("In HELO this server says %s: that name has the address %s, and is its PTR name.", helo, ip)
	case p.unknown:
		f.Kind, f.Short = Unknown, "whether HELO is the PTR name is unknown"
		f.Sentence = fmt.Sprintf("The HELO name %s has the address %s; whether it is the PTR name too could not be asked.", helo, ip)
	default:
		f.Kind, f.Short = Note, "HELO and PTR differ"
		f.Sentence = fmt.Sprintf("The HELO name %s has the address %s, and is not its PTR name (%s). Most receivers take that, some do not.", helo, ip, either(shorten(p.names), "none"))
		f.Remedy = "Ask the provider to set the PTR record to " + strings.ToLower(helo) + "."
	}
	return f
}

func either(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
