package steps

import (
	"cmp"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) restartPage(p *Page) {
	inc := &s.Incident
	status := inc.Steps[incident.Restart]
	switch {
	case s.Live.Control == NoService:
		p.Purpose = "nothing is started here: watch that the spool stays quiet."
	case len(inc.Held(false))+len(inc.Held(true)) == 0:
		p.Purpose = "start mail again, and watch that the spam stays away."
	}
	s.serviceFacts(p)
	p.fact("passwords", s.passwordsText())
	s.foundFacts(p)
	s.asideFact(p)
	s.watchFacts(p, incident.Restart)
	p.say(s.result(incident.Restart))
	byHand := s.Live.Control == ByHand && !inc.MailDown.IsZero()
	if status.State == incident.Running && byHand {
		p.say(cmp.Or(s.Settings.HowTo.Start, handStart), "Then say so. delist looks whether a mail port answers here.")
	}
	if status.State == incident.Running && !byHand {
		for _, q := range inc.Held(true) {
			p.say(s.handwork(q.Account))
		}
	}
	p.say(s.openCauseText())
	if status.State.Passed() || status.State == incident.Running {
		return
	}
	if against := s.againstStart(); len(against) > 0 {
		p.say("Against it: " + strings.Join(against, "; ") + ".")
	}
	runs := inc.MailDown.IsZero() && s.Live.Service.State == ServiceRunning
	if inc.Round > 1 && !runs {
		p.say("The spam came back after the last restart, so this is another round: find who sends it now before mail starts again.")
	}
	switch held := s.heldPassword(); {
	case held && s.noWayIn() && inc.MailDown.IsZero():
		p.say("Set the new password in SmarterMail yourself, now: until then the stolen one works.")
	case held && s.noWayIn():
		p.say("Once mail runs, set the new password in SmarterMail yourself, at once: until then the stolen one works.")
	case held && runs:
		p.say("Going on sets what is held the moment SmarterMail answers, proves it, and ends what is still connected.")
	case held:
		p.say("Starting mail sets what is held the moment SmarterMail answers, proves it, and ends what is still connected.")
	}
	if s.Live.Control == NoService {
		return // the action says how long the spool is watched
	}
	from := "After the start"
	if runs {
		from = "From then on"
	}
	p.say(from + " service and spool are watched for " + words.Span(s.Settings.WatchRestart) + ". If the spam comes back, stop again: nothing is lost.")
}

// heldPassword says that a password would be lost with the process.
func (s *State) heldPassword() bool {
	for _, q := range s.Incident.Suspects {
		if q.Reset == incident.ResetHeld && !q.Disable {
			return true
		}
	}
	return false
}

// watchFacts say what is watched in a step, and how far it is.
func (s *State) watchFacts(p *Page, step incident.Step) {
	w := s.Live.Watched
	if w == nil || w.Step != step || s.Incident.Steps[step].State != incident.Running {
		return
	}
	if w.Trap != "" {
		p.Alarm = "NOT QUIET: " + w.Trap + "."
		p.fact("seen", incident.SayLooks(w.Looks))
		return
	}
	if at := w.neverSeen(); at != "" {
		p.fact("quiet", "not known: the "+at+" "+have(at)+" not been seen yet")
	} else {
		p.fact("quiet since", words.Clock(w.Since, s.Now), words.Age(s.Now.Sub(w.Since)))
	}
	left := "now"
	if until := w.Until.Sub(s.Now); until > 0 {
		left = words.Age(until) + " to go"
	}
	p.fact("enough at", words.Clock(w.Until, s.Now), left)
	p.fact("seen", incident.SayLooks(w.Looks))
}

// openCauseText says what is not put right while mail runs, and how; empty where nothing is.
func (s *State) openCauseText() string {
	c := s.Incident.OpenCause()
	switch {
	case c == nil:
		return ""
	case s.putRightLater():
		return "To put right as soon as mail runs: " + c.About() + ". " + c.Class.WayOn()
	case !s.Incident.MailDown.IsZero():
		return ""
	}
	return "Not put right yet: " + c.About() + ". " + c.Class.WayOn() + " Then say so in Reset."
}

func (s *State) verifyPage(p *Page) {
	watch := s.Incident.Watch
	if watch.Until.IsZero() && s.Incident.Steps[incident.Verify].State == incident.ToDo {
		p.fact("waiting time", words.Span(s.Settings.VerifyWait)+", begins when Restart is done")
	}
	s.watchFacts(p, incident.Verify)
	p.fact("judged", watch.Judged)
	p.fact("logs", s.LogsSay())
	if len(s.Speaking()) == 0 { // else the alarm says it
		p.fact("port 25", s.OutboundSays())
	}
	s.asideFact(p)
	p.say(s.result(incident.Verify))
	if s.Incident.Steps[incident.Verify].State.Passed() {
		return
	}
	p.say(s.openCauseText())
	p.say(s.strangerText()...)
	p.say(s.outboundUnseen()...)
	before, todo := "", "There is nothing to do but wait; look at the accounts below. "
	if s.stillSpeaks(incident.Verify) != "" {
		before, todo = "This waits until the program no longer speaks, or you have said what it is. ", ""
	}
	text := before + "Watched: does any account send far above its usual rate, does anything like the spam appear or still wait, do service and spool stay in sight. " +
		"If the spam comes back, the runbook goes back to Stop. " + todo +
		"A list that is asked too early puts the address back, some for a month."
	if s.Incident.Mode.Drill {
		text += " In a drill the waiting time is shortened."
	}
	p.say(text)
}
