package steps

import (
	"strings"
	"time"

	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) verifyActions() []Action {
	judge := Action{
		ID: ActQuiet, Label: "judge it quiet myself", Ask: AskReason, Refused: s.quietRefusal("-"),
		About:  "A list that is asked too early puts the address back, for up to a month. Cut the wait short only with a good reason.",
		Prompt: "Why is it sure that the server is quiet?",
		Intent: func(a Answer) Intent { return JudgeQuiet{a.Text} },
	}
	return []Action{judge}
}

func (s *State) quietRefusal(reason string) string {
	switch {
	case s.Incident.Watch.Until.IsZero():
		return "the waiting time begins when Restart is done"
	case s.Incident.Steps[incident.Verify].State == incident.Done:
		return "Verify is done already"
	}
	return needsReason(reason)
}

// beginWatch starts the waiting time of Verify.
func (r *Runbook) beginWatch() error {
	until := r.hands.Clock().Add(r.settings.VerifyWait)
	if err := r.record(incident.WatchBegan{Until: until.UTC().Round(0)}); err != nil {
		return err
	}
	return r.record(incident.StepChanged{Step: incident.Verify, State: incident.Running, Result: "watched until " + until.Local().Format("15:04")})
}

func (r *Runbook) judgeQuiet(in JudgeQuiet) error {
	return r.quiet(strings.TrimSpace(in.Reason))
}

// quiet ends Verify.
func (r *Runbook) quiet(judged string) error {
	if err := r.record(incident.FoundQuiet{Judged: judged}); err != nil {
		return err
	}
	result := "quiet for " + words.Span(r.settings.VerifyWait)
	if state := r.State(); !state.LogsTell() {
		result += ", as far as the spool shows: the logs do not tell"
	}
	if judged != "" {
		result = "judged quiet by the operator"
	}
	if err := r.record(incident.StepChanged{Step: incident.Verify, State: incident.Done, Result: result, Reason: judged}); err != nil {
		return err
	}
	if err := r.record(incident.LeftToDo{Text: "look at the spool again on " + r.hands.Clock().Local().AddDate(0, 0, 1).Format("Mon 2 Jan 2006") + ": thieves try again"}); err != nil {
		return err
	}
	if err := r.record(incident.StepChanged{Step: incident.Delist, State: incident.Running}); err != nil {
		return err
	}
	return r.sortListings()
}

// clockJump is the largest difference between the wall clock and the running clock that is still taken for drift.
const clockJump = 30 * time.Second

// checkQuiet ends Verify once the waiting time is over, and begins it again when the clock was set or the looks failed:
// what was not watched is not known to be quiet.
func (r *Runbook) checkQuiet(last, now time.Time) error {
	s := r.State()
	if s.Incident.Steps[incident.Verify].State != incident.Running || s.Incident.Watch.Until.IsZero() {
		return nil
	}
	wall := now.Round(0).Sub(last.Round(0))
	if drift := wall - now.Sub(last); drift > clockJump || drift < -clockJump {
		r.say("the clock of this server was set, so the waiting time begins again")
		return r.beginWatch()
	}
	if s.Live.SpoolErr != "" {
		r.say("the spool cannot be read, so the waiting time begins again")
		return r.beginWatch()
	}
	if s.Live.Service.State == ServiceStopped {
		r.say("mail is stopped, so the waiting time begins again")
		return r.beginWatch()
	}
	if now.Round(0).Before(s.Incident.Watch.Until) {
		return nil
	}
	return r.quiet("")
}
