package ui_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"delist/checks/bounce"
	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/spool/quarantine"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// at sits an operator down before the incident at a step.
func at(t *testing.T, step incident.Step, o ui.Options) (*uitest.Driver, *uitest.Runbook) {
	t.Helper()
	return with(t, uitest.At(t, step), o)
}

func with(t *testing.T, state steps.State, o ui.Options) (*uitest.Driver, *uitest.Runbook) {
	t.Helper()
	runbook := uitest.NewRunbook(t, state)
	return uitest.New(t, runbook, o), runbook
}

func TestPermissionIsAskedFirst(t *testing.T) {
	state := uitest.At(t, incident.Look)
	state.Incident.Permit = incident.NotAsked
	d, runbook := with(t, state, ui.Options{})
	d.Expect("May you stop this mail server", "Enter: I may stop this server", "x: I may not")
	runbook.Expect(steps.Allow{May: true}, func(s *steps.State) error { s.Incident.Permit = incident.May; return nil })
	d.Press("enter").Expect("Enter: lock the thief out").ExpectNot("May you stop")
}

func TestLockOutAsksWithCancelFirst(t *testing.T) {
	d, runbook := at(t, incident.Look, ui.Options{})
	d.Press("enter").ExpectDialog("Lock the thief out", "> Cancel <", uitest.Stolen)
	d.Press("enter").ExpectNoDialog()
	runbook.Expect(steps.LockOut{}, nil)
	d.Press("enter", "y").ExpectNoDialog()
}

func TestStopIsOneKeyAwayEverywhere(t *testing.T) {
	for _, step := range []incident.Step{incident.Look, incident.Stop} {
		d, runbook := at(t, step, ui.Options{})
		d.Resize(60, 15).Expect("stop ALL mail now").Resize(80, 24)
		runbook.Expect(steps.StopService{}, func(s *steps.State) error {
			s.Incident.Steps[incident.Look] = incident.StepStatus{State: incident.Done, Since: s.Now}
			s.Incident.Steps[incident.Stop] = incident.StepStatus{State: incident.Done, Since: s.Now}
			s.Incident.MailDown = s.Now
			s.Live.Service.State = steps.ServiceStopped
			return nil
		})
		key := map[incident.Step]string{incident.Look: "s", incident.Stop: "enter"}[step]
		d.Press(key).ExpectDialog("Stop ALL mail now?").Press("y").Expect("MAIL DOWN", "Purge: move the spam out")
	}
}

// planned puts a plan of all but n of the thief's messages into the state.
func planned(s *steps.State, ids int) error {
	view := &steps.PlanView{Dir: "/srv/mail/delist/7F3A", Free: 212e9, Most: true, Oldest: s.Now.Add(-72 * time.Minute), Newest: s.Now,
		Top: s.Live.Spool.Senders()[:1]}
	view.Plan.ID, view.Plan.SpoolCount, view.Plan.Bytes = "0a1b2c3d", s.Live.Spool.Len(), 48_100_000
	view.Plan.Items = slices.Grow(view.Plan.Items, ids)[:ids]
	s.Live.Plan = view
	return nil
}

// stolenIDs are the messages of the thief, without those named.
func stolenIDs(state steps.State, without ...spool.ID) []spool.ID {
	var ids []spool.ID
	for _, hit := range state.Live.Results.Hits {
		if !slices.Contains(without, hit.ID) {
			ids = append(ids, hit.ID)
		}
	}
	return ids
}

func TestQuarantineTakesExactlyWhatIsMarkedAndTheTypedCount(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	d, runbook := with(t, state, ui.Options{})
	d.Expect("SEARCH account:"+uitest.Stolen, "matches 34 of 41", "34 marked", "Alike, not marked: 3 bounces", "Left in place: 1 still arriving")
	d.Press("space").Expect("33 marked", "Enter: quarantine 33")

	runbook.Expect(steps.PlanPurge{Query: "account:" + uitest.Stolen, IDs: stolenIDs(state, "SubSpool3/67518200")},
		func(s *steps.State) error { return planned(s, 33) })
	d.Press("enter").ExpectDialog("Move 33 messages out of the spool?", "48 MB", "/srv/mail/delist/7F3A", "212 GB free",
		"most of the spool (80 %)", "delist restore 7F3A", "> Cancel <", "type the number of messages")
	d.Wait(time.Second).Type("34").Expect("> Cancel <").Press("enter").ExpectDialog("Move 33")

	runbook.Expect(steps.Quarantine{PlanID: "0a1b2c3d", Count: 33}, func(s *steps.State) error {
		s.Live.Plan, s.Live.Results = nil, nil
		s.Incident.Steps[incident.Purge] = incident.StepStatus{State: incident.Done, Since: s.Now, Result: "33 messages moved, none left"}
		return nil
	})
	d.Press("ctrl+u").Type("33").Expect("> Move <").Press("enter").ExpectNoDialog().Expect("Reset: give the account")
}

func TestSearchFromARowOfTheSenders(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	found := state.Live.Results
	state.Live.Results = nil
	d, runbook := with(t, state, ui.Options{})
	d.Expect("Enter searches for account:"+uitest.Stolen, "Enter: search")
	runbook.Expect(steps.Search{Query: "account:" + uitest.Stolen}, func(s *steps.State) error { s.Live.Results = found; return nil })
	d.Press("enter").Expect("Search for:", "account:"+uitest.Stolen).Press("enter").Expect("34 marked", "Enter: quarantine 34")
}

// Where the screen or a reason names /, it opens the search box, whatever Enter does: else what is typed after it acts.
func TestSlashAlwaysOpensTheSearch(t *testing.T) {
	const wrong, suggested = "account:slaes@harbourlight.example", "account:" + uitest.Stolen
	for name, test := range map[string]struct {
		change func(*steps.State)
		keys   []string
		want   string
	}{
		"before the first search":     {func(s *steps.State) { s.Live.Results = nil }, []string{"/"}, suggested},
		"nothing found":               {func(s *steps.State) { s.Live.Results.Hits = nil }, []string{"/"}, wrong},
		"messages found":              {func(*steps.State) {}, []string{"/"}, wrong},
		"who sends, after a search":   {func(*steps.State) {}, []string{"v", "/"}, wrong},
		"Enter goes where it pointed": {func(s *steps.State) { s.Live.Results.Hits = nil }, []string{"enter"}, suggested},
	} {
		state := uitest.At(t, incident.Purge)
		query, err := spool.ParseQuery(wrong)
		if err != nil {
			t.Fatal(err)
		}
		state.Live.Results.Query = query
		test.change(&state)
		d, runbook := with(t, state, ui.Options{})
		runbook.Expect(steps.Search{Query: test.want + "n"}, nil)
		t.Log(name)
		d.Press(test.keys...).ExpectDialog("Search", "Search for:").Type("n").Press("enter").ExpectNoDialog()
	}
}

// A search that is not clear comes back with its text and the whole reason: nobody types it again, nobody guesses.
func TestWrongSearchComesBackWithTheReason(t *testing.T) {
	for _, wrong := range []string{"size:abc", "from:", "re:(", ""} {
		state := uitest.At(t, incident.Purge)
		reason := state.Refusal(steps.Search{Query: wrong})
		for _, size := range [][2]int{{60, 15}, {80, 24}} {
			d, runbook := at(t, incident.Purge, ui.Options{})
			d.Resize(size[0], size[1]).Press("/", "ctrl+u").Type(wrong).Press("enter").ExpectDialog("Search", "Search for: "+wrong, strings.TrimSpace(reason[1:]))
			runbook.Expect(steps.Search{Query: "subject:7"}, nil)
			d.Press("ctrl+u").Type("subject:7").ExpectNot(reason[len(reason)-20:]).Press("enter").ExpectNoDialog()
		}
	}
}

func TestMarksStayAcrossSearches(t *testing.T) {
	d, runbook := at(t, incident.Purge, ui.Options{})
	d.Press("space", "+").Expect("33 messages marked so far", "sales@harbourlight.example: its mail came from", "m: quarantine 33")
	runbook.Expect(steps.Search{Query: "ip:192.0.2.17"}, func(s *steps.State) error {
		query, err := spool.ParseQuery("ip:192.0.2.17")
		s.Live.Results = &spool.Results{Query: query, Hits: []spool.Hit{
			{ID: "SubSpool1/20356170", Relation: spool.Sent}, {ID: "SubSpool1/20356171", Relation: spool.Sent, Doubtful: true}}}
		return err
	})
	d.Press("v", "v", "enter").Expect("Search for:", "ip:192.0.2.17").Press("enter")
	d.Expect("34 marked, 33 of them from earlier searches", "1 may be its owner's", "Enter: quarantine 34")
	want := make([]spool.ID, 0, 34)
	for i := 1; i < 34; i++ {
		want = append(want, spool.NewID("SubSpool3", strconv.Itoa(67518200+i)))
	}
	runbook.Expect(steps.PlanPurge{Query: "ip:192.0.2.17", IDs: append([]spool.ID{"SubSpool1/20356170"}, want...)}, nil)
	d.Press("enter")
}

// Where a message could not be searched to its end, nobody is told that nothing matches.
func TestWhatCouldNotBeSearchedIsNamed(t *testing.T) {
	for query, want := range map[string]string{"subject:needle": "Nothing that could be read matches subject:needle", "ip:192.0.2.17": "33 marked"} {
		d, runbook := at(t, incident.Purge, ui.Options{})
		runbook.Expect(steps.Search{Query: "ip:192.0.2.17"}, func(s *steps.State) error {
			q, err := spool.ParseQuery(query)
			s.Live.Results = &spool.Results{Query: q, Problems: []spool.Problem{{Path: "SubSpool1/20356170", Kind: spool.Unreadable}, {Path: "SubSpool1/20356171"}}}
			if strings.HasPrefix(query, "ip:") {
				s.Live.Results.Hits = []spool.Hit{{ID: "SubSpool3/67518201", Relation: spool.Sent}}
			}
			return err
		})
		d.Press("space", "+", "v", "v", "enter").Expect("Search for:").Press("enter")
		d.Expect(want, "2 messages could not be searched to their end and may match, such as SubSpool1/20356170.")
	}
}

// What was marked has been moved: the next search begins with its own marks, and nothing in the quarantine is marked.
func TestMarksEndWithTheMove(t *testing.T) {
	d, runbook := at(t, incident.Purge, ui.Options{})
	d.Press("space", "+")
	runbook.Expect(steps.Search{Query: "ip:192.0.2.17"}, func(s *steps.State) error {
		query, err := spool.ParseQuery("ip:192.0.2.17")
		s.Live.Results = &spool.Results{Query: query, Hits: []spool.Hit{{ID: "SubSpool1/20356171", Relation: spool.Sent, Doubtful: true}}}
		s.Live.Held = append(slices.Clone(s.Live.Held), quarantine.Held{Item: quarantine.Item{ID: "SubSpool3/67518201", Account: uitest.Stolen}})
		return err
	})
	d.Press("v", "v", "enter").Expect("Search for:").Press("enter")
	d.Expect("   0 marked").Press("tab").Expect("QUARANTINE", "0 marked")
}

func TestPlanCanBeDropped(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	d, runbook := with(t, state, ui.Options{})
	runbook.Expect(steps.PlanPurge{Query: "account:" + uitest.Stolen, IDs: stolenIDs(state)}, func(s *steps.State) error { return planned(s, 34) })
	runbook.Expect(steps.DropPlan{}, func(s *steps.State) error { s.Live.Plan = nil; return nil })
	d.Press("enter").ExpectDialog("Move 34 messages").Press("esc").ExpectNoDialog()
}

func TestPlanDialogHearsNothingTypedAhead(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	d, runbook := with(t, state, ui.Options{})
	runbook.Expect(steps.PlanPurge{Query: "account:" + uitest.Stolen, IDs: stolenIDs(state)}, func(s *steps.State) error { return planned(s, 34) })
	d.Press("enter").ExpectDialog("Move 34 messages")
	d.Wait(-900 * time.Millisecond) // the next key comes 100 ms after Enter
	d.Press("esc").ExpectDialog("Move 34 messages")
}

func TestPastedKeysConfirmNothing(t *testing.T) {
	d, _ := at(t, incident.Stop, ui.Options{})
	d.Press("enter").ExpectDialog("Stop ALL mail now?")
	d.PasteAsKeys("xy\n").ExpectNot("MAIL DOWN")
}

func TestRefusedActionSaysWhy(t *testing.T) {
	d, _ := at(t, incident.Purge, ui.Options{})
	d.Resize(160, 40).Expect("(u: put marked messages back)")
	d.Press("u").Expect("The quarantine is empty.").Press("?").ExpectDialog("Help: Purge")
}

func TestRefusalOfTheRunbookIsShown(t *testing.T) {
	d, runbook := at(t, incident.Look, ui.Options{})
	runbook.Expect(steps.AskLists{}, func(*steps.State) error { return errors.New("ask the lists: no route to host") })
	d.Press("l").Expect("Ask the lists: no route to host.")
	d.Press("down").ExpectNot("no route to host")
}

// That data changed hides no column's name, and r shows it in the table that says so, wherever the cursor is.
func TestChangedDataHidesNothing(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
		state := uitest.At(t, incident.Look)
		d, _ := with(t, state, ui.Options{})
		d.Resize(size[0], size[1]).Press("down", "tab")
		state.Live.Senders = slices.Clone(state.Live.Senders)
		slices.Reverse(state.Live.Senders)
		d.News(state)
		if size[0] >= 80 {
			d.Expect("account queued share in/min IPs newest subject", "r refreshes", "r: show what changed", "stop ALL mail now")
		} else {
			d.Press("tab").Expect("account queued share in/min IPs", "stop ALL mail now")
		}
		d.Press("r").ExpectNot("r refreshes", "r: show what changed")
	}
}

func TestKeyMeantForTheStepBeforeIsNotHeard(t *testing.T) {
	d, _ := at(t, incident.Look, ui.Options{})
	state := uitest.At(t, incident.Stop)
	d.News(state).Expect("Stop: stop the mail service")
	d.Wait(-900 * time.Millisecond).Press("enter").ExpectNoDialog()
	d.Press("enter").ExpectDialog("Stop ALL mail now?")
}

func TestWhoLooksElsewhereStaysThere(t *testing.T) {
	d, _ := at(t, incident.Purge, ui.Options{})
	d.Press("left", "left").Expect("Look: find out")
	d.News(uitest.At(t, incident.Reset)).Expect("Look: find out")
	d.Press("right", "right", "right").Expect("Reset: give the account")
}

func TestLookingElsewhereSaysWhereTheRunbookIs(t *testing.T) {
	for _, now := range incident.AllSteps() {
		d, _ := at(t, now, ui.Options{})
		for _, step := range incident.AllSteps() {
			d.Model().Show(step)
			for _, size := range [][2]int{{60, 15}, {80, 24}, {100, 30}, {120, 40}} {
				d.Resize(size[0], size[1])
				if step == now {
					d.ExpectNot("(the runbook is at")
				} else {
					d.Expect("(the runbook is at " + now.String() + ")")
				}
			}
		}
	}
}

// A long status has two lines where no row goes for it, and the help has all of it.
func TestLongStatusIsReadable(t *testing.T) {
	long := strings.Repeat("the service was looked at, and ", 3) + "it is still stopping"
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		for _, step := range incident.AllSteps() {
			state := uitest.At(t, step)
			state.Live.Last = ""
			d, _ := with(t, state, ui.Options{})
			rows := strings.Count(d.Resize(size[0], size[1]).Screen(), "@")
			state.Live.Last = long
			if size[0] < 100 && step != incident.Close { // else a column stands between; there, what is still to do has the rows
				d.News(state).Expect("Last: " + long)
			}
			if got := strings.Count(d.Screen(), "@"); got != rows {
				t.Errorf("%s: %d addresses are on the screen, %d without the status", step, got, rows)
			}
		}
	}
}

func TestHelpHasTheWholeStatus(t *testing.T) {
	longer := strings.Repeat("the service was looked at, and ", 12) + "it is still stopping"
	state := uitest.At(t, incident.Look)
	state.Live.Last = longer
	d, runbook := with(t, state, ui.Options{})
	d.Resize(80, 40).Press("?").Expect("Last: " + longer).Press("esc")
	runbook.Expect(steps.AskLists{}, func(*steps.State) error { return errors.New(longer) })
	d.Press("l", "?").Expect("T" + longer[1:] + ".")
}

// What the row under the cursor is for stands behind Enter, so that nobody has to find it in the help.
func TestKeysOfTheRowAreNamed(t *testing.T) {
	d, _ := at(t, incident.Look, ui.Options{})
	d.Expect("Tab: lists").Press("tab").Expect("then stop i: evidence", "Tab: senders")
	d.Resize(60, 15).Expect("then stop i: evidence")
	d, _ = at(t, incident.Purge, ui.Options{})
	d.Expect("Enter: quarantine 34 Space: mark p: preview").Resize(60, 15).Expect("Space: mark p: preview")
	state := uitest.At(t, incident.Purge)
	state.Live.Held = slices.Grow(state.Live.Held, 1)[:1]
	state.Live.Held[0].ID, state.Live.Held[0].Account = "SubSpool3/67518200", uitest.Stolen
	d, _ = with(t, state, ui.Options{})
	d.Expect("Tab: quarantine, 1").Press("tab").Expect("Space: mark", "Tab: back to the search")
}

func TestPasswordIsShownAsOftenAsWanted(t *testing.T) {
	const password = "k7Rm-Wq4x-Pz9t"
	state := uitest.At(t, incident.Restart)
	d, runbook := with(t, state, ui.Options{})
	runbook.Keep(uitest.Stolen, password)
	d.Press("left").Expect("Reset:", "NOT CHANGED YET", "held").ExpectNot(password)
	d.Press("v").ExpectDialog("New password", password).Press("esc").ExpectNot(password)
	d.Press("v").ExpectDialog("New password", password)
}

func TestPasswordIsCopied(t *testing.T) {
	state := uitest.At(t, incident.Restart)
	got := ""
	d, runbook := with(t, state, ui.Options{Copy: func(_ context.Context, text string) (string, error) { got = text; return "the clipboard", nil }})
	runbook.Keep(uitest.Stolen, "k7Rm-Wq4x-Pz9t")
	d.Press("c").Expect("copied to the clipboard").ExpectNot("k7Rm")
	if got != "k7Rm-Wq4x-Pz9t" {
		t.Errorf("copied %q", got)
	}
}

func TestPasswordThatCannotBeCopiedIsShown(t *testing.T) {
	d, runbook := at(t, incident.Restart, ui.Options{Copy: func(context.Context, string) (string, error) { return "", errors.New("no clipboard") }})
	runbook.Keep(uitest.Stolen, "k7Rm-Wq4x-Pz9t")
	d.Press("c").ExpectDialog("New password", "k7Rm-Wq4x-Pz9t", "no clipboard")
}

func TestPreviewShowsHostileMailAsText(t *testing.T) {
	d, _ := at(t, incident.Purge, ui.Options{Preview: func(_ context.Context, id spool.ID) (message.View, error) {
		return message.View{Headers: []message.Field{{Name: "Subject", Value: "\x1b[2J\x1b]0;own\x07Invoice"}, {Name: "X-Id", Value: string(id)}}, Text: "Pay\x1b[31m now\r\nSecond line"}, nil
	}})
	d.Press("p").ExpectDialog("Message SubSpool3/67518200", "Invoice", "now", "Second line")
	if strings.ContainsAny(d.View(), "\a") || strings.Contains(d.View(), "\x1b[2J") || strings.Contains(d.View(), "\x1b[31m now") {
		t.Errorf("the mail's own escape codes reached the terminal: %q", d.View())
	}
}

func TestDelistShowsTheLinkBeforeMarking(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	d, runbook := with(t, state, ui.Options{})
	d.Expect("Spamhaus CSS lists", "Enter: show the link and the text", "m: mark as asked")
	d.Press("enter").ExpectDialog("Spamhaus CSS", "Ask here: https://check.spamhaus.org/", "delist sends nothing").Press("end").Expect("We ask you to remove the listing").Press("esc")
	runbook.Expect(steps.MarkRequested{IP: state.Incident.Addresses[0], List: "Spamhaus CSS", Ticket: "T-77"}, nil)
	d.Press("m").ExpectDialog("Mark Spamhaus CSS as asked").Type("T-77").Press("enter")
}

func TestDelistGoesOnToTheNextListing(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	d, runbook := with(t, state, ui.Options{})
	ask := func(list string) {
		runbook.Expect(steps.MarkRequested{IP: state.Incident.Addresses[0], List: list}, func(s *steps.State) error {
			s.Incident.Listings = slices.Clone(s.Incident.Listings)
			uitest.Asked(s, list, "")
			return nil
		})
		d.Press("m").ExpectDialog("Mark " + list + " as asked").Press("enter")
	}
	ask("Spamhaus CSS")
	d.Expect("Spamhaus CSS lists", "do not ask again", "Enter: go on to Barracuda") // the cursor stays
	d.Press("enter").Expect("Barracuda lists", "Enter: show the link and the text")
	ask("Barracuda")
	d.Expect("Enter: nothing is left to do now: go on to Close")
}

// What is asked about a listing names it, and the cursor stays on it, whatever comes of it.
func TestDelistStaysAtTheListing(t *testing.T) {
	d, runbook := with(t, uitest.At(t, incident.Delist), ui.Options{})
	server := runbook.State().Incident.Addresses[0]
	runbook.Expect(steps.MarkRequested{IP: server, List: "Barracuda"}, func(*steps.State) error { return &steps.Refusal{Reason: "too early"} })
	d.Press("down", "m").ExpectDialog("Mark Barracuda as asked").Press("enter").Expect("Too early.", "Barracuda lists")
	runbook.Expect(steps.LeaveListing{IP: server, List: "Barracuda", Reason: "sold"}, func(s *steps.State) error {
		s.Incident.Listings = slices.Clone(s.Incident.Listings)
		s.Incident.Listing(server, "Barracuda").State = incident.ListingLeft
		return nil
	})
	d.Press("x").ExpectDialog("Leave Barracuda as it is").Type("sold").Press("enter").Expect("Barracuda lists", "Enter: go on to Spamhaus CSS")
	d.Press("enter").Expect("Spamhaus CSS lists", "Enter: show the link and the text")
}

// Only what fits the listing under the cursor can be pressed.
func TestDelistOffersWhatFitsTheListing(t *testing.T) {
	d, runbook := with(t, uitest.At(t, incident.Delist), ui.Options{})
	server := runbook.State().Incident.Addresses[0]
	d.Expect("m: mark as asked").ExpectNot("mark as cleared")
	d.Press("down", "down").Expect("Outlook.com refuses", "c: mark as cleared").ExpectNot("  m: mark as asked")
	d.Press("m").Expect("says no until Spamhaus CSS and Barracuda have cleared")
	d.Press("down").Expect("SpamCop lists", "Do nothing").ExpectNot("leave it, with reason", "mark as cleared")
	d.Press("m").ExpectNoDialog().Expect("There is nothing to ask for at SpamCop").Press("down").Expect("UCEPROTECT 2 lists", "Do nothing", "never pay").ExpectNot("leave it, with reason")
	d.Press("up", "up")
	runbook.Expect(steps.MarkCleared{IP: server, List: "Outlook.com", Reason: "a test message arrived"}, nil)
	d.Press("c").ExpectDialog("Mark Outlook.com as cleared", "How do you know").Type("a test message arrived").Press("enter")
}

// The request goes into a browser, onto the clipboard or into a file; where no browser opens, the text says why.
func TestTheRequestGoesWhereItIsNeeded(t *testing.T) {
	var went []string
	o := ui.Options{
		Open: func(_ context.Context, link string) error { went = append(went, "open "+link); return nil },
		Copy: func(_ context.Context, text string) (string, error) {
			went = append(went, "copy "+text)
			return "the clipboard", nil
		},
		Write: func(_ context.Context, name, _ string) (string, error) {
			went = append(went, "write "+name)
			return "/var/lib/delist/7F3A/" + name, nil
		},
	}
	d, _ := with(t, uitest.At(t, incident.Delist), o)
	d.Press("down", "enter").ExpectDialog("Barracuda", "o: open the link", "l: copy the link", "c: copy all", "w: write to a file")
	d.Press("o").ExpectDialog("Barracuda", "The desktop was asked to open the link.")
	d.Press("l").ExpectDialog("Barracuda", "The link is copied to the clipboard.").ExpectNot("The desktop was asked")
	d.Resize(60, 15).Press("w").ExpectDialog("Barracuda", "Written to", "request-barracuda-203-0-113-25.txt.", "Esc: back").Press("esc").Resize(80, 24)
	const link = "https://www.barracudacentral.org/rbl/removal-request"
	if want := []string{"open " + link, "copy " + link, "write request-barracuda-203-0-113-25.txt"}; !slices.Equal(went, want) {
		t.Errorf("went %q, want %q", went, want)
	}
	d, _ = with(t, uitest.At(t, incident.Delist), ui.Options{NoBrowser: "you work over SSH"})
	d.Press("enter").ExpectNot("o: open the link").Expect("No browser opens from here: you work over SSH")
	d.Press("esc", "down", "down", "down", "t").ExpectDialog("SpamCop", "There is nothing to ask for")
}

func TestWhatRunsComesFirst(t *testing.T) {
	state := uitest.At(t, incident.Restart)
	state.Live.Doing = &steps.Doing{What: "start mail", Since: state.Now}
	d, _ := with(t, state, ui.Options{})
	d.Expect("(e: start mail again)").Press("e").Expect("Start mail is still running; wait for it")
}

func TestNothingActsBeforeThereIsAnIncident(t *testing.T) {
	d, _ := with(t, steps.State{Live: steps.Live{Last: "The practice server is being made."}}, ui.Options{})
	d.Expect("One moment.", "The practice server is being made.").Press("enter", "s", "y").ExpectNoDialog()
	d.News(uitest.At(t, incident.Look)).Expect("marked as stolen").ExpectNot("One moment.")
}

func TestNoteAtAnyTime(t *testing.T) {
	for _, step := range incident.AllSteps() {
		d, runbook := at(t, step, ui.Options{})
		runbook.Expect(steps.AddNote{Text: "called the owner"}, nil)
		d.Press("n").ExpectDialog("Note").Type("called the owner").Press("enter").ExpectNoDialog()
	}
}

func TestBounceIsPasted(t *testing.T) {
	d, runbook := at(t, incident.Look, ui.Options{})
	const bounce = "554 fed1rmimpi309 cox\n203.0.113.25 blocked. Error Code: IPBL0100"
	runbook.Expect(steps.ReadBounce{Text: bounce}, nil)
	d.Press("b").ExpectDialog("Read a bounce").PasteAsKeys(bounce).Expect("IPBL0100").Press("tab", "tab", "enter").ExpectDialog("What the bounce says", "It names no blocker.")
	d.Press("esc").ExpectNoDialog()
}

// What a bounce says is shown whole, with what to do: the line below has room for its first words.
func TestBounceIsExplained(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}} {
		d, runbook := at(t, incident.Look, ui.Options{})
		advice := "Fill in the form at Microsoft. " + strings.Repeat("Say what happened and what you changed. ", 3) + "Then wait a day."
		runbook.Expect(steps.ReadBounce{Text: "550 5.7.1 blocked (S3140)\n"}, func(s *steps.State) error {
			s.Incident.Bounces = append(s.Incident.Bounces, bounce.Finding{Kind: bounce.Provider, Provider: "Outlook.com", Permanent: true, Certainty: bounce.Certain,
				Quote: "550 5.7.1 blocked (S3140)", Advice: advice, IP: s.Incident.Addresses[0], URL: "https://sender.example/form"})
			return nil
		})
		d.Resize(size[0], size[1]).Press("b").PasteAsKeys("550 5.7.1 blocked (S3140)\n").Press("tab", "tab", "enter")
		d.ExpectDialog("What the bounce says", "Outlook.com refuses this server by its own list", "It says: 550 5.7.1 blocked (S3140)").Press("end").Expect("Then wait a day.", "Go to: https://sender.example/form")
	}
}

func TestLeaving(t *testing.T) {
	d, _ := at(t, incident.Restart, ui.Options{Resume: "delist drill --keep /tmp/practice"})
	d.Press("q").ExpectDialog("Leave delist?", "MAIL STAYS DOWN", "held in memory only", "delist drill --keep /tmp/practice")
	d.Press("n").ExpectQuit(false).Press("q", "y").ExpectQuit(true)
}

func TestCtrlCStopsSafelyThenLeaves(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	state.Live.Doing = &steps.Doing{What: "move messages into the quarantine", Done: 12, Total: 34, Since: state.Now}
	d, runbook := with(t, state, ui.Options{})
	d.Expect("Move messages into the quarantine, 12 of 34. Ctrl+C stops it safely.")
	d.Press("ctrl+c").Expect("Stopping safely").ExpectQuit(false)
	if runbook.Canceled() != 1 {
		t.Errorf("cancelled %d times", runbook.Canceled())
	}
	d.Press("ctrl+c").ExpectQuit(true)
}

func TestCtrlCWithNothingRunningAsks(t *testing.T) {
	d, _ := at(t, incident.Look, ui.Options{})
	d.Press("ctrl+c").ExpectDialog("Leave delist?").ExpectQuit(false).Press("ctrl+c").ExpectQuit(true)
}

func TestSystemEndsTheProgram(t *testing.T) {
	d, runbook := at(t, incident.Purge, ui.Options{})
	d.Send(ui.End).ExpectQuit(true)
	if runbook.Canceled() != 1 {
		t.Errorf("cancelled %d times", runbook.Canceled())
	}
}

func TestTooSmallWindowTakesNoKeys(t *testing.T) {
	d, _ := at(t, incident.Stop, ui.Options{})
	d.Resize(50, 10).Expect("Please enlarge").Press("enter", "y").Resize(80, 24).ExpectNoDialog()
	for _, size := range [][2]int{{1, 1}, {0, 0}, {300, 2}, {59, 400}} {
		d.Resize(size[0], size[1])
	}
}

func TestHelpHasEveryKeyAndReason(t *testing.T) {
	for _, step := range incident.AllSteps() {
		d, _ := at(t, step, ui.Options{})
		d.Press("?").ExpectDialog("Help: " + step.String())
		text := d.Screen()
		for range 20 {
			d.Press("pgdown")
			text += d.Screen()
		}
		d.Press("esc")
		for key, does := range d.Model().Keys() {
			for _, what := range does {
				if words := strings.Join(strings.Fields(what), " "); !strings.Contains(strings.Join(strings.Fields(text), " "), words[:min(len(words), 30)]) {
					t.Errorf("%s: the help does not have %s: %s", step, key, what)
				}
			}
		}
	}
}

// TestNoKeyDoesTwoThings looks at every step from every point of the incident.
func TestNoKeyDoesTwoThings(t *testing.T) {
	for _, now := range incident.AllSteps() {
		state := uitest.At(t, now)
		d, _ := with(t, state, ui.Options{})
		for _, step := range incident.AllSteps() {
			d.Model().Show(step)
			for key, does := range d.Model().Keys() {
				if len(does) > 1 {
					t.Errorf("at %s, on the screen of %s, %s does %q", now, step, key, does)
				}
			}
		}
	}
}

func TestWarningsOfTheRecordAreShown(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	state.Incident.Warnings = []string{"The last line of the record was cut off (12 bytes) and was dropped."}
	d, _ := with(t, state, ui.Options{})
	d.Expect("The last line of the record was cut off")
}

func TestModesStandOnEveryScreen(t *testing.T) {
	for _, step := range incident.AllSteps() {
		state := uitest.At(t, step)
		state.Incident.Mode = incident.Mode{Drill: true, DryRun: true, ReadOnly: true}
		d, _ := with(t, state, ui.Options{})
		for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
			d.Resize(size[0], size[1]).Expect("DRILL", "DRY RUN", "READ ONLY")
		}
	}
}

func TestTheLinesBehindASuspicion(t *testing.T) {
	var asked []string
	found := &traffic.Found{From: time.Date(2026, 11, 22, 0, 0, 0, 0, time.Local), More: 3, Unread: []string{"2026.11.23-smtpLog.log.zip: the zip is torn"},
		Conversations: []traffic.Conversation{{Account: uitest.Stolen, Session: "10000003", Client: netip.MustParseAddr("198.51.100.6"), Lines: []traffic.Line{
			{File: "2026.11.24-smtpLog.log", Number: 4711, Text: "08:31:04.000 [198.51.100.6][10000003] Authenticated as " + uitest.Stolen}}}}}
	var err error
	d, _ := at(t, incident.Look, ui.Options{Lines: func(_ context.Context, s traffic.Search) (*traffic.Found, error) {
		asked = append(asked, s.String())
		return found, err
	}})
	d.Expect("i: logs").Press("i").ExpectDialog("Logs: account:"+uitest.Stolen, "Not known: 2026.11.23-smtpLog.log.zip: the zip is torn.", "the newest first",
		uitest.Stolen+", from 198.51.100.6, session 10000003", "2026.11.24-smtpLog.log:4711", "3 older ones are not shown").Press("esc").ExpectNoDialog()
	d.Press("v", "v", "i").ExpectDialog("Logs: client:").Press("esc")
	found = &traffic.Found{From: found.From}
	d.Press("v", "i").ExpectDialog("Logs: account:", "Nothing in the logs since Sun 22 Nov is about it.").Press("esc")
	err = errors.New("permission denied")
	d.Press("i").ExpectNoDialog().Expect("The logs cannot be looked through: permission denied.")
	if len(asked) != 4 || asked[0] != "account:"+uitest.Stolen || !strings.HasPrefix(asked[1], "client:") {
		t.Errorf("asked %q", asked)
	}
	// Where no logs are known, nothing is offered.
	state := uitest.At(t, incident.Look)
	state.Incident.Logs = ""
	d, _ = with(t, state, ui.Options{})
	d.ExpectNot("i: logs")
}
