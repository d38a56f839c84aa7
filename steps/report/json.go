package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"delist/checks/bounce"
	"delist/checks/identity"
	"delist/spool/message"
	"delist/steps/incident"
)

// document is the JSON form of a report. Times are UTC, durations seconds, sizes bytes. Fields may be added, not renamed.
type document struct {
	ID              string               `json:"id"`
	Host            string               `json:"host"`
	Mode            incident.Mode        `json:"mode"`
	Addresses       []string             `json:"addresses"`
	Opened          time.Time            `json:"opened"`
	Closed          time.Time            `json:"closed,omitzero"`
	MailDownSeconds float64              `json:"mailDownSeconds"`
	Rounds          int                  `json:"rounds"`
	Steps           []stepJSON           `json:"steps"`
	Suspects        []suspectJSON        `json:"suspects"`
	Causes          []causeJSON          `json:"causes"`
	Listings        []incident.Listing   `json:"listings"`
	NoAnswer        []string             `json:"noAnswer,omitempty"`
	Identity        *identity.Report     `json:"identity,omitempty"`
	Speakers        []incident.Speaker   `json:"speakers,omitempty"` // programs that speak past the mail service
	HELOs           []incident.HeardHELO `json:"helos,omitempty"`    // as pages of lists show them
	Moves           []moveJSON           `json:"moves"`
	Bounces         []bounce.Finding     `json:"bounces,omitempty"`
	Evidence        map[string]string    `json:"evidence,omitempty"` // SHA-256 by file
	FollowUps       []string             `json:"followUps"`
	Timeline        []lineJSON           `json:"timeline"`
}

type stepJSON struct {
	Round  int                `json:"round"`
	Step   incident.Step      `json:"step"`
	State  incident.StepState `json:"state"`
	Began  time.Time          `json:"began,omitzero"`
	Ended  time.Time          `json:"ended,omitzero"`
	Result string             `json:"result,omitempty"`
	Reason string             `json:"reason,omitempty"`
}

type suspectJSON struct {
	Account    string                   `json:"account"`
	Why        []string                 `json:"why,omitempty"`
	Reset      incident.ResetState      `json:"reset"`
	Disabled   bool                     `json:"disabled,omitempty"`
	Changed    time.Time                `json:"changed,omitzero"`
	Forwarding incident.ForwardingState `json:"forwarding"`
	Lines      []incident.LogLine       `json:"lines,omitempty"`
}

type causeJSON struct {
	incident.Cause
	Found    time.Time `json:"found"`
	Remedied string    `json:"remedied,omitempty"` // the operator's word
}

type moveJSON struct {
	Plan    string         `json:"plan"`
	Query   string         `json:"query"`
	Planned int            `json:"planned"`
	Moved   int            `json:"moved"`
	Bytes   int64          `json:"bytes"`
	Skipped map[string]int `json:"skipped,omitempty"`
	Dir     string         `json:"dir"`
	Dry     bool           `json:"dry,omitempty"`
}

type lineJSON struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	What string    `json:"what"`
}

// JSON writes the report for other programs, one object.
func JSON(w io.Writer, inc incident.Incident, records []incident.Record) error {
	data, err := json.MarshalIndent(documentOf(&inc, records), "", "  ")
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	// What JSON itself does not escape, and a terminal would obey, is dropped: it can only stand within strings.
	if _, err := io.WriteString(w, message.PrintableBlock(string(data))+"\n"); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func documentOf(inc *incident.Incident, records []incident.Record) document {
	h := read(inc, records)
	doc := document{
		ID: inc.ID, Host: inc.Host, Mode: inc.Mode, Addresses: []string{}, Opened: inc.Opened, Closed: h.closed,
		MailDownSeconds: inc.Downtime(h.until).Seconds(), Rounds: inc.Round, Steps: []stepJSON{}, Suspects: []suspectJSON{}, Causes: []causeJSON{},
		Listings: append([]incident.Listing{}, inc.Listings...), NoAnswer: inc.NoAnswer, Identity: inc.Identity, Speakers: inc.Speakers, HELOs: inc.HELOs, Moves: []moveJSON{}, Bounces: inc.Bounces,
		Evidence: map[string]string{}, FollowUps: append([]string{}, inc.StillToDo()...), Timeline: []lineJSON{},
	}
	for _, ip := range inc.Addresses {
		doc.Addresses = append(doc.Addresses, ip.String())
	}
	for _, p := range h.phases {
		doc.Steps = append(doc.Steps, stepJSON{p.round, p.step, p.status.State, p.began, p.ended, p.status.Result, p.status.Reason})
	}
	for _, s := range inc.Suspects {
		doc.Suspects = append(doc.Suspects, suspectJSON{s.Account, s.Why, s.Reset, s.Disable, s.Changed, s.Forwarding, s.Lines})
	}
	for _, c := range inc.Causes {
		doc.Causes = append(doc.Causes, causeJSON{c, c.Found, c.Remedied})
	}
	for _, m := range h.moves {
		doc.Moves = append(doc.Moves, moveJSON{m.plan.PlanID, m.plan.Query, m.plan.Count, m.moved, m.bytes, m.skipped, m.plan.Dir, m.dry})
	}
	for _, e := range inc.Evidence {
		doc.Evidence[e.Name] = e.SHA256
	}
	for _, r := range records {
		if r.Fact != nil {
			doc.Timeline = append(doc.Timeline, lineJSON{r.At.UTC(), r.By, r.Fact.Say()})
		}
	}
	return doc
}
