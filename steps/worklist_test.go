package steps_test

import (
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
)

// atDelist is a world in which the server is quiet and the listings are to be worked on.
func atDelist(t *testing.T, lists ...string) (*world, *steps.Runbook) {
	w := newWorld(t)
	w.lists.listed = map[string]bool{}
	for _, list := range lists {
		w.lists.set(list, true)
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.Skip{Step: incident.Verify, Reason: "this is about Delist"})
	w.do(rb, steps.AskLists{})
	return w, rb
}

// listing is what is known of one list.
func listing(rb *steps.Runbook, list string) *incident.Listing {
	inc := rb.State().Incident
	return inc.Listing(serverIP, list)
}

const early = "the test is about asking"

// While Spamhaus' own record stands, nothing else is lifted: one row for each way off, the hardest first, the others wait for it.
func TestEachWayOffAListIsARow(t *testing.T) {
	w := newWorld(t)
	w.lists.listed, w.lists.parts = map[string]bool{"Spamhaus ZEN": true}, []string{"SBL", "CSS"}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.AskLists{})
	inc := rb.State().Incident
	if work := inc.Worklist(); len(work) != 2 || work[0].List != "Spamhaus SBL" || work[1].List != "Spamhaus CSS" {
		t.Fatalf("the worklist is %+v", work)
	}
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS", Reason: early}, "says no until Spamhaus SBL has cleared")
	w.do(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus SBL", Reason: early})

	// The record is gone, the other listing stands: now it can be asked for.
	w.lists.mu.Lock()
	w.lists.parts = []string{"CSS"}
	w.lists.mu.Unlock()
	w.do(rb, steps.AskLists{})
	inc = rb.State().Incident
	if sbl, css := inc.Listing(serverIP, "Spamhaus SBL"), inc.Listing(serverIP, "Spamhaus CSS"); sbl.State != incident.ListingCleared || css.State != incident.ListingToDo {
		t.Errorf("SBL is %s, CSS is %s", sbl.State, css.State)
	}
	w.do(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS", Reason: early})
}

func TestAListingThatComesBackIsToDoAgain(t *testing.T) {
	w, rb := atDelist(t, "Barracuda")
	w.do(rb, steps.MarkRequested{IP: serverIP, List: "Barracuda", Reason: early})
	w.lists.set("Barracuda", false)
	w.do(rb, steps.AskLists{})
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "Barracuda", Reason: early}, "has cleared")
	w.lists.set("Barracuda", true)
	w.do(rb, steps.AskLists{})
	inc := rb.State().Incident
	if l := inc.Listing(serverIP, "Barracuda"); l.State != incident.ListingToDo || l.Back.IsZero() || !l.Gone.IsZero() {
		t.Errorf("the listing came back and is %+v", l)
	}
}

// A list remembers who asked, whatever incident it was in.
func TestARequestOfAnEarlierIncidentCounts(t *testing.T) {
	w := newWorld(t)
	w.settings.Earlier = []steps.Earlier{{Incident: "0A1B", Listing: incident.Listing{IP: serverIP, List: "Barracuda", State: incident.ListingAsked,
		At: time.Now().Add(-time.Hour), Until: time.Now().Add(23 * time.Hour)}}}
	w.lists.set("Barracuda", true)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.AskLists{})
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "Barracuda", Reason: early}, "in incident 0A1B")
	w.do(rb, steps.Skip{Step: incident.Verify, Reason: "this is about Delist"})
	if l := listing(rb, "Barracuda"); l.State != incident.ListingWaits || !l.Until.Equal(w.settings.Earlier[0].Until) {
		t.Errorf("what was asked before is %s until %s", l.State, l.Until)
	}
	w.do(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS", Reason: early})
}

func TestABounceMakesAnEntryThatOnlyTheOperatorEnds(t *testing.T) {
	w, rb := atDelist(t, "Spamhaus ZEN")
	w.do(rb, steps.ReadBounce{Text: testdata.Outlook})
	inc := rb.State().Incident
	l := inc.Listing(serverIP, "Outlook.com")
	if l == nil || !l.ByHand || l.State != incident.ListingToDo || l.Removal == nil || !strings.HasPrefix(l.Removal.URL, "https://") {
		t.Fatalf("the bounce made %+v", l)
	}
	if after := inc.After(l); len(after) != 1 || after[0] != "Spamhaus CSS" {
		t.Errorf("Outlook.com is to be asked after %q", after)
	}
	if next, _ := inc.NextListing(); next.List != "Spamhaus CSS" {
		t.Errorf("next is %s", next.List)
	}

	// With the lists asked, nothing is left to do now; what follows them stands on the list of what is still to do.
	w.do(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS", Reason: early})
	w.do(rb, steps.AskLists{})
	if l := listing(rb, "Outlook.com"); l.State != incident.ListingToDo {
		t.Errorf("asking the lists made Outlook.com %s", l.State)
	}
	w.refused(rb, steps.MarkCleared{IP: serverIP, List: "Spamhaus CSS", Reason: "sure"}, "delist asks Spamhaus CSS itself")
	w.refused(rb, steps.MarkCleared{IP: serverIP, List: "Outlook.com"}, "reason")
	w.do(rb, steps.MarkCleared{IP: serverIP, List: "Outlook.com", Reason: "a test message arrived"})
	if l := listing(rb, "Outlook.com"); l.State != incident.ListingCleared || l.Gone.IsZero() {
		t.Errorf("marked as cleared, and %+v", l)
	}
	w.do(rb, steps.ReadBounce{Text: testdata.Outlook})
	if l := listing(rb, "Outlook.com"); l.State != incident.ListingToDo || l.Back.IsZero() {
		t.Errorf("refused again, and %+v", l)
	}
}

// What is slow, unsure, about something else, or can be asked by DNS makes no entry.
func TestBouncesThatMakeNoEntry(t *testing.T) {
	w, rb := atDelist(t)
	for _, text := range []string{
		"451 4.7.650 The mail server [203.0.113.25] has been temporarily rate limited due to IP reputation (S775)",
		"550 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org",
		"550 5.1.1 <joe@example.com> user unknown",
		"550 you are blocked",
	} {
		w.do(rb, steps.ReadBounce{Text: text})
		if listings := rb.State().Incident.Listings; len(listings) > 0 {
			t.Errorf("%q made %+v", text, listings)
		}
	}
	w.do(rb, steps.ReadBounce{Text: "554 fed1rmimpi309 cox 70.xx.xx.xx blocked. Error Code: IPBL0100"})
	if l := listing(rb, "invaluement ivmSIP"); l == nil || !l.ByHand {
		t.Errorf("a list that only bounces show made no entry: %+v", rb.State().Incident.Listings)
	}
}

func TestADraftTellsTheFactsAndNoSecret(t *testing.T) {
	inc := incident.Fold(testdata.Incident(incident.Delist))
	text := steps.Draft(&inc, serverIP, "Barracuda")
	for _, want := range []string{"203.0.113.25 (mail01.example)", "stolen", "stopped all mail on Tue 24 Nov", "34 messages", "password was changed", "forwarding rule", "No new spam", "remove the listing"} {
		if !strings.Contains(text, want) {
			t.Errorf("the draft does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, stolen) {
		t.Errorf("the draft names the account:\n%s", text)
	}
}

func TestADraftCountsThePasswordsThatAreNotChanged(t *testing.T) {
	inc := incident.Fold(testdata.Incident(incident.Delist))
	inc.Suspects = append(inc.Suspects, incident.Suspect{Account: "info@quayside.example"})
	text := steps.Draft(&inc, serverIP, "Barracuda")
	for _, want := range []string{"passwords of 2 mailboxes", "not been changed yet (1 of the 2 mailboxes)", "was removed (1 of the 2 mailboxes)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the draft does not say %q:\n%s", want, text)
		}
	}
}
