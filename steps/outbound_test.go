package steps_test

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/checks/outbound"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// fakeOutbound sees what it is told.
type fakeOutbound struct {
	mu     sync.Mutex
	sample outbound.Sample
	err    error
}

func (f *fakeOutbound) Sample(context.Context) (outbound.Sample, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sample, f.err
}

func (f *fakeOutbound) see(programs ...outbound.Program) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sample.Programs = programs
}

var (
	elsewhere = netip.MustParseAddrPort("203.0.113.9:25")
	mailer    = outbound.Program{PID: 4711, Path: "/usr/bin/php8.2", Script: "/var/www/shop/up.php", Owner: "www-data", Remote: elsewhere, Connections: 3}
	ownMail   = outbound.Program{PID: 812, Path: "/opt/smartermail/MailService", Owner: "root", Remote: elsewhere, Connections: 40}
	noName    = outbound.Program{Owner: "root", Remote: elsewhere, Connections: 2}
)

// quietWorld is a server with a little ordinary mail.
func quietWorld(t *testing.T) *world {
	t.Helper()
	w := emptyWorld(t)
	for range 3 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "user1@quayside.example", MailFrom: "user1@quayside.example", IP: "192.0.2.8"})
	}
	return w
}

func TestAProgramThatSpeaksPastTheMailService(t *testing.T) {
	w := quietWorld(t)
	eyes := &fakeOutbound{}
	other := outbound.Program{PID: 99, Path: `C:\Windows\Temp\svchost.exe`, Owner: `WEB\shop`, Remote: elsewhere, Connections: 1}
	service := outbound.Program{PID: 4000, Path: "/usr/bin/dotnet", Owner: "root", Remote: elsewhere, Connections: 1}
	w.service.pid = 4000
	eyes.see(ownMail, mailer, other, service)
	w.outbound = eyes
	rb := w.open()
	w.until(rb, "two programs in the record", func(s steps.State) bool { return len(s.Incident.Speakers) == 2 })
	w.do(rb, steps.Allow{May: true})
	w.until(rb, "three looks", func(s steps.State) bool { return s.Live.Outbound.Looks > 3 })
	s := rb.State()
	if n := strings.Count(w.said(), "speaks to mail servers elsewhere"); n != 2 {
		t.Errorf("the record tells of %d programs:\n%s", n, w.said())
	}
	page := s.Page(incident.Look)
	said := page.Alarm + "\n" + strings.Join(page.Advice, "\n")
	for _, want := range []string{"/usr/bin/php8.2", "/var/www/shop/up.php", "PID 4711", "www-data", "203.0.113.9:25", "not the mail service", `C:\Windows\Temp\svchost.exe`, `WEB\shop`} {
		if !strings.Contains(said, want) {
			t.Errorf("Look does not say %q: %s", want, said)
		}
	}
	if strings.Contains(said, "MailService") || strings.Contains(said, "dotnet") {
		t.Errorf("Look accuses the mail service: %s", said)
	}
	if !strings.Contains(page.Alarm, "/usr/bin/php8.2") || s.Unexplained() != "" {
		t.Errorf("alarm %q, unexplained %q", page.Alarm, s.Unexplained())
	}
	w.refused(rb, steps.Explain{Row: incident.Speaker{Program: mailer}.Row()}, "needs a reason")
	for _, p := range []outbound.Program{mailer, other} {
		w.do(rb, steps.Explain{Row: incident.Speaker{Program: p}.Row(), Word: "our own newsletter"})
	}
	s = rb.State()
	if s.Page(incident.Look).Alarm != "" || len(s.Speaking()) != 0 || !strings.Contains(s.Unexplained(), "nothing") {
		t.Errorf("known programs: alarm %q, speaking %v, unexplained %q", s.Page(incident.Look).Alarm, s.Speaking(), s.Unexplained())
	}
}

// ends is the command that ends the processes on this system.
func ends(pids ...string) string {
	if runtime.GOOS == "windows" {
		return "taskkill /F /PID " + strings.Join(pids, " /PID ")
	}
	return "kill " + strings.Join(pids, " ")
}

// said is all that a page says.
func said(p steps.Page) string {
	all := p.Purpose + "\n" + p.Alarm + "\n" + strings.Join(p.Advice, "\n")
	for _, f := range p.Facts {
		all += "\n" + f.Name + " " + f.Value
	}
	return all
}

// says holds a page to what it has to say, and to what it must not.
func says(t *testing.T, p steps.Page, wants, lies []string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(said(p), want) {
			t.Errorf("%s does not say %q:\n%s", p.Step, want, said(p))
		}
	}
	for _, lie := range lies {
		if strings.Contains(said(p), lie) {
			t.Errorf("%s says %q:\n%s", p.Step, lie, said(p))
		}
	}
}

// offers says which of some actions a step offers, refused or not.
func offers(s *steps.State, step incident.Step, id steps.ActionID) bool {
	return slices.ContainsFunc(s.Actions(step), func(a steps.Action) bool { return a.ID == id })
}

// holdRecord lets nothing be written to the record until it is let go.
func holdRecord(t *testing.T, w *world) (letGo func()) {
	t.Helper()
	lock := flock.New(filepath.Join(w.incidents, "7F3A", "journal.jsonl.lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	return func() { _ = lock.Close() }
}

// A program is ended in Reset, as a relay is put right there: by the operator's word, which is not taken while it speaks.
func TestAProgramIsEndedInReset(t *testing.T) {
	w := quietWorld(t)
	w.settings.WatchRestart, w.settings.VerifyWait = 400*time.Millisecond, time.Hour
	eyes := &fakeOutbound{}
	second := mailer
	second.PID, second.Connections = 4712, 1
	eyes.see(mailer, second)
	w.outbound = eyes
	rb := w.open()
	w.until(rb, "a look", func(s steps.State) bool { return len(s.Speaking()) == 2 })
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	if advice := s.Page(incident.Look).Advice; len(advice) < 2 || advice[0] != "If nobody knows it, end it, in another window: "+ends("4711", "4712") || !strings.HasPrefix(advice[1], "If you know it") {
		t.Errorf("Look does not begin with what to do: %q", advice)
	}
	w.do(rb, steps.FinishLook{})
	s = rb.State()
	says(t, s.Page(incident.Reset), []string{"end what sent the spam", "/usr/bin/php8.2", "it still speaks", ends("4711", "4712")}, []string{"new password", "thief"})
	if a, _ := s.Recommended(incident.Reset); a.ID != steps.ActSkip || a.Label != "go on, though it is not put right" {
		t.Errorf("while it speaks, Enter does %s, %s", a.ID, a.Label)
	}
	if a, _ := s.Recommended(incident.Reset); !strings.Contains(a.About, "/var/www/shop/up.php of www-data goes on sending") {
		t.Errorf("going on costs %q", a.About)
	}
	row := incident.Speaker{Program: mailer}.Row()
	w.refused(rb, steps.SayRemedied{Name: row, Word: "ended"}, "end it first: "+ends("4711", "4712"))
	eyes.see(ownMail)
	w.until(rb, "its end", func(s steps.State) bool { return len(s.Speaking()) == 0 })
	s = rb.State()
	over := []string{"If nobody knows it", "If you know it", "it still speaks", ends("4711")}
	for _, step := range []incident.Step{incident.Look, incident.Reset} {
		says(t, s.Page(step), []string{"/usr/bin/php8.2", "is not seen to do so now"}, over)
	}
	a, _ := s.Recommended(incident.Reset)
	if a.ID != steps.ActRemedied {
		t.Fatalf("once it has ended, Enter does %s", a.ID)
	}
	if draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS"); strings.Contains(draft, "We ended it") {
		t.Errorf("told before it is so:\n%s", draft)
	}
	w.do(rb, a.Intent(steps.Answer{Text: "killed, and its page taken out"}))
	w.refused(rb, steps.SayRemedied{Name: row, Word: "again"}, "in the record already")
	s = rb.State()
	if reset := s.Incident.Steps[incident.Reset]; reset.State != incident.Done || !strings.Contains(reset.Result, "/var/www/shop/up.php of www-data is put right") || strings.Contains(reset.Result, "changed") {
		t.Errorf("Reset is %+v", reset)
	}
	for _, step := range []incident.Step{incident.Restart, incident.Notify} {
		says(t, s.Page(step), []string{"killed, and its page taken out"}, []string{"new password"})
	}
	if draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS"); !strings.Contains(draft, "We ended it.") {
		t.Errorf("the text for the list:\n%s", draft)
	}
	if letter := steps.Letter(&s.Incident); !strings.Contains(letter, "Killed, and its page taken out") {
		t.Errorf("the letter:\n%s", letter)
	}
	if undone := strings.Join(s.Incident.Undone(), "\n"); strings.Contains(undone, "find out how") || !strings.Contains(undone, "port 25") {
		t.Errorf("what is still to do: %s", undone)
	}
	w.do(rb, steps.StartService{})
	w.until(rb, "Verify", func(s steps.State) bool { return s.Live.Watched != nil && s.Live.Watched.Step == incident.Verify })
	s = rb.State()
	says(t, s.Page(incident.Verify), []string{"There is nothing to do but wait"}, over)
	if offers(&s, incident.Verify, steps.ActKnow) || offers(&s, incident.Verify, steps.ActRemedied) {
		t.Error("Verify asks about a program that has ended")
	}
	letGo := holdRecord(t, w)
	eyes.see(mailer)
	for range 50 { // looks come every ten milliseconds, and the first one has to wait to be written down
		if s = rb.State(); len(s.Speaking()) > 0 && s.Incident.OpenStranger() == nil {
			t.Error("it is shown to speak again, and the record takes it for put right")
			break
		}
		time.Sleep(time.Millisecond)
	}
	letGo()
	w.until(rb, "Verify held up", func(s steps.State) bool {
		return s.Live.Watched != nil && s.Live.Watched.Trap != "" && len(s.Speaking()) > 0
	})
	s = rb.State()
	says(t, s.Page(incident.Verify), []string{"If nobody knows it, end it", ends("4711"), "waits until the program no longer speaks"}, []string{"nothing to do but wait"})
	if s.Incident.OpenStranger() == nil || !offers(&s, incident.Verify, steps.ActKnow) {
		t.Errorf("it speaks again, and counts as ended: %+v", s.Incident.Speakers)
	}
	eyes.see(ownMail)
	w.until(rb, "its end", func(s steps.State) bool { return len(s.Speaking()) == 0 })
	if s = rb.State(); !offers(&s, incident.Verify, steps.ActRemedied) {
		t.Error("nobody can say in Verify what was done about it")
	}
}

// Beside a thief it is the last thing in Reset, and where a command ends it, that one is printed.
func TestAProgramBesideAThief(t *testing.T) {
	w := newWorld(t)
	w.settings.HowTo.EndProgram = "/opt/delist drill end-program --keep /tmp/x"
	eyes := &fakeOutbound{}
	eyes.see(mailer)
	w.outbound = eyes
	rb := w.open()
	w.until(rb, "a look", func(s steps.State) bool { return len(s.Speaking()) == 1 })
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	if a, _ := s.Recommended(incident.Reset); a.ID != steps.ActReset {
		t.Errorf("first, Enter does %s", a.ID)
	}
	w.do(rb, steps.LockOut{})
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	s = rb.State()
	says(t, s.Page(incident.Reset), []string{stolen, "/opt/delist drill end-program --keep /tmp/x", "it still speaks"}, nil)
	if a, _ := s.Recommended(incident.Reset); a.ID != steps.ActSkip || s.Incident.Steps[incident.Reset].State != incident.ToDo {
		t.Errorf("while it speaks, Enter does %s; Reset is %s", a.ID, s.Incident.Steps[incident.Reset].State)
	}
	eyes.see(ownMail)
	w.until(rb, "its end", func(s steps.State) bool { return len(s.Speaking()) == 0 })
	s = rb.State()
	a, _ := s.Recommended(incident.Reset)
	w.do(rb, a.Intent(steps.Answer{Text: "ended"}))
	s = rb.State()
	if !s.Incident.Steps[incident.Reset].State.Passed() {
		t.Errorf("Reset is %+v", s.Incident.Steps[incident.Reset])
	}
	for _, want := range []string{"The password of one mailbox", "not the mail server sent mail by itself", "We ended it."} {
		if draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS"); !strings.Contains(draft, want) {
			t.Errorf("the text for the list does not say %q:\n%s", want, draft)
		}
	}
}

func TestVerifyWaitsForAProgramThatSpeaks(t *testing.T) {
	w := quietWorld(t)
	eyes := &fakeOutbound{}
	eyes.see(mailer)
	w.outbound = eyes
	rb := w.open()
	w.until(rb, "a look", func(s steps.State) bool { return len(s.Incident.Speakers) == 1 })
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.FinishLook{})
	w.do(rb, steps.Skip{Step: incident.Reset, Reason: "no account is stolen"})
	w.do(rb, steps.StartService{})
	w.until(rb, "Verify held up", func(s steps.State) bool {
		return s.Live.Watched != nil && s.Live.Watched.Step == incident.Verify && strings.Contains(s.Live.Watched.Trap, "/usr/bin/php8.2")
	})
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS"}, "Verify is not done")
	eyes.see(ownMail)
	w.until(rb, "Verify done", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Done })
	s := rb.State()
	if !slices.ContainsFunc(s.Incident.Steps[incident.Verify].Seen, func(l incident.Looks) bool { return l.At == "connections" && l.Made > 3 }) {
		t.Errorf("Verify rests on %v", s.Incident.Steps[incident.Verify].Seen)
	}
	if got := s.NotYet(); got != "" {
		t.Errorf("a program that has ended explains the listing: %q", got)
	}
	if draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS"); !strings.Contains(draft, "not the mail server") || strings.Contains(draft, "password") {
		t.Errorf("the text for the list: %q", draft)
	}
	eyes.see(mailer)
	w.until(rb, "Verify held up again", func(s steps.State) bool {
		return s.Incident.Steps[incident.Verify].State == incident.Running && s.Live.Watched != nil && strings.Contains(s.Live.Watched.Trap, "/usr/bin/php8.2")
	})
	if !strings.Contains(w.said(), "speaks to mail servers elsewhere again") {
		t.Errorf("the record does not say why:\n%s", w.said())
	}
	w.refused(rb, steps.MarkRequested{IP: serverIP, List: "Spamhaus CSS"}, "Verify is not done")
	w.do(rb, steps.JudgeQuiet{Reason: "it is our own newsletter"})
	looks := rb.State().Live.Outbound.Looks
	w.until(rb, "more looks", func(s steps.State) bool { return s.Live.Outbound.Looks > looks+5 })
	s = rb.State()
	if s.Incident.Steps[incident.Verify].State != incident.Done || s.NotYet() != "" {
		t.Errorf("what the operator has judged is %s, %q", s.Incident.Steps[incident.Verify].State, s.NotYet())
	}
	if todo := strings.Join(s.Incident.Undone(), "\n"); !strings.Contains(todo, "find out how /usr/bin/php8.2") {
		t.Errorf("what is still to do: %s", todo)
	}
}

// What cannot be seen is said, and Verify does not wait for it: its result says so, too.
func TestWhoSpeaksCannotBeSeen(t *testing.T) {
	for name, eyes := range map[string]*fakeOutbound{
		"no rights":   {sample: outbound.Sample{Programs: []outbound.Program{noName}, Unseen: []string{"Other users' programs cannot be seen: run delist with sudo."}}},
		"no table":    {err: errors.New("the system's table of connections cannot be read: denied")},
		"nothing yet": {sample: outbound.Sample{Unseen: []string{"Programs in containers cannot be seen: run delist with sudo."}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := quietWorld(t)
			w.outbound = eyes
			w.lists.listed = map[string]bool{}
			rb := w.open()
			w.until(rb, "a look", func(s steps.State) bool { return s.Live.Outbound != nil })
			s := rb.State()
			advice := strings.Join(s.Page(incident.Look).Advice, "\n")
			if len(s.Incident.Speakers) != 0 || !strings.Contains(advice, "cannot be ") {
				t.Errorf("%v; Look says %q", s.Incident.Speakers, advice)
			}
			w.do(rb, steps.Allow{May: true})
			w.do(rb, steps.FinishLook{})
			w.do(rb, steps.Skip{Step: incident.Reset, Reason: "no account is stolen"})
			w.do(rb, steps.StartService{})
			w.until(rb, "Verify done", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Done })
			s = rb.State()
			blind := strings.Contains(s.Incident.Steps[incident.Verify].Result, "who speaks to mail servers elsewhere could not be seen")
			if blind != (name != "nothing yet") {
				t.Errorf("Verify: %q", s.Incident.Steps[incident.Verify].Result)
			}
		})
	}
}

func TestUnexplained(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	css := incident.Listing{IP: serverIP, List: "Spamhaus CSS", Verdict: dnsbl.Listed, Removal: &dnsbl.Removal{Kind: dnsbl.SelfService}}
	with := func(change func(*steps.State)) *steps.State {
		s := &steps.State{Settings: steps.DefaultSettings(), Now: at}
		s.Incident.Listings = []incident.Listing{css}
		s.Incident.Spool = "/spool"
		s.Live.Spool = new(spool.Snapshot)
		change(s)
		return s
	}
	helo := func(s *steps.State, heard string, when time.Time) {
		s.Incident.HELOs = append(s.Incident.HELOs, incident.HeardHELO{SeenHELO: identity.CompareHELO(heard, "mail01.example"), IP: serverIP, List: css.List, At: when})
	}
	word := func(s *steps.State, row string, when time.Time) {
		s.Incident.Explained = append(s.Incident.Explained, incident.Explanation{Row: row, Why: "known", At: when})
	}
	for name, c := range map[string]struct {
		s    *steps.State
		want string // part of the reason; empty: explained
	}{
		"quiet spool, no logs":  {with(func(*steps.State) {}), "the logs do not tell"},
		"no listing":            {with(func(s *steps.State) { s.Incident.Listings = nil }), ""},
		"cleared":               {with(func(s *steps.State) { s.Incident.Listings[0].Gone = at }), ""},
		"a policy":              {with(func(s *steps.State) { s.Incident.Listings[0].Policy = true }), ""},
		"the network around it": {with(func(s *steps.State) { s.Incident.Listings[0].Removal = &dnsbl.Removal{Kind: dnsbl.NoRemoval} }), ""},
		"left with a reason":    {with(func(s *steps.State) { s.Incident.Listings[0].State = incident.ListingLeft }), ""},
		"waits by itself":       {with(func(s *steps.State) { s.Incident.Listings[0].Removal = &dnsbl.Removal{Kind: dnsbl.Waits} }), "nothing"},
		"a stolen account":      {with(func(s *steps.State) { s.Incident.Suspects = []incident.Suspect{{Account: stolen}} }), ""},
		"spam was moved":        {with(func(s *steps.State) { s.Incident.Purges = []incident.PurgeRecord{{Moved: 30}} }), ""},
		"nothing was moved":     {with(func(s *steps.State) { s.Incident.Purges = []incident.PurgeRecord{{Planned: 30}} }), "nothing"},
		"a program":             {with(func(s *steps.State) { s.Incident.Speakers = []incident.Speaker{{Program: mailer}} }), ""},
		"a program that is known": {with(func(s *steps.State) {
			s.Incident.Speakers = []incident.Speaker{{Program: mailer}}
			word(s, incident.Speaker{Program: mailer}.Row(), at)
		}), "nothing"},
		"the operator's word": {with(func(s *steps.State) { word(s, incident.RowListings, at) }), ""},
		"a word on some mail": {with(func(s *steps.State) { word(s, "info@quayside.example", at) }), "nothing"},
		"being read":          {with(func(s *steps.State) { s.Live.Spool = nil }), "still being read"},
		"not to be read":      {with(func(s *steps.State) { s.Live.Spool, s.Live.SpoolErr = nil, "denied" }), "was not seen"},
		"no spool":            {with(func(s *steps.State) { s.Live.Spool, s.Incident.Spool = nil, "" }), "was not seen"},
		"our HELO":            {with(func(s *steps.State) { helo(s, "mail01.example", at) }), "nothing"},
		"another HELO":        {with(func(s *steps.State) { helo(s, "DESKTOP-0QH2", at) }), "DESKTOP-0QH2"},
		"another HELO, a thief": {with(func(s *steps.State) {
			helo(s, "DESKTOP-0QH2", at)
			s.Incident.Suspects = []incident.Suspect{{Account: stolen}}
		}), "DESKTOP-0QH2"},
		"another HELO, a program": {with(func(s *steps.State) {
			helo(s, "x.test", at)
			s.Incident.Speakers = []incident.Speaker{{Program: mailer}}
		}), ""},
		"another HELO, explained": {with(func(s *steps.State) { helo(s, "x.test", at); word(s, incident.RowListings, at.Add(time.Hour)) }), ""},
		"explained before it":     {with(func(s *steps.State) { word(s, incident.RowListings, at); helo(s, "x.test", at.Add(time.Hour)) }), "x.test"},
	} {
		if got := c.s.Unexplained(); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		c.s.Incident.Steps[incident.Verify] = incident.StepStatus{State: incident.Done}
		if got := c.s.NotYet(); (got == "") != (c.want == "") {
			t.Errorf("%s: %q", name, got)
		}
		refused := c.s.Refusal(steps.MarkRequested{IP: serverIP, List: css.List})
		if open := c.want != "" && c.s.Incident.Listings[0].Removal.Kind == dnsbl.SelfService; open && !strings.Contains(refused, c.want) {
			t.Errorf("%s: asking is refused with %q", name, refused)
		}
	}
}

func TestHELOThatAPageShows(t *testing.T) {
	w := newWorld(t)
	w.settings.HELO = "mail01.example"
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.refused(rb, steps.CompareHELO{IP: serverIP, List: "Spamhaus CSS", Heard: " \n"}, "paste only the HELO")
	w.refused(rb, steps.CompareHELO{IP: serverIP, List: "nobody", Heard: "x"}, "no list has this server")
	w.refused(rb, steps.CompareHELO{IP: serverIP, List: "Spamhaus CSS", Heard: "some words on the page"}, "paste only the HELO")
	w.refused(rb, steps.CompareHELO{IP: serverIP, List: "Spamhaus CSS", Heard: "???"}, "no host name")
	for _, c := range []struct {
		heard, says string
		another     bool
	}{
		{"HELO: mail01.example", "so the mail came through it", false},
		{"DESKTOP-0QH2", "another computer behind the same address", true},
		{"smtp.bank.test", "something else behind this address", true},
		{"[192.168.1.20]", "another computer behind the same address", true},
		{"MAIL01.example.", "so the mail came through it", false},
	} {
		w.do(rb, steps.CompareHELO{IP: serverIP, List: "Spamhaus CSS", Heard: c.heard})
		s := rb.State()
		l := s.Incident.Listing(serverIP, "Spamhaus CSS")
		if advice := strings.Join(s.ListingAdvice(l), "\n"); !strings.Contains(advice, c.says) {
			t.Errorf("%q: %s", c.heard, advice)
		}
		if len(s.Incident.HELOs) != 1 || (s.Unexplained() != "") != c.another || !strings.Contains(w.said(), c.says) {
			t.Errorf("%q: %v, unexplained %q", c.heard, s.Incident.HELOs, s.Unexplained())
		}
	}
}
