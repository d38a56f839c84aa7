package identity

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"delist/spool/message"
)

// helo is the name that the server says in HELO.
type helo struct {
	name string
	says string // how it is known, as the beginning of a sentence
}

// findHELO takes the name that was given, else the one that the server greets with.
func (c *Checker) findHELO(ctx context.Context, in Input) helo {
	if given := strings.TrimSuffix(in.HELO, "."); given != "" || in.Foreign || c.SMTP == "" {
		return helo{message.Printable(given), "In HELO this server says"}
	}
	name, err := Greeting(ctx, c.SMTP)
	if err != nil { // stopped, or not here: the name is not known, which is a finding
		return helo{}
	}
	return helo{message.Printable(strings.TrimSuffix(name, ".")), "In its greeting, and as a rule in HELO too, this server says"}
}

// checkHELO holds the name that the server says in HELO against the address and its PTR names. RFC 5321 section 4.1.1.1 wants the
// server's own full name there; Spamhaus' XBL lists servers that say something else.
func checkHELO(ctx context.Context, asker Asker, h helo, ip netip.Addr, p ptr) Finding {
	helo := h.name
	f := Finding{About: OfHELO, IP: ip, Name: helo}
	const setting = "Set it in SmarterMail to the name that the PTR record has (the hostname among the server's settings)."
	switch {
	case helo == "":
		return Finding{Kind: Unknown, About: OfHELO, IP: ip, Short: "HELO name unknown",
			Sentence: "The name that this server says in HELO (when it greets another server) is not known.",
			Remedy:   "Look it up in SmarterMail (the hostname among the server's settings), and give it with --helo."}
	case !isHostName(helo):
		f.Kind, f.Short = Bad, fmt.Sprintf("HELO %q is no full host name", helo)
		f.Sentence = fmt.Sprintf("%s %q: that is no full name of a host. Receivers take it for an infected computer.", h.says, helo)
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
		f.Sentence = fmt.Sprintf("%s %s, and that name does not have the address %s.", h.says, helo, ip)
		f.Remedy = fmt.Sprintf("%s Or give %s an address record with %s.", setting, helo, ip)
	case named:
		f.Kind, f.Short = Good, "HELO agrees"
		f.Sentence = fmt.Sprintf("%s %s: that name has the address %s, and is its PTR name.", h.says, helo, ip)
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
