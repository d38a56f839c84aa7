package steps

import (
	"context"
	"fmt"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

// MailStaysDown has to be typed to pass Restart over while mail is down.
const MailStaysDown = "mail stays down"

// skipAction passes a step over. It names the step, and what passing it over costs.
func (s *State) skipAction(step incident.Step, about Answer) Action {
	a := Action{
		ID: ActSkip, Label: "skip " + step.String(), Ask: AskReason,
		About:  words.JoinBy(" ", s.skipCost(step), "The record says why it was passed over. You can come back to it."),
		Prompt: fmt.Sprintf("Why is %s passed over?", step),
		Intent: func(a Answer) Intent { return Skip{Step: step, Reason: a.Text} },
	}
	if step == incident.Notify && len(s.Incident.Suspects) > 0 {
		a.Label, a.Prompt = "not told yet: go on", "Who tells the owner, and when?"
	}
	if step == incident.Restart && !s.Incident.MailDown.IsZero() {
		a.Ask, a.Word, a.Prompt = AskWord, MailStaysDown, fmt.Sprintf("Type %q to leave it down:", MailStaysDown)
	}
	return s.offer(a, about)
}

// skipCost is what passing a step over costs.
func (s *State) skipCost(step incident.Step) string {
	switch step {
	case incident.Look:
		return "Who sends, and which lists have the server, is then not known."
	case incident.Stop:
		return "Mail goes on, and the spam with it. Nothing can be moved out of the spool while it does."
	case incident.Purge:
		if n := s.Waiting(); n.Spam > 0 {
			return words.Messages(n.Spam) + " of the spam stay in the spool, and are delivered when mail runs."
		}
		return "What waits in the spool stays there, and is delivered when mail runs."
	case incident.Reset:
		if account := s.resetMissing(); account != "" {
			return words.Sentence(s.oldPassword(account)) + " The thief sends with it as soon as mail runs."
		}
		if speaking := s.Speaking(); len(speaking) > 0 {
			return speaking[0].Key() + " goes on sending, and Verify waits for its end."
		}
		return "No password is changed."
	case incident.Restart:
		if !s.Incident.MailDown.IsZero() {
			return "Mail stays down for everybody on this server, until somebody starts it."
		}
		return "Nobody watches whether the spam comes back."
	case incident.Notify:
		if len(s.Incident.Suspects) == 0 {
			return "Who looks after what was found does not learn of it from you."
		}
		return "The owner does not learn that somebody has read their mail, nor their new password."
	case incident.Verify:
		return "Nobody knows whether the server is quiet. A list that is asked too early puts the address back, for up to a month."
	case incident.Delist:
		return "What does not end by itself stays listed until somebody asks."
	}
	return ""
}

func (in Skip) refusal(s *State) string {
	switch {
	case in.Step >= incident.Close:
		return "Close cannot be skipped; it ends the incident"
	case in.Step == incident.Restart && !s.Incident.MailDown.IsZero() && in.Reason != MailStaysDown:
		return fmt.Sprintf("mail is down for everybody; type exactly %q to leave it down", MailStaysDown)
	}
	return needsReason(in.Reason)
}

// act passes a step over. After Verify come the listings, whatever ended it.
func (in Skip) act(_ context.Context, r *Runbook) error {
	if err := r.record(incident.StepChanged{Step: in.Step, State: incident.Skipped, Reason: strings.TrimSpace(in.Reason)}); err != nil {
		return err
	}
	if in.Step == incident.Verify {
		return r.sortListings()
	}
	return nil
}
