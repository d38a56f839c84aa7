package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"delist/spool/message"
	"delist/steps/incident"
)

// CSV writes the timeline: time (RFC 3339, UTC), who, what; comma separated with a head line, as RFC 4180 has it.
func CSV(w io.Writer, records []incident.Record) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"time", "who", "what"}}
	for _, r := range records {
		if r.Fact != nil {
			rows = append(rows, []string{r.At.UTC().Format(time.RFC3339), defused(r.By), defused(r.Fact.Say())})
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the timeline: %w", err)
	}
	return nil
}

// defused keeps a spreadsheet from taking a cell for a formula.
func defused(s string) string {
	s = message.Printable(s)
	if strings.ContainsAny(firstByte(strings.TrimLeft(s, " ")), "=+-@") {
		return "'" + s
	}
	return s
}

func firstByte(s string) string { return s[:min(1, len(s))] }
