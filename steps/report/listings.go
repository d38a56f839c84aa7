package report

import (
	"cmp"

	"delist/steps/incident"
)

// listings is the worklist as it stands: what, why, since when, what was done, when to look again.
func (p *page) listings(inc *incident.Incident) {
	p.heading("Listings")
	switch {
	case inc.Asked.IsZero():
		p.para("The lists were not asked.")
		return
	case len(inc.Listings) == 0:
		p.para(md("%s Last asked at %s.", inc.NoListing(), when(inc.Asked)))
	default:
		p.table([]safe{"Address", "List", "What it says", "Matters", "Found", "State", "Next look", "Link"}, listingRows(inc))
	}
	if len(inc.NoAnswer) > 0 {
		p.para(md("No usable answer, so neither listed nor clear: %s.", join(", ", texts(inc.NoAnswer)...)))
	}
}

func listingRows(inc *incident.Incident) [][]safe {
	var rows [][]safe
	for _, l := range inc.Worklist() {
		says := join("; ", append(texts(l.Meaning), text(l.Reason))...)
		next := safe("-")
		if waiting(l) {
			next = when(l.Until)
		}
		rows = append(rows, []safe{text(l.IP.String()), text(l.List), says, text(l.Impact), when(l.First), listingState(l), next, link(listingLink(l))})
	}
	return rows
}

func listingState(l incident.Listing) safe {
	switch l.State {
	case incident.ListingAsked:
		s := md("asked %s by %s", when(l.At), l.By)
		if l.Ticket != "" {
			s += md(", ticket %s", l.Ticket)
		}
		return join(": ", s, text(l.Why))
	case incident.ListingCleared:
		return join(": ", md("cleared, seen %s", when(l.Gone)), text(l.Why))
	case incident.ListingToDo:
		if !l.Back.IsZero() {
			return md("listed again since %s, to do", when(l.Back))
		}
	}
	return join(": ", text(l.State.String()), text(l.Why))
}

// waiting says that somebody has to look again.
func waiting(l incident.Listing) bool {
	return l.Gone.IsZero() && (l.State == incident.ListingAsked || l.State == incident.ListingWaits)
}

// listingLink is where removal is asked for, else where the listing can be looked up.
func listingLink(l incident.Listing) string {
	removal := ""
	if l.Removal != nil {
		removal = l.Removal.Link(l.IP)
	}
	return cmp.Or(removal, l.Lookup)
}
