package ui_test

import (
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/mailbox"
	"delist/steps/service"
	"delist/testdata"
)

// The tests whose names begin with TestRoads hold the ways on which the wizard once lost an operator: each was a loop, a
// dead end or a false sentence in the record. The number is that of the fault.

// close goes from Notify to the end by what Enter is said to do.
func (v *server) close() {
	v.t.Helper()
	v.enter("the owner is told", "by phone").untilDone(incident.Verify)
	v.enter("nothing is left to do now").enter("write the report and close", "y")
	if s := v.runbook.State(); s.Incident.Closed.IsZero() {
		v.t.Errorf("the incident is not closed; the record:\n%s", v.record())
	}
}

// stopByHand stops mail by hand, as it is asked for, and leaves after that.
func (v *server) stopByHand(up *atomic.Bool) {
	v.t.Helper()
	v.enter("I may stop this server").enter("stop ALL mail now, by hand", "y").Expect("services.msc", "net stop MailService", "systemctl stop smartermail")
	up.Store(false)
	v.until("a look that sees it", func(s *steps.State) bool { return len(s.Live.Service.Open) == 0 })
	v.enter("mail is stopped now", "y").expectStep(incident.Purge).comeBack().Expect("MAIL DOWN")
}

// setByHand sets the new password by hand, once mail runs.
func (v *server) setByHand() {
	v.t.Helper()
	v.enter("show the new password", "esc").enter("I have set the new password", "y").untilDone(incident.Restart)
}

func TestRoads1ByHandStopLeftAndResumedCloses(t *testing.T) {
	for name, starts := range map[string]func(v *server, up *atomic.Bool){
		"on the operator's word": func(v *server, _ *atomic.Bool) { v.enter("mail runs now", "the web page answers") },
		"left while it is started": func(v *server, _ *atomic.Bool) {
			v.comeBack().enter("make a password that you set by hand", "y").enter("start mail again, by hand", "y").enter("mail runs now", "the web page answers")
		},
		"seen at its port": func(v *server, up *atomic.Bool) {
			up.Store(true)
			v.untilSeen()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, up := byHand()
			v := newServer(t, s, mailbox.ByHand{}).sitDown()
			v.stopByHand(up)
			v.purge().enter("make a password that you set by hand", "y").enter("start mail again, by hand", "y").Expect("net start MailService")
			starts(v, up)
			v.setByHand()
			v.close()
		})
	}
}

// What a box asks about may happen while it is open: then no text will do, and it does not stay.
func TestRoads6ABoxEndsWithWhatItAsksAbout(t *testing.T) {
	s, up := byHand()
	v := newServer(t, s, mailbox.ByHand{}).sitDown()
	v.stopByHand(up)
	v.purge().enter("make a password that you set by hand", "y").enter("start mail again, by hand", "y").Expect("Enter: mail runs now").Press("enter")
	v.ExpectDialog("Mail runs now", "How do you see that mail runs?").Press("enter").ExpectDialog("Mail runs now", "It may not be empty.")
	up.Store(true)
	v.untilSeen()
	v.Wait(time.Second).Type("it does").Press("enter").ExpectNoDialog().Expect("Mail runs already.")
}

// What a look has shown is nobody's word after a resume: a port that answered and is gone is mail that is down.
func TestRoads1WhatWasSeenIsNotSaid(t *testing.T) {
	s, up := byHand()
	v := newServer(t, s, mailbox.ByHand{}).sitDown()
	v.stopByHand(up)
	up.Store(true)
	v.untilSeen()
	v.leave()
	up.Store(false)
	v.sitDown().until("mail to be missed", func(s *steps.State) bool { return !s.Incident.MailDown.IsZero() })
	v.Model().Show(incident.Stop)
	v.Expect("MAIL DOWN").ExpectNot("You said so", "you said so")
}

// New mail in the spool shows that something writes there, and nothing of a port.
func TestRoads1NewMailIsNoPortThatAnswered(t *testing.T) {
	s, up := byHand()
	v := newServer(t, s, mailbox.ByHand{}).sitDown()
	v.stopByHand(up)
	v.spam(3)
	v.until("mail to be taken to run", func(s *steps.State) bool { return s.Incident.MailDown.IsZero() })
	v.comeBack().until("a look at the service", func(s *steps.State) bool { return !s.Live.Service.At.IsZero() })
	v.Model().Show(incident.Stop)
	v.Expect("does not hold, and no mail port", "it was said that mail is stopped, and it is seen to run since", "came into the spool").
		ExpectNot("answered at", "MAIL DOWN", "nobody has said", "somebody else started mail")
	if outages := v.runbook.State().Incident.Outages; len(outages) != 1 || !outages[0].Doubt {
		t.Errorf("the time that mail was said to be down is not in doubt: %+v", outages)
	}
}

func TestRoads1NoServiceLeftAndResumedCloses(t *testing.T) {
	v := newServer(t, func() steps.Service { return service.None{} }, mailbox.ByHand{}).sitDown()
	v.enter("I may stop this server").enter("go on: nothing here writes to the spool", "y").comeBack()
	v.purge().enter("make a password that you set by hand", "y").ExpectNot("MAIL DOWN")
	v.enter("go on: there is no mail service here to start", "y")
	v.setByHand()
	v.close()
}

// purgedByAPI goes to a new password that is set, and mail that is stopped and purged.
func (v *server) purgedByAPI() *server {
	v.t.Helper()
	v.enter("I may stop this server").enter("lock the thief out", "y").expectStep(incident.Purge)
	return v.purgeTo().expectStep(incident.Restart)
}

func TestRoads2WatchingLeftAndResumedEnds(t *testing.T) {
	for _, step := range []incident.Step{incident.Restart, incident.Verify} {
		t.Run(step.String(), func(t *testing.T) {
			v, _, _ := controlled(t)
			watched := map[incident.Step]*time.Duration{incident.Restart: &v.settings.WatchRestart, incident.Verify: &v.settings.VerifyWait}[step]
			short := *watched
			*watched = time.Hour
			v.sitDown().purgedByAPI().Press("v").ExpectDialog("New password").Press("esc")
			v.enter("start mail again", "y").until("the watching", func(s *steps.State) bool { return s.Live.Watched != nil && s.Live.Watched.Step == step })
			v.leave("Nobody watches while delist is away: that time does not count.")
			*watched = short
			v.sitDown()
			if s := v.runbook.State(); s.Incident.Steps[step].State != incident.Running || s.Live.Watched == nil {
				t.Errorf("%s is %s, watched: %v", step, s.Incident.Steps[step].State, s.Live.Watched)
			}
			v.untilDone(incident.Restart).close()
			if !strings.Contains(v.record(), "delist was away") {
				t.Errorf("the record does not say that nobody watched:\n%s", v.record())
			}
		})
	}
}

func TestRoads3HeldPasswordLeftAndResumedIsToMakeAgain(t *testing.T) {
	s, up := byHand()
	v := newServer(t, s, mailbox.ByHand{}).sitDown()
	v.stopByHand(up)
	v.purge().enter("make a password that you set by hand", "y").enter("start mail again, by hand", "y").enter("mail runs now", "the web page answers").Expect("held, not set yet")
	v.leave("held in memory only and is lost: Reset will be to do again")
	v.sitDown().expectStep(incident.Reset).Expect("new password not made yet", "The stolen password works right now").ExpectNot("Enter: I have set")
	v.Press("y").ExpectNoDialog().Expect("Only for a password that you set yourself.") // the key of "I have set it"
	v.Press("right", "right").ExpectNot("a new password. You get it by phone")
	if inc := v.runbook.State().Incident; inc.Suspect(testdata.Stolen).Reset != incident.ResetToDo {
		t.Errorf("the password is %s", inc.Suspect(testdata.Stolen).Reset)
	}
	v.Press("left", "left")
	v.enter("make a password that you set by hand", "y")
	v.enter("show the new password", "esc") // mail runs, with the stolen one: nothing is watched before
	v.leave("held in memory only and is lost: Reset will be to do again")
	v.sitDown().expectStep(incident.Reset).Expect("WHETHER THE PASSWORD IS CHANGED IS NOT KNOWN", "whether it was set nobody has said").ExpectNot("not made yet", "works right now")
	v.enter("make a password that you set by hand", "y").enter("show the new password", "esc").enter("I have set the new password", "y")
	v.enter("mail runs: watch it", "the web page answers").untilDone(incident.Restart)
	v.close()
}

func TestRoads3PasswordThatNobodySawIsToMakeAgain(t *testing.T) {
	v, _, boxes := controlled(t)
	v.sitDown().enter("I may stop this server").enter("lock the thief out", "y").expectStep(incident.Purge)
	v.leave("NOBODY HAS SEEN THE NEW PASSWORD of " + testdata.Stolen)
	v.sitDown().purge().Expect("NOBODY KNOWS IT", "make another one").ExpectNot("is changed already", "No account is marked")
	v.enter("hold a new password").Press("v").ExpectDialog("New password", "New-2-Kq7").Press("esc")
	v.enter("start mail again", "y").untilDone(incident.Restart).close()
	if set := boxes.passwords(); !slices.Equal(set, []string{testdata.Stolen + " New-1-Kq7", testdata.Stolen + " New-2-Kq7"}) {
		t.Errorf("passwords set: %q", set)
	}
}

func TestRoads3PasswordThatWasSeenIsNotMadeAgain(t *testing.T) {
	for key, does := range map[string]string{"v": "New-1-Kq7", "c": "is copied to the clipboard"} {
		v, _, _ := controlled(t)
		v.sitDown().purgedByAPI().Press(key).Expect(does).Press("esc").News(v.runbook.State()).Press("q").
			ExpectDialog("Leave delist?").ExpectNot("NOBODY HAS SEEN").Press("n")
		v.comeBack().expectStep(incident.Restart)
	}
}

func TestRoads3PasswordIsShownAndCopiedAsOftenAsWanted(t *testing.T) {
	v, _, _ := controlled(t)
	v.sitDown().purgedByAPI()
	for range 2 {
		v.Press("v").ExpectDialog("New password", "New-1-Kq7").Press("esc").ExpectNoDialog()
		v.copied = ""
		if v.Press("c"); v.copied != "New-1-Kq7" {
			t.Errorf("copied %q", v.copied)
		}
	}
}

func TestRoads4MarkTakenBackAsksAndStopIsStillDue(t *testing.T) {
	v, _, _ := controlled(t)
	v.sitDown().enter("I may stop this server").Press("a").ExpectDialog("Unmark account", "61 client addresses", "counts as not explained").
		Press("enter").ExpectDialog("Unmark account", "It may not be empty").
		Wait(time.Second).Type("our newsletter").Press("enter").ExpectNoDialog().Expect("looks stolen, and is not marked", "Enter: stop ALL mail now")
	v.Press("a").Expect("Enter: lock the thief out") // to mark it again brings it all back
	v.Press("a").Wait(time.Second).Type("our newsletter").Press("enter")
	v.enter("stop ALL mail now", "y").expectStep(incident.Purge).Expect("Not explained, and still in the spool: 120 of " + testdata.Stolen)
	v.expectNothingUnneeded()
}

func TestRoads4SpoolFullOfMailWithNobodyMarkedIsStopped(t *testing.T) {
	for name, pair := range map[string]spooltest.Pair{
		"nobody logged in":        {Auth: "-", MailFrom: "form@quayside.example", IP: "203.0.113.9"},
		"an account without logs": {Auth: "busy@quayside.example", IP: "192.0.2.9"},
		"files cut off":           {HDR: "x", EML: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			v, _, _ := controlled(t)
			if err := os.RemoveAll(v.root); err != nil {
				t.Fatal(err)
			}
			for range 90 {
				pair.ID = v.id()
				spooltest.Write(t, v.root, pair)
			}
			v.sitDown().enter("I may stop this server")
			if s := v.runbook.State(); len(s.Incident.Suspects) > 0 {
				t.Fatalf("marked: %+v", s.Incident.Suspects)
			}
			v.Expect("Not explained, and so taken for spam until somebody has looked: 90")
			v.enter("stop ALL mail now", "y").expectStep(incident.Purge)
			v.expectNothingUnneeded()
		})
	}
}

// expectNothingUnneeded looks that no step was passed over as not needed.
func (v *server) expectNothingUnneeded() {
	v.t.Helper()
	if record := v.record(); strings.Contains(record, "not needed") {
		v.t.Errorf("the record has a step that is not needed:\n%s", record)
	}
}
