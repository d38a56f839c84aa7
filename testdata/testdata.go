// Package testdata hands out the samples that the tests of several packages share: one practice incident, from its first
// record to its closing, and the spool, the logs and the bounce that it came with.
//
// The incident is recorded, not written: the runbook plays it in TestTheRecordedIncident of package steps, which fails when
// the runbook would write another record than incident/journal.jsonl. "go test ./steps -run TestTheRecordedIncident -update"
// records it anew; read the difference before committing it. A test that needs a state takes the fold of a prefix.
package testdata

import (
	"bytes"
	_ "embed" // of the samples
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"delist/steps/incident"
)

// Who is who in the samples.
const (
	ID       = "7F3A"                       // of the incident
	Stolen   = "sales@harbourlight.example" // the account of which the thief has the password
	Other    = "info@quayside.example"      // an account that is in order
	Host     = "mail01.example"
	Operator = "maria@mail01"
	Arriving = "SubSpool2/11626099.em_" // the file of a message that is being received
	PlanID   = "0a1b2c3d"               // of the one plan
	Home     = "/srv/mail"              // of the spool and its quarantine
	Records  = "/srv/records"           // of the incidents
)

// Address is what the server sends from.
func Address() netip.Addr { return netip.MustParseAddr("203.0.113.25") }

// Opened is when the incident begins.
func Opened() time.Time { return time.Date(2026, 11, 24, 9, 32, 0, 0, time.UTC) }

// Outlook is a bounce of Outlook.com, which has blocked the server.
//
//go:embed bounces/outlook.txt
var Outlook string

//go:embed incident/journal.jsonl
var journal []byte

// Whole is the recorded incident up to its closing.
func Whole() []incident.Record {
	records, torn, err := incident.ParseJournal("testdata/incident/journal.jsonl", journal)
	if err != nil || torn > 0 {
		panic(fmt.Sprintf("the recorded incident cannot be read: %v, %d bytes torn", err, torn))
	}
	return records
}

// Incident is the recorded incident as it was when a step was next: in the moment in which every step before it was passed.
// At Look all was seen that there was to see.
func Incident(upTo incident.Step) []incident.Record {
	all := Whole()
	var inc incident.Incident
	intent := 0 // the newest
	for i, r := range all {
		if _, ok := r.Fact.(incident.Intended); ok {
			intent = i
		}
		inc.Fold(r)
		switch {
		case upTo == incident.Look && inc.Current() > upTo:
			return all[:intent:intent]
		case upTo > incident.Look && inc.Current() >= upTo && (i+1 == len(all) || all[i+1].At.After(r.At)):
			return all[: i+1 : i+1]
		}
	}
	return all
}

//go:embed spool.txtar
var spool []byte

// WriteSpool writes the server's spool, as it is when the incident begins, into a folder; one message is arriving now.
func WriteSpool(t testing.TB, root string, now time.Time) {
	t.Helper()
	for _, f := range txtar.Parse(spool).Files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		at := created(f.Data)
		if at.IsZero() {
			at = now
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// created is when a file of the spool was written, by the Date of a message or the creationdate of its envelope; zero where
// it has neither.
func created(data []byte) time.Time {
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(": "))
		layout := map[string]string{"Date": time.RFC1123Z, "creationdate": "01/02/2006 15:04:05"}[string(key)]
		if at, err := time.Parse(layout, string(value)); layout != "" && err == nil {
			return at
		}
	}
	return time.Time{}
}

// WriteLogs writes the server's SMTP logs up to a time into a folder: a week in which both accounts sent by day, the burst of
// the thief before the incident began, and what the other account has sent since. A later call writes them on.
func WriteLogs(t testing.TB, dir string, now time.Time) {
	t.Helper()
	days := map[string]*bytes.Buffer{}
	send := func(at time.Time, account string, messages int) {
		day := at.Format("2006.01.02") + "-smtpLog.log"
		if days[day] == nil {
			days[day] = &bytes.Buffer{}
		}
		line := func(format string, args ...any) {
			fmt.Fprintf(days[day], "%s [192.0.2.17][%d] "+format+"\r\n", append([]any{at.Format("15:04:05.000"), at.Unix()}, args...)...)
		}
		line("Authenticated as %s", account)
		for i := range messages {
			line("Successfully wrote to the HDR file. (C:/SmarterMail/Spool/%d%d.hdr)", at.Unix(), i)
		}
	}
	for hour := range 24 * 6 {
		at := Opened().AddDate(0, 0, -7).Add(time.Duration(hour) * time.Hour)
		send(at, Stolen, 60) // so much that the burst alone is no proof, and the operator marks the account
		send(at.Add(time.Second), Other, 4)
	}
	send(Opened().Add(-20*time.Minute), Stolen, 4812)
	for at := Opened().Add(-time.Minute); at.Before(now); at = at.Add(3 * time.Minute) {
		send(at, Other, 1)
	}
	for day, lines := range days {
		if err := os.WriteFile(filepath.Join(dir, day), lines.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
