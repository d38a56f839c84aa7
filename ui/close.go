package ui

import (
	"strings"

	"delist/steps/incident"
)

// closePanel shows what was done, what is still to do, and where the record is.
type closePanel struct{ noTable }

func (*closePanel) blocks(m *Model, w int) []block {
	inc := &m.state.Incident
	if !inc.Closed.IsZero() {
		return []block{
			gapped(textBlock(0, factLines(w, m.styles, fact{"closed", day(inc.Closed)}, fact{"the record", inc.ReportAt}))),
			gapped(textBlock(0, append([]string{m.styles.Title.Paint(" STILL TO DO BY HAND")}, bullets(w, inc.StillToDo())...))),
		}
	}
	var results []fact
	for _, step := range incident.AllSteps() {
		if status := inc.Steps[step]; step != incident.Close {
			results = append(results, fact{step.String(), joined(": ", status.State.String(), joined("; ", status.Result, status.Reason))})
		}
	}
	return []block{
		gapped(textBlock(2, factLines(w, m.styles, results...))),
		gapped(textBlock(1, append([]string{m.styles.Title.Paint(" STILL TO DO BY HAND")}, bullets(w, inc.StillToDo())...))),
	}
}

// bullets is a list of sentences, each with a dash.
func bullets(w int, texts []string) []string {
	if len(texts) == 0 {
		return []string{" nothing so far"}
	}
	var lines []string
	for _, text := range texts {
		for i, part := range wrap(text, max(w-4, 1)) {
			mark := " - "
			if i > 0 {
				mark = "   "
			}
			lines = append(lines, mark+strings.TrimSpace(part))
		}
	}
	return lines
}
