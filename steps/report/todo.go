package report

import (
	"cmp"

	"delist/steps/incident"
)

// toDo is the last section, and the one that somebody has to act on.
func (p *page) toDo(inc *incident.Incident, h *history) {
	p.heading("Still to do by hand")
	var items []safe
	if inc.Mode.DryRun {
		items = append(items, "[ ] **all of it: this was a dry run**")
	}
	if h.closed.IsZero() {
		step := inc.Current()
		items = append(items, md("[ ] **go on with this incident, which is open: %s is %s**", step, inc.Steps[step].State))
	}
	for _, undone := range inc.Undone() {
		items = append(items, md("[ ] **%s**", undone))
	}
	for _, l := range inc.Worklist() {
		if follow := l.FollowUp(inc); follow != "" {
			at := listingLink(l)
			if waiting(l) && !l.ByHand {
				at = cmp.Or(l.Lookup, at)
			}
			items = append(items, md("[ ] %s: %s", follow, link(at)))
		}
	}
	for _, todo := range inc.OtherFollowUps() {
		items = append(items, md("[ ] %s", withCommand(todo)))
	}
	if len(items) == 0 {
		p.para("Nothing.")
		return
	}
	p.list(items)
}
