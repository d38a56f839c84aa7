package steps_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// ordinarySetups are servers on which the same is played.
var ordinarySetups = map[string]setup{
	"a service and an API":          {API: true, Thieves: 1, Spam: 30, Good: 12, Bounces: 2, Forwards: true},
	"by hand":                       {Control: steps.ByHand, Thieves: 1, Spam: 30, Good: 12, Bounces: 2},
	"no service":                    {Control: steps.NoService, Thieves: 1, Spam: 30, Good: 12, Bounces: 2},
	"nobody stands out, much waits": {API: true, Nobody: 40, Good: 4},
	"a relay":                       {API: true, Relayed: 30, Good: 8},
	"a relay and a thief, by hand":  {Control: steps.ByHand, Relayed: 24, Thieves: 1, Spam: 30, Good: 8, Bounces: 2},
	"two thieves, and logs":         {API: true, Logs: fullLogs, Thieves: 2, Spam: 30, Good: 10},
}

// must carries an intent out, which has to be accepted.
func (g *game) must(t *testing.T, in steps.Intent) {
	t.Helper()
	s := g.rb.State()
	if why := s.Refusal(in); why != "" {
		t.Fatalf("%T is refused: %s", in, why)
	}
	if err := g.do(in); err != nil {
		t.Fatal(err)
	}
}

// enterUntil presses Enter until a step is due.
func (g *game) enterUntil(t *testing.T, step incident.Step) {
	t.Helper()
	for range 40 {
		s := g.rb.State()
		if s.Incident.Current() >= step {
			return
		}
		if err := g.enter(s.Incident.Current()); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("Enter does not lead to %s", step)
}

// TestWhatHappened plays what was seen to go wrong on 28 November.
func TestWhatHappened(t *testing.T) {
	controlled := ordinarySetups["a service and an API"]
	byHand := ordinarySetups["by hand"]
	nobody := setup{Control: steps.ByHand, Good: 12}
	th := newTheatre(t)
	for name, c := range map[string]struct {
		setup setup
		play  func(*testing.T, *game)
	}{
		"1: by hand, Restart offers 'mail runs now'": {byHand, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Restart)
			g.must(t, steps.StartService{})
			if a := recommended(g, incident.Restart); a != steps.ActStarted {
				t.Errorf("Enter is %q", a)
			}
		}},
		"1: by hand, Purge goes on after a resume": {byHand, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Purge)
			g.resumed(t, false)
			g.enterUntil(t, incident.Reset)
		}},
		"2: Verify goes on after a resume": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Verify)
			g.resumed(t, false)
			if s := g.rb.State(); s.Live.Watched == nil || s.Incident.Steps[incident.Verify].State != incident.Running {
				t.Errorf("nothing is watched: %+v", s.Incident.Steps[incident.Verify])
			}
			g.enterUntil(t, incident.Delist)
		}},
		"3: a held password is to make again after a resume": {byHand, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Reset)
			g.must(t, steps.ResetByHand{Account: thieves[0]})
			g.resumed(t, true)
			s := g.rb.State()
			if a := recommended(g, incident.Reset); s.Incident.Current() != incident.Reset || a != steps.ActResetByHand {
				t.Errorf("at %s Enter is %q", s.Incident.Current(), a)
			}
			if why := s.Refusal(steps.ConfirmReset{Account: thieves[0]}); why == "" {
				t.Error("a password that is gone can be confirmed")
			}
			if strings.Contains(steps.Letter(&s.Incident), "mailbox gets a new password") {
				t.Error("the letter tells of a new password")
			}
		}},
		"3: an account that is to be disabled needs no password that somebody knows": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.LockOut{})
			g.resumed(t, true)
			g.must(t, steps.DisableAccount{Account: thieves[0]})
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"3: an account that was disabled had no new password by that": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.DisableAccount{Account: thieves[0]})
			g.must(t, steps.ResetByHand{Account: thieves[0]})
			s := g.rb.State()
			if draft := steps.Draft(&s.Incident, serverIP, "Spamhaus CSS"); strings.Contains(draft, "password was changed") {
				t.Error(draft)
			}
		}},
		"3: a password that was set by hand once is not waited for in the next round": {byHand, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Verify)
			g.mu.Lock()
			g.raid(thieves[0], 10)
			g.mu.Unlock()
			time.Sleep(30 * time.Second)
			g.must(t, steps.StopService{})
			g.must(t, steps.ConfirmStopped{Despite: "a test"})
			g.must(t, steps.Skip{Step: incident.Purge, Reason: "later"})
			g.must(t, steps.Skip{Step: incident.Reset, Reason: "later"})
			g.must(t, steps.StartService{Reason: "the owner waits"})
			g.must(t, steps.ConfirmStarted{Despite: "a test"})
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"3: a password that is held for an API that does not answer while mail runs is set by hand": {setup{Control: steps.ByHand, API: true, Thieves: 1, Spam: 30, Good: 12}, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Restart)
			g.must(t, steps.StartService{})
			g.must(t, steps.ConfirmStarted{Despite: "a test"}) // so they say
			g.must(t, steps.ResetPassword{Account: thieves[0]})
			if a := recommended(g, incident.Reset); a != steps.ActResetByHand {
				t.Errorf("Enter is %q", a)
			}
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"3: a cause that is explained leaves Reset with the passwords alone": {ordinarySetups["a relay and a thief, by hand"], func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Purge)
			g.must(t, steps.Skip{Step: incident.Purge, Reason: "later"})
			g.must(t, steps.ResetByHand{Account: thieves[0]})
			g.must(t, steps.Explain{Row: relayIP, Word: "the scanner downstairs"})
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"4: taking the mark back changes no fact": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			s := g.rb.State()
			if why := s.Refusal(steps.ClearSuspect{Account: thieves[0]}); why == "" {
				t.Error("the mark is taken back without a question")
			}
			g.must(t, steps.ClearSuspect{Account: thieves[0], Reason: "a mistake"})
			g.must(t, steps.FinishLook{})
			if s := g.rb.State(); s.Incident.Steps[incident.Stop].State != incident.ToDo {
				t.Errorf("Stop is %s, with %d waiting", s.Incident.Steps[incident.Stop].State, len(g.mails))
			}
		}},
		"4: nobody is marked, and much waits": {ordinarySetups["nobody stands out, much waits"], func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			if a := recommended(g, incident.Look); a != steps.ActStop {
				t.Errorf("Enter is %q", a)
			}
		}},
		"5: quiet is not said of a spool that cannot be read":  {controlled, notQuiet(func(g *game) { g.lock(true) })},
		"5: quiet is not said while a look hangs":              {controlled, notQuiet(func(g *game) { g.hung, _ = g.rb.HangLooking(g.t.Context()) })},
		"5: quiet is not said of a service that is not seen":   {controlled, notQuiet(func(g *game) { g.mu.Lock(); defer g.mu.Unlock(); g.unseen = true })},
		"5: a service that dies after Restart shows MAIL DOWN": {controlled, notQuiet(func(g *game) { g.set(false) })},
		"5: what is never seen is not quiet yet, and is left to the operator's judgement": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Restart)
			g.lock(true)
			g.must(t, steps.StartService{Reason: "the disk is being looked at"})
			time.Sleep(4 * time.Second)
			s := g.rb.State()
			if page := fmt.Sprint(s.Page(incident.Restart)); strings.Contains(page, "quiet since") || !strings.Contains(page, "the spool has not been seen yet") {
				t.Errorf("the page says %s", page)
			}
			time.Sleep(10 * time.Minute)
			if a := recommended(g, incident.Restart); a != steps.ActQuiet {
				t.Errorf("Enter is %q", a)
			}
		}},
		"5: quiet is not said while the spam waits": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.LockOut{})
			g.must(t, steps.FinishPurge{Reason: "later"})
			g.must(t, steps.StartService{Reason: "the owner waits"})
			time.Sleep(5 * time.Second)
			if s := g.rb.State(); s.Live.Watched == nil || s.Live.Watched.Trap == "" {
				t.Errorf("nothing holds it up: %+v", s.Live.Watched)
			}
		}},
		"5: quiet is not said of spam that went while mail ran": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			for step := incident.Look; step <= incident.Restart; step++ {
				g.must(t, steps.Skip{Step: step, Reason: "later"})
			}
			time.Sleep(5 * time.Minute)
			if s := g.rb.State(); s.Incident.Steps[incident.Verify].State.Passed() || s.Incident.Round == 1 {
				t.Errorf("Verify is %+v", s.Incident.Steps[incident.Verify])
			}
		}},
		"5: what is seen while quiet is judged comes first": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Notify)
			judged := g.rb.State()
			g.must(t, steps.MarkSuspect{Account: "user1@quayside.example"})
			if ended, err := g.rb.EndWatch(&judged); ended || err != nil {
				t.Errorf("%s ended: %v, %v", judged.Incident.Watch.Step, ended, err)
			}
			if s := g.rb.State(); s.Incident.Current() != incident.Stop || s.Incident.Steps[incident.Verify].State != incident.ToDo {
				t.Errorf("at %s, Verify is %+v", s.Incident.Current(), s.Incident.Steps[incident.Verify])
			}
		}},
		"5: what delist moves while it watches did not leave": {ordinarySetups["no service"], func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Purge)
			for _, step := range []incident.Step{incident.Purge, incident.Reset} {
				g.must(t, steps.Skip{Step: step, Reason: "later"})
			}
			g.must(t, steps.StartService{})
			time.Sleep(5 * time.Second)
			g.must(t, steps.Search{Query: "account:" + thieves[0]})
			g.must(t, steps.PlanPurge{Query: "account:" + thieves[0], All: true})
			g.must(t, steps.Quarantine{PlanID: g.rb.State().Live.Plan.Plan.ID, Count: len(g.rb.State().Live.Plan.Plan.Items)})
			time.Sleep(10 * time.Second)
			if s := g.rb.State(); s.Incident.Round != 1 || len(s.Live.Held) == 0 {
				t.Errorf("round %d, %d held: %+v", s.Incident.Round, len(s.Live.Held), s.Incident.Steps[incident.Stop])
			}
		}},
		"5: what waited when delist ended may have left at a next start": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Notify)
			time.Sleep(15 * time.Second)
			g.mu.Lock()
			g.arrive(answer, "-")
			g.mu.Unlock()
			for i := 0; !g.rb.State().Incident.Watch.Held; i++ {
				if i > 100 {
					t.Fatalf("nothing holds it up: %+v", g.rb.State().Live.Watched)
				}
				time.Sleep(100 * time.Millisecond)
			}
			if err := g.again(true, 10*time.Second); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(g.rb.Records(), func(r incident.Record) bool {
				f, began := r.Fact.(incident.WatchBegan)
				return began && strings.Contains(f.Why, "when delist ended")
			}) {
				t.Error("it goes on as before")
			}
		}},
		"5: what waits and leaves while an act runs holds the watching up": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Notify)
			time.Sleep(450 * time.Millisecond) // between two looks at what is watched
			g.mu.Lock()
			g.stuck = true
			g.arrive(answer, "-")
			g.mu.Unlock()
			for range 6 { // one after the other: nothing is judged meanwhile
				if err := g.do(steps.StopService{}); err != nil {
					t.Fatal(err)
				}
			}
			if len(g.gone) == 0 {
				t.Fatal("the bounce is there still")
			}
			time.Sleep(2 * time.Second)
			if !slices.ContainsFunc(g.rb.Records(), func(r incident.Record) bool {
				f, began := r.Fact.(incident.WatchBegan)
				return began && f.Why == "what held it up is gone"
			}) {
				t.Errorf("it goes on as before: %+v", g.rb.State().Live.Watched)
			}
		}},
		"5: what the operator has put back is no relapse": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Notify)
			g.must(t, steps.Restore{IDs: []spool.ID{g.rb.State().Live.Held[0].ID, g.rb.State().Live.Held[1].ID}, Count: 2})
			time.Sleep(10 * time.Second) // mail runs: they go out
			g.resumed(t, false)
			time.Sleep(5 * time.Second)
			s := g.rb.State()
			if s.Incident.Round != 1 {
				t.Errorf("round %d: %+v", s.Incident.Round, s.Incident.Steps[incident.Stop])
			}
			if n := s.Incident.MovedOut(); n != len(s.Live.Held) {
				t.Errorf("%d are told to be moved, %d are held", n, len(s.Live.Held))
			}
		}},
		"1: by hand, left while the operator stops mail": {byHand, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			g.resumed(t, false)
			if a := recommended(g, incident.Stop); a != steps.ActStopped {
				t.Errorf("Enter is %q", a)
			}
		}},
		"1: by hand, what is watched waits for a held password": {byHand, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Restart)
			g.must(t, steps.StartService{})
			g.must(t, steps.ConfirmStarted{Despite: "a test"})
			s := g.rb.State()
			if why := s.Refusal(steps.StartService{}); !strings.Contains(why, "the new password of "+thieves[0]) {
				t.Errorf("to start once more is refused: %q", why)
			}
		}},
		"7: what was refused is not done once a look has changed what it rests on": {setup{Control: steps.ByHand, API: true, Thieves: 1, Spam: 30, Good: 12}, func(t *testing.T, g *game) {
			g.must(t, steps.StopService{})
			g.set(false)
			time.Sleep(5 * time.Second)
			g.must(t, steps.ConfirmStopped{})
			g.must(t, steps.Skip{Step: incident.Purge, Reason: "later"})
			g.must(t, steps.ResetPassword{Account: thieves[0]})
			g.mu.Lock()
			g.deaf = true
			g.mu.Unlock()
			g.must(t, steps.StartService{Reason: "the owner waits"})
			g.set(true)
			time.Sleep(5 * time.Second) // a look saw it, and asks the API, which is silent, for the time that a start has
			began := time.Now()
			err := g.do(steps.ConfirmStopped{Despite: "mail stays down"})
			if err != nil || time.Since(began) > 0 {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
			g.must(t, steps.StopService{}) // which never waits
			if time.Since(began) > time.Second {
				t.Errorf("stopped after %s", time.Since(began))
			}
			for _, r := range g.rb.Records() { // that the screen was answered does not tell of a port that is closed
				if said := r.Fact.Say(); strings.Contains(said, "though  answers") || strings.Contains(said, "context ") {
					t.Error(said)
				}
			}
		}},
		"1: by hand, a word that was refuted counts no more": {byHand, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Purge)
			g.set(true)
			time.Sleep(5 * time.Second)
			g.set(false)
			time.Sleep(5 * time.Second)
			if s := g.rb.State(); s.Live.Service.State == steps.ServiceStopped || s.Incident.Current() != incident.Stop {
				t.Errorf("it is %s, %s; at %s", s.Live.Service.State, s.Live.Service.Detail, s.Incident.Current())
			}
		}},
		"7: who stops mail first is not asked whether they may": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.StopService{})
			if a := recommended(g, incident.Look); a == steps.ActAllow {
				t.Errorf("with mail down, Enter is %q", a)
			}
		}},
		"5: an account that is marked while mail runs is one more to stop": {ordinarySetups["two thieves, and logs"], func(t *testing.T, g *game) {
			g.must(t, steps.ClearSuspect{Account: thieves[1], Reason: "a newsletter, says its owner"})
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			for _, step := range []incident.Step{incident.Purge, incident.Reset} {
				g.must(t, steps.Skip{Step: step, Reason: "later"})
			}
			g.must(t, steps.StartService{Reason: "the owner waits"})
			g.must(t, steps.MarkSuspect{Account: thieves[1]})
			s := g.rb.State()
			for _, step := range []incident.Step{incident.Stop, incident.Purge, incident.Reset, incident.Restart} {
				if st := s.Incident.Steps[step]; st.State != incident.ToDo || !strings.Contains(st.Reason, "one more account") {
					t.Errorf("%s is %+v", step, st)
				}
			}
		}},
		"5: mail that has to be stopped again is, though no look at the spool ends": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			g.must(t, steps.ResetPassword{Account: thieves[0]})
			g.mu.Lock()
			g.deaf = true
			g.mu.Unlock()
			g.hung, _ = g.rb.HangLooking(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); _ = g.rb.Do(t.Context(), steps.StartService{Reason: "the owner waits"}) }()
			select {
			case <-ended:
			case <-time.After(10 * time.Minute):
				t.Error("the act never ends")
				g.letLook()
				<-ended
			}
			if s := g.rb.State(); s.Incident.MailDown.IsZero() {
				t.Error("mail runs, with the stolen password")
			}
			g.letLook()
		}},
		"5: a time of which only the logs tell does not hold Verify up": {ordinarySetups["two thieves, and logs"], func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Notify)
			for _, account := range thieves {
				g.must(t, steps.ShowPassword{Account: account})
			}
			g.must(t, steps.OwnerTold{How: "by phone"})
			g.hung, _ = g.rb.HangLooking(t.Context())
			time.Sleep(5 * time.Minute)
			g.letLook()
			time.Sleep(3 * time.Minute)
			if s := g.rb.State(); !s.Incident.Steps[incident.Verify].State.Passed() {
				t.Errorf("Verify is %s: %+v", s.Incident.Steps[incident.Verify].State, s.Live.Watched)
			}
		}},
		"5: a look that hung does not blind delist for an hour": {controlled, func(t *testing.T, g *game) {
			g.hung, _ = g.rb.HangLooking(t.Context())
			time.Sleep(15 * time.Minute)
			g.letLook()
			time.Sleep(time.Second)
			before := g.rb.State().Live.Spool
			time.Sleep(6 * time.Minute)
			if g.rb.State().Live.Spool == before {
				t.Error("the spool was not looked at")
			}
		}},
		"7: who may no longer change anything hands over a password that is held": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			g.must(t, steps.FinishPurge{Reason: "later"})
			g.must(t, steps.ResetPassword{Account: thieves[0]})
			g.must(t, steps.Skip{Step: incident.Restart, Reason: steps.MailStaysDown})
			g.must(t, steps.Allow{May: false})
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"7: who may no longer change anything waits for nobody to start mail by hand": {nobody, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			time.Sleep(time.Second)
			g.set(false)
			time.Sleep(4 * time.Second)
			g.must(t, steps.ConfirmStopped{})
			g.must(t, steps.FinishPurge{Reason: "later"})
			g.must(t, steps.Skip{Step: incident.Reset, Reason: "later"})
			g.must(t, steps.StartService{Reason: "the owner waits"})
			g.must(t, steps.Allow{May: false})
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"7: who may no longer change anything waits for no service that is not seen": {nobody, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			time.Sleep(time.Second)
			g.set(false)
			g.must(t, steps.Allow{May: false})
			for _, step := range []incident.Step{incident.Stop, incident.Purge, incident.Reset, incident.Restart, incident.Notify} {
				g.must(t, steps.Skip{Step: step, Reason: "later"})
			}
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"5: what was out of sight at the last line of the record may have stayed so until a kill": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Verify)
			time.Sleep(12 * time.Second)
			g.lock(true)
			g.behold("spool", true)
			time.Sleep(26 * time.Second) // a quarter of the time is 18 s, and it is written down every 9 s
			if err := g.again(true, time.Second); err != nil {
				t.Fatal(err)
			}
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"7: spam that comes back before somebody who may only look is no round without an end": {setup{Control: steps.Controlled, Thieves: 1, Spam: 30, Good: 12}, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Reset)
			g.must(t, steps.Skip{Step: incident.Reset, Reason: "the owner is away"})
			g.must(t, steps.StartService{Reason: "the owner is away"})
			g.must(t, steps.Allow{May: false})
			time.Sleep(time.Minute) // the thief goes on
			for _, step := range []incident.Step{incident.Stop, incident.Purge, incident.Reset, incident.Restart} {
				g.must(t, steps.Skip{Step: step, Reason: "for somebody else"})
			}
			round := g.rb.State().Incident.Round
			if time.Sleep(time.Minute); g.rb.State().Incident.Round != round {
				t.Error("it is watched by nobody, and another round")
			}
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"5: a start after Verify is watched too, and can be judged": {setup{Control: steps.NoService, Good: 2}, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Delist)
			g.must(t, steps.StartService{})
			g.mu.Lock()
			for range 20 {
				g.arrive(good, "-")
			}
			g.mu.Unlock()
			time.Sleep(4 * time.Second)
			if s := g.rb.State(); s.Live.Watched == nil || s.Live.Watched.Trap == "" {
				w := s.Waiting()
				t.Errorf("nothing holds it up: %+v; %s; %v", s.Live.Watched, w.Say(), s.Incident.Current())
			}
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"5: a password that was changed by a clock set back since excuses no spam": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.LockOut{})
			g.skewed.Lock()
			g.skew -= 2 * time.Hour
			g.skewed.Unlock()
			g.must(t, steps.StartService{Reason: "the owner waits"})
			time.Sleep(10 * time.Second)
			g.mu.Lock()
			g.passwords[thieves[0]] = "stolen again"
			for range 10 {
				g.arrive(spam, thieves[0])
			}
			g.mu.Unlock()
			time.Sleep(10 * time.Second)
			s := g.rb.State()
			if p := s.Incident.Suspect(thieves[0]); p.Reset != incident.ResetToDo {
				t.Errorf("the password is %s; %s", p.Reset, s.Incident.Steps[incident.Stop].Reason)
			}
		}},
		"5: what was not seen before delist ended is not forgotten by the next start": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Notify)
			g.hung, _ = g.rb.HangLooking(t.Context())
			time.Sleep(40 * time.Second)
			for range 2 {
				g.resumed(t, false)
			}
			time.Sleep(45 * time.Second) // of 72
			if s := g.rb.State(); s.Incident.Steps[incident.Verify].State.Passed() {
				t.Error(s.Incident.Steps[incident.Verify].Result)
			}
		}},
		"4: what was moved before its account was marked tells of the thief, too": {setup{Control: steps.Controlled, Thieves: 1, Spam: 4, Good: 3}, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			if s := g.rb.State(); len(s.Incident.Suspects) > 0 {
				t.Fatalf("%+v", s.Incident.Suspects)
			}
			g.must(t, steps.Search{Query: "account:" + thieves[0]})
			found := g.rb.State()
			hit := found.Live.Results.Hits[0]
			moved, ok := found.Live.Spool.Find(hit.ID)
			if !ok || moved.MailFrom == thieves[0] {
				t.Fatalf("%+v", moved)
			}
			g.must(t, steps.PlanPurge{Query: "account:" + thieves[0], IDs: []spool.ID{hit.ID}})
			g.must(t, steps.Quarantine{PlanID: g.rb.State().Live.Plan.Plan.ID, Count: 1})
			time.Sleep(time.Minute) // until the spool was looked at
			g.must(t, steps.MarkSuspect{Account: thieves[0]})
			if s := g.rb.State(); !slices.Contains(s.Incident.Forged, moved.MailFrom) || !slices.Contains(s.Incident.ThiefIPs, moved.ClientIP) {
				t.Errorf("of %s, from %s: %v, %v", moved.MailFrom, moved.ClientIP, s.Incident.Forged, s.Incident.ThiefIPs)
			}
		}},
		"5: a clock that is set while an act runs begins the time again": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Notify)
			g.mu.Lock()
			g.deaf = true
			g.mu.Unlock()
			go func() {
				time.Sleep(2 * time.Second)
				g.skewed.Lock()
				g.skew -= 2 * time.Hour
				g.skewed.Unlock()
			}()
			_ = g.do(steps.ResetPassword{Account: thieves[0]})
			time.Sleep(4 * time.Second)
			if !slices.ContainsFunc(g.rb.Records(), func(r incident.Record) bool {
				f, ok := r.Fact.(incident.WatchBegan)
				return ok && strings.Contains(f.Why, "clock")
			}) {
				t.Error("it is not said")
			}
		}},
		"5: a program that speaks again does not end the watching of a restart": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Delist)
			g.must(t, steps.StopService{})
			g.must(t, steps.StartService{})
			time.Sleep(5 * time.Second)
			g.mu.Lock()
			g.speaks = time.Now()
			g.mu.Unlock()
			time.Sleep(10 * time.Second)
			if w := g.rb.State().Live.Watched; w == nil || w.Step != incident.Restart {
				t.Errorf("watched is %+v", w)
			}
		}},
		"6: an API that refuses the log-in is told before mail is down": {controlled, func(t *testing.T, g *game) {
			g.mu.Lock()
			g.refuses = true
			g.mu.Unlock()
			time.Sleep(2 * time.Minute)
			s := g.rb.State()
			if !slices.ContainsFunc(s.Live.Ready, func(r steps.Readiness) bool { return r.What == steps.ReadyAPI && r.State == steps.NotReady }) {
				t.Errorf("%+v", s.Live.Ready)
			}
		}},
		"6: an API that lets nobody in ends a start at once, and the password is set by hand": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			g.enterUntil(t, incident.Restart)
			g.mu.Lock()
			g.refuses = true
			g.mu.Unlock()
			began := time.Now()
			err := g.rb.Do(t.Context(), steps.StartService{})
			if err == nil || strings.Contains(err.Error(), "did not answer") || time.Since(began) > 20*time.Second {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
			s := g.rb.State()
			if a := recommended(g, incident.Reset); s.Incident.MailDown.IsZero() || s.Incident.Current() != incident.Reset || a != steps.ActResetByHand {
				t.Errorf("down since %s, at %s Enter is %q", s.Incident.MailDown, s.Incident.Current(), a)
			}
			if err := g.finish(); err != nil {
				t.Error(err)
			}
		}},
		"7: who may not is offered nothing that changes the server": {controlled, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: false})
			s := g.rb.State()
			for _, a := range s.Actions(incident.Restart) {
				if a.ID == steps.ActStart && a.Refused == "" {
					t.Error("start mail stands ungreyed")
				}
			}
		}},
		"7: passing Restart over with mail down wants the word": {controlled, func(t *testing.T, g *game) {
			g.enterUntil(t, incident.Purge)
			s := g.rb.State()
			if why := s.Refusal(steps.Skip{Step: incident.Restart, Reason: "later"}); why == "" {
				t.Error("any reason will do")
			}
		}},
		"9: by hand, mail that still answers is not stopped": {byHand, func(t *testing.T, g *game) {
			g.must(t, steps.Allow{May: true})
			g.must(t, steps.StopService{})
			time.Sleep(4 * time.Second)
			s := g.rb.State()
			if why := s.Refusal(steps.ConfirmStopped{}); !strings.Contains(why, "port 25") {
				t.Errorf("refused: %q", why)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) { th.stage(t, c.setup, c.play) })
	}
}

// notQuiet starts mail, lets something go wrong for as long as it is watched, and wants no step to be done by that.
func notQuiet(wrong func(*game)) func(*testing.T, *game) {
	return func(t *testing.T, g *game) {
		g.enterUntil(t, incident.Restart)
		g.must(t, steps.StartService{})
		wrong(g)
		defer g.letLook()
		time.Sleep(5 * time.Minute)
		s := g.rb.State()
		if s.Incident.Steps[incident.Restart].State.Passed() || s.Incident.Steps[incident.Verify].State.Passed() {
			t.Errorf("Restart is %s, Verify %s", s.Incident.Steps[incident.Restart].State, s.Incident.Steps[incident.Verify].State)
		}
		if !g.runs && s.Incident.MailDown.IsZero() {
			t.Error("mail is down, and the head does not say so")
		}
	}
}

// resumed ends delist and starts it again.
func (g *game) resumed(t *testing.T, killed bool) {
	t.Helper()
	if err := g.again(killed, 5*time.Second); err != nil {
		t.Fatal(err)
	}
}

// recommended is what Enter does at a step.
func recommended(g *game, step incident.Step) steps.ActionID {
	s := g.rb.State()
	a, ok := s.Recommended(step)
	if !ok {
		return steps.ActionID(fmt.Sprintf("nothing at %s", step))
	}
	return a.ID
}
