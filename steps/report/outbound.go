package report

import (
	"delist/steps/incident"
)

// outbound tells which programs spoke past the mail service, and what the pages of lists heard in HELO.
func (p *page) outbound(inc *incident.Incident) {
	if len(inc.Speakers)+len(inc.HELOs) == 0 {
		return
	}
	p.heading("What passed the mail service by")
	var rows [][]safe
	for _, s := range inc.Speakers {
		known := safe("**nobody knows it**")
		if e := inc.ExplainedBy(s.Row()); e != nil {
			known = md("%s (%s)", e.Why, e.By)
		} else if s.Remedied != "" {
			known = md("done about it: %s (%s)", s.Remedied, s.By)
		}
		rows = append(rows, []safe{text(incident.SayProgram(s.Program)), text(s.Remote.String()), when(s.First), when(s.Last), known})
	}
	if len(rows) > 0 {
		p.table([]safe{"Program", "Spoke to", "First seen", "Last noted", "The operator says"}, rows)
	}
	var heard []safe
	for _, h := range inc.HELOs {
		heard = append(heard, md("%s at %s: %s", h.IP, h.List, h.Means()))
	}
	p.list(heard)
}
