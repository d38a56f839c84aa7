package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"delist/steps/incident"

	"github.com/dustin/go-humanize"
)

// Markdown writes the report of an incident. All times are those of this computer's zone.
func (r Reporter) Markdown(w io.Writer, inc incident.Incident, records []incident.Record) error {
	h := read(&inc, records)
	var p page
	p.head(&inc, &h)
	p.story(&inc, &h)
	p.steps(&inc, &h)
	p.listings(&inc)
	p.identity(&inc)
	p.outbound(&inc)
	p.suspects(&inc)
	p.causes(&inc)
	p.moves(&h, r.restore(inc.ID), inc.Mode.Passing)
	p.bounces(&inc)
	p.evidence(&inc)
	p.notes(&inc)
	p.timeline(records)
	p.toDo(&inc, &h)
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// restore is the command that puts back what an incident moved.
func (r Reporter) restore(id string) string {
	if r.Command == nil {
		return "delist restore " + id + " --all"
	}
	return r.Command("restore", id, "--all")
}

// page is a Markdown text that grows.
type page struct{ b strings.Builder }

// heading begins a section.
func (p *page) heading(title safe) { p.para("## " + title) }

// para adds one paragraph.
func (p *page) para(s safe) {
	p.b.WriteString(string(s))
	p.b.WriteString("\n\n")
}

// list adds items, nothing when there are none.
func (p *page) list(items []safe) {
	if len(items) == 0 {
		return
	}
	for _, item := range items {
		p.b.WriteString("- " + string(item) + "\n")
	}
	p.b.WriteString("\n")
}

// table adds rows below a head.
func (p *page) table(head []safe, rows [][]safe) {
	p.row(head)
	p.row(slices.Repeat([]safe{"---"}, len(head)))
	for _, r := range rows {
		p.row(r)
	}
	p.b.WriteString("\n")
}

func (p *page) row(cells []safe) {
	for _, c := range cells {
		p.b.WriteString("| " + string(orDash(c)) + " ")
	}
	p.b.WriteString("|\n")
}

// number writes 3,291.
func number(n int) safe { return safe(humanize.Comma(int64(n))) }

// messages counts messages.
func messages(n int) safe {
	if n == 1 {
		return "1 message"
	}
	return number(n) + " messages"
}

// size writes 48 MB.
func size(bytes int64) safe { return safe(humanize.Bytes(uint64(max(bytes, 0)))) }
