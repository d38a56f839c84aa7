package steps

import (
	"context"
	"fmt"

	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) closeActions(about Answer) []Action {
	shut := s.offer(Action{
		ID: ActClose, Label: "write the report and close", Ask: AskYes,
		About:  "The report is written into the incident's folder. The quarantine and the record stay.",
		Intent: func(Answer) Intent { return CloseIncident{} },
	}, about)
	if s.Incident.Mode.Passing {
		shut.About = "The report is written into the incident's folder. It stays; the practice server goes, and its quarantine with it."
	}
	shut.Recommended = shut.Refused == ""
	if s.Incident.MailDown.IsZero() || shut.Recommended {
		return append([]Action{shut}, s.allowActions(about)...)
	}
	start := s.startAction(about) // nothing closes while mail is down
	start.Recommended = start.Refused == ""
	return []Action{start, shut}
}

func (CloseIncident) refusal(s *State) string {
	inc := &s.Incident
	only := inc.LooksOnly()
	switch {
	case !inc.Closed.IsZero():
		return "this incident is closed already"
	case !inc.MailDown.IsZero() && !only: // whoever may not start it hands it over
		return "mail is down; do Restart first"
	case inc.Aside.Dir != "" && !only:
		return fmt.Sprintf("%s are still outside, in %s; put them back in Purge first, or say there why they stay", words.Messages(inc.Aside.Outside), inc.Aside.Dir)
	}
	if step := inc.Current(); step != incident.Close {
		return fmt.Sprintf("%s is %s; finish it, or skip it with a reason", step, inc.Steps[step].State)
	}
	return ""
}

func (CloseIncident) act(ctx context.Context, r *Runbook) error { return r.closeIncident(ctx) }

func (in AddNote) refusal(*State) string {
	if needsReason(in.Text) != "" {
		return "an empty note says nothing; write a sentence"
	}
	return ""
}

// act keeps the operator's own sentence; it may be taken while something else runs.
func (in AddNote) act(_ context.Context, r *Runbook) error {
	return r.record(incident.Noted{Text: in.Text})
}

// hardening is what an incident leaves to do: it needs the operator's judgement, so it is never done by itself.
func hardening(inc *incident.Incident) []string {
	todo := append([]string{"in SmarterMail, add a System event of type Spool Count that mails you when the spool grows"}, inc.Harden()...)
	return append(todo, "in SmarterMail, set Outgoing Messages per Hour for the domain (Priority and Throttling), action Reject")
}

// laterDelete is left to do where messages were moved.
func (s *State) laterDelete() string {
	return fmt.Sprintf("delete the quarantine once nobody asks for a message in it any more, by `%s`",
		s.Settings.commandLine("quarantine", "--delete", s.Incident.ID))
}

// closeIncident writes the report and ends the incident.
func (r *Runbook) closeIncident(ctx context.Context) error {
	before := r.State()
	todo := hardening(&before.Incident)
	if mode := before.Incident.Mode; before.moved() > 0 && !mode.DryRun && !mode.Passing {
		todo = append(todo, before.laterDelete())
	}
	if before.Live.Control == NoService {
		todo = append(todo, "start mail on the server that this spool belongs to, if somebody stopped it")
	}
	for _, text := range todo {
		if err := r.record(incident.LeftToDo{Text: text}); err != nil {
			return err
		}
	}
	s := r.State()
	path, err := r.hands.Reporter.Write(ctx, r.dir, s.Incident, r.Records())
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return r.record(incident.IncidentClosed{Report: path})
}
