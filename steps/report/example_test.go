package report

import (
	"fmt"
	"net/netip"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/steps/incident"
)

const stolen = "sales@harbourlight.example"

var serverIP = netip.MustParseAddr("203.0.113.25")

// example is a made-up incident with a relapse, from the first record to the closing. Everything that comes from outside
// delist goes through foreign first.
func example(foreign func(string) string) (incident.Incident, []incident.Record) {
	e := exampleRecords{at: time.Date(2026, 7, 21, 7, 40, 0, 0, time.UTC), by: foreign("maria@mail01")}
	account, list, spamcop := foreign(stolen), foreign("Spamhaus ZEN"), foreign("SpamCop")
	css := &dnsbl.Removal{Kind: dnsbl.SelfService, URL: "https://check.spamhaus.org/results/?query={ip}"}
	waits := &dnsbl.Removal{Kind: dnsbl.Waits}
	e.add(0, incident.Opened{ID: "7F3A", Host: foreign("mail01.example"), Spool: foreign(`D:\SmarterMail\Spool`), Service: foreign("MailService"),
		Mailboxes: foreign("SmarterMail's API"), Addresses: []netip.Addr{serverIP}, Mode: incident.Mode{Drill: true}})
	e.add(0, incident.Started{PID: 4711, Host: "mail01", TornTail: 12})
	e.add(0, incident.StepChanged{Step: incident.Look, State: incident.Running})
	e.add(5, incident.ListsAsked{Asked: 38, NoAnswer: []string{foreign("Validity")}, Summary: foreign("Two listings stop mail now."), Listings: []incident.Listing{
		{IP: serverIP, List: list, Tier: 1, Meaning: []string{foreign("CSS: spam seen")}, Reason: foreign("see the page"), Impact: "stops mail now", First: e.at, Lookup: "https://check.spamhaus.org/", Removal: css},
		{IP: serverIP, List: spamcop, Tier: 1, Impact: "stops mail now", First: e.at, Lookup: foreign("https://www.spamcop.net/bl.shtml"), Removal: waits},
	}})
	e.add(0, incident.IdentityChecked{Report: identity.Report{At: e.at, HELO: foreign("mail01.example"),
		Addresses: []identity.Address{{IP: serverIP, Scope: identity.Public, Grounds: []string{foreign("given")}, Origins: []identity.Origin{identity.FromOperator}}},
		Findings: []identity.Finding{
			{Kind: identity.Bad, About: identity.OfPTR, IP: serverIP, Short: foreign("no PTR record"), Sentence: foreign("203.0.113.25 has no PTR record."), Remedy: foreign("Ask the provider."), Refusers: []string{foreign("SPFBL")}},
			{Kind: identity.Unknown, About: identity.OfSPF, Name: foreign("harbourlight.example"), Short: foreign("SPF unknown"), Sentence: foreign("SPF cannot be told.")},
		}}})
	e.add(1, incident.BounceRead{Findings: []bounce.Finding{{Kind: bounce.Provider, Quote: foreign("554 blocked. Error Code: IPBL0100"), Provider: foreign("Cox"), IP: serverIP, Advice: "Ask Cox."}}})
	e.add(2, incident.SuspectMarked{Account: account, Why: []string{foreign("61 client addresses"), "85 % of the spool"}, IPs: []netip.Addr{netip.MustParseAddr("198.51.100.7")}})
	e.add(60, incident.Intended{Intent: "StopService"})
	e.add(0, incident.StepChanged{Step: incident.Stop, State: incident.Running})
	e.add(0, incident.MailboxRead{Mailbox: incident.Mailbox{Account: account, Exists: true, LocalPassword: true, ReadAt: e.at,
		Forwarding: incident.Forwarding{Known: true, Addresses: []string{foreign("k.w0rd@freemail.test")}}}})
	e.add(1, incident.EvidenceTaken{Name: foreign("evidence/senders.json"), SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"})
	e.add(3, incident.MailStopped{})
	e.add(0, incident.StepChanged{Step: incident.Look, State: incident.Done, Result: "2 listings"})
	e.add(0, incident.StepChanged{Step: incident.Stop, State: incident.Done, Result: "mail stopped in 4 s"})
	e.add(20, incident.Planned{PlanID: "0a1b2c3d", Query: foreign("account:" + stolen), Count: 3291, Bytes: 48_100_000, Dir: foreign(`D:\SmarterMail\delist\7F3A`)})
	e.add(0, incident.StepChanged{Step: incident.Purge, State: incident.Running})
	e.add(9, incident.Moved{PlanID: "0a1b2c3d", Moved: 3289, Bytes: 48_000_000, Skipped: map[string]int{"locked": 1, "vanished": 1}})
	e.add(0, incident.StepChanged{Step: incident.Purge, State: incident.Done, Result: "3,289 messages moved, none left"})
	e.add(9, incident.StepChanged{Step: incident.Reset, State: incident.Skipped, Reason: foreign("no time")})
	e.add(9, incident.StepChanged{Step: incident.Restart, State: incident.Running})
	e.add(5, incident.MailStarted{})
	e.add(9, incident.Relapsed{Why: foreign("12 messages like the spam"), Accounts: []string{account}})
	e.add(9, incident.StepChanged{Step: incident.Stop, State: incident.Running})
	e.add(2, incident.MailStopped{})
	e.add(0, incident.StepChanged{Step: incident.Stop, State: incident.Done, Result: "mail stopped in 2 s"})
	e.add(9, incident.PutBack{Restored: 2, Skipped: map[string]int{"exists already": 1}})
	e.add(1, incident.StepChanged{Step: incident.Purge, State: incident.Done, Result: "12 messages moved"})
	e.add(2, incident.ResetChanged{Account: account, State: incident.ResetHeld})
	e.add(0, incident.StepChanged{Step: incident.Reset, State: incident.Held, Result: "NOT CHANGED YET, held until mail runs"})
	e.add(9, incident.StepChanged{Step: incident.Restart, State: incident.Running})
	e.add(4, incident.MailStarted{})
	e.add(3, incident.ResetChanged{Account: account, State: incident.ResetDone, Detail: foreign("set and proven in 1.2s")})
	e.add(0, incident.ForwardingChanged{Account: account, State: incident.ForwardingRemoved, Addresses: []string{foreign("k.w0rd@freemail.test")}})
	e.add(0, incident.StepChanged{Step: incident.Reset, State: incident.Done, Result: "1 changed"})
	e.add(60, incident.StepChanged{Step: incident.Restart, State: incident.Done, Result: "mail runs"})
	e.add(0, incident.WatchBegan{Until: e.at.Add(time.Hour)})
	e.add(0, incident.StepChanged{Step: incident.Verify, State: incident.Running})
	e.add(30, incident.OwnerWasTold{How: foreign("by phone")})
	e.add(0, incident.StepChanged{Step: incident.Notify, State: incident.Done, Result: foreign("by phone")})
	e.add(3600, incident.FoundQuiet{})
	e.add(0, incident.StepChanged{Step: incident.Verify, State: incident.Done, Result: "quiet for 1h0m0s"})
	e.add(0, incident.StepChanged{Step: incident.Delist, State: incident.Running})
	e.add(0, incident.ListingChanged{IP: serverIP, List: spamcop, State: incident.ListingWaits, Until: e.at.Add(24 * time.Hour), Why: "it clears by itself"})
	e.add(90, incident.ListingChanged{IP: serverIP, List: list, State: incident.ListingAsked, Ticket: foreign("SBL-1"), Until: e.at.Add(24 * time.Hour)})
	e.add(0, incident.LeftToDo{Text: fmt.Sprintf("look whether %s has cleared %s, on some day", list, serverIP)})
	e.add(0, incident.StepChanged{Step: incident.Delist, State: incident.Done, Result: "1 asked, 1 waiting, 0 left, 0 cleared"})
	e.add(5, incident.Noted{Text: foreign("call the owner again on Monday")})
	e.add(5, incident.Intended{Intent: "CloseIncident"})
	e.add(0, incident.LeftToDo{Text: foreign("add a Spool Count event")})
	return incident.Fold(e.records), e.records
}

// exampleRecords grow a fact at a time.
type exampleRecords struct {
	at      time.Time
	by      string
	records []incident.Record
}

// add puts a fact some seconds after the one before.
func (e *exampleRecords) add(seconds int, f incident.Fact) {
	e.at = e.at.Add(time.Duration(seconds) * time.Second)
	e.records = append(e.records, incident.Record{Seq: len(e.records) + 1, At: e.at, Epoch: 1, By: e.by, Fact: f})
}

func asIs(s string) string { return s }
