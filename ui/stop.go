package ui

import (
	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// noTable is a panel without a list and without keys of its own.
type noTable struct{ noMarks }

// noMarks is a panel in which no messages can be marked.
type noMarks struct{}

func (noMarks) marked() int     { return 0 }
func (noMarks) ids() []spool.ID { return nil }

func (noTable) update(*steps.State)  {}
func (noTable) table() *Table        { return nil }
func (noTable) answer() steps.Answer { return steps.Answer{} }
func (noTable) binds(*Model) []Bind  { return nil }

// stopPanel shows the service, and what stopping means.
type stopPanel struct{ noTable }

func (*stopPanel) blocks(m *Model, w int) []block {
	return []block{
		gapped(textBlock(0, factLines(w, m.styles, m.serviceFacts()...))),
		gapped(textBlock(1, paragraph(w, m.stepText(incident.Stop)))),
		gapped(textBlock(2, paragraph(w, m.stopAdvice()))),
		gapped(fixed(3, spoolLine(m, w, nil, 0))),
	}
}

// serviceFacts say what the service does, how that is known, and how old it is.
func (m *Model) serviceFacts() []fact {
	live := &m.state.Live
	seen := live.Service.State.String()
	if live.Service.At.IsZero() {
		seen = "not looked at yet"
	} else {
		seen += ", " + ago(m.state.Now.Sub(live.Service.At))
	}
	facts := []fact{
		{"service", m.state.Incident.Service},
		{"it is", seen},
		{"", live.Service.Detail},
	}
	if live.ServiceErr != "" {
		facts = append(facts, fact{"cannot look", live.ServiceErr})
	}
	api := "answers"
	switch {
	case live.APIErr != "":
		api = "does not answer: " + live.APIErr
	case !live.APIReady:
		api = "not reached while mail is stopped"
	}
	return append(facts, fact{"accounts by", joined(", ", m.state.Incident.Mailboxes, api)})
}

// stopAdvice says what to expect of the stop, or what it has done.
func (m *Model) stopAdvice() string {
	inc := &m.state.Incident
	if inc.Steps[incident.Stop].State == incident.Done && !inc.MailDown.IsZero() {
		text := "Mail has been down since " + clock(inc.MailDown) + ". Other servers keep their mail for you and try again, most for two days and more. " +
			"Nothing moves in the spool now: it is safe to search it and to move messages."
		if s := m.state.Settings.SuggestAside; s > 0 && m.state.Now.Sub(inc.MailDown) > s {
			text += " It has been down for long: move the clear spam only, go on, and look at the rest later."
		}
		return text
	}
	return "Stopping ends the spam at once, and all other mail of this server with it. Senders elsewhere keep their mail and try again. " +
		"Users cannot send or read until Restart. A large spool can take up to ten minutes to stop; delist waits and shows what it sees."
}

// stepText is the step's own result or reason, as the runbook recorded it.
func (m *Model) stepText(step incident.Step) string {
	status := m.state.Incident.Steps[step]
	if status.State == incident.ToDo && status.Reason == "" && status.Result == "" {
		return ""
	}
	return sentence(joined(": ", status.State.String(), joined("; ", status.Result, status.Reason)))
}
