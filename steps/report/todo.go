package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/steps/incident"
)

// toDo is the last section, and the one that somebody has to act on.
func (p *page) toDo(inc *incident.Incident) {
	p.heading("Still to do by hand")
	var items []safe
	if inc.Mode.DryRun {
		items = append(items, "[ ] **all of it: this was a dry run**")
	}
	for _, undone := range inc.Undone() {
		items = append(items, md("[ ] **%s**", undone))
	}
	for _, l := range inc.Worklist() {
		switch {
		case waiting(l) && l.ByHand:
			items = append(items, md("[ ] look whether %s takes mail from %s again, %s: %s", l.List, l.IP, day(l.Until), link(listingLink(l))))
		case waiting(l):
			items = append(items, md("[ ] look whether %s has cleared %s, %s: %s", l.List, l.IP, day(l.Until), link(cmp.Or(l.Lookup, listingLink(l)))))
		case l.State == incident.ListingToDo && l.Gone.IsZero() && len(inc.After(&l)) > 0:
			items = append(items, md("[ ] ask %s about %s, once cleared: %s: %s", l.List, l.IP, join(", ", texts(inc.After(&l))...), link(listingLink(l))))
		case l.State == incident.ListingToDo && l.Gone.IsZero() && !l.Nothing():
			items = append(items, md("[ ] ask %s to remove %s, once the server is quiet: %s", l.List, l.IP, link(listingLink(l))))
		}
	}
	for _, todo := range inc.FollowUps {
		if !aboutListing(inc, todo) {
			items = append(items, md("[ ] %s", todo))
		}
	}
	if len(items) == 0 {
		p.para("Nothing.")
		return
	}
	p.list(items)
}

// aboutListing says whether a follow-up is about a listing: those stand above, as they are now and with their links.
func aboutListing(inc *incident.Incident, todo string) bool {
	return slices.ContainsFunc(inc.Listings, func(l incident.Listing) bool {
		return slices.ContainsFunc([]string{"look whether %s has cleared %s,", "look whether %s takes mail from %s again,", "ask %s about %s,"},
			func(form string) bool { return strings.HasPrefix(todo, fmt.Sprintf(form, l.List, l.IP)) })
	})
}

// day is a date to look again, for a list of things to do.
func day(t time.Time) safe {
	if t.IsZero() {
		return "in a day"
	}
	return text("on " + t.Local().Format("Mon 2 Jan 2006, 15:04 MST"))
}
