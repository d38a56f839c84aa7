package steps

import (
	"fmt"
	"strings"

	"delist/checks/resolver"
	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) lookPage(p *Page) {
	p.say(s.readyText(true)...)
	if f := s.Live.Preflight; f != nil && f.Kind != resolver.Good && f.Sentence != "" {
		p.say(words.JoinBy(" ", f.Sentence, f.Remedy))
	}
	if speaking := s.Speaking(); len(speaking) > 0 {
		p.Alarm = words.Sentence(incident.SayProgram(speaking[0]) + " speaks to mail servers elsewhere, and is not the mail service")
	}
	p.say(s.strangerText()...)
	p.say(s.unexplainedText())
	if text := s.suspectText(); text != "" {
		p.say(text)
	} else if s.Live.Spool != nil {
		p.say("No account stands out in the spool.")
	}
	if s.Live.Spool != nil || s.Live.SpoolErr != "" {
		p.say(s.waitingText())
	}
	if rows := s.StandOut(); len(rows) > 0 {
		text := rows[0].Account + " " + rows[0].Logged.Rate() + ". Mark it as stolen if its owner did not send that."
		if more := len(rows) - 1; more > 0 {
			text += " " + words.Count(more, "more account stands out.", "more accounts stand out.")
		}
		p.say(text)
	}
	if trouble := s.LogsTrouble(); trouble != "" {
		p.say("The logs: " + trouble + ".")
	}
	p.say(s.outboundUnseen()...)
	p.say(s.readyText(false)...)
	for _, finding := range s.Incident.Bounces {
		p.say(fmt.Sprintf("A bounce says: %q. %s", finding.Quote, finding.Advice))
	}
	if s.Incident.MailDown.IsZero() && len(s.Incident.Purges) == 0 && s.Incident.Steps[incident.Reset].State == incident.ToDo {
		p.say("Nothing has been changed yet.")
	}
}

// suspectText says which account looks stolen, and why; empty when none does.
func (s *State) suspectText() string {
	for _, row := range s.Live.Senders {
		if !row.Marked && !row.Suspect || row.Account == "" {
			continue
		}
		text := row.Account + " looks stolen"
		switch {
		case row.Marked && !row.Suspect && (row.Logged == nil || !row.Logged.Suspect):
			text = row.Account + " is marked as stolen"
		case !row.Marked:
			text += ", and is not marked"
		}
		if why := words.LowerFirst(strings.Join(row.Why, ", ")); why != "" {
			text += ": " + why
		}
		text = strings.TrimRight(text, ".") + "."
		switch {
		case row.Logged != nil && len(row.Logged.Why) == 0:
			text += " It " + row.Logged.Rate() + "."
		case row.Logged == nil && !row.FirstSeen.IsZero(): // else the rate says more, and small windows have room for one
			text += " First seen " + words.Clock(row.FirstSeen, s.Now) + "."
		}
		return text
	}
	return ""
}

// waitingText says what of the mail that waits is explained, and what is not.
func (s *State) waitingText() string {
	w := s.Waiting()
	switch {
	case s.Live.SpoolErr != "":
		return "The spool cannot be read: " + s.Live.SpoolErr + ". What waits is not known."
	case !w.Whole:
		return "Not all of the spool could be read: there may be more than is shown."
	case w.Backlog(s.Settings):
		return "Not explained, and so taken for spam until somebody has looked: " + w.sayOpen() + "."
	case w.Open() > 0:
		return "Not explained: " + w.sayOpen() + "."
	}
	return ""
}
