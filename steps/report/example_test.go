package report

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"delist/checks/bounce"
	"delist/checks/identity"
	"delist/steps/incident"
	"delist/testdata"
)

const stolen = testdata.Stolen

// example is the recorded incident up to the report, with a relapse: after the first restart the spam is back, and all from
// Stop on is done again. Every text in it, wherever it comes from, goes through foreign first.
func example(foreign func(string) string) (incident.Incident, []incident.Record) {
	all := testdata.Whole()
	stop := slices.IndexFunc(all, func(r incident.Record) bool {
		f, ok := r.Fact.(incident.Intended)
		return ok && f.Intent == "StopService"
	})
	started := slices.IndexFunc(all, func(r incident.Record) bool { _, ok := r.Fact.(incident.MailStarted); return ok })
	records := slices.Clone(all[:started+1])
	for _, f := range []incident.Fact{
		incident.Moved{PlanID: testdata.PlanID, Skipped: map[string]int{"locked": 1, "vanished": 1}},
		incident.StepChanged{Step: incident.Reset, State: incident.Skipped, Reason: "no time"},
		incident.Relapsed{Why: "12 messages like the spam", Accounts: []string{stolen}},
		incident.Started{PID: 4712, Host: "mail01", TornTail: 12},
		incident.PutBack{Restored: 2, Skipped: map[string]int{"exists already": 1}},
		incident.BounceRead{Findings: []bounce.Finding{{Kind: bounce.Provider, Quote: "554 blocked. Error Code: IPBL0100", Provider: "Cox", IP: testdata.Address(), Advice: "Ask Cox."}}},
		incident.IdentityChecked{Report: identity.Report{At: testdata.Opened(), HELO: testdata.Host,
			Addresses: []identity.Address{{IP: testdata.Address(), Scope: identity.Public, Grounds: []string{"given"}, Origins: []identity.Origin{identity.FromOperator}}}, Findings: []identity.Finding{
				{Kind: identity.Bad, About: identity.OfPTR, IP: testdata.Address(), Short: "no PTR record", Sentence: "203.0.113.25 has no PTR record.", Remedy: "Ask the provider.", Refusers: []string{"SPFBL"}},
				{Kind: identity.Unknown, About: identity.OfSPF, Name: "harbourlight.example", Short: "SPF unknown", Sentence: "SPF cannot be told."}}}},
		incident.LinesKept{Account: stolen, Lines: []incident.LogLine{
			{File: "2026.11.24-smtpLog.log", Line: 4711, Text: "08:31:04.000 [198.51.100.6][30216663] Authenticated as " + stolen},
			{File: "2026.11.24-delivery.log", Line: 12, Text: "08:31:06.000 [05313454] Delivery started for <pay|now@bank.test> `x`"}}},
	} {
		records = append(records, incident.Record{At: records[len(records)-1].At.Add(time.Second), Epoch: 1, By: testdata.Operator, Fact: f})
	}
	for _, r := range all[stop : len(all)-1] { // the report is written before the record of it
		switch f := r.Fact.(type) {
		case incident.EvidenceTaken:
			continue
		case incident.StepChanged:
			if f.Step == incident.Purge && f.State == incident.Done {
				f.Left = "3 of (nobody) (nobody logged in to send it)"
				r.Fact = f
			}
		case incident.Planned:
			f.PlanID = "4d5e6f70"
			r.Fact = f
		case incident.Moved:
			f.PlanID = "4d5e6f70"
			r.Fact = f
		}
		r.At = r.At.Add(10 * time.Minute)
		records = append(records, r)
	}
	for i, r := range records {
		fact := through(foreign, reflect.ValueOf(r.Fact)).Interface().(incident.Fact)
		if todo, ok := r.Fact.(incident.LeftToDo); ok && strings.Contains(todo.Text, testdata.Address().String()) {
			fact = incident.LeftToDo{Text: strings.NewReplacer("Spamhaus CSS", foreign("Spamhaus CSS"), "Barracuda", foreign("Barracuda"),
				"SpamCop", foreign("SpamCop"), "Outlook.com", foreign("Outlook.com")).Replace(todo.Text)} // delist's sentence about a list
		}
		records[i].Seq, records[i].By, records[i].Fact = i+1, foreign(r.By), fact
	}
	return incident.Fold(records), records
}

// through copies a value with every text in it changed, but those that the report chooses by.
func through(foreign func(string) string, v reflect.Value) reflect.Value {
	to := reflect.New(v.Type()).Elem()
	to.Set(v)
	switch {
	case v.Type() == reflect.TypeFor[string]():
		to.SetString(foreign(v.String()))
	case v.Kind() == reflect.Pointer && !v.IsNil():
		to.Set(reflect.New(v.Type().Elem()))
		to.Elem().Set(through(foreign, v.Elem()))
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		to.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			to.Index(i).Set(through(foreign, v.Index(i)))
		}
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() && v.Type() != reflect.TypeFor[netip.Addr]():
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !slices.Contains([]string{"ID", "PlanID", "Intent", "Impact"}, name) && v.Field(i).CanInterface() {
				to.Field(i).Set(through(foreign, v.Field(i)))
			}
		}
	}
	return to
}

func asIs(s string) string { return s }
