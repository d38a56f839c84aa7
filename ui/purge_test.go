package ui_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/quarantine"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

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
		d.Press(test.keys...).ExpectDialog("Search", "Search for:", "typing replaces it").Press("right").ExpectNot("typing replaces it").Type("n").Press("enter").ExpectNoDialog()
		runbook.Expect(steps.Search{Query: "subject:7"}, nil)
		d.Press(test.keys...).Type("subject:7").Press("enter").ExpectNoDialog()
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

// A mark that the operator took off stays off after a move, and so does that of what they have put back.
func TestMarksThatWereTakenOffStayOff(t *testing.T) {
	d, runbook := at(t, incident.Purge, ui.Options{})
	again := func(held ...spool.ID) func(*steps.State) error {
		return func(s *steps.State) error {
			query, err := spool.ParseQuery("ip:192.0.2.17")
			s.Live.Results = &spool.Results{Query: query, Hits: []spool.Hit{
				{ID: "SubSpool3/67518200", Relation: spool.Sent}, {ID: "SubSpool1/20356171", Relation: spool.Sent}, {ID: "SubSpool1/20356172", Relation: spool.Sent}}}
			s.Live.Held = nil
			for _, id := range held {
				s.Live.Held = append(s.Live.Held, quarantine.Held{Item: quarantine.Item{ID: id, Account: uitest.Stolen}})
			}
			return err
		}
	}
	search := func() { d.Press("/", "ctrl+u").Type("ip:192.0.2.17").Press("enter") }
	d.Press("space") // the first hit, 67518200
	runbook.Expect(steps.Search{Query: "ip:192.0.2.17"}, again("SubSpool1/20356171", "SubSpool3/67518201"))
	search()
	d.Expect("   2 marked")
	runbook.Expect(steps.Search{Query: "ip:192.0.2.17"}, again("SubSpool3/67518201")) // 20356171 has gone back
	search()
	d.Expect("   1 marked")
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

// Enter follows what the operator has marked, not what came marked.
func TestEnterFollowsTheMarks(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	all := stolenIDs(state)
	for i := range state.Live.Results.Hits { // as of a layout that is not understood
		state.Live.Results.Hits[i].Guessed = true
	}
	for _, test := range []struct {
		keys []string
		ids  []spool.ID
	}{
		{[]string{"*"}, all}, {[]string{"space"}, all[:1]}, {[]string{"down", "space", "space"}, all[1:3]}, {[]string{"*", "space"}, all[1:]},
		{[]string{"end", "space"}, all[len(all)-1:]},
	} {
		d, runbook := with(t, state, ui.Options{})
		d.ExpectNot("Enter: quarantine")
		d.Press(test.keys...).Expect("Enter: quarantine " + strconv.Itoa(len(test.ids)))
		runbook.Expect(steps.PlanPurge{Query: "account:" + uitest.Stolen, IDs: test.ids}, nil)
		d.Press("enter")
	}
	d, _ := with(t, state, ui.Options{})
	d.Press("*", "*").ExpectNot("Enter: quarantine")
}

// What is to move too is said with how: Enter is about something else until it was searched for.
func TestAnswersToTheSpamAreSearchedFor(t *testing.T) {
	const told = "25 bounces and answers of ours go to senders that the spam forged. They answer the spam: "
	for _, test := range []struct{ query, says string }{
		{"", "search for class:answer, and move them too."}, {"account:" + uitest.Stolen, "search for class:answer, and move them too."},
		{"class:bounce", "search for class:answer, and move them too."}, {"class:answer", "move them too."},
	} {
		state := uitest.At(t, incident.Purge)
		state.Live.Counts.Answers = 25
		if test.query == "" {
			state.Live.Results = nil
		} else {
			query, err := spool.ParseQuery(test.query)
			if err != nil {
				t.Fatal(err)
			}
			state.Live.Results.Query = query
		}
		d, _ := with(t, state, ui.Options{})
		d.Expect(told + test.says)
	}
}
