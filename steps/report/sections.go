package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"delist/steps/incident"
)

// head says where, who, when, and how much of it was real.
func (p *page) head(inc *incident.Incident, h *history) {
	p.para(md("# Incident %s on %s", inc.ID, inc.Host))
	if inc.Mode.Drill {
		p.para("**DRILL: a practice server. No real server, mailbox or list was touched.**")
	}
	if inc.Mode.DryRun {
		p.para("**DRY RUN: nothing was changed. What follows says what would have been done.**")
	}
	if inc.Mode.ReadOnly {
		p.para("**READ-ONLY: delist only looked and collected.**")
	}
	var addresses []safe
	for _, ip := range inc.Addresses {
		addresses = append(addresses, text(ip.String()))
	}
	closed := md("not yet; this is how it stood at %s", when(h.until))
	if !h.closed.IsZero() {
		closed = md("%s, after %s", when(h.closed), span(h.closed.Sub(inc.Opened)))
	}
	p.list([]safe{
		md("Server: %s, sends from %s", inc.Host, cmp.Or(join(", ", addresses...), "an unknown address")),
		md("Operator: %s", cmp.Or(join(", ", texts(h.operators)...), "-")),
		md("Opened: %s", when(inc.Opened)),
		md("Closed: %s", closed),
		md("Mail was down: %s", downText(inc, h)),
		md("Service: %s. Accounts: %s", inc.Service, inc.Mailboxes),
		md("Spool: %s", code(inc.Spool)),
		md("Times are local: %s", h.until.Local().Format("MST, UTC-07:00")),
	})
	for _, warning := range inc.About() {
		p.para(md("**Note on this record:** %s", warning))
	}
}

func downText(inc *incident.Incident, h *history) safe {
	if len(inc.Outages) == 0 {
		return "never"
	}
	parts := make([]safe, len(inc.Outages))
	for i, o := range inc.Outages {
		parts[i] = md("%s to %s", when(o.From), when(o.To))
		if o.Doubt {
			parts[i] = md("not certain from %s to %s: it was said, and a look spoke against it", when(o.From), when(o.To))
		}
		if o.To.IsZero() {
			parts[i] = md("since %s, and still", when(o.From))
		}
	}
	return md("%s (%s)", span(inc.Downtime(h.until)), join("; ", parts...))
}

// steps is the table of what was done, and how long it took.
func (p *page) steps(inc *incident.Incident, h *history) {
	p.heading("Steps")
	head := []safe{"Step", "State", "Began", "Ended", "Took", "Result"}
	if inc.Round > 1 {
		head = append([]safe{"Round"}, head...)
	}
	var rows [][]safe
	for _, ph := range h.phases {
		took := safe("-")
		if !ph.began.IsZero() && ph.ended.After(ph.began) {
			took = span(ph.ended.Sub(ph.began))
		}
		state := text(ph.status.State.String())
		if ph.round < inc.Round && !ph.status.State.Passed() {
			state = "given up, the spam came back"
		}
		result := join("; ", text(ph.status.Result), text(ph.status.Reason))
		row := []safe{text(ph.step.String()), state, when(ph.began), when(ph.ended), took, result}
		if inc.Round > 1 {
			row = append([]safe{number(ph.round)}, row...)
		}
		rows = append(rows, row)
	}
	p.table(head, rows)
	for _, r := range h.relapses {
		p.para(md("%s: the spam came back, and Stop to Verify were to do again: %s", when(r.at), r.fact.Why))
	}
}

// suspects tells which accounts were taken to be stolen, why, and what became of them. A password is nowhere.
func (p *page) suspects(inc *incident.Incident) {
	p.heading("Accounts")
	if len(inc.Suspects) == 0 {
		p.para(accountSentence(inc))
	}
	for _, s := range inc.Suspects {
		p.para(md("**%s**, marked %s", s.Account, when(s.Marked)))
		items := texts(s.Why)
		if !inc.Mode.DryRun {
			items = append(items, resetText(s), mailboxText(s))
		}
		p.list(slices.DeleteFunc(items, func(i safe) bool { return i == "" }))
		p.lines(s)
	}
	for _, account := range inc.Unmarked {
		p.para(md("%s was marked too, and was unmarked by the operator.", account))
	}
	if n := len(inc.ThiefIPs); n > 0 {
		const most = 20
		var shown []safe
		for _, ip := range inc.ThiefIPs[:min(n, most)] {
			shown = append(shown, text(ip.String()))
		}
		more := safe("")
		if n > most {
			more = md(", and %d more", n-most)
		}
		p.para(md("Client addresses that the forged mail came from: %s%s.", join(", ", shown...), more))
	}
	switch {
	case inc.Told == "":
	case len(inc.Suspects) == 0:
		p.para(md("Those who have to know were told: %s", inc.Told))
	default:
		p.para(md("The owner was told: %s", inc.Told))
	}
}

// causes tells what explained much of what waited, beside stolen accounts, on what evidence, and what was done about it.
func (p *page) causes(inc *incident.Incident) {
	if len(inc.Causes)+len(inc.Explained) == 0 {
		return
	}
	p.heading("What else was found")
	for _, c := range inc.Causes {
		p.para(md("**%s**, %s, found %s", c.About(), messages(c.Count), when(c.Found)))
		done := md("**Not put right, as far as the record knows.** %s", c.Class.WayOn())
		if c.Remedied != "" {
			done = md("Put right, says %s: %s", c.By, c.Remedied)
		}
		p.list(append(texts(c.Why), done))
	}
	for _, e := range inc.Explained {
		p.para(md("%s was explained by %s: %s", e.Row, e.By, e.Why))
	}
}

// lines are those of the logs behind a suspicion, each with its place.
func (p *page) lines(s incident.Suspect) {
	if len(s.Lines) == 0 {
		return
	}
	p.para(md("Lines of the logs about %s:", s.Account))
	var rows [][]safe
	for _, l := range s.Lines {
		rows = append(rows, []safe{code(l.Where()), code(l.Text)})
	}
	p.table([]safe{"File and line", "Text"}, rows)
}

// resetText says how far the password is: proven is more than set.
func resetText(s incident.Suspect) safe {
	switch {
	case s.Dry:
		return md("Password %s.", s.Password())
	case s.Disable && s.Reset == incident.ResetDone:
		return md("Account disabled %s.", when(s.Changed))
	case s.Reset == incident.ResetDone && s.ByHand && s.Ended:
		return md("Password changed by hand and open sessions ended, confirmed by the operator %s.", when(s.Changed))
	case s.Reset == incident.ResetDone && s.ByHand:
		return md("Password changed by hand, confirmed by the operator %s. Open sessions are not known to be ended.", when(s.Changed))
	case s.Reset == incident.ResetDone && s.Ended:
		return md("Password changed and proven by logging in, open sessions ended, %s.", when(s.Changed))
	case s.Reset == incident.ResetDone:
		return md("Password changed and proven by logging in, %s. **Open sessions are not known to be ended.**", when(s.Changed))
	}
	if !s.Changed.IsZero() {
		return md("Password changed %s, and it sent again: **the next one is %s.**", when(s.Changed), s.Reset.String())
	}
	return md("**Password %s.**", s.Reset.String())
}

func mailboxText(s incident.Suspect) safe {
	if s.Mailbox == nil {
		return "The mailbox was not read: look in SmarterMail for forwarding rules that the thief left."
	}
	f := s.Mailbox.Forwarding
	to := join(", ", texts(f.Addresses)...)
	switch {
	case !f.Known:
		return "The mail server did not tell about forwarding: look in SmarterMail for rules that the thief left."
	case len(f.Addresses) == 0:
		return md("The mailbox forwarded to nobody (read %s).", when(s.Mailbox.ReadAt))
	case s.Forwarding == incident.ForwardingKept:
		return md("A forwarding rule to %s was kept: the operator says that it is the owner's.", to)
	case s.Forwarding == incident.ForwardingRemoved:
		return md("Leftover removed: a forwarding rule to %s.", to)
	}
	return md("**Forwarding to %s: %s.**", to, s.Forwarding.String())
}

// moves tells what was taken out of the spool, where it is, and how it gets back.
func (p *page) moves(h *history, restore string, passing bool) {
	p.heading("Messages moved")
	if len(h.moves) == 0 {
		p.para("No message was moved.")
		return
	}
	var rows [][]safe
	dirs := map[string]bool{}
	for _, m := range h.moves {
		state := safe("planned only")
		switch {
		case m.dry:
			state = "would be moved (dry run)"
		case m.stopped:
			state = "stopped part way"
		case m.done:
			state = "done"
		}
		if m.done && !m.dry {
			dirs[m.plan.Dir] = true
		}
		rows = append(rows, []safe{when(m.at), code(m.plan.PlanID), text(m.plan.Query), number(m.plan.Count), number(m.moved), size(m.bytes), skippedText(m.skipped), state})
	}
	p.table([]safe{"Planned", "Plan", "Search", "Messages", "Moved", "Size", "Left in place", "State"}, rows)
	for _, back := range h.returned {
		p.para(md("%s put back into the spool; could not be put back: %s.", messages(back.Restored), skippedText(back.Skipped)))
	}
	if h.deleted > 0 {
		p.para(md("%s deleted from the quarantine for good.", messages(h.deleted)))
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if h.held <= 0 {
			p.para(md("Quarantine: %s. Nothing of what was moved is left in it.", code(dir)))
			continue
		}
		if passing {
			p.para(md("Quarantine: %s. It goes with the practice server.", code(dir)))
			continue
		}
		p.para(md("Quarantine: %s. To put its messages back, run %s, or the same with a search instead of --all; they will then be delivered.",
			code(dir), command(restore)))
	}
}

// skippedText tells what was left, by reason.
func skippedText(counts map[string]int) safe {
	var parts []safe
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, md("%d %s", counts[reason], reason))
	}
	return cmp.Or(join(", ", parts...), "none")
}

// bounces quotes what the bounces said.
func (p *page) bounces(inc *incident.Incident) {
	if len(inc.Bounces) == 0 {
		return
	}
	p.heading("Bounces read")
	for _, f := range inc.Bounces {
		what := join(", ", text(fmt.Sprint(f.Kind)), text(f.Provider), text(f.List))
		if f.IP.IsValid() {
			what = join(", ", what, text(f.IP.String()))
		}
		if !f.Refused() {
			p.para(text("A text was read as a bounce; no refusal was found in it."))
			continue
		}
		p.para(md("Why mail was refused: %s", what))
		p.para(md("> %s", f.Quote))
		if f.Advice != "" {
			p.para(md("Advice: %s", f.Advice))
		}
	}
}

// evidence names the copies that were kept, so that they can be checked later.
func (p *page) evidence(inc *incident.Incident) {
	if len(inc.Evidence) == 0 {
		return
	}
	p.heading("Evidence kept")
	var rows [][]safe
	for _, e := range inc.Evidence {
		rows = append(rows, []safe{code(e.Name), code(e.SHA256), when(e.At)})
	}
	p.table([]safe{"File in the incident's folder", "SHA-256", "Kept"}, rows)
}

func (p *page) notes(inc *incident.Incident) {
	if len(inc.Notes) == 0 {
		return
	}
	p.heading("Notes")
	var items []safe
	for _, n := range inc.Notes {
		items = append(items, md("%s, %s: %s", when(n.At), n.By, n.Text))
	}
	p.list(items)
}

// timeline is the whole record, line by line.
func (p *page) timeline(records []incident.Record) {
	p.heading("Timeline")
	var rows [][]safe
	for _, r := range records {
		if _, tick := r.Fact.(incident.WatchSeen); r.Fact == nil || tick { // the step's end tells of all of it
			continue
		}
		rows = append(rows, []safe{when(r.At), text(r.By), text(r.Fact.Say())})
	}
	p.table([]safe{"Time", "Who", "What"}, rows)
}
