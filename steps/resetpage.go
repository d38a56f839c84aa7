package steps

import (
	"cmp"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) resetPage(p *Page) {
	suspect := s.nextReset()
	if suspect == nil && len(s.Incident.Suspects) > 0 {
		suspect = &s.Incident.Suspects[0]
	}
	if suspect == nil && len(s.Incident.Causes)+len(s.Incident.Strangers()) > 0 {
		p.Purpose = "end what sent the spam, so that it does not come again."
		p.Alarm = s.speakingAlarm()
		s.causeFacts(p)
		p.say(s.strangerText()...)
		where := "What was found is ended by you."
		if c := s.Incident.OpenCause(); c != nil {
			where = c.Class.PutRight()
		} else if len(s.Incident.Causes) > 0 {
			where = ""
		}
		p.say(words.JoinBy(" ", "No account is marked as stolen.", where, "You say here what was done."))
		p.say(s.laterText())
		p.say(s.result(incident.Reset))
		return
	}
	if suspect == nil {
		p.say("No account is marked as stolen. Mark it in Look, or go on and say why no password is changed.")
		return
	}
	s.ResetFacts(p, suspect)
}

// laterText says why a cause is not put right now; empty where it can be.
func (s *State) laterText() string {
	if !s.putRightLater() {
		return ""
	}
	return "SmarterMail's own screens do not answer while mail is down: go on without it for now. Reset is due again as soon as mail runs."
}

// ResetFacts put on a page what is known of a suspect's account, and what was done about it.
func (s *State) ResetFacts(p *Page, q *incident.Suspect) {
	p.Alarm, p.Facts, p.Advice = s.resetAlarm(q), nil, nil
	if len(s.Incident.Causes)+len(s.Incident.Strangers()) > 0 && passwordsMade(&s.Incident) {
		p.Alarm = cmp.Or(p.Alarm, s.speakingAlarm())
		s.causeFacts(p)
		p.say(append(s.strangerText(), s.laterText())...)
	}
	kind, read, found := "", "", ""
	if box := q.Mailbox; box != nil {
		kind = "SmarterMail, local"
		if !box.LocalPassword {
			kind = "SmarterMail, its password is in Active Directory"
		}
		if box.Admin {
			kind += ", AN ADMINISTRATOR: look at what else was changed"
		} else {
			kind += ", not an admin"
		}
		read = "as read at " + words.Clock(box.ReadAt, s.Now)
		if s.Live.Service.State == ServiceStopped {
			read += ", before the stop"
		}
		if len(box.Forwarding.Addresses) > 0 {
			found = "forwarding to " + strings.Join(box.Forwarding.Addresses, ", ") + ": " + q.Forwarding.String()
		}
	}
	p.fact("account", q.Account, kind)
	p.fact("", read)
	p.fact("new password", s.passwordText(q))
	how := ""
	if q.Reset == incident.ResetHeld {
		how = "Restart sets it, proves it by logging in, ends SMTP, IMAP and web sessions"
		if q.ByHand {
			how = "by hand: you set it in SmarterMail once mail runs, then say so"
		}
	}
	p.fact("", how)
	p.fact("also found", found)
	p.fact("marked", words.JoinBy(": ", words.Clock(q.Marked, s.Now), strings.Join(q.Why, "; ")))
	if s.Incident.Round > 1 && !q.Changed.IsZero() && q.Reset == incident.ResetToDo {
		again := "Its password was changed " + words.Clock(q.Changed, s.Now) + ", and it sends again: the new one was stolen as well (clean the computers that know it before they get another), or something else sends in its name."
		if q.ByHand {
			again = "You said " + words.Clock(q.Changed, s.Now) + " that its new password was set, and it sends again: see first whether that was saved, at the right account. " +
				"If it was, the new one was stolen as well: clean the computers that know it before they get another."
		}
		p.say(again)
	}
	if q.ByHand && q.Reset == incident.ResetHeld {
		p.say(s.handwork(q.Account))
	}
	p.say(s.result(incident.Reset))
}

// passwordText says how far a new password is, and whether it can still be shown.
func (s *State) passwordText(q *incident.Suspect) string {
	switch {
	case q.Disable:
		return "none: the account is disabled instead (" + q.Password() + ")"
	case q.Dry:
		return q.Password()
	}
	text := "not made yet"
	if q.Unsaid {
		text = "one was made before delist ended, and whether it was set nobody has said; make another one"
	}
	switch q.Reset {
	case incident.ResetHeld:
		text = "held, not set yet"
	case incident.ResetSet:
		text = "set, not proven yet"
	case incident.ResetDone:
		text = "changed " + words.Clock(q.Changed, s.Now)
	}
	if q.Reset != incident.ResetDone && !q.Changed.IsZero() {
		text += "; the one before was set " + words.Clock(q.Changed, s.Now)
	}
	switch {
	case q.Reset == incident.ResetToDo:
	case s.knows(q.Account) && q.Shown:
		text += ", shown to you"
	case s.knows(q.Account):
		text += ", NOT SHOWN TO ANYBODY YET"
	case q.Lost:
		text += ", AND NOBODY KNOWS IT: make another one"
	default:
		text += ", no longer kept here; Reset makes another one"
	}
	return text
}

// knows says that the new password of an account can be shown.
func (s *State) knows(account string) bool {
	for _, known := range s.Live.Known {
		if known == account {
			return true
		}
	}
	return false
}

// Unseen names the accounts whose new password is in memory only and was never shown: it is lost when delist ends.
func (s *State) Unseen() []string {
	var names []string
	for _, account := range s.Live.Known {
		if p := s.Incident.Suspect(account); p != nil && !p.Shown && !p.Disable && !p.Dry && (p.Reset == incident.ResetDone || p.Reset == incident.ResetSet) {
			names = append(names, account)
		}
	}
	return names
}

// resetAlarm says in capitals what is not changed yet.
func (s *State) resetAlarm(q *incident.Suspect) string {
	switch {
	case s.Incident.Mode.DryRun:
		return "DRY RUN: no password is changed."
	case q.Lost:
		return "THE NEW PASSWORD IS SET, AND NOBODY KNOWS IT. Make another one for the owner."
	case q.Reset == incident.ResetDone:
		return ""
	case q.Unsaid:
		return "WHETHER THE PASSWORD IS CHANGED IS NOT KNOWN. Take the stolen one to work until another one is set."
	}
	which, works := "NOT CHANGED YET. The stolen password", "works again from the moment mail starts."
	if !q.Changed.IsZero() {
		which = "NOT CHANGED AGAIN YET. Take the password of " + words.Clock(q.Changed, s.Now) + " for stolen, too: it"
	}
	if s.Live.Service.State == ServiceRunning {
		works = "works right now."
	}
	return which + " " + works
}

// passwordsText says how far the new passwords are.
func (s *State) passwordsText() string {
	var parts []string
	for i := range s.Incident.Suspects {
		q := &s.Incident.Suspects[i]
		parts = append(parts, q.Account+": "+s.passwordText(q))
	}
	if len(parts) == 0 {
		return "no account is marked as stolen"
	}
	return strings.Join(parts, "; ")
}
