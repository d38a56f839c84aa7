package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"delist/spool/message"
	"delist/steps/incident"
	"delist/steps/report"
)

type reportOptions struct {
	list   bool
	format string
	id     string
}

func (p *program) reportCommand() *cobra.Command {
	var o reportOptions
	cmd := command("report INCIDENT", "Print the record of an incident",
		`Prints what happened in an incident, who did what and when, and what is still to do by hand. The report is made of the
incident's record and can be printed at any time, also while the incident is open.`,
		"there is no incident to list", orSay(cobra.MaximumNArgs(1), "give one incident, such as 7F3A"))
	cmd.Flags().BoolVar(&o.list, "list", false, "list the incidents instead")
	cmd.Flags().StringVar(&o.format, "format", "markdown", "markdown, json or csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.list == (len(args) == 1) {
			return usage("give one incident, or --list: delist report 7F3A")
		}
		if len(args) == 1 {
			o.id = args[0]
		}
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		if o.list {
			return p.incidentList(settings, o)
		}
		return p.report(settings, o)
	}
	return cmd
}

// report prints one incident.
func (p *program) report(settings options, o reportOptions) error {
	write, ok := map[string]func(io.Writer, found) error{
		"markdown": func(w io.Writer, i found) error {
			return report.Reporter{Command: p.commandIn(settings)}.Markdown(w, i.inc, i.records)
		},
		"csv":  func(w io.Writer, i found) error { return report.CSV(w, i.records) },
		"json": writeIncidentJSON,
	}[o.format]
	if !ok {
		return usage("--format %q is not known; give markdown, json or csv", message.Printable(o.format))
	}
	i, err := p.findIncident(settings, o.id)
	var damaged *incident.DamagedError
	if err != nil && !errors.As(err, &damaged) {
		return err
	}
	if len(i.records) > 0 {
		if err := write(p.env.Stdout, i); err != nil {
			return noAnswer("the report could not be written: %w", err)
		}
	}
	return err // a damaged record is printed as far as it goes, and then said to be damaged
}

// incidentList lists the incidents, the newest first.
func (p *program) incidentList(settings options, o reportOptions) error {
	v := incidentsView(p.listIncidents(settings))
	if err := p.show(v, o.format == "json"); err != nil {
		return err
	}
	if len(v) == 0 {
		return silent(BadNews)
	}
	return nil
}

// incidentsView is the list of incidents.
type incidentsView []found

// people implements view.
func (v incidentsView) people(w io.Writer) {
	if len(v) == 0 {
		fmt.Fprintln(w, "There is no incident.")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "incident\topened\tstate\tmode\tserver\tspool")
	for _, i := range v {
		if i.err != nil {
			fmt.Fprintf(table, "%s\t\tdamaged\t\t\t%s\n", i.inc.ID, sentence(i.err))
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", i.inc.ID, i.inc.Opened.Local().Format("2006-01-02 15:04"), i.state(), modeWord(i.inc.Mode),
			message.Printable(i.inc.Host), message.Printable(i.inc.Spool))
	}
	table.Flush()
}

// state says how far an incident is.
func (i *found) state() string {
	if !i.inc.Closed.IsZero() {
		return "closed"
	}
	current := i.inc.Current()
	return fmt.Sprintf("open, at %s", current)
}

// modeWord is the mode of an incident as it stands on the screens.
func modeWord(m incident.Mode) string {
	switch {
	case m.Drill:
		return "DRILL"
	case m.DryRun:
		return "dry run"
	case m.ReadOnly:
		return "read-only"
	}
	return "real"
}

type incidentJSON struct {
	ID     string `json:"id"`
	Dir    string `json:"dir"`
	Opened string `json:"opened,omitempty"`
	Closed string `json:"closed,omitempty"`
	State  string `json:"state"`
	Mode   string `json:"mode"`
	Host   string `json:"host"`
	Spool  string `json:"spool"`
	Error  string `json:"error,omitempty"`
}

// machine implements view.
func (v incidentsView) machine() any {
	out := []incidentJSON{}
	for _, i := range v {
		one := incidentJSON{ID: i.inc.ID, Dir: i.dir, State: i.state(), Mode: modeWord(i.inc.Mode), Host: i.inc.Host, Spool: i.inc.Spool}
		if !i.inc.Opened.IsZero() {
			one.Opened = i.inc.Opened.UTC().Format(jsonTime)
		}
		if !i.inc.Closed.IsZero() {
			one.Closed = i.inc.Closed.UTC().Format(jsonTime)
		}
		if i.err != nil {
			one.State, one.Error = "damaged", sentence(i.err)
		}
		out = append(out, one)
	}
	return out
}

// jsonTime is RFC 3339 to the second.
const jsonTime = "2006-01-02T15:04:05Z07:00"

// recordJSON is a record of the journal, with its sentence.
type recordJSON struct {
	Seq  int    `json:"seq"`
	At   string `json:"at"`
	By   string `json:"by"`
	Say  string `json:"say"`
	Fact any    `json:"fact"`
}

// writeIncidentJSON prints an incident with its records.
func writeIncidentJSON(w io.Writer, i found) error {
	records := []recordJSON{}
	for _, r := range i.records {
		records = append(records, recordJSON{r.Seq, r.At.UTC().Format(jsonTime), message.Printable(r.By), message.Printable(r.Fact.Say()), r.Fact})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Incident incident.Incident `json:"incident"`
		Records  []recordJSON      `json:"records"`
	}{i.inc, records})
}
