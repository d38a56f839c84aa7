package identity

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"delist/spool/message"
)

// DomainLists asks the blocklists of domains, such as Spamhaus DBL, about some names. A name that is not among the answers
// was not asked about.
type DomainLists interface {
	AskDomains(ctx context.Context, names []string) (map[string]DomainAnswer, error)
}

// DomainAnswer is what the lists of domains say of one name.
type DomainAnswer struct {
	Listed   []string // names of the lists that have it
	NoAnswer []string // of those that gave no usable answer
	Asked    int      // how many were asked
}

// judgeLists says what the lists of domains say of a name.
func judgeLists(name, role string, answer DomainAnswer, err error) Finding {
	f := Finding{About: OfLists, Name: name}
	switch {
	case len(answer.Listed) > 0:
		on := message.Printable(strings.Join(answer.Listed, ", "))
		f.Kind, f.Short = Bad, fmt.Sprintf("%s is on %s", name, on)
		f.Sentence = fmt.Sprintf("The %s %s is on %s: mail that names it is refused from any address.", role, name, on)
		f.Remedy = "Look the name up at that list. An address that goes with a listed name is listed again."
	case err != nil:
		return unanswered(OfLists, netip.Addr{}, name, "whether "+name+" is listed is unknown", fmt.Sprintf("Whether the %s %s is on a list of domains", role, name), err)
	case answer.Asked == len(answer.NoAnswer):
		f.Kind, f.Short = Unknown, "whether "+name+" is listed is unknown"
		f.Sentence = fmt.Sprintf("Whether the %s %s is on a list of domains cannot be told: no such list gave a usable answer.", role, name)
		f.Remedy = "See whether the resolver answers at all. If it does, use one of your own, with --resolver: these lists refuse public ones."
	default:
		f.Kind = Good
		f.Sentence = fmt.Sprintf("The %s %s is on none of the %d lists of domains that answered.", role, name, answer.Asked-len(answer.NoAnswer))
		if n := len(answer.NoAnswer); n > 0 {
			f.Sentence += fmt.Sprintf(" No answer from %s.", message.Printable(strings.Join(answer.NoAnswer, ", ")))
		}
	}
	return f
}

// listsNotAsked stands in the report where nobody asks those lists.
func listsNotAsked() Finding {
	return Finding{Kind: NotAsked, About: OfLists,
		Sentence: "The lists of domains (Spamhaus DBL, SURBL, URIBL) were not asked about the PTR, HELO and sender names.",
		Remedy:   "Look the names up at check.spamhaus.org and surbl.org."}
}
