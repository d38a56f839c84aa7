package steps

import (
	"fmt"
	"slices"
	"strings"

	"delist/checks/resolver"
	"delist/spool"
	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) lookPage(p *Page) {
	p.say(s.readyText(true)...)
	p.say(s.causesText())
	p.Alarm = s.speakingAlarm()
	p.say(s.strangerText()...)
	p.say(s.unexplainedText())
	if text := s.suspectText(); text != "" {
		p.say(text)
	} else if s.Live.Spool != nil && s.causesText() == "" && s.Live.Spool.Unread() == 0 {
		p.say("No account stands out in the spool.")
	}
	p.say(s.layoutText())
	if s.Live.Spool != nil || s.Live.SpoolErr != "" {
		p.say(s.waitingText(), s.apartText())
	}
	if f := s.Live.Preflight; f != nil && f.Kind != resolver.Good && f.Sentence != "" {
		p.say(words.JoinBy(" ", f.Sentence, f.Remedy))
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
		if !finding.Refused() {
			p.say("A bounce was read. " + finding.Advice)
			continue
		}
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
		if more := len(s.Incident.Suspects) - 1; row.Marked && more > 0 { // the table may have no room for them
			text = fmt.Sprintf("%s accounts are marked as stolen: %s and %s more. ", words.Number(more+1), row.Account, words.Number(more)) + text
		}
		return text
	}
	return ""
}

// layoutText says what it means that messages are laid out as no build writes them today; empty where none are.
func (s *State) layoutText() string {
	if s.Live.Spool == nil {
		return ""
	}
	odd := s.Live.Spool.OddLayouts()
	if odd == "" {
		return ""
	}
	text := odd + ": of these only what their own files or the logs name as an account's comes marked."
	if s.Live.Spool.Layout(spool.LayoutUnknown) > 0 {
		text += " Search the rest by what it holds, such as text:\"...\"."
	}
	return text
}

// waitingText says what of the mail that waits is explained, and what is not.
func (s *State) waitingText() string {
	w := s.Waiting()
	switch {
	case s.Live.SpoolErr != "":
		return "The spool cannot be read: " + s.Live.SpoolErr + ". What waits is not known."
	case !w.Whole:
		return "Not all of the spool could be read: there may be more than is shown."
	}
	told := s.causesText() != ""
	w.Unexplained = slices.DeleteFunc(slices.Clone(w.Unexplained), func(u Unexplained) bool { return told && u.Class.ByHand() })
	switch {
	case w.Open() == 0:
	case w.Backlog(s.Settings):
		return "Not explained, and so taken for spam until somebody has looked: " + w.sayOpen() + "."
	default:
		return "Not explained: " + w.sayOpen() + "."
	}
	return ""
}

// apartText says what lies beside the queue: it is in no table.
func (s *State) apartText() string {
	if s.Live.Spool == nil {
		return ""
	}
	var parts []string
	apart := s.Live.Spool.Apart()
	if apart.Drop > 0 {
		parts = append(parts, words.Messages(apart.Drop)+" in the spool's Drop folder, which the server sends as soon as it runs: look at them yourself.")
	}
	if apart.Quarantine > 0 {
		parts = append(parts, words.Messages(apart.Quarantine)+" in SmarterMail's own Quarantine: they stay there.")
	}
	if n := s.Live.Spool.Halves(); n > 0 {
		parts = append(parts, words.Count(n, "file lies", "files lie")+" in the spool without the other one of the message: SmarterMail does not send that, and no search finds it.")
	}
	return strings.Join(parts, " ")
}
