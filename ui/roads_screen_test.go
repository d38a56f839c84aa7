package ui_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/mailbox"
	"delist/testdata"
	"delist/ui"
	"delist/ui/uitest"
)

func TestRoads6WhatWouldFailIsSaidBeforeStop(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*server, *api)
		words []string // on the screen
		held  string   // in the question before the stop
	}{
		"no place": {
			func(v *server, _ *api) { v.settings.QuarantineDir = filepath.Join(v.root, "q") },
			[]string{"There is no place for the quarantine", "lies in the spool", "out of delist.toml, and start delist again; messages then go to"},
			"Not ready: There is no place for the quarantine",
		},
		"no way in": {
			func(_ *server, a *api) { a.refuses = "wrong password" },
			[]string{"the API does not let delist in: wrong password", "Mail can be stopped all the same", "with the right --api and --admin"},
			"Not ready: the API does not let delist in",
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, _, boxes := controlled(t)
			c.spoil(v, boxes)
			v.sitDown().enter("I may stop this server")
			v.until("the checks", func(s *steps.State) bool { return len(s.Live.Unready()) > 0 }).Press("right").Expect(c.words...)
			v.Press("left")
			v.News(v.runbook.State()).Press("s").ExpectDialog("Stop ALL mail now?", c.held).Press("esc")
			if report, _ := v.service().Look(t.Context()); report.State != steps.ServiceRunning {
				t.Error("mail was stopped")
			}
		})
	}
}

// The remedy that is printed works: with the line gone from delist.toml, messages find a place.
func TestRoads6RemedyForThePlaceWorks(t *testing.T) {
	v, _, _ := controlled(t)
	v.settings.QuarantineDir = filepath.Join(v.root, "q")
	v.sitDown().enter("I may stop this server").until("the checks", func(s *steps.State) bool { return len(s.Live.Unready()) > 0 })
	v.leave()
	v.settings.QuarantineDir = ""
	v.sitDown().until("the checks", func(s *steps.State) bool { return len(s.Live.Ready) > 0 })
	v.enter("lock the thief out", "y").purgeTo()
	if held := len(v.runbook.State().Live.Held); held != 120 {
		t.Errorf("%d messages were moved", held)
	}
}

func TestRoads7WhoMayNotChangeThisServerIsOfferedNoChange(t *testing.T) {
	for name, begin := range map[string]func(*server){
		"read-only": func(v *server) { v.mode.ReadOnly = true; v.sitDown() },
		"may not":   func(v *server) { v.sitDown().Press("x", "y") },
	} {
		t.Run(name, func(t *testing.T) {
			v, c, _ := controlled(t)
			begin(v)
			v.News(v.runbook.State()).Expect("READ ONLY")
			for step, keys := range map[incident.Step]map[string]string{
				incident.Stop: {"s": "stop ALL mail now"}, incident.Reset: {"e": "set a new password", "d": "disable the account instead"},
				incident.Restart: {"e": "start mail without a new password"}, incident.Verify: {"j": "judge it quiet myself"},
			} {
				v.Model().Show(step)
				v.News(v.runbook.State())
				for key, label := range keys {
					if words := v.Model().Keys()[key]; len(words) != 1 || words[0] != label {
						t.Errorf("%s at %s is %q, want %q", key, step, words, label)
					}
					v.Press(key).ExpectNoDialog()
				}
				v.Expect("(" + map[incident.Step]string{incident.Stop: "s: stop", incident.Reset: "e: set a", incident.Restart: "e: start mail", incident.Verify: "j: judge"}[step])
			}
			if report, _ := c.Look(t.Context()); report.State != steps.ServiceRunning {
				t.Error("mail was stopped")
			}
		})
	}
}

func TestRoads7SkipNamesItsStepAndWhatItCosts(t *testing.T) {
	v, _, _ := controlled(t)
	v.sitDown().enter("I may stop this server")
	for step, cost := range map[incident.Step]string{
		incident.Look: "Who sends, and which lists have the server, is then not known.", incident.Stop: "Mail goes on, and the spam with it.",
		incident.Purge: "120 messages of the spam stay in the spool", incident.Reset: "still works. The thief sends with it as soon as mail runs.",
		incident.Restart: "Nobody watches whether the spam comes back.", incident.Notify: "The owner does not learn",
		incident.Verify: "Nobody knows whether the server is quiet.", incident.Delist: "stays listed until somebody asks",
	} {
		v.Model().Show(step)
		title, prompt := "Skip "+step.String(), "Why is "+step.String()+" passed over?"
		if step == incident.Notify {
			title, prompt = "Not told yet: go on", "Who tells the owner, and when?"
		}
		v.Press("k").ExpectDialog(title, cost, prompt).
			Press("enter").ExpectDialog(title, "It may not be empty").Press("esc").ExpectNoDialog()
	}
}

func TestRoads7SkippingRestartWithMailDownWantsTheWord(t *testing.T) {
	v, _, _ := controlled(t)
	v.sitDown().purgedByAPI().Press("k").ExpectDialog("Skip Restart?", "Mail stays down for everybody").
		Wait(time.Second).Type("because").Press("enter").ExpectDialog("Skip Restart?", "That is not mail stays down")
	if state := v.state(incident.Restart); state == incident.Skipped {
		t.Error("Restart was passed over without the word")
	}
	v.Press("ctrl+u").Type("mail stays down").Press("enter").ExpectNoDialog().Expect("MAIL DOWN")
	if state := v.state(incident.Restart); state != incident.Skipped {
		t.Errorf("Restart is %s", state)
	}
}

// setAside goes to a spool that is set aside, with mail down.
func (v *server) setAside() {
	v.t.Helper()
	v.sitDown().enter("I may stop this server").enter("lock the thief out", "y").expectStep(incident.Purge).
		Press("w").ExpectDialog("Set the whole spool aside").Wait(time.Second).Type("160").Press("enter").ExpectNoDialog().Expect("160 OUTSIDE")
	v.until("the empty spool", func(s *steps.State) bool { return s.Live.Spool != nil && s.Live.Spool.Len() == 0 })
}

func TestRoads7SetAsideClosesByEnter(t *testing.T) {
	v, _, _ := controlled(t)
	v.setAside()
	v.enter("start mail again", "y").untilDone(incident.Restart).expectStep(incident.Purge).Expect("160 messages outside", "search the spool set aside").ExpectNot("MAIL DOWN")
	v.purgeTo().expectStep(incident.Notify).Expect("40 OUTSIDE")
	v.Press("q").ExpectDialog("Leave delist?", "40 messages are still outside, and not delivered").Press("esc")
	v.enter("put the rest back", "y").ExpectNot("OUTSIDE")
	v.enter("show the new password").ExpectDialog("New password").Press("esc")
	v.enter("the owner is told", "by phone").untilDone(incident.Verify)
	v.enter("nothing is left to do now")
	v.enter("write the report and close", "y").Expect("the record")
}

func TestRoads7ScreenGoesToTheStepThatIsDue(t *testing.T) {
	inVerify := func(v *server) {
		v.settings.VerifyWait = time.Hour
		v.sitDown().purgedByAPI().enter("start mail again", "y").untilDone(incident.Restart)
		v.Press("right").Expect("Verify: watch until", "(the runbook is at Notify)")
	}
	for name, c := range map[string]struct {
		act   func(*server)
		due   incident.Step
		enter string
	}{
		"stopped in Verify": {func(v *server) { inVerify(v); v.Press("s", "y") }, incident.Purge, "the spool is clean enough"},
		"the spam is back": {func(v *server) {
			inVerify(v)
			v.spam(3)
			v.until("the next round", func(s *steps.State) bool { return s.Incident.Round == 2 })
		}, incident.Stop, "stop ALL mail now"},
		"the service died": {func(v *server) {
			inVerify(v)
			v.service().(*control).set(steps.ServiceStopped)
			v.until("mail to be down", func(s *steps.State) bool { return !s.Incident.MailDown.IsZero() })
		}, incident.Restart, "start mail again"},
		"set aside": {(*server).setAside, incident.Restart, "start mail again"},
	} {
		t.Run(name, func(t *testing.T) {
			v, _, _ := controlled(t)
			c.act(v)
			v.expectStep(c.due).Expect("Enter: " + c.enter).ExpectNot("the runbook is at")
		})
	}
}

// By hand mail is not down yet when it is asked for; the screen goes where the rest of it is said.
func TestRoads7StopByHandGoesToStopFromAnyStep(t *testing.T) {
	for _, step := range []incident.Step{incident.Look, incident.Reset, incident.Verify, incident.Close} {
		s, _ := byHand()
		v := newServer(t, s, mailbox.ByHand{}).sitDown()
		v.enter("I may stop this server").Model().Show(step)
		v.Press("s", "y")
		v.expectStep(incident.Stop).Expect("Enter: mail is stopped now").ExpectNot("the runbook is at")
	}
}

// Who requests a removal before Verify is done is told so in the box of the request, and gives the reason there.
func TestRoads7RequestBeforeVerifySaysNotYet(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	uitest.Tell(&state, incident.StepChanged{Step: incident.Verify, State: incident.Running})
	d, runbook := with(t, state, ui.Options{})
	d.Model().Show(incident.Delist)
	const early = "NOT YET: Verify is not done. A list that is asked too early puts the address back"
	l, _ := state.Incident.NextListing()
	d.Press("enter").ExpectDialog(l.List, early).Press("m").ExpectDialog("Mark "+l.List+" as asked", early, "Why ask now?").
		Press("enter").ExpectDialog("Mark", "It may not be empty")
	runbook.Expect(steps.MarkRequested{IP: l.IP, List: l.List, Reason: "boss says so"}, nil)
	d.Wait(time.Second).Type("boss says so").Press("enter").ExpectNoDialog()
}

func TestRoads9AllLeavesTheOwnersMailAndSaysSo(t *testing.T) {
	v, _, _ := controlled(t)
	for range 5 {
		spooltest.Write(t, v.root, spooltest.Pair{ID: v.id(), Auth: testdata.Stolen, IP: "192.0.2.8", Subject: "Minutes"})
	}
	v.sitDown().enter("I may stop this server").enter("lock the thief out", "y").enter("search").Press("enter")
	v.Expect("matches 125 of 165", "120 marked", "Alike, not marked: 5 may be its owner's")
	v.Press("space").Expect("119 marked")
	v.Press("*").Expect("120 marked", "All are marked but 5 messages that may be their owners'. * again marks those too.", "Enter: quarantine 120")
	v.Press("*").Expect("125 marked", "5 messages that may be their owners' are marked too now.", "Enter: quarantine 125")
	v.Press("*").Expect("0 marked").Press("*").Expect("120 marked", "* again marks those too")
	v.Press("enter").ExpectDialog("Move 120 messages")
}

func TestRoads9ByHandSaysThatDelistStopsNothing(t *testing.T) {
	s, _ := byHand()
	v := newServer(t, s, mailbox.ByHand{}).sitDown()
	v.enter("I may stop this server").enter("stop ALL mail now, by hand").ExpectDialog("Stop ALL mail now, by hand?", "delist stops nothing here: you do it").ExpectNot("Stop mail").Press("y")
	v.News(v.runbook.State()).Expect("services.msc", "net stop MailService", "sudo systemctl stop smartermail", "delist looks whether a mail port still answers here")
}

func TestRoads9PrintedCommandsAreThoseThatRun(t *testing.T) {
	v, _, _ := controlled(t)
	v.settings.Command = func(words ...string) string {
		return "./delist " + strings.Join(append(words, "--incidents", "/i"), " ")
	}
	v.sitDown().enter("I may stop this server").enter("lock the thief out", "y").enter("search").Press("enter", "enter")
	v.ExpectDialog("Move 120 messages", "./delist restore 7F3A --plan "+v.runbook.State().Live.Plan.Plan.ID+" --incidents /i")
}

// What looks a list up asks for nothing, and what asks for a removal says so.
func TestRoads9LookingUpAndRequestingHaveVerbsOfTheirOwn(t *testing.T) {
	asks := regexp.MustCompile(`(?i)\bask(ed|s)? (the lists|(each|every|all) lists?)\b`)
	for _, step := range incident.AllSteps() {
		state := uitest.At(t, step)
		texts := []string{step.Purpose()}
		for _, a := range state.Actions(step) {
			if a.ID == steps.ActLists && !strings.Contains(a.Label, "look the lists up") {
				t.Errorf("%s: the key that looks the lists up says %q", step, a.Label)
			}
			texts = append(texts, a.Label, a.About, a.Prompt)
		}
		for _, text := range append(texts, state.Page(step).Advice...) {
			if asks.MatchString(text) {
				t.Errorf("%s: %q may be read as a request for removal", step, text)
			}
		}
	}
}
