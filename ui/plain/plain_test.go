package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"delist/checks/bounce"
	"delist/checks/identity"
	"delist/checks/resolver"
	"delist/spool"
	"delist/spool/quarantine"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
	"delist/ui/uitest"
)

// found is what a search for the thief's mail finds, and one message that is merely addressed to the account.
func found(t *testing.T) *spool.Results {
	r := uitest.At(t, incident.Purge).Live.Results
	return &spool.Results{Query: r.Query, Bytes: r.Bytes, Oldest: r.Oldest, Newest: r.Newest, Near: r.Near,
		Hits: append(r.Hits, spool.Hit{ID: "SubSpool1/20356170", Relation: spool.Addressed})}
}

// planned is the plan to move what was found of the thief.
func planned(results *spool.Results) (plan quarantine.Plan, ids []spool.ID) {
	plan = quarantine.Plan{ID: testdata.PlanID, Query: "account:" + stolen, Bytes: results.Bytes}
	for _, hit := range results.Hits {
		if hit.Relation == spool.Sent {
			plan.Items, ids = append(plan.Items, quarantine.Item{ID: hit.ID, Account: stolen}), append(ids, hit.ID)
		}
	}
	return plan, ids
}

func done(step incident.Step, result string) incident.Fact {
	return incident.StepChanged{Step: step, State: incident.Done, Result: result}
}

func setLive(l *steps.Live) { l.Service.State = steps.ServiceStopped }

// incidentActs are what a whole incident does to the runbook, in order.
func incidentActs(t *testing.T) []act {
	running := func(l *steps.Live) { l.Service.State = steps.ServiceRunning }
	results, clean := found(t), uitest.At(t, incident.Reset).Live
	plan, ids := planned(results)
	told := wrote("OwnerTold")
	quiet := slices.IndexFunc(told, func(f incident.Fact) bool { _, ok := f.(incident.FoundQuiet); return ok })
	return []act{
		{want: steps.Allow{May: true}, facts: wrote("Allow")},
		{want: steps.ReadBounce{Text: testdata.Outlook}, facts: wrote("ReadBounce")},
		{want: steps.StopService{}, live: setLive, facts: slices.Concat(wrote("FinishLook"), wrote("StopService"))},
		{want: steps.Search{Query: "account:" + stolen}, live: func(l *steps.Live) { l.Results = results }},
		{want: steps.PlanPurge{Query: "account:" + stolen, IDs: ids}, live: func(l *steps.Live) {
			l.Plan = &steps.PlanView{Plan: plan, Dir: "/srv/mail/delist/7F3A", Most: true, Oldest: results.Oldest, Newest: results.Newest}
		}},
		{want: steps.Quarantine{PlanID: plan.ID, Count: len(ids)}, live: func(l *steps.Live) {
			l.Plan, l.Results, l.Spool, l.Senders, l.Rates = nil, nil, clean.Spool, clean.Senders, clean.Rates
			for _, item := range plan.Items {
				l.Held = append(l.Held, quarantine.Held{Item: item})
			}
		}, facts: wrote("Quarantine")},
		{want: steps.ResetPassword{Account: stolen}, facts: wrote("ResetPassword")},
		{want: steps.StartService{}, live: running, facts: wrote("StartService")},
		{want: steps.OwnerTold{How: "by phone"}, facts: told[:quiet]},
		{want: steps.JudgeQuiet{Reason: "the spool is empty"}, facts: append([]incident.Fact{
			incident.FoundQuiet{Judged: "the spool is empty"}, done(incident.Verify, "judged quiet by the operator")}, told[quiet+2:]...)},
	}
}

func TestAWholeIncident(t *testing.T) {
	f := newFake(t)
	f.acts = append(incidentActs(t),
		act{want: steps.MarkRequested{IP: testdata.Address(), List: "Spamhaus CSS", Ticket: "T-4711"}, facts: wrote("MarkRequested")[:1]},
		act{want: steps.MarkRequested{IP: testdata.Address(), List: "Barracuda", Ticket: "T-4711"}, facts: wrote("MarkRequested")[1:]},
		act{want: steps.FinishDelist{}, facts: wrote("FinishDelist")},
		act{want: steps.CloseIncident{}, facts: wrote("CloseIncident")},
	)
	golden(t, "incident", run(t, f, lines(
		"",                                            // may stop
		"6", strings.TrimSpace(testdata.Outlook), ".", // read a bounce
		"help", "status",
		"2", "y", // stop
		"", "", // search for the suspect
		"",       // plan
		"", "34", // move
		"", // hold
		"password", "password",
		"", "y", // start
		"letter", "", "by phone",
		"1", "the spool is empty", // judge
		"text", "1", "text", "2",
		"", "", "T-4711", "", "", "T-4711", // asked
		"",      // nothing is to do
		"", "y", // close
	)))
}

// ready is a fake of an operator who may stop the server.
func ready(t *testing.T, acts ...act) *fake {
	f := newFake(t)
	f.tell(incident.Permitted{May: true})
	f.acts = acts
	return f
}

// offer is the number that stands before an action in a step's menu.
func offer(t *testing.T, f *fake, step incident.Step, id steps.ActionID) string {
	t.Helper()
	state := f.State()
	m := menuOf(&state, step)
	for i, a := range m.offered {
		if a.ID == id {
			return strconv.Itoa(i + 1)
		}
	}
	t.Fatalf("%s is not offered at %s", id, step)
	return ""
}

func TestEveryNoChangesNothing(t *testing.T) {
	for name, answers := range map[string][]string{
		"no":               {"2", "n"},
		"nothing":          {"2", ""},
		"not quite yes":    {"2", "yess"},
		"no such number":   {"99"},
		"negative":         {"-1"},
		"no such word":     {"stop everything"},
		"no reason":        {"8", ""},
		"back":             {"8", "."},
		"an empty bounce":  {"6", "."},
		"no account":       {"4", "9"},
		"the input ends":   {"2"},
		"within a bounce":  {"6", "554 blocked"},
		"no seconds":       {"wait soon"},
		"no such step":     {"go Dance"},
		"unknown password": {"password"},
		"another listing":  {"text", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			f := ready(t)
			f.shown = true
			run(t, f, lines(answers...)) // an intent fails the test: none is expected
		})
	}
}

func TestTheCountHasToMatch(t *testing.T) {
	f := ready(t)
	f.live.Service.State = steps.ServiceStopped
	f.tell(incident.MailStopped{}, done(incident.Look, ""), done(incident.Stop, ""))
	f.live.Results = found(t)
	plan, _ := planned(f.live.Results)
	f.live.Plan = &steps.PlanView{Plan: plan, Dir: "/q", Most: true}
	out := run(t, f, lines("", "4", "", "", "", "34 messages"))
	if n := strings.Count(out, "That is not the number."); n != 3 {
		t.Errorf("said %d times:\n%s", n, out)
	}
}

func TestPuttingBackAsksWhose(t *testing.T) {
	f := ready(t, act{want: steps.Restore{IDs: []spool.ID{"SubSpool3/67518200", "SubSpool3/67518201"}, Count: 2}})
	f.live.Service.State = steps.ServiceStopped
	f.tell(incident.MailStopped{}, done(incident.Look, ""), done(incident.Stop, ""))
	f.live.Held = []quarantine.Held{{Item: quarantine.Item{ID: "SubSpool3/67518200", Account: stolen}}, {Item: quarantine.Item{ID: "SubSpool0/9"}},
		{Item: quarantine.Item{ID: "SubSpool3/67518201", Account: stolen}}}
	out := run(t, f, lines(offer(t, f, incident.Purge, steps.ActRestore), "2", "2"))
	if !strings.Contains(out, "(no account), 1 message") {
		t.Errorf("the groups are not listed:\n%s", out)
	}
}

// One message of a thief's may be what somebody misses: a search finds it, and its number is enough.
func TestPuttingBackOneMessage(t *testing.T) {
	root := t.TempDir()
	for i, to := range []string{"andy@web.test", "bea@web.test", "carl@far.test"} {
		spooltest.Write(t, root, spooltest.Pair{ID: spool.ID(fmt.Sprintf("SubSpool3/6751820%d", i)), Auth: stolen, To: []string{to}, Subject: fmt.Sprintf("Invoice %d", i)})
	}
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	for name, c := range map[string]struct {
		typed []string
		want  []spool.ID
		says  string
	}{
		"one":            {[]string{"2", "invoice", "2", "1"}, []spool.ID{"SubSpool3/67518201"}, "to bea@web.test"},
		"some":           {[]string{"2", "to:web.test", "1, 2", "2"}, []spool.ID{"SubSpool3/67518200", "SubSpool3/67518201"}, "Invoice 0"},
		"all that match": {[]string{"2", "invoice", "all", "3"}, []spool.ID{"SubSpool3/67518200", "SubSpool3/67518201", "SubSpool3/67518202"}, "Invoice 2"},
		"none":           {[]string{"2", "parcel"}, nil, "Nothing in the quarantine matches parcel."},
		"no such number": {[]string{"2", "invoice", "4"}, nil, "Invoice 2"},
		"no search":      {[]string{"2", "size:x"}, nil, "The search is not clear"},
	} {
		t.Run(name, func(t *testing.T) {
			f := ready(t)
			if c.want != nil {
				f = ready(t, act{want: steps.Restore{IDs: c.want, Count: len(c.want)}})
			}
			f.live.Service.State = steps.ServiceStopped
			f.tell(incident.MailStopped{}, done(incident.Look, ""), done(incident.Stop, ""))
			for i := range 3 {
				f.live.Held = append(f.live.Held, quarantine.Held{Item: quarantine.Item{ID: spool.ID(fmt.Sprintf("SubSpool3/6751820%d", i)), Account: stolen}})
			}
			f.options.ReadHeld = func(ctx context.Context, ids []spool.ID) (*spool.Snapshot, error) { return sp.Read(ctx, ids), nil }
			f.options.SearchHeld = func(ctx context.Context, text string) (map[spool.ID]bool, error) {
				query, err := spool.ParseQuery(text)
				if err != nil {
					return nil, err
				}
				_, results, err := sp.ScanFor(ctx, query, nil, nil)
				match := map[spool.ID]bool{}
				for _, hit := range results.Hits {
					match[hit.ID] = true
				}
				return match, err
			}
			if out := run(t, f, lines(append([]string{offer(t, f, incident.Purge, steps.ActRestore)}, c.typed...)...)); !strings.Contains(out, c.says) {
				t.Errorf("does not say %q:\n%s", c.says, out)
			}
		})
	}
}

func TestAccountsAreChosenByRow(t *testing.T) {
	f := ready(t, act{want: steps.MarkSuspect{Account: "info@quayside.example"}}, act{want: steps.ClearSuspect{Account: stolen}})
	run(t, f, lines(offer(t, f, incident.Look, steps.ActMark), "1", offer(t, f, incident.Look, steps.ActUnmark), "1"))
}

// TestANumberStandsForWhatWasShown holds that nothing is done by a number whose meaning has changed.
func TestANumberStandsForWhatWasShown(t *testing.T) {
	for name, change := range map[string]func(*fake){
		"another recommendation": func(f *fake) { f.set(func(l *steps.Live) { l.APIReady = false }) },
		"another step": func(f *fake) {
			f.set(func(l *steps.Live) { l.Service.State = steps.ServiceStopped })
			f.tell(incident.MailStopped{}, done(incident.Look, ""), done(incident.Stop, ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := ready(t)
			out := run(t, f, []typed{{"", func() { change(f) }}})
			if !strings.Contains(out, "That has changed meanwhile; nothing was done.") {
				t.Errorf("not said:\n%s", out)
			}
		})
	}
}

func TestNewsIsToldAtThePrompt(t *testing.T) {
	f := ready(t)
	out := &screen{}
	s := New(f, out, Options{})
	f.hear = s.Hear
	r, w := io.Pipe()
	ended := make(chan error)
	go func() { ended <- s.Run(t.Context(), r) }()
	<-out.await(prompt)
	f.tell(incident.SuspectMarked{Account: "info@quayside.example", Why: []string{"busy"}})
	<-out.await("What can be done has changed")
	if !strings.Contains(out.String(), "info@quayside.example is marked as stolen, busy") {
		t.Errorf("the news is missing:\n%s", out)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestABadResolverIsSaidWithItsRemedy(t *testing.T) {
	f := ready(t)
	f.set(func(l *steps.Live) {
		l.Preflight = &resolver.Finding{Kind: resolver.Rewriting, Sentence: "The resolver makes up answers.", Remedy: "Use another."}
	})
	if out := run(t, f, lines("status")); !strings.Contains(out, "The resolver makes up answers. Use another.") {
		t.Errorf("not said:\n%s", out)
	}
}

func TestRefusalsAndFailuresAreSaidOnce(t *testing.T) {
	f := ready(t)
	reason := "access denied; run delist as administrator"
	f.acts = []act{{want: steps.StopService{}, err: &steps.Refusal{Reason: reason},
		live: func(*steps.Live) { f.hear(steps.Event{Progress: &steps.Progress{What: reason}}) }}}
	out := run(t, f, lines("2", "y"))
	if strings.Count(out, reason) != 1 {
		t.Errorf("not once:\n%s", out)
	}
}

func TestHostileTextIsMadeSafe(t *testing.T) {
	f := ready(t)
	f.live.Senders[0].NewestSubject = hostile
	f.tell(incident.SuspectMarked{Account: stolen, Why: []string{hostile}}, incident.BounceRead{Findings: []bounce.Finding{{Provider: hostile, Quote: hostile}},
		Listings: []incident.Listing{{IP: testdata.Address(), List: hostile, Meaning: []string{hostile}, Impact: "ignore", ByHand: true}}}, incident.LeftToDo{Text: hostile},
		incident.IdentityChecked{Report: identity.Report{Findings: []identity.Finding{{Kind: identity.Bad, Short: hostile, Sentence: hostile, Remedy: hostile}}}},
		incident.MailboxRead{Mailbox: incident.Mailbox{Account: stolen, Forwarding: incident.Forwarding{Known: true, Addresses: []string{hostile}}}})
	f.live.Results, f.live.SpoolErr, f.live.Last = found(t), "", hostile
	f.live.APIErr, f.live.ServiceErr = hostile, hostile
	f.acts = []act{{want: steps.AskLists{}, err: errors.New(hostile), live: func(*steps.Live) {
		f.hear(steps.Event{Progress: &steps.Progress{What: hostile}})
	}}}
	script := lines(offer(t, f, incident.Look, steps.ActLists), "letter", "text", "2", hostile[:20]+"x")
	for _, step := range incident.AllSteps() {
		script = append(script, lines("go "+step.String(), "help")...)
	}
	out := run(t, f, script)
	for _, r := range out {
		if r != '\n' && unicode.IsControl(r) || r == '\u202e' {
			t.Fatalf("%U got through:\n%q", r, out)
		}
	}
	if strings.Contains(out, "\nEnter: yes") {
		t.Error("a subject began a line of its own")
	}
	if !strings.Contains(out, "48213") {
		t.Error("the subject is not shown at all: this test shows nothing")
	}
}

func TestThePasswordIsShownOnlyWhenAskedFor(t *testing.T) {
	f := newFake(t)
	f.acts = incidentActs(t)
	out := run(t, f, lines("", "6", strings.TrimSpace(testdata.Outlook), ".", "2", "y", "", "", "", "", "34", "", "", "y", "", "by phone", "1", "the spool is empty", "help", "status"))
	if strings.Contains(out, password) {
		t.Error("the password is on the screen")
	}
}

func TestLeavingIsNoError(t *testing.T) {
	f := ready(t)
	run(t, f, lines("quit", "2", "y")) // what follows quit is not carried out

	ctx, cancel := context.WithCancel(t.Context())
	r, _ := io.Pipe()
	out := &screen{}
	s := New(f, out, Options{})
	go func() { <-out.await(prompt); cancel() }()
	if err := s.Run(ctx, r); err != nil {
		t.Errorf("cancelled: %v", err)
	}
	if err := r.Close(); err != nil { // lets the reader end
		t.Fatal(err)
	}
	broken := errors.New("the terminal is gone")
	if err := New(f, failing{broken}, Options{}).Run(t.Context(), strings.NewReader("status\n")); !errors.Is(err, broken) {
		t.Errorf("nowhere to write: %v", err)
	}
	if err := New(f, io.Discard, Options{}).Run(t.Context(), strings.NewReader(strings.Repeat("x", maxLine+1))); err == nil {
		t.Error("an endless line is no error")
	}
}

// failing cannot be written to.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWaitEndsWhenSomethingCanBeDone(t *testing.T) {
	f := newFake(t)
	synctest.Test(t, func(t *testing.T) {
		f.tell(incident.Permitted{May: true})
		snap := f.live.Spool
		f.live.Spool = nil
		began := time.Now()
		go func() {
			time.Sleep(7 * time.Second)
			f.set(func(l *steps.Live) { l.Spool = snap })
		}()
		out := run(t, f, lines("wait", "wait 20"))
		if took := time.Since(began); took != 27*time.Second {
			t.Errorf("waited %s:\n%s", took, out)
		}
		if !strings.Contains(out, "Waited 20 s.") {
			t.Errorf("the second wait does not say its end:\n%s", out)
		}
	})
}

func TestALongActCounts(t *testing.T) {
	f := ready(t)
	synctest.Test(t, func(t *testing.T) {
		f.acts = []act{{want: steps.StopService{}, live: func(l *steps.Live) {
			l.Doing = &steps.Doing{What: "move messages into the quarantine", Done: 1200, Total: 3291}
			f.mu.Unlock() // the act takes time, the state can be read meanwhile
			time.Sleep(25 * time.Second)
			f.mu.Lock()
		}}}
		out := run(t, f, lines("2", "y"))
		if n := strings.Count(out, "move messages into the quarantine: 1,200 of 3,291"); n != 2 {
			t.Errorf("counted %d times:\n%s", n, out)
		}
	})
}

func TestHearNeverBlocks(t *testing.T) {
	s := New(newFake(t), io.Discard, Options{})
	for range 100_000 { // nobody reads
		s.Hear(steps.Event{Progress: &steps.Progress{What: "counting"}})
	}
	for range 10 {
		s.Hear(steps.Event{Record: &incident.Record{Fact: incident.Noted{Text: "a record"}}})
	}
	s.Hear(steps.Event{Record: &incident.Record{}})
	if lines := s.news.take(); len(lines) != 11 {
		t.Errorf("%d lines are kept, want the last progress and every record", len(lines))
	}
}
