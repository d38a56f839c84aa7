package report

import (
	"slices"
	"strings"

	"delist/steps/incident"
)

// story tells what happened in three sentences: which lists, which account, what was done.
func (p *page) story(inc *incident.Incident, h *history) {
	p.heading("What happened")
	p.para(join(" ", listsSentence(inc), accountSentence(inc), causesSentence(inc), doneSentence(inc, h)))
}

func listsSentence(inc *incident.Incident) safe {
	if inc.Asked.IsZero() {
		return "The blocklists were not asked."
	}
	var names []safe
	gone := 0
	for _, l := range inc.Listings {
		name := text(l.List)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if !l.Gone.IsZero() {
			gone++
		}
	}
	if len(names) == 0 {
		return md("%s", inc.NoListing())
	}
	s := md("The server was found on %s: %s", count(len(names), "blocklist"), join(", ", names...))
	if gone > 0 {
		s += md(" (%d of %s cleared since)", gone, count(len(inc.Listings), "listing"))
	}
	return s + "."
}

func accountSentence(inc *incident.Incident) safe {
	switch {
	case len(inc.Suspects) == 0 && inc.Steps[incident.Look].State == incident.ToDo:
		return "Nobody looked whether an account is stolen."
	case len(inc.Suspects) == 0:
		return "No account was found that looks stolen."
	}
	if len(inc.Suspects) == 1 {
		return suspectSentence(inc.Suspects[0], "is taken to be stolen")
	}
	var names, each []safe
	for _, s := range inc.Suspects {
		names = append(names, text(s.Account))
		if len(s.Why) > 0 {
			each = append(each, suspectSentence(s, ""))
		}
	}
	return join(" ", append([]safe{md("%s are taken to be stolen.", join(", ", names...))}, each...)...)
}

// suspectSentence tells what speaks against one account, behind what is said of it.
func suspectSentence(s incident.Suspect, said string) safe {
	who := text(strings.TrimSpace(s.Account + " " + said))
	if len(s.Why) == 0 {
		return md("%s.", who)
	}
	return md("%s: %s.", who, join("; ", texts(s.Why)...))
}

// causesSentence tells what else was found; empty where nothing was.
func causesSentence(inc *incident.Incident) safe {
	past := safe("")
	if strangers := inc.Strangers(); len(strangers) > 0 {
		past = md("%s spoke to mail servers elsewhere, past the mail service.", incident.SayProgram(strangers[0].Program))
	}
	var found []safe
	for _, c := range inc.Causes {
		found = append(found, md("%s from %s", messages(c.Count), c.About()))
	}
	if len(found) == 0 {
		return past
	}
	return join(" ", past, md("Much mail waited that no stolen account sent: %s.", join("; ", found...)))
}

// doneSentence says what was done about it, and never more than was done.
func doneSentence(inc *incident.Incident, h *history) safe {
	moved, bytes, would := h.moved()
	if inc.Mode.DryRun {
		return md("Dry run: nothing was changed; %s would have been moved.", messages(would))
	}
	var parts []safe
	if down := inc.Downtime(h.until); down > 0 && inc.Steps[incident.Stop].State == incident.Done {
		parts = append(parts, md("mail was stopped for %s", span(down)))
	}
	returned := 0
	for _, back := range h.returned {
		returned += back.Restored
	}
	switch {
	case returned > 0:
		parts = append(parts, md("%s were moved out of the spool, and %s of these put back", messages(moved), number(returned)))
	case moved > 0:
		parts = append(parts, md("%s (%s) were moved out of the spool", messages(moved), size(bytes)))
	}
	if changed := len(inc.Suspects) - len(inc.ResetsPending()); changed > 0 {
		parts = append(parts, md("%s changed or disabled", count(changed, "account")))
	}
	switch {
	case inc.Watch.Judged != "":
		parts = append(parts, "the operator judged the server quiet")
	case inc.Steps[incident.Verify].State == incident.Done:
		parts = append(parts, md("watched from %s on: %s", when(inc.Watch.Since), inc.Steps[incident.Verify].Result))
	}
	if len(parts) == 0 {
		return "Nothing was changed."
	}
	return md("What was done: %s.", join(", ", parts...))
}

// count writes "1 listing", "3 listings".
func count(n int, what safe) safe {
	if n == 1 {
		return md("1 %s", what)
	}
	return md("%s %ss", number(n), what)
}
