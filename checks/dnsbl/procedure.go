package dnsbl

import (
	"slices"
	"strings"
)

// Procedure is one way off a list, with the codes that it ends. A list that
// holds sublists has one for each: asking at one does not help at another.
type Procedure struct {
	Name    string // as people say it: "Spamhaus CSS", or the list's name
	Codes   []Code
	Removal Removal
}

// Policy says that all of it tells what kind of address it is, and that no spam was seen.
func (p Procedure) Policy() bool {
	return len(p.Codes) > 0 && !slices.ContainsFunc(p.Codes, func(c Code) bool { return !c.Policy })
}

// Procedures gives the ways off the list, in the order of the work; none when
// the address is not listed.
func (r Result) Procedures() []Procedure {
	if r.Verdict != Listed {
		return nil
	}
	var all []Procedure
	for _, code := range r.Codes {
		p := Procedure{Name: r.List.Name, Removal: r.List.Removal}
		if code.Removal != nil {
			p.Removal = *code.Removal
			if code.Name != "" {
				family, _, _ := strings.Cut(r.List.Name, " ")
				p.Name = family + " " + code.Name
			}
		}
		i := slices.IndexFunc(all, func(q Procedure) bool { return q.Name == p.Name })
		if i < 0 {
			i, all = len(all), append(all, p)
		}
		all[i].Codes = append(all[i].Codes, code)
	}
	if len(all) == 0 {
		all = []Procedure{{Name: r.List.Name, Removal: r.List.Removal}}
	}
	slices.SortStableFunc(all, func(a, b Procedure) int { return a.Removal.Order - b.Removal.Order })
	return all
}
