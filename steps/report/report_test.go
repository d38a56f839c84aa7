package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
)

var update = flag.Bool("update", false, "write the golden reports anew; read the difference before committing it")

func TestMain(m *testing.M) {
	time.Local = time.FixedZone("CEST", 2*60*60) // reports are in local time
	flag.Parse()
	os.Exit(m.Run())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: go test ./steps/report -update writes it", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("another report than before (-want +got):\n%s", diff)
	}
}

func markdown(t testing.TB, inc incident.Incident, records []incident.Record) string {
	t.Helper()
	var b bytes.Buffer
	if err := (Reporter{}).Markdown(&b, inc, records); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdownTellsTheWholeIncident(t *testing.T) {
	inc, records := example(asIs)
	golden(t, "report.md", markdown(t, inc, records))
}

func TestModeIsSaid(t *testing.T) {
	for want, mode := range map[string]incident.Mode{
		"**DRILL:": {Drill: true}, "**DRY RUN: nothing was changed.": {DryRun: true}, "**READ-ONLY:": {ReadOnly: true},
	} {
		inc, records := example(asIs)
		inc.Mode = mode
		got := markdown(t, inc, records)
		if !strings.Contains(got, want) {
			t.Errorf("mode %+v is not said", mode)
		}
		if n := strings.Count(got, "**DR"); mode.ReadOnly && n > 0 || !mode.ReadOnly && n != 1 {
			t.Errorf("mode %+v: %d modes are said", mode, n)
		}
	}
}

func TestDryRunClaimsNothing(t *testing.T) {
	var records []incident.Record
	for _, f := range []incident.Fact{
		incident.Opened{ID: "7F3A", Mode: incident.Mode{DryRun: true}}, incident.Planned{PlanID: testdata.PlanID, Query: "x", Count: 12, Dir: "/q"},
		incident.Moved{PlanID: testdata.PlanID, Moved: 12, Dry: true}, incident.SuspectMarked{Account: stolen}, incident.MailStopped{Dry: true},
		incident.ResetChanged{Account: stolen, State: incident.ResetDone},
	} {
		records = append(records, incident.Record{At: testdata.Opened(), Fact: f})
	}
	got := markdown(t, incident.Fold(records), records)
	for _, want := range []string{"nothing was changed; 12 messages would have been moved", "would be moved (dry run)", "Mail was down: never", "this was a dry run"} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
	for _, lie := range []string{"were moved", "delist restore", "Password changed"} {
		if strings.Contains(got, lie) {
			t.Errorf("a dry run claims %q", lie)
		}
	}
}

func TestOpenIncidentIsNotCalledClosed(t *testing.T) {
	inc, records := example(asIs)
	for name, records := range map[string][]incident.Record{
		"before closing":   testdata.Incident(incident.Close),
		"closing refused":  append(records[:len(records):len(records)], incident.Record{At: inc.Opened, Fact: incident.Refused{Intent: "CloseIncident", Reason: "no"}}),
		"more was done":    append(records[:len(records):len(records)], incident.Record{At: inc.Opened, Fact: incident.Intended{Intent: "AskLists"}}),
		"nothing recorded": nil,
	} {
		if got := markdown(t, inc, records); !strings.Contains(got, "Closed: not yet") {
			t.Errorf("%s: the report calls the incident closed", name)
		}
	}
	if got := markdown(t, inc, records); strings.Contains(got, "Closed: not yet") {
		t.Error("the report that closes the incident does not say so")
	}
}

func TestForwardingIsToDoUntilSomebodyDecided(t *testing.T) {
	const toDo = "ask the owner of " + stolen + " about the forwarding"
	for state, open := range map[incident.ForwardingState]bool{
		incident.ForwardingOpen: true, incident.ForwardingPlanned: true, incident.ForwardingRemoved: false, incident.ForwardingKept: false,
	} {
		inc, records := example(asIs)
		inc.Suspect(stolen).Forwarding = state
		if got := markdown(t, inc, records); strings.Contains(got, toDo) != open {
			t.Errorf("%s: still to do is %v, want %v", state, !open, open)
		}
	}
}

// TestNoPasswordFits holds that nothing a report is made of can carry a password, and that one given by mistake hides itself.
func TestNoPasswordFits(t *testing.T) {
	_, records := example(asIs)
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		if typ == reflect.TypeFor[steps.Secret]() {
			t.Errorf("%s can hold a password", path)
		}
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(typ.Elem(), path)
		case reflect.Struct:
			for i := range typ.NumField() {
				walk(typ.Field(i).Type, path+"."+typ.Field(i).Name)
			}
		}
	}
	walk(reflect.TypeFor[incident.Incident](), "Incident")
	for _, r := range records {
		walk(reflect.TypeOf(r.Fact), reflect.TypeOf(r.Fact).Name())
	}
	if got := md("%s", steps.NewSecret("Kq7-Rw4x")); strings.Contains(string(got), "Kq7") {
		t.Errorf("a secret shows: %s", got)
	}
}

func TestWriteReplacesWholly(t *testing.T) {
	dir := t.TempDir()
	inc, records := example(asIs)
	for range 2 { // the second time over the first
		path, err := Reporter{}.Write(t.Context(), dir, inc, records)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := markdown(t, inc, records); string(data) != got {
			t.Error("the file is not the report")
		}
	}
	onlyReport(t, dir)
}

func TestWriteFails(t *testing.T) {
	inc, records := example(asIs)
	if _, err := (Reporter{}).Write(t.Context(), filepath.Join(t.TempDir(), "missing"), inc, records); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Reporter{}).Write(ctx, dir, inc, records); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, Name, "occupied"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := (Reporter{}).Write(t.Context(), dir, inc, records); err == nil {
		t.Error("a folder of the report's name was written over")
	}
	onlyReport(t, dir)
}

// onlyReport holds that no temporary file stays behind.
func onlyReport(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != Name {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}

func TestCSVIsDefused(t *testing.T) {
	for in, want := range map[string]string{
		"=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "' =1", " =1": "' =1",
		"plain, with = inside": "plain, with = inside", "\x1b=1": "'=1", "": "",
	} {
		if got := defused(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	_, records := example(func(s string) string { return "=" + s + "\r\n\x1b[2J" })
	var b bytes.Buffer
	if err := CSV(&b, records); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != len(records)+1 {
		t.Fatalf("%d rows of %d records: %v", len(rows), len(records), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") || strings.ContainsAny(cell, "\r\n\x1b") {
				t.Errorf("a dangerous cell: %q", cell)
			}
		}
	}
}

func TestJSONTellsTheSame(t *testing.T) {
	inc, records := example(asIs)
	var b bytes.Buffer
	if err := JSON(&b, inc, records); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", b.String())

	b.Reset()
	inc, records = example(func(s string) string { return s + "\x1b]0;x\x07\u009b2J\"" })
	if err := JSON(&b, inc, records); err != nil {
		t.Fatal(err)
	}
	var doc document
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil || len(doc.Timeline) != len(records) {
		t.Errorf("%d lines, %v", len(doc.Timeline), err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\u009b") {
		t.Error("a control character got through")
	}
}
