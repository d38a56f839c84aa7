package steps

import (
	"context"
	"fmt"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

// verifyActions: where Restart was passed over, and mail does not run or nobody watches it, that comes first.
func (s *State) verifyActions(about Answer) []Action {
	inc := &s.Incident
	start := s.startAction(about)
	if inc.Steps[incident.Verify].State != incident.ToDo || inc.Steps[incident.Restart].State != incident.Skipped || start.Refused != "" {
		return s.watchActions(about)
	}
	start.Recommended = true
	return []Action{start, s.judgeAction(about)}
}

// watchActions are those of a waiting time: what still waits in the spool wants Stop again.
func (s *State) watchActions(about Answer) []Action {
	judge, stop := s.judgeAction(about), s.stopAction(about)
	if held := s.Live.Watched != nil && s.Live.Watched.Trap != "" && s.stillWaits() != ""; held {
		stop.Recommended = stop.Refused == "" && s.Live.Control != NoService
		judge.Recommended = !stop.Recommended && judge.Refused == "" // who may not stop it can only judge
	} else if w := s.Live.Watched; w != nil && w.endless(s.Now) {
		judge.Recommended = judge.Refused == ""
	}
	actions := sortActions([]Action{judge, stop})
	if s.Live.Control == NoService && s.Live.Watched == nil { // which stops nothing
		actions = []Action{judge}
	}
	if s.Incident.Watch.Step != incident.Verify {
		return actions
	}
	if len(s.Speaking()) > 0 {
		return append(actions, s.knowAction(about))
	}
	if ended, open := s.endedAction(about); open {
		actions = append(actions, ended)
	}
	return actions
}

// judgeAction ends the watching by the operator's judgement. It is what is left to do where something that has to be
// seen cannot be.
func (s *State) judgeAction(about Answer) Action {
	a := Action{
		ID: ActQuiet, Label: "judge it quiet myself", Ask: AskReason,
		About:  "A list that is asked too early puts the address back, for up to a month. Cut the wait short only with a good reason.",
		Prompt: "Why is it sure that the server is quiet?",
		Intent: func(a Answer) Intent { return JudgeQuiet{a.Text} },
	}
	if s.Incident.Watch.Step == incident.Restart {
		a.Label, a.About = "go on without watching", "Verify watches for longer, and begins then."
		a.Prompt = "Why is nothing like the spam to be expected?"
	}
	if w := s.Live.Watched; w != nil && w.Trap != "" {
		a.About = "Held up: " + w.Trap + ". " + a.About
	}
	return s.offer(a, about)
}

func (in JudgeQuiet) refusal(s *State) string {
	switch {
	case s.Incident.Watch.StillOn(&s.Incident):
		return needsReason(in.Reason)
	case s.Incident.Steps[incident.Verify].State == incident.Done:
		return "Verify is done already"
	}
	return "the waiting time begins when mail runs again"
}

func (in JudgeQuiet) act(_ context.Context, r *Runbook) error {
	r.mu.Lock()
	var looks []incident.Looks
	if r.vigil != nil {
		looks = r.vigil.looks()
	}
	r.vigil = nil
	r.mu.Unlock()
	s := r.State()
	ended, err := r.endWatch(&s, looks, strings.TrimSpace(in.Reason))
	if err == nil && !ended {
		return &Refusal{"something was seen meanwhile; look at the screen"}
	}
	return err
}

// stays tells of mail that waits because the operator lets it, or that nothing explains: it is not called quiet without that.
func (s *State) stays() string {
	w := s.Waiting()
	stay, open := "", ""
	if w.Stay > 0 {
		stay = words.Messages(w.Stay) + " that the operator lets stay still waited"
	}
	if n := w.Open(); n > 0 {
		open = words.Messages(n) + " that nothing explains still waited"
	}
	return words.JoinBy("; ", stay, open)
}

// quiet ends Verify.
func (r *Runbook) quiet(s *State, looks []incident.Looks, judged string) (ended bool, err error) {
	result := "quiet for " + words.Span(s.Now.Sub(s.Incident.Watch.Since))
	if !s.LogsTell() {
		result += ", as far as the spool shows: the logs do not tell"
	}
	if s.Live.Outbound != nil && !s.Live.seesOutbound() {
		result += "; who speaks to mail servers elsewhere could not be seen"
	}
	if s.Live.Control == NoService {
		result += ", in this spool: no mail service was looked at"
	} else if s.Live.Service.wordOnly(s.Live.Control) {
		result += "; the mail service itself was not seen, the operator says that it runs"
	}
	if judged != "" {
		result = "judged quiet by the operator"
	}
	result = words.JoinBy("; ", result, s.stays())
	again := "look at the spool again on %s: thieves try again"
	if len(s.Incident.Suspects) == 0 {
		again = "look at the server again on %s: what sent the spam may come back"
	}
	ended, err = r.recordIf(s.Incident.Watch.StillOn,
		incident.FoundQuiet{Judged: judged},
		incident.StepChanged{Step: incident.Verify, State: incident.Done, Result: result, Reason: judged, Seen: looks},
		incident.LeftToDo{Text: fmt.Sprintf(again, s.Now.Local().AddDate(0, 0, 1).Format("Mon 2 Jan 2006"))},
		incident.StepChanged{Step: incident.Delist, State: incident.Running})
	if !ended || err != nil {
		return ended, err
	}
	return true, r.sortListings()
}
