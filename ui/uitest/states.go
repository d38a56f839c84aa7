package uitest

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// The incident that the states tell of.
const (
	Stolen = "sales@harbourlight.example"
	Other  = "info@quayside.example"
)

var (
	// Now is when all states were seen.
	Now    = time.Date(2026, 11, 24, 9, 44, 0, 0, time.UTC)
	server = netip.MustParseAddr("203.0.113.25")
)

// At is the practice incident with the runbook at a step: a small spool, real searches
// in it, four listings.
func At(t *testing.T, step incident.Step) steps.State {
	t.Helper()
	before, results, after := mail(t)
	s := steps.State{
		Now: Now, Settings: steps.DefaultSettings(),
		Incident: incident.Incident{
			ID: "7F3A", Mode: incident.Mode{Drill: true}, Host: "mail01.example", Spool: "/srv/mail/Spool", Service: "SmarterMail (practice)",
			Mailboxes: "SmarterMail's API at http://127.0.0.1:17017", Addresses: []netip.Addr{server},
			Opened: Now.Add(-12 * time.Minute), Operator: "maria@mail01", Epoch: 1, Owned: true, Permit: incident.May, Round: 1,
			Asked: Now.Add(-20 * time.Second), NoAnswer: []string{"Validity", "PSBL"},
		},
		Live: steps.Live{
			Service:  steps.ServiceReport{State: steps.ServiceRunning, PID: 4711, At: Now.Add(-2 * time.Second)},
			APIReady: true, Spool: before, Rates: steps.Rate{In: 41, Out: 6, Known: true},
			Lists: lists(), Last: "lists asked: three stop mail now",
		},
	}
	s.Live.Traffic = traffics(t, step)
	s.Incident.Listings = listings(s.Live.Lists)
	s.Incident.Identity = seenAs()
	s.Incident.Suspects = []incident.Suspect{{
		Account: Stolen, Why: []string{"61 client addresses", "85 % of the spool", "forged senders"}, Marked: Now.Add(-10 * time.Minute),
		Mailbox: &incident.Mailbox{Account: Stolen, Exists: true, LocalPassword: true, ReadAt: Now.Add(-3 * time.Minute),
			Forwarding: incident.Forwarding{Known: true, Addresses: []string{"k.w0rd@freemail.test"}}},
	}}
	if step > incident.Purge {
		s.Live.Spool = after
	}
	for _, sender := range s.Live.Spool.Senders() {
		row := steps.SenderRow{Sender: sender, Rate: steps.Rate{In: 1, Known: true}, Marked: sender.Account == Stolen,
			Logged: s.Live.Traffic.Account(sender.Account)}
		if row.Marked {
			row.In = 39
			row.Why = append(row.Why, row.Logged.Why...)
		}
		s.Live.Senders = append(s.Live.Senders, row)
	}
	for _, c := range s.Live.Spool.Campaigns() {
		s.Live.Campaigns = append(s.Live.Campaigns, steps.CampaignRow{Campaign: c, Rate: steps.Rate{In: 39, Known: true}})
	}
	for _, c := range s.Live.Spool.Clients() {
		s.Live.Clients = append(s.Live.Clients, steps.ClientRow{Client: c, Rate: steps.Rate{In: 1, Known: true}})
	}
	s.Incident.Steps[incident.Look] = incident.StepStatus{State: incident.Running, Since: s.Incident.Opened}
	for done := range step {
		passed[done](&s)
	}
	if step == incident.Purge {
		s.Live.Results = results
	}
	return s
}

// done ends a step some minutes before Now.
func done(s *steps.State, step incident.Step, minutes int, result string) {
	s.Incident.Steps[step] = incident.StepStatus{State: incident.Done, Since: Now.Add(-time.Duration(minutes) * time.Minute), Result: result}
}

// passed are what each step leaves behind, and what the next one begins with.
var passed = [...]func(*steps.State){
	incident.Look: func(s *steps.State) { done(s, incident.Look, 9, "4 listings, "+Stolen+" looks stolen") },
	incident.Stop: func(s *steps.State) {
		done(s, incident.Stop, 8, "mail stopped in 4 s")
		s.Incident.MailDown = Now.Add(-8 * time.Minute)
		s.Live.Service.State, s.Live.APIReady = steps.ServiceStopped, false
		s.Live.Rates = steps.Rate{Known: true}
		s.Live.Last = "mail is stopped"
	},
	incident.Purge: func(s *steps.State) {
		done(s, incident.Purge, 6, "34 messages moved, none left")
		s.Incident.Purges = []incident.PurgeRecord{{PlanID: "0a1b2c3d", Query: "account:" + Stolen, Planned: 34, Moved: 34, Dir: "/srv/mail/delist/7F3A", At: Now.Add(-6 * time.Minute), Finished: true}}
		s.Live.Last = "34 messages are in the quarantine"
	},
	incident.Reset: func(s *steps.State) {
		s.Incident.Steps[incident.Reset] = incident.StepStatus{State: incident.Held, Since: Now.Add(-5 * time.Minute), Result: "NOT CHANGED YET, held until mail runs"}
		s.Incident.Suspects[0].Reset = incident.ResetHeld
		s.Live.Known = []string{Stolen}
		s.Live.Last = "a new password for " + Stolen + " is held"
	},
	incident.Restart: func(s *steps.State) {
		done(s, incident.Restart, 3, "mail runs, nothing like the spam for 1m0s")
		done(s, incident.Reset, 4, "1 changed")
		s.Incident.Suspects[0].Reset, s.Incident.Suspects[0].Changed = incident.ResetDone, Now.Add(-4*time.Minute)
		s.Incident.MailDown, s.Incident.Restarted = time.Time{}, Now.Add(-4*time.Minute)
		s.Incident.Watch = incident.Watch{Step: incident.Verify, Since: Now.Add(-3 * time.Minute), Until: Now.Add(57 * time.Minute)}
		s.Live.Watched = &steps.Watched{Step: incident.Verify, Since: Now.Add(-3 * time.Minute), Until: Now.Add(57 * time.Minute),
			Looks: []incident.Looks{{At: "service", Made: 90, Gap: 2 * time.Second}, {At: "spool", Made: 36, Missed: 1, Gap: 10 * time.Second}, {At: "logs", Made: 36, Gap: 5 * time.Second}}}
		s.Incident.Steps[incident.Verify] = incident.StepStatus{State: incident.Running, Since: Now.Add(-3 * time.Minute), Result: "quiet until 10:41"}
		s.Live.Service.State, s.Live.APIReady = steps.ServiceRunning, true
		s.Live.Last = "nothing like the spam for 1m0s"
	},
	incident.Notify: func(s *steps.State) {
		done(s, incident.Notify, 2, "by phone")
		s.Incident.Told = "by phone"
		s.Live.Last = "the owner was told: by phone"
	},
	incident.Verify: func(s *steps.State) {
		s.Incident.Watch = incident.Watch{Step: incident.Verify, Since: Now.Add(-63 * time.Minute), Until: Now.Add(-3 * time.Minute)}
		s.Live.Watched = nil
		done(s, incident.Verify, 1, "quiet for 1h0m0s")
		s.Incident.Listings[0].State, s.Incident.Listings[0].By, s.Incident.Listings[0].At = incident.ListingAsked, "maria", Now.Add(-time.Minute)
		s.Incident.Listings[0].Until = Now.Add(24 * time.Hour)
		for i := range s.Incident.Listings {
			if s.Incident.Listings[i].List == "SpamCop" {
				s.Incident.Listings[i].State, s.Incident.Listings[i].Until = incident.ListingWaits, Now.Add(24*time.Hour)
			}
		}
		s.Incident.FollowUps = []string{"look at the spool again on Wed 25 Nov 2026: thieves try again"}
		s.Live.Last = "it has been quiet for an hour"
	},
	incident.Delist: func(s *steps.State) {
		done(s, incident.Delist, 0, "2 asked, 1 waiting, 1 left, 0 cleared")
		s.Live.Last = "every listing is asked, waiting or left"
	},
}

// mail makes a spool with the thief's mail and ordinary mail, searches it, and looks
// again once the thief's mail is gone.
func mail(t *testing.T) (before *spool.Snapshot, results *spool.Results, after *spool.Snapshot) {
	t.Helper()
	root := t.TempDir()
	// The snapshot keeps the time of the look, so the look has to happen at Now.
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(Now.Sub(time.Now()))
		writeMail(t, root)
		sp, err := spool.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		defer sp.Close()
		if before, err = sp.Scan(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		query, err := spool.ParseQuery("account:" + Stolen)
		if err != nil {
			t.Fatal(err)
		}
		if results, err = sp.Search(t.Context(), before, query, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(root, "SubSpool3")); err != nil {
			t.Fatal(err)
		}
		if after, err = sp.Scan(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	})
	return before, results, after
}

// writeMail fills a spool: 34 messages of the thief, 4 ordinary, 3 bounces, one that is
// still arriving.
func writeMail(t *testing.T, root string) {
	t.Helper()
	forged := []string{"Billing <pay@bank.test>", "Parcel <no@post.test>"}
	for i := range 34 {
		to := []string{fmt.Sprintf("m.okafor%d@gmail.test", i)}
		for extra := range i % 3 * 12 {
			to = append(to, fmt.Sprintf("j.lind%d@web.test", extra))
		}
		spooltest.Write(t, root, spooltest.Pair{
			ID: spool.NewID("SubSpool3", fmt.Sprint(67518200+i)), Auth: Stolen, MailFrom: []string{"pay@bank.test", "no@post.test"}[i%2],
			From: forged[i%2], To: to, Subject: fmt.Sprintf("Invoice %d overdue", 48213+i), IP: fmt.Sprintf("198.51.100.%d", i+1),
			Created: Now.Add(-72*time.Minute + time.Duration(i)*2*time.Minute),
		})
	}
	for i := range 4 {
		spooltest.Write(t, root, spooltest.Pair{
			ID: spool.NewID("SubSpool1", fmt.Sprint(20356170+i)), Auth: Other, To: []string{"board@harbour.test"}, Subject: fmt.Sprintf("Minutes, Tuesday %d", i+1),
			IP: "192.0.2.17", Created: Now.Add(-time.Duration(i+2) * time.Minute),
		})
	}
	for i := range 3 {
		spooltest.Write(t, root, spooltest.Pair{
			ID: spool.NewID("SubSpool2", fmt.Sprint(11626010+i)), Auth: "-", MailFrom: "<>", From: "postmaster@gmail.test", To: []string{Stolen},
			Subject: "Delivery Failure", IP: "192.0.2.99", Created: Now.Add(-time.Duration(i+5) * time.Minute),
		})
	}
	spooltest.File(t, root, "SubSpool2/11626099.em_", []byte("Subject: cut o"), Now)
}

// traffics are the logs of a week in which both accounts sent by day, and of the thief's last hour, unless mail was
// stopped since.
func traffics(t *testing.T, step incident.Step) *traffic.Report {
	t.Helper()
	dir := t.TempDir()
	send := func(at time.Time, account string, messages int) {
		var b strings.Builder
		fmt.Fprintf(&b, "%s [192.0.2.17][%d] Authenticated as %s\r\n", at.Format("15:04:05.000"), at.Unix(), account)
		for i := range messages {
			fmt.Fprintf(&b, "%s [192.0.2.17][%d] Successfully wrote to the HDR file. (C:/SmarterMail/Spool/%d%d.hdr)\r\n", at.Format("15:04:05.000"), at.Unix(), at.Unix(), i)
		}
		name := filepath.Join(dir, at.Format("2006.01.02")+"-smtpLog.log")
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = f.WriteString(b.String()); errors.Join(err, f.Close()) != nil {
			t.Fatal(err)
		}
	}
	for hour := range 24 * 6 {
		at := Now.AddDate(0, 0, -7).Add(time.Duration(hour) * time.Hour)
		send(at, Stolen, 12)
		send(at.Add(time.Second), Other, 4)
	}
	if step <= incident.Reset {
		send(Now.Add(-20*time.Minute), Stolen, 4812)
	}
	send(Now.Add(-time.Minute), Other, 3)
	report, err := traffic.Open(dir, traffic.Options{Clock: func() time.Time { return Now }}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// lists are the answers of a few lists.
func lists() dnsbl.Report {
	css := dnsbl.List{ID: "zen", Name: "Spamhaus ZEN", Zone: "zen.spamhaus.org", Tier: 1, Impact: dnsbl.StopsMail, Removal: dnsbl.Removal{
		Kind: dnsbl.SelfService, URL: "https://check.example/?ip={ip}", Need: "the address, one sentence on what happened", Usual: "5 minutes",
		Penalty: "Asked too early, it lists you again for longer.", Advice: "Use the form once no spam has left for an hour. Ask one time only, and say what you changed."}}
	barracuda := dnsbl.List{ID: "barracuda", Name: "Barracuda", Zone: "b.barracudacentral.org", Tier: 1, Impact: dnsbl.StopsMail, Removal: dnsbl.Removal{
		Kind: dnsbl.SelfService, Usual: "12 hours", WaitHours: 24, Advice: "Send the form one time, and write what happened and what you changed. Wait a whole day before you look again."}}
	spamcop := dnsbl.List{ID: "spamcop", Name: "SpamCop", Zone: "bl.spamcop.net", Tier: 1, Impact: dnsbl.StopsMail, Removal: dnsbl.Removal{
		Kind: dnsbl.Waits, Expires: "24 hours after the last report", WaitHours: 24, Advice: "Do nothing: it clears by itself 24 hours after the last report. SpamCop asks you not to write to them."}}
	uceprotect := dnsbl.List{ID: "uceprotect2", Name: "UCEPROTECT 2", Zone: "dnsbl-2.uceprotect.net", Tier: 2, Impact: dnsbl.Ignore, Scope: dnsbl.ScopeNetwork, Removal: dnsbl.Removal{
		Kind: dnsbl.NoRemoval, Advice: "Leave it: it is about your neighbours, and few servers refuse mail for it. Never pay for an exception."}}
	validity := dnsbl.List{ID: "validity", Name: "Validity", Zone: "bl.score.senderscore.com", Tier: 2, Impact: dnsbl.StopsSomeMail}
	psbl := dnsbl.List{ID: "psbl", Name: "PSBL", Zone: "psbl.surriel.com", Tier: 2, Impact: dnsbl.StopsSomeMail}
	mailspike := dnsbl.List{ID: "mailspike", Name: "Mailspike", Zone: "bl.mailspike.net", Tier: 2, Impact: dnsbl.StopsSomeMail}
	code := func(answer, name, meaning string) []dnsbl.Code {
		return []dnsbl.Code{{Answer: netip.MustParseAddr(answer), Name: name, Meaning: meaning}}
	}
	at := Now.Add(-20 * time.Second)
	evidence := func(kind, name, rcode string, answers ...string) dnsbl.Evidence {
		return dnsbl.Evidence{Name: name, Type: kind, Server: "127.0.0.1:53", RCode: rcode, Answers: answers, At: at, Took: 52 * time.Millisecond}
	}
	results := []dnsbl.Result{
		{List: &css, Verdict: dnsbl.Listed, Codes: code("127.0.0.3", "CSS", "spam seen from this address"), Reason: "https://check.example/?ip=203.0.113.25",
			Evidence: []dnsbl.Evidence{
				evidence("A", "25.113.0.203.zen.spamhaus.org", "NOERROR", "127.0.0.3"),
				evidence("TXT", "25.113.0.203.zen.spamhaus.org", "NOERROR", "https://check.example/?ip=203.0.113.25"),
				evidence("A", "2.0.0.127.zen.spamhaus.org", "NOERROR", "127.0.0.2", "127.0.0.4", "127.0.0.10"),
				evidence("A", "1.0.0.127.zen.spamhaus.org", "NXDOMAIN"),
			}},
		{List: &barracuda, Verdict: dnsbl.Listed, Codes: code("127.0.0.2", "", "poor reputation")},
		{List: &spamcop, Verdict: dnsbl.Listed, Codes: code("127.0.0.2", "", "clears by itself 24 h after the last report")},
		{List: &uceprotect, Verdict: dnsbl.Listed, Codes: code("127.0.0.2", "", "the network around you, not you")},
		{List: &validity, Verdict: dnsbl.Refused, Note: "it refuses this resolver, so it says nothing"},
		{List: &psbl, Verdict: dnsbl.Unusable, Evidence: []dnsbl.Evidence{{Name: "25.113.0.203.psbl.surriel.com", Type: "A", Server: "127.0.0.1:53", Error: "127.0.0.1:53: no answer in time", At: at, Took: 4 * time.Second}}, Note: "it lists everything, so it says nothing"},
		{List: &mailspike, Verdict: dnsbl.Clear},
	}
	for i := range results {
		results[i].IP, results[i].At = server, at
	}
	slices.SortFunc(results, dnsbl.Compare)
	return dnsbl.Report{At: at, Addresses: []dnsbl.Address{{IP: server, Verdict: dnsbl.AddressListed, Results: results}}}
}

// seenAs is the practice server's identity: all in order but one DMARC record.
func seenAs() *identity.Report {
	const host = "mail01.example"
	r := &identity.Report{At: Now.Add(-15 * time.Second), HELO: host, Addresses: []identity.Address{
		{IP: server, Scope: identity.Public, Grounds: []string{"given"}, Origins: []identity.Origin{identity.FromOperator}}}}
	add := func(kind identity.Kind, about identity.Subject, name, short, sentence, remedy string) {
		r.Findings = append(r.Findings, identity.Finding{Kind: kind, About: about, Name: name, Short: short, Sentence: sentence, Remedy: remedy})
	}
	add(identity.NotAsked, identity.OfRelay, "", "", "Whether mail leaves through a relay or gateway was not looked at: no log named the hosts that take it.", "")
	add(identity.Good, identity.OfForward, host, "PTR mail01.example, forward-confirmed", "The PTR record of 203.0.113.25 names mail01.example, and that name points back to the address (forward-confirmed, FCrDNS).", "")
	add(identity.Good, identity.OfHELO, host, "HELO agrees", "In HELO this server says mail01.example: that name has the address 203.0.113.25, and is its PTR name.", "")
	add(identity.Good, identity.OfSPF, "harbourlight.example", "SPF of harbourlight.example passes", "SPF of harbourlight.example: pass.", "")
	add(identity.Good, identity.OfSPF, "quayside.example", "SPF of quayside.example passes", "SPF of quayside.example: pass.", "")
	add(identity.Note, identity.OfDMARC, "quayside.example", "no DMARC at quayside.example", "quayside.example has no DMARC record.", "Publish a TXT record at _dmarc.quayside.example, to begin with: \"v=DMARC1; p=none\".")
	return r
}

// listings are what the record keeps of the answers.
func listings(report dnsbl.Report) []incident.Listing {
	var all []incident.Listing
	for _, r := range report.Addresses[0].Results {
		if r.Verdict != dnsbl.Listed {
			continue
		}
		l := incident.Listing{IP: r.IP, List: r.List.Name, Zone: r.List.Zone, Tier: r.List.Tier, Verdict: r.Verdict, Reason: r.Reason,
			Impact: string(r.List.Impact), Seen: r.At, First: r.At, Removal: &r.List.Removal}
		for _, c := range r.Codes {
			l.Meaning = append(l.Meaning, c.Meaning)
		}
		all = append(all, l)
	}
	return all
}
