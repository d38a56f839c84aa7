package report

import (
	"delist/checks/identity"
	"delist/steps/incident"
)

// identity tells who the world sees when the server sends, and what stands in the way of a removal.
func (p *page) identity(inc *incident.Incident) {
	p.heading("Who the world sees")
	r := inc.Identity
	if r == nil {
		p.para("PTR, HELO and SPF were not looked at.")
		return
	}
	p.para(md("Looked at %s. Unknown means that it was asked and could not be told.", when(r.At)))
	var addresses []safe
	for _, a := range r.Addresses {
		addresses = append(addresses, md("%s, %s: %s", a.IP, string(a.Scope), join(", ", texts(a.Grounds)...)))
	}
	p.list(addresses)
	var rows [][]safe
	for _, f := range r.Findings {
		refusers := safe("-")
		if len(f.Refusers) > 0 {
			refusers = join(", ", texts(f.Refusers)...)
		}
		rows = append(rows, []safe{text(string(f.About)), weight(f.Kind), text(f.Sentence), text(f.Remedy), refusers})
	}
	p.table([]safe{"About", "It is", "What was found", "What to do", "Refuse removal for it"}, rows)
}

// weight makes what is bad stand out.
func weight(kind identity.Kind) safe {
	if kind == identity.Bad {
		return "**bad**"
	}
	return text(string(kind))
}
