package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/checks/resolver"
)

// people implements view. What was asked comes first, the verdict last: there the eye is when a long answer has gone by.
func (v checkView) people(w io.Writer) {
	l := lines{w, v.width}
	if v.finding.Kind != resolver.Good && v.finding.Sentence != "" {
		l.put("%s", v.finding.Sentence)
		if v.finding.Remedy != "" {
			l.put("%s", v.finding.Remedy)
		}
		l.put("")
	}
	single := v.domains
	if len(v.addresses) > many {
		v.network(l)
	} else {
		single = append(v.addresses[:len(v.addresses):len(v.addresses)], v.domains...)
	}
	for _, c := range single {
		if len(v.addresses)+len(v.domains) > 1 {
			l.put("%s", c.name)
		}
		c.show(l)
		l.put("")
	}
	if len(v.addresses) > many {
		l.put("%s", v.networkVerdict())
	}
	for _, c := range single {
		l.put("%s is %s. %s", c.name, verdictWords(c.verdict), c.summary())
	}
}

// show shows the rows of one address or domain, and what to do at each list that has it.
func (c checked) show(l lines) {
	var rows [][]string
	for _, f := range c.findings {
		rows = append(rows, []string{string(f.About), string(f.Kind), strings.TrimSpace(f.Sentence + " " + f.Remedy)})
	}
	l.table(rows)
	rows = nil
	for _, r := range c.results {
		if r.Verdict == dnsbl.Listed {
			rows = append(rows, listedRow(r))
		}
	}
	for _, s := range silences([]checked{c}) {
		rows = append(rows, s.row())
	}
	l.table(rows)
	if clear := dnsbl.Count(c.results).Clear; clear > 0 {
		l.put("  %d %s clear.", clear, plural(clear, "list is", "lists are"))
	}
	for _, r := range c.results {
		if trusted := r.Trusted(); trusted != "" {
			l.put("  Good news from %s.", trusted)
		}
	}
	for _, r := range c.results {
		whatToDo(l, r)
	}
}

// summary is what follows the verdict in the last line.
func (c checked) summary() string {
	text := dnsbl.Summarise(c.results)
	if own := (identity.Report{Findings: c.findings}).Summary(); own != "" {
		text += " Its records: " + own + "."
	}
	return text
}

// verdictWords is a verdict on an address or domain in words.
func verdictWords(a dnsbl.AddressVerdict) string {
	if a == dnsbl.AddressUnknown {
		return "not known to be clear"
	}
	return a.String()
}

// listedRow is a table's row on a list that has the address or domain.
func listedRow(r dnsbl.Result) []string {
	return []string{r.List.Name, r.Verdict.String(), fmt.Sprintf("%s (%s)", strings.Join(meanings(r), "; "), r.List.Impact)}
}

// silence is one reason why lists gave no answer to go by, and which ones.
type silence struct {
	verdict dnsbl.Verdict
	why     string
	about   int // how many addresses
	lists   []string
}

// silences are the reasons why lists gave no answer, each once.
func silences(all []checked) []silence {
	type answer struct {
		verdict dnsbl.Verdict
		list    *dnsbl.List
		why     string
	}
	var order []answer
	about := make(map[answer]int)
	for _, c := range all {
		for _, r := range c.results {
			if !r.Shown() || r.Verdict != dnsbl.Refused && r.Verdict != dnsbl.Unusable {
				continue
			}
			a := answer{r.Verdict, r.List, r.Why}
			if about[a] == 0 {
				order = append(order, a)
			}
			about[a]++
		}
	}
	var found []silence
	for _, a := range order {
		i := slices.IndexFunc(found, func(s silence) bool { return s.verdict == a.verdict && s.why == a.why && s.about == about[a] })
		if i < 0 {
			i, found = len(found), append(found, silence{verdict: a.verdict, why: a.why, about: about[a]})
		}
		found[i].lists = append(found[i].lists, a.list.Name)
	}
	return found
}

// row is a table's row on lists that gave no answer for the same reason.
func (s silence) row() []string {
	word := s.verdict.String()
	if len(s.lists) == 1 {
		return []string{s.lists[0], word, s.why}
	}
	return []string{fmt.Sprintf("%d lists", len(s.lists)), word, fmt.Sprintf("each %s (%s)", s.why, strings.Join(s.lists, ", "))}
}

// whatToDo shows the list's own reason and the way off, for a listing.
func whatToDo(l lines, r dnsbl.Result) {
	for _, removal := range r.Removals() {
		l.put("")
		l.put("%s: %s", r.List.Name, removal.Advice)
		if r.Reason != "" {
			l.put("  The list says: %s", r.Reason)
		}
		if removal.Need != "" {
			l.put("  Have ready: %s.", removal.Need)
		}
		if removal.Expires != "" {
			l.put("  Ends by itself: %s.", removal.Expires)
		}
		if link := r.RemovalLink(removal); link != "" {
			fmt.Fprintln(l.w, "  "+link) // in one piece, to be copied
		} else if r.Lookup != "" {
			l.put("  Look it up: %s", r.Lookup)
		}
	}
}

// meanings are what the answers of a list mean.
func meanings(r dnsbl.Result) []string {
	out := []string{}
	for _, c := range r.Codes {
		out = append(out, c.Meaning)
	}
	return out
}
