package uitest

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/traffic"
	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
)

// The accounts that the states tell of.
const (
	Stolen = testdata.Stolen
	Other  = testdata.Other
)

// At is the recorded incident with a step next, and what is seen then: its spool, real searches in it, its logs, and what
// some lists answer.
func At(t *testing.T, step incident.Step) steps.State {
	t.Helper()
	records := testdata.Incident(step)
	s := steps.State{Incident: incident.Fold(records), Settings: steps.DefaultSettings(), Now: records[len(records)-1].At.Round(time.Second).Add(20 * time.Second)}
	l := &s.Live
	for _, r := range records {
		if _, asked := r.Fact.(incident.Intended); !asked {
			l.Last = r.Fact.Say()
		}
	}
	l.Service = steps.ServiceReport{State: steps.ServiceRunning, PID: 4711, At: s.Now.Add(-2 * time.Second)}
	l.APIReady, l.Rates = true, steps.Rate{In: 41, Out: 6, Known: true}
	if !s.Incident.MailDown.IsZero() {
		l.Service.State, l.APIReady, l.Rates = steps.ServiceStopped, false, steps.Rate{Known: true}
	}
	if p := s.Incident.Suspects[0]; p.Reset != incident.ResetToDo && s.Incident.Told == "" {
		l.Known = []string{p.Account}
	}
	if w := s.Incident.Watch; s.Incident.Steps[incident.Verify].State == incident.Running {
		l.Watched = &steps.Watched{Step: w.Step, Since: w.Since, Until: w.Until, Looks: []incident.Looks{{At: "service", Made: 90, Gap: 2 * time.Second},
			{At: "spool", Made: 36, Missed: 1, Gap: 10 * time.Second}, {At: "logs", Made: 36, Gap: 5 * time.Second}}}
	}
	l.Lists = lists(t, s.Incident.Asked)
	see(t, &s, step)
	return s
}

// Tell adds facts to a state, as if they had just happened.
func Tell(s *steps.State, facts ...incident.Fact) {
	for _, f := range facts {
		s.Incident.Fold(incident.Record{At: s.Now, By: s.Incident.Operator, Epoch: s.Incident.Epoch, Fact: f})
	}
}

// see fills the tables with what the spool holds at a step, and in Purge with what a search for the thief's mail finds.
func see(t *testing.T, s *steps.State, step incident.Step) {
	t.Helper()
	l := &s.Live
	seen := look(t, s.Now)
	l.Traffic, l.Spool = seen.logs, seen.before
	if step > incident.Purge {
		l.Spool = seen.after
	}
	if step == incident.Purge {
		l.Results = seen.results
	}
	for _, sender := range l.Spool.Senders() {
		row := steps.SenderRow{Sender: sender, Rate: steps.Rate{In: 1, Known: true}, Marked: sender.Account == Stolen, Logged: l.Traffic.Account(sender.Account)}
		if row.Marked {
			row.In = 39
			row.Why = append(row.Why, row.Logged.Why...)
		}
		l.Senders = append(l.Senders, row)
	}
	for _, c := range l.Spool.Campaigns() {
		l.Campaigns = append(l.Campaigns, steps.CampaignRow{Campaign: c, Rate: steps.Rate{In: 39, Known: true}})
	}
	for _, c := range l.Spool.Clients() {
		l.Clients = append(l.Clients, steps.ClientRow{Client: c, Rate: steps.Rate{In: 1, Known: true}})
	}
}

// seen is what the incident's spool and its logs say at one time.
type seen struct {
	before, after *spool.Snapshot // the spool, and without the thief's mail
	results       *spool.Results  // of a search for it
	logs          *traffic.Report
}

// looked keeps what was seen at a time: it takes a hundred times as long as to draw it, and a test draws many states.
var looked sync.Map

// look is what is seen at a time, the caller's own as far as tests change it.
func look(t *testing.T, now time.Time) seen {
	t.Helper()
	kept, ok := looked.Load(now)
	if !ok {
		kept, _ = looked.LoadOrStore(now, seen{logs: traffics(t, now)}.mail(t, now))
	}
	own := kept.(seen)
	results, logs := *own.results, *own.logs
	results.Hits, logs.Accounts = slices.Clone(results.Hits), slices.Clone(logs.Accounts)
	own.results, own.logs = &results, &logs
	return own
}

// mail reads the incident's spool, searches it, and reads it again once the thief's mail is gone.
func (s seen) mail(t *testing.T, now time.Time) seen {
	t.Helper()
	root := t.TempDir()
	// The snapshot keeps the time of the look, so the look has to happen now.
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now))
		testdata.WriteSpool(t, root, now)
		sp, err := spool.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		defer sp.Close()
		if s.before, err = sp.Scan(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		query, err := spool.ParseQuery("account:" + Stolen)
		if err != nil {
			t.Fatal(err)
		}
		if s.results, err = sp.Search(t.Context(), s.before, query, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(root, "SubSpool3")); err != nil {
			t.Fatal(err)
		}
		if s.after, err = sp.Scan(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	})
	return s
}

// traffics is what the incident's logs say now.
func traffics(t *testing.T, now time.Time) *traffic.Report {
	t.Helper()
	dir := t.TempDir()
	testdata.WriteLogs(t, dir, now)
	report, err := traffic.Open(dir, traffic.Options{Clock: func() time.Time { return now }}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// lists are the answers of some lists, the four that have the server among them.
func lists(t *testing.T, at time.Time) dnsbl.Report {
	t.Helper()
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	answer := func(id string, v dnsbl.Verdict, note string, asked ...dnsbl.Evidence) dnsbl.Result {
		for i := range asked {
			asked[i].Server, asked[i].At = "127.0.0.1:53", at
		}
		return dnsbl.Result{IP: testdata.Address(), List: catalogue.List(id), Verdict: v, Note: note, Evidence: asked, At: at}
	}
	evidence := func(kind, name, rcode string, answers ...string) dnsbl.Evidence {
		return dnsbl.Evidence{Name: name, Type: kind, RCode: rcode, Answers: answers, Took: 52 * time.Millisecond}
	}
	const link = "https://check.spamhaus.org/query/ip/203.0.113.25"
	zen := answer("spamhaus-zen", dnsbl.Listed, "",
		evidence("A", "25.113.0.203.zen.spamhaus.org", "NOERROR", "127.0.0.3"), evidence("TXT", "25.113.0.203.zen.spamhaus.org", "NOERROR", link),
		evidence("A", "2.0.0.127.zen.spamhaus.org", "NOERROR", "127.0.0.2", "127.0.0.4", "127.0.0.10"), evidence("A", "1.0.0.127.zen.spamhaus.org", "NXDOMAIN"))
	zen.Reason = link
	results := []dnsbl.Result{zen, answer("barracuda", dnsbl.Listed, ""), answer("spamcop", dnsbl.Listed, ""), answer("uceprotect-2", dnsbl.Listed, ""),
		answer("validity", dnsbl.Refused, "it refuses this resolver, so it says nothing"),
		answer("psbl", dnsbl.Unusable, "it lists everything, so it says nothing", dnsbl.Evidence{Name: "25.113.0.203.psbl.surriel.com", Type: "A", Error: "127.0.0.1:53: no answer in time", Took: 4 * time.Second}),
		answer("mailspike", dnsbl.Clear, "")}
	for i := range results {
		if r := &results[i]; r.Verdict == dnsbl.Listed {
			r.Codes = codes(r.List, "CSS")
		}
	}
	slices.SortFunc(results, dnsbl.Compare)
	return dnsbl.Report{At: at, Addresses: []dnsbl.Address{{IP: testdata.Address(), Verdict: dnsbl.AddressListed, Results: results}}}
}

// codes are the answers of a list that has the server; of Spamhaus' sublists, the named one has it.
func codes(l *dnsbl.List, sublist string) []dnsbl.Code {
	var all []dnsbl.Code
	for _, rule := range l.Codes {
		if l.ID != "spamhaus-zen" || rule.Name == sublist {
			all = append(all, dnsbl.Code{Name: rule.Name, Meaning: rule.Meaning, Removal: rule.Removal})
		}
	}
	return all
}

// ListedAlso puts the server onto one more of Spamhaus' sublists.
func ListedAlso(t *testing.T, s *steps.State, sublist string) {
	t.Helper()
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	zen := catalogue.List("spamhaus-zen")
	p := dnsbl.Result{List: zen, Verdict: dnsbl.Listed, Codes: codes(zen, sublist)}.Procedures()[0]
	also := *s.Incident.Listing(testdata.Address(), "Spamhaus CSS")
	also.List, also.Meaning, also.Removal = p.Name, []string{p.Codes[0].Meaning}, &p.Removal
	Tell(s, incident.ListsAsked{NoAnswer: s.Incident.NoAnswer, Listings: []incident.Listing{also}})
}

// Asked marks a listing of a state as asked for just now.
func Asked(s *steps.State, list, ticket string) {
	l := s.Incident.Listing(testdata.Address(), list)
	Tell(s, incident.ListingChanged{IP: l.IP, List: list, State: incident.ListingAsked, Ticket: ticket, Until: s.Now.Add(time.Duration(l.Removal.WaitHours) * time.Hour)})
}
