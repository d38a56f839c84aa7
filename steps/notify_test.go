package steps_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// Where no account is marked, nothing is claimed of anybody's password, and Enter goes on with what was seen as the reason,
// unless somebody looks after what was found.
func TestNotifyClaimsWhatWasSeen(t *testing.T) {
	at := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	speaker := incident.SpeakerSeen{Program: mailer}
	relay := incident.CauseFound{Cause: incident.Cause{Class: incident.Relay, Name: "10.20.0.7", Count: 80, Why: []string{"no log-in"}}}
	listings := incident.Explained{Rows: []string{incident.RowListings}, Why: "the guests' network, closed now"}
	known := incident.Explained{Rows: []string{incident.Speaker{Program: mailer}.Row()}, Why: "our newsletter"}
	opened := incident.Opened{ID: "7F3A", Host: "mail01.example"}
	for name, c := range map[string]struct {
		facts  []incident.Fact
		enter  steps.ActionID
		letter string // part of it
		reason string // part of Enter's; empty where it asks
	}{
		"nothing found":           {nil, steps.ActSkip, "how it was sent is not known", "nobody else was found"},
		"a program":               {[]incident.Fact{speaker}, steps.ActSkip, "/var/www/shop/up.php", "a program on this machine sent, /var/www/shop/up.php of www-data"},
		"a known program":         {[]incident.Fact{speaker, known}, steps.ActSkip, "how it was sent is not known", "nobody else was found"},
		"the operator's word":     {[]incident.Fact{listings}, steps.ActSkip, "the guests' network", "nobody else was found"},
		"a mark taken back":       {[]incident.Fact{incident.SuspectMarked{Account: stolen}, incident.SuspectCleared{Account: stolen, Why: "a newsletter"}}, steps.ActSkip, "how it was sent is not known", "nobody else was found"},
		"moved by a text":         {[]incident.Fact{incident.Planned{PlanID: "1", Count: 30}, incident.Moved{PlanID: "1", Moved: 30}}, steps.ActSkip, "We stopped what we take for spam: 30 messages", "nobody else was found"},
		"moved unread":            {[]incident.Fact{incident.Planned{PlanID: "1", Query: "class:unread", Count: 6, Unread: 6}, incident.Moved{PlanID: "1", Moved: 6}}, steps.ActSkip, "We took 6 messages out of the queue to look through", "nobody else was found"},
		"a rehearsal":             {[]incident.Fact{incident.Opened{ID: "7F3A", Host: "mail01.example", Mode: incident.Mode{DryRun: true}}}, steps.ActSkip, "how it was sent is not known", "nobody else was found"},
		"a relay":                 {[]incident.Fact{relay}, steps.ActTold, "10.20.0.7", ""},
		"a relay and a program":   {[]incident.Fact{relay, speaker}, steps.ActTold, "/var/www/shop/up.php", ""},
		"a relay that is excused": {[]incident.Fact{relay, incident.Explained{Rows: []string{"10.20.0.7"}, Why: "ours"}}, steps.ActSkip, "how it was sent is not known", "nobody else was found"},
	} {
		t.Run(name, func(t *testing.T) {
			s := steps.State{Settings: steps.DefaultSettings(), Now: at}
			listed := incident.ListsAsked{Listings: []incident.Listing{{IP: serverIP, List: "Spamhaus CSS", First: at, Seen: at}}}
			for _, fact := range slices.Concat([]incident.Fact{opened}, c.facts, []incident.Fact{listed}) {
				s.Incident.Fold(incident.Record{At: at, By: "maria", Fact: fact})
			}
			letter := steps.Letter(&s.Incident)
			page := s.Page(incident.Notify)
			said := page.Purpose + "\n" + strings.Join(page.Advice, "\n")
			for _, a := range s.Actions(incident.Notify) {
				said += "\n" + a.Label + "\n" + a.About + "\n" + a.Prompt
			}
			draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS")
			for _, text := range []string{letter, said, draft} {
				if text == "" {
					t.Error("nothing is said")
				}
				for _, lie := range []string{"the password", "your mailbox", "the owner", "no account was found)", "read their mail"} {
					if strings.Contains(text, lie) {
						t.Errorf("it says %q:\n%s", lie, text)
					}
				}
			}
			if !strings.Contains(strings.Join(strings.Fields(letter), " "), c.letter) {
				t.Errorf("the letter does not say %q:\n%s", c.letter, letter)
			}
			a, _ := s.Recommended(incident.Notify)
			if a.ID != c.enter || (a.Ask == steps.AskNothing) != (c.reason != "") {
				t.Fatalf("Enter does %s, and asks %d", a.ID, a.Ask)
			}
			if skip, ok := a.Intent(steps.Answer{}).(steps.Skip); ok && (skip.Step != incident.Notify || !strings.Contains(skip.Reason, c.reason)) {
				t.Errorf("%+v", skip)
			}
		})
	}
}

// Each owner gets a letter of their own, which tells nothing of the others.
func TestEachOwnerGetsALetterOfTheirOwn(t *testing.T) {
	const other = "info@quayside.example"
	s := steps.State{Settings: steps.DefaultSettings(), Now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)}
	for _, fact := range []incident.Fact{
		incident.Opened{ID: "7F3A", Host: "mail01.example"}, incident.SuspectMarked{Account: stolen}, incident.SuspectMarked{Account: other},
		incident.Planned{PlanID: "1", Query: "account:" + stolen, Count: 150}, incident.Moved{PlanID: "1", Moved: 150},
		incident.Planned{PlanID: "2", Query: "account:" + other, Count: 110}, incident.Moved{PlanID: "2", Moved: 110},
		incident.ResetChanged{Account: other, State: incident.ResetDone},
	} {
		s.Incident.Fold(incident.Record{At: s.Now, By: "maria", Fact: fact})
	}
	letters := strings.SplitN(steps.Letter(&s.Incident), "the next owner's letter", 2)
	if len(letters) != 2 {
		t.Fatalf("%d letters", len(letters))
	}
	for i, c := range []struct{ has, not []string }{
		{[]string{"To the owner of " + stolen, "150 messages"}, []string{other, "110", "260", "We gave your mailbox"}},
		{[]string{"To the owner of " + other, "110 messages", "We gave your mailbox a new password"}, []string{stolen, "150", "260"}},
	} {
		for _, text := range c.has {
			if !strings.Contains(letters[i], text) {
				t.Errorf("letter %d does not say %q:\n%s", i, text, letters[i])
			}
		}
		for _, text := range c.not {
			if strings.Contains(letters[i], text) {
				t.Errorf("letter %d says %q:\n%s", i, text, letters[i])
			}
		}
	}
}
