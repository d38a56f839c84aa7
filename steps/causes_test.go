package steps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/cause/causetest"
	"delist/steps/incident"
)

// inSpool is a world whose spool and logs are made elsewhere.
func inSpool(t *testing.T, made *causetest.Spool) *steps.Runbook {
	t.Helper()
	w := emptyWorld(t)
	w.root, w.settings.BacklogMessages, w.settings.BacklogShare = made.Root, 50, 0.1
	if logs := made.Traffic(); logs != nil {
		w.traffic = logs
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.until(rb, "the logs", func(s steps.State) bool { return w.traffic == nil || s.Live.Traffic != nil })
	rb.LookNow()
	time.Sleep(50 * time.Millisecond) // a look that knows them
	return rb
}

// relayed is a spool that a computer without a log-in filled, and some mail of the staff.
func relayed(w *world) {
	for i := range 80 {
		spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", IP: "10.20.0.7", MailFrom: fmt.Sprintf("pay%d@bank%d.test", i, i%9),
			To: []string{fmt.Sprintf("u%d@web%d.test", i, i%11)}, Subject: fmt.Sprintf("Invoice %d", i), Created: time.Now().Add(-time.Minute)})
	}
	for i := range 10 {
		spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: fmt.Sprintf("user%d@quayside.example", i%4), IP: "192.0.2.8", Subject: fmt.Sprintf("%c and so on", 'a'+i)})
	}
}

// A relay is led from Look to Close: named, purged, put right by hand, and told of as what it was.
func TestARelayFromLookToClose(t *testing.T) {
	w := emptyWorld(t)
	relayed(w)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	page := strings.Join(s.Page(incident.Look).Advice, "\n")
	for _, want := range []string{"80 messages, it seems from a client that relays without logging in (10.20.0.7)", "no log-in", "different senders that nobody logged in as", "SMTP Authentication Bypass"} {
		if !strings.Contains(page, want) {
			t.Errorf("Look does not say %q:\n%s", want, page)
		}
	}
	if a, _ := s.Recommended(incident.Look); a.ID != steps.ActStop {
		t.Errorf("Enter does %s", a.ID)
	}
	w.do(rb, steps.StopService{})
	s = rb.State()
	var search steps.Action
	for _, a := range s.Actions(incident.Purge) {
		if a.ID == steps.ActSearch {
			search = a
		}
	}
	w.purge(rb, search.Default)
	if s = rb.State(); s.Incident.Steps[incident.Purge].State != incident.Done || len(s.Live.Held) != 80 {
		t.Errorf("%d held, Purge is %+v", len(s.Live.Held), s.Incident.Steps[incident.Purge])
	}
	if a, _ := s.Recommended(incident.Reset); a.ID != steps.ActSkip || a.Ask != steps.AskNothing {
		t.Errorf("in Reset, with SmarterMail's screens down, Enter does %s", a.ID)
	}
	a := *canDo(rb, incident.Reset, steps.ActRemedied)
	w.refused(rb, steps.StartService{}, "nobody has said what was done about")
	w.refused(rb, a.Intent(steps.Answer{}), "reason")
	if draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS"); strings.Contains(draft, "can no longer") {
		t.Errorf("told before it is so:\n%s", draft)
	}
	w.do(rb, a.Intent(steps.Answer{Text: "the address is out of the bypass"}))
	if s = rb.State(); !s.Incident.Steps[incident.Reset].State.Passed() {
		t.Errorf("Reset is %+v", s.Incident.Steps[incident.Reset])
	}
	draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS")
	for _, want := range []string{"without logging in", "It can no longer do that."} {
		if !strings.Contains(draft, want) {
			t.Errorf("the draft does not say %q:\n%s", want, draft)
		}
	}
	letter := steps.Letter(&s.Incident)
	for _, text := range []string{draft, letter} {
		for _, lie := range []string{"password", "sessions", "mailbox"} {
			if strings.Contains(text, lie) {
				t.Errorf("it says %q:\n%s", lie, text)
			}
		}
	}
	w.do(rb, steps.StartService{})
	w.until(rb, "Restart", func(s steps.State) bool { return s.Incident.Steps[incident.Restart].State.Passed() })
	s = rb.State()
	if told, _ := s.Recommended(incident.Notify); told.ID != steps.ActTold {
		t.Errorf("in Notify, Enter does %s", told.ID)
	}
}

// What is left of a relay's mail is the relay's however little it is: it stays, and goes out, with a reason alone. So does what
// a steady sender hands in at the same client, which nobody chose.
func TestWhatIsLeftOfARelayWantsAReason(t *testing.T) {
	const query = "class:nologin ip:10.20.0.7"
	w := emptyWorld(t)
	relayed(w)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.moveAllBut(rb, query, 4)
	w.refused(rb, steps.FinishPurge{}, "4 from a client that relays without logging in (10.20.0.7)")
	w.do(rb, steps.FinishPurge{Reason: "they are the scanner's"})
	s := rb.State()
	if left := s.Waiting(); left.Stay != 4 {
		t.Errorf("%s", left.Say())
	}
	if came := s.Incident.Steps[incident.Purge].Result; !strings.Contains(came, "4 that you let stay") {
		t.Errorf("Purge ends with %q", came)
	}
}

// moveAllBut moves what a search finds, without the first few.
func (w *world) moveAllBut(rb *steps.Runbook, query string, few int) {
	w.t.Helper()
	w.do(rb, steps.Search{Query: query})
	var ids []spool.ID
	for _, hit := range rb.State().Live.Results.Hits[few:] {
		ids = append(ids, hit.ID)
	}
	w.do(rb, steps.PlanPurge{Query: query, IDs: ids})
	w.do(rb, steps.Quarantine{PlanID: rb.State().Live.Plan.Plan.ID, Count: len(ids)})
}

// One message of a form's is the form's, too.
func TestWhatIsLeftOfAFormWantsAReason(t *testing.T) {
	const form = "webform@quayside.example"
	w := emptyWorld(t)
	w.settings.BacklogMessages, w.settings.BacklogShare = 50, 0.1
	for i := range 90 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: form, IP: "10.20.0.7", HELO: "web01", Subject: fmt.Sprintf("Copy of your message %d", i), To: []string{fmt.Sprintf("u%d@web%d.test", i, i%9)}})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.moveAllBut(rb, "account:"+form, 1)
	w.refused(rb, steps.FinishPurge{}, "1 from a web page that sends as one mailbox ("+form+")")
	w.do(rb, steps.FinishPurge{Reason: "a colleague tried it out"})
}

func TestASteadySenderAtARelay(t *testing.T) {
	w := emptyWorld(t)
	relayed(w)
	for i := range 30 {
		spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", IP: "10.20.0.7", MailFrom: "orders@quayside.example", From: "orders@quayside.example",
			To: []string{fmt.Sprintf("buyer%d@shop%d.test", i, i)}, Subject: fmt.Sprintf("Order confirmation %d", i)})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	a, _ := first(rb, incident.Purge)
	w.purge(rb, a.Default)
	s := rb.State()
	if n := s.Incident.MovedOut(); n != 80 || s.Live.Results.Steady["orders@quayside.example"] != 30 {
		t.Fatalf("%d moved, %v are a steady sender's", n, s.Live.Results.Steady)
	}
	if a, ok := s.Recommended(incident.Purge); !ok || a.ID != steps.ActPurgeDone || a.Ask != steps.AskReason {
		t.Errorf("Enter is %q, asking %d", a.Label, a.Ask)
	}
	w.must(rb.Close()) // with the spam away, nothing but the record tells the orders from it
	rb = w.resume()
	w.do(rb, steps.Search{Query: a.Default})
	if r := rb.State().Live.Results; len(r.Hits) != 30 || r.Marked() != 0 {
		t.Errorf("after a new start %d of %d come marked", r.Marked(), len(r.Hits))
	}
}

// What is said of the rest of a relay's mail is not said of what was moved: the relay is still to be put right.
func TestWhatIsSaidOfTheRestForgetsNoRelay(t *testing.T) {
	const query = "class:nologin ip:10.20.0.7"
	w := emptyWorld(t)
	relayed(w)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.moveAllBut(rb, query, 4)
	w.do(rb, steps.Explain{Row: "10.20.0.7", Word: "the rest is the scanner's"})
	if s := rb.State(); s.Incident.OpenCause() == nil {
		t.Errorf("the relay is forgotten: %+v", s.Incident.Causes)
	}
}

// What somebody who may only look passes over is to do for whoever may do more.
func TestPermissionBringsBackWhatWasPassedOver(t *testing.T) {
	w := newWorld(t)
	rb := w.open()
	w.do(rb, steps.Allow{May: false})
	w.do(rb, steps.FinishLook{})
	may := canDo(rb, incident.Close, steps.ActAllow) // where looking only leads
	if may == nil {
		t.Fatal("nobody can say at Close that they may stop this server")
	}
	w.do(rb, may.Intent(steps.Answer{}))
	s := rb.State()
	if a, _ := s.Recommended(s.Incident.Current()); s.Incident.Current() != incident.Stop || a.ID != steps.ActStop {
		t.Errorf("at %s Enter is %q", s.Incident.Current(), a.Label)
	}
	for step := incident.Stop; step < incident.Close; step++ {
		if st := s.Incident.Steps[step].State; st != incident.ToDo {
			t.Errorf("%s is %s", step, st)
		}
	}
}

// A row that is marked is the thief's, though a cause of many rows, which was explained, has the same mail.
func TestAMarkIsNewerThanAnExplanation(t *testing.T) {
	w := emptyWorld(t)
	for i := range 60 {
		spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", IP: "10.20.0.7", MailFrom: "orders@quayside.example", From: "orders@quayside.example",
			To: []string{fmt.Sprintf("buyer%d@shop%d.test", i, i)}, Subject: fmt.Sprintf("Order confirmation %d", i)})
	}
	spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: "mara@quayside.example"})
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	row := rb.State().Live.Senders[0].Name()
	w.do(rb, steps.Explain{Row: row, Word: "our shop"})
	if s := rb.State(); len(s.Incident.Explained) != 1 || s.Incident.Explained[0].Row == row {
		t.Fatalf("it is not explained by its cause: %+v", s.Incident.Explained)
	}
	w.do(rb, steps.MarkSuspect{Account: row})
	s := rb.State()
	if waiting := s.Waiting(); waiting.Spam != 60 || waiting.Judged != 0 {
		t.Errorf("%s", waiting.Say())
	}
	w.refused(rb, steps.FinishPurge{}, "60 messages of the spam")
}

// SmarterMail's screens do not answer while mail is down: what is put right there is passed over for as long, and due again
// once mail runs, before anything that comes later.
func TestWhatIsPutRightOnceMailRuns(t *testing.T) {
	w := emptyWorld(t)
	w.settings.WatchRestart = time.Minute
	relayed(w)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "class:nologin ip:10.20.0.7")
	s := rb.State()
	later, _ := s.Recommended(incident.Reset)
	w.do(rb, later.Intent(steps.Answer{}))
	if s = rb.State(); s.Incident.Current() != incident.Restart || !strings.Contains(strings.Join(s.Page(incident.Restart).Advice, "\n"), "To put right as soon as mail runs: a client that relays") {
		t.Errorf("at %s: %q", s.Incident.Current(), s.Page(incident.Restart).Advice)
	}
	w.do(rb, steps.StartService{Reason: "the bypass is taken out right after the start"})
	s = rb.State()
	if a, _ := s.Recommended(s.Incident.Current()); s.Incident.Current() != incident.Reset || a.ID != steps.ActRemedied {
		t.Fatalf("at %s, Enter does %s", s.Incident.Current(), a.ID)
	}
	w.do(rb, steps.SayRemedied{Name: "10.20.0.7", Word: "taken out of the bypass"})
	if s = rb.State(); s.Incident.Current() != incident.Restart || s.Incident.Steps[incident.Restart].State != incident.Running {
		t.Errorf("at %s", s.Incident.Current())
	}
}

// A relay that goes on after the start opens a new round, in which it is to be put right again.
func TestARelayThatGoesOn(t *testing.T) {
	w := emptyWorld(t)
	w.settings.WatchRestart, w.settings.VerifyWait = time.Minute, time.Minute
	relayed(w)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "class:nologin ip:10.20.0.7")
	w.do(rb, steps.SayRemedied{Name: "10.20.0.7", Word: "taken out"})
	w.do(rb, steps.StartService{})
	for i := range 19 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", IP: "10.20.0.7", MailFrom: fmt.Sprintf("hr%d@bank.test", i), Created: time.Now().Add(time.Second)})
	}
	rb.LookNow()
	w.until(rb, "them", func(s steps.State) bool { return s.Live.Spool.Len() >= 29 })
	if s := rb.State(); s.Incident.Round != 1 {
		t.Errorf("round %d", s.Incident.Round)
	}
	spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", IP: "10.20.0.7", MailFrom: "hr@bank.test", Created: time.Now().Add(time.Second)})
	w.until(rb, "a new round", func(s steps.State) bool { return s.Incident.Round == 2 })
	if s := rb.State(); s.Incident.OpenCause() == nil {
		t.Errorf("%+v", s.Incident.Causes)
	}
}

// A list that hears that all is well, while what sent the spam still stands, lists again.
func TestNotYetWhileACauseStands(t *testing.T) {
	var s steps.State
	facts := []incident.Fact{
		incident.CauseFound{Cause: incident.Cause{Class: incident.Form, Name: "web@quay.example", Count: 400}},
		incident.StepChanged{Step: incident.Verify, State: incident.Done},
	}
	for _, f := range facts {
		s.Incident.Fold(incident.Record{At: time.Now(), Fact: f})
	}
	if said := s.NotYet(); !strings.Contains(said, "a web page that sends as one mailbox (web@quay.example) is not put right") {
		t.Errorf("%q", said)
	}
	for _, step := range []incident.Step{incident.Restart, incident.Verify} {
		s.Incident.Steps[step].State = incident.Running
		if page := s.Page(step); !strings.Contains(strings.Join(page.Advice, " "), "Not put right yet") {
			t.Errorf("%s: %q", step, page.Advice)
		}
		s.Incident.Steps[step].State = incident.Done
	}
	s.Incident.Fold(incident.Record{At: time.Now(), By: "maria", Fact: incident.CauseRemedied{Name: "web@quay.example", Word: "taken down"}})
	if said := s.NotYet(); said != "" {
		t.Errorf("%q", said)
	}
}

// What a relay left in a spool set aside is counted there, and found.
func TestARelaySetAside(t *testing.T) {
	w := emptyWorld(t)
	relayed(w)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.do(rb, steps.SetAside{Count: 90})
	s := rb.State()
	if s.Live.AsideSpam != 80 {
		t.Fatalf("%d of the spam outside", s.Live.AsideSpam)
	}
	for _, a := range s.Actions(incident.Purge) {
		if a.ID == steps.ActSearch {
			w.purge(rb, a.Default)
		}
	}
	if s = rb.State(); s.Live.AsideSpam != 0 || len(s.Live.Held) != 80 {
		t.Errorf("%d of the spam outside, %d held", s.Live.AsideSpam, len(s.Live.Held))
	}
}

// The operator's word for a row is their word for the cause that it is a part of.
func TestExplainingOneOfMany(t *testing.T) {
	w := emptyWorld(t)
	relayed(w)
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.Explain{Row: "pay3@bank3.test", Word: "our invoicing program"})
	s := rb.State()
	waiting := s.Waiting()
	if waiting.Judged != 80 || waiting.Open() != 0 || s.Incident.Cause("10.20.0.7") != nil {
		t.Errorf("%s; %+v", waiting.Say(), s.Incident.Causes)
	}
}

// What of ours answers the spam goes with it, bounces and automatic answers alike, also to senders that it forged only
// after it was found; bounces to mailboxes here stay.
func TestOwnAnswersGoWithTheSpam(t *testing.T) {
	spam := func(w *world, from, to int) {
		for i := from; i < to; i++ {
			spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: stolen, MailFrom: fmt.Sprintf("victim%d@other.example", i), To: []string{fmt.Sprintf("u%d@far.test", i)},
				IP: fmt.Sprintf("198.51.100.%d", 1+i%90), Subject: fmt.Sprintf("Invoice overdue %d", i)})
		}
	}
	answer := func(w *world, mailFrom, to, headers string) {
		spooltest.Write(w.t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", IP: "-", MailFrom: mailFrom, To: []string{to}, Headers: headers, Subject: "Delivery Failure"})
	}
	const bounce, auto = "X-SmarterMail-MessageType: Bounce\r\n", "Auto-Submitted: auto-replied\r\n"
	for name, c := range map[string]struct {
		put     func(w *world)
		answers int
	}{
		"bounces": {func(w *world) {
			for i := range 25 {
				answer(w, "<>", fmt.Sprintf("victim%d@other.example", i), bounce)
			}
		}, 25},
		"bounces that came back stay": {func(w *world) {
			for range 5 {
				answer(w, "<>", "user1@harbourlight.example", bounce)
			}
			answer(w, "<>", "victim2@other.example", bounce)
		}, 1},
		"automatic answers": {func(w *world) {
			for i := range 7 {
				answer(w, "info@harbourlight.example", fmt.Sprintf("victim%d@other.example", i), auto)
			}
		}, 7},
		"automatic answers to somebody else": {func(w *world) {
			answer(w, "info@harbourlight.example", "customer@client.test", auto)
			answer(w, "info@harbourlight.example", "victim1@other.example", auto)
		}, 1},
		"in capitals": {func(w *world) { answer(w, "<>", "Victim3@OTHER.example", bounce) }, 1},
		"none":        {func(*world) {}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := emptyWorld(t)
			spam(w, 0, 60)
			for i := range 5 {
				spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "mara@harbourlight.example", IP: "192.0.2.7", Subject: fmt.Sprintf("%c", 'a'+i)})
			}
			c.put(w)
			rb := w.open()
			w.do(rb, steps.Allow{May: true})
			spam(w, 60, 70) // of senders that were not seen when it was found
			answer(w, "<>", "victim65@other.example", bounce)
			rb.LookNow()
			w.until(rb, "them", func(s steps.State) bool { return s.Live.Spool.Len() >= 76 })
			w.do(rb, steps.StopService{})
			w.purge(rb, "account:"+stolen)
			s := rb.State()
			if waiting := s.Waiting(); waiting.Spam != c.answers+1 {
				t.Fatalf("of the spam wait %d, want %d: %s", waiting.Spam, c.answers+1, waiting.Say())
			}
			if s.Incident.Steps[incident.Purge].State == incident.Done {
				t.Error("Purge is done")
			}
			w.do(rb, steps.ResetPassword{Account: stolen})
			w.do(rb, steps.RemoveForwarding{Account: stolen})
			w.refused(rb, steps.StartService{}, "of the spam would be delivered")
			for _, a := range s.Actions(incident.Purge) {
				if a.ID == steps.ActSearch {
					w.purge(rb, a.Default)
				}
			}
			s = rb.State()
			if held := len(s.Live.Held); held != 70+c.answers+1 || s.Waiting().Spam != 0 {
				t.Errorf("%d held, want %d; %d of the spam wait", held, 70+c.answers+1, s.Waiting().Spam)
			}
		})
	}
}

// The texts claim what the record knows, and nothing else.
func TestTextsClaimWhatTheRecordKnows(t *testing.T) {
	at := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	found := func(class incident.Class, name string) incident.Fact {
		return incident.CauseFound{Cause: incident.Cause{Class: class, Name: name, Count: 300, Why: []string{"no log-in"}}}
	}
	for name, c := range map[string]struct {
		facts       []incident.Fact
		says, never []string
	}{
		"nothing known":        {nil, []string{"is not known yet"}, []string{"password", "sessions", "without logging in"}},
		"stolen, to do":        {[]incident.Fact{incident.SuspectMarked{Account: stolen}}, []string{"The password of one mailbox"}, []string{"sessions", "was changed"}},
		"changed, not ended":   {[]incident.Fact{incident.SuspectMarked{Account: stolen}, incident.ResetChanged{Account: stolen, State: incident.ResetDone}}, []string{"The password was changed on"}, []string{"sessions"}},
		"changed by hand":      {[]incident.Fact{incident.SuspectMarked{Account: stolen}, incident.ResetChanged{Account: stolen, State: incident.ResetDone, ByHand: true}}, []string{"The password was changed on"}, []string{"sessions"}},
		"changed and ended":    {[]incident.Fact{incident.SuspectMarked{Account: stolen}, incident.ResetChanged{Account: stolen, State: incident.ResetDone, Ended: true}}, []string{"open sessions were ended"}, nil},
		"a relay":              {[]incident.Fact{found(incident.Relay, "10.20.0.7")}, []string{"without logging in"}, []string{"password", "10.20.0.7", "no longer"}},
		"a relay, put right":   {[]incident.Fact{found(incident.Relay, "10.20.0.7"), incident.CauseRemedied{Name: "10.20.0.7", Word: "taken out"}}, []string{"It can no longer do that."}, []string{"password"}},
		"one relay of two":     {[]incident.Fact{found(incident.Relay, "10.20.0.7"), found(incident.Relay, "10.20.0.8"), incident.CauseRemedied{Name: "10.20.0.7", Word: "taken out"}}, []string{"without logging in"}, []string{"no longer"}},
		"a form":               {[]incident.Fact{found(incident.Form, "webform@quay.example")}, []string{"contact form"}, []string{"password", "stolen"}},
		"a forwarding":         {[]incident.Fact{found(incident.ForwardedSpam, "x@freemail.test")}, []string{"was forwarded"}, []string{"password", "stolen"}},
		"backscatter":          {[]incident.Fact{found(incident.Backscatter, incident.RowBounces)}, []string{"answered spam"}, []string{"password", "stolen"}},
		"a mailing list":       {[]incident.Fact{found(incident.MailingList, "news@quay.example")}, []string{"mailing list"}, []string{"password", "stolen"}},
		"a form and a thief":   {[]incident.Fact{found(incident.Form, "webform@quay.example"), incident.SuspectMarked{Account: stolen}}, []string{"contact form", "The password of one mailbox"}, nil},
		"explained, so none":   {[]incident.Fact{found(incident.Relay, "10.20.0.7"), incident.Explained{Rows: []string{"10.20.0.7"}, Why: "ours"}}, []string{"is not known yet"}, []string{"without logging in"}},
		"it was a thief's":     {[]incident.Fact{found(incident.Form, stolen), incident.SuspectMarked{Account: stolen}}, []string{"The password of one mailbox"}, []string{"contact form"}},
		"put right, so it was": {[]incident.Fact{found(incident.Relay, "10.20.0.7"), incident.CauseRemedied{Name: "10.20.0.7", Word: "out"}, incident.Explained{Rows: []string{"10.20.0.7"}, Why: "left"}}, []string{"without logging in"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inc := incident.Fold([]incident.Record{{At: at, Fact: incident.Opened{ID: "7F3A", Host: "mail01.example"}}})
			inc.Fold(incident.Record{At: at, Fact: incident.ListsAsked{Listings: []incident.Listing{{IP: serverIP, List: "Spamhaus CSS", First: at, Seen: at}}}})
			for _, fact := range c.facts {
				inc.Fold(incident.Record{At: at, By: "maria", Fact: fact})
			}
			draft := steps.Draft(&inc, serverIP, "Spamhaus CSS")
			for _, want := range c.says {
				if !strings.Contains(draft, want) {
					t.Errorf("it does not say %q:\n%s", want, draft)
				}
			}
			for _, lie := range c.never {
				if strings.Contains(draft, lie) {
					t.Errorf("it says %q:\n%s", lie, draft)
				}
			}
		})
	}
}
