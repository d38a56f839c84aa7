package steps

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

func (s *State) notifyActions(about Answer) []Action {
	told := s.offer(Action{
		ID: ActTold, Label: "the owner is told", Ask: AskText,
		About:  "The letter says what happened and what to do; once the owner is told, it is also in the incident's folder, as letter.txt. The new password does not go by mail: say it by phone.",
		Prompt: "How was the owner told?",
		Intent: func(a Answer) Intent { return OwnerTold{a.Text} },
	}, about)
	if len(s.Incident.Suspects) == 0 {
		return s.nobodysPassword(told, about)
	}
	if lost := s.lostPassword(); lost != "" { // the owner cannot be given what nobody knows
		first := s.resetAction(s.Incident.Suspect(lost), about)
		if first.Refused != "" {
			first = s.skipAction(incident.Notify, about)
		}
		first.Recommended = first.Refused == ""
		return []Action{first, told}
	}
	told.Recommended = told.Refused == ""
	if unseen := s.Unseen(); len(unseen) > 0 {
		show := s.showAction(unseen[0], about)
		show.Recommended = show.Refused == ""
		return []Action{show, told}
	}
	return []Action{told}
}

// nobodysPassword is Notify where no account is marked: somebody looks after most causes, and has to know. Where nobody
// does, that is the reason to go on.
func (s *State) nobodysPassword(told Action, about Answer) []Action {
	told.Label, told.Prompt = "those who have to know are told", "Who was told, and how?"
	told.About = "The letter says what was found and what to do; once they are told, it is also in the incident's folder, as letter.txt."
	skip := s.skipAction(incident.Notify, about)
	skip.Label = "nobody has to be told"
	if slices.ContainsFunc(s.Incident.Causes, func(c incident.Cause) bool { return c.Class.Duty() != "" }) {
		told.Recommended = told.Refused == ""
		return []Action{told, skip}
	}
	why := "no account is marked as stolen, and nobody else was found who has to know"
	if strangers := s.Incident.Strangers(); len(strangers) > 0 {
		why = "no account is marked as stolen: a program on this machine sent, " + strangers[0].Key()
		skip.Label = "nobody else has to be told: I look after this machine"
	}
	skip.Ask, skip.About = AskNothing, "The record says why: "+why+". You can come back to it."
	skip.Intent = func(Answer) Intent { return Skip{Step: incident.Notify, Reason: why} }
	skip = s.offer(skip, about)
	skip.Recommended = skip.Refused == ""
	return []Action{skip, told}
}

func (in OwnerTold) refusal(s *State) string {
	switch {
	case strings.TrimSpace(in.How) == "":
		return "say in a word how: by phone, by a letter, through their manager"
	case needsReason(in.How) != "":
		return "a yes is no way; say in a word how: by phone, by a letter, through their manager"
	case notTold(in.How):
		return "then nobody was told; pass Notify over, and it stays on the list of what is to do"
	case len(s.Incident.Held(false))+len(s.Incident.Held(true)) > 0 && !s.Incident.Steps[incident.Restart].State.Passed() && !s.Incident.Mode.DryRun:
		return "the new password is held, and not set yet; do Restart first"
	case len(s.Unseen()) > 0:
		return "nobody has seen the new password of " + s.Unseen()[0] + ", so nobody can tell it; look at it first"
	case s.lostPassword() != "":
		return "nobody knows the new password of " + s.lostPassword() + "; make another one in Reset first"
	}
	return ""
}

// notTold says that an answer to how the owner was told is that they were not.
func notTold(how string) bool {
	switch strings.Trim(strings.ToLower(how), " .") {
	case "no", "not", "not yet", "not told", "nobody", "none", "never", "later", "tomorrow":
		return true
	}
	return false
}

func (in OwnerTold) act(_ context.Context, r *Runbook) error { return r.ownerTold(in) }

// ownerTold keeps how, and puts the letter beside the record.
func (r *Runbook) ownerTold(in OwnerTold) error {
	inc := r.State().Incident
	path := filepath.Join(r.dir, "letter.txt")
	if err := os.WriteFile(path, []byte(Letter(&inc)), 0o600); err != nil {
		return fmt.Errorf("write the letter: %w", err)
	}
	if err := r.record(incident.OwnerWasTold{Others: len(inc.Suspects) == 0, How: strings.TrimSpace(in.How)}); err != nil {
		return err
	}
	r.mu.Lock()
	for _, p := range r.inc.Suspects {
		if p.Reset == incident.ResetDone { // what is held is still to be set
			delete(r.secrets, p.Account)
		}
	}
	r.mu.Unlock()
	return r.record(incident.StepChanged{Step: incident.Notify, State: incident.Done, Result: strings.TrimSpace(in.How)})
}

// Letter tells the owner of each stolen account what happened, what to do, and how it does not happen again; where nothing
// was stolen, it tells those whose computer, page, rule or program it was. It holds no password.
func Letter(inc *incident.Incident) string {
	if len(inc.Suspects) == 0 {
		return causeLetter(inc)
	}
	var letters []string
	for i := range inc.Suspects {
		letters = append(letters, ownerLetter(inc, &inc.Suspects[i]))
	}
	return strings.Join(letters, betweenLetters)
}

// betweenLetters parts the letters to several owners: nobody learns of the others.
const betweenLetters = "\n- - - - - - - - - - - - - - - the next owner's letter - - - - - - - - - - - - - - -\n\n"

func ownerLetter(inc *incident.Incident, p *incident.Suspect) string {
	own := *inc
	own.Suspects = []incident.Suspect{*p}
	if len(inc.Suspects) > 1 {
		own.Purges = slices.DeleteFunc(slices.Clone(inc.Purges), func(moved incident.PurgeRecord) bool { return moved.Query != "account:"+p.Account })
	}
	var b strings.Builder
	if inc.Mode.DryRun {
		b.WriteString(notToBeSent)
	}
	fmt.Fprintf(&b, `To the owner of %s

Somebody else used the password of your mailbox to send spam through our mail
server %s. We found it on %s.

What we did
%s`, p.Account, inc.Host, letterDay(inc), whatWeDid(&own))
	b.WriteString(`
What you have to do, in this order
  1. Clean the computers and phones that know this password: a full scan with an
     up-to-date virus scanner. Most passwords are stolen from the owner's own
     computer; on an infected one the new password is stolen as well.
  2. Only then put the new password into your mail programs.
  3. If you used the same password anywhere else, change it there too.
  4. Look whether somebody answered, sorted or deleted mail in your name.

How it does not happen again
  - One password for one purpose, at least 12 characters, from a password manager.
  - Never type it into a page that a mail led you to.
  - Replies and bounces to mail you never sent: tell us at once.
`)
	return b.String()
}

func letterDay(inc *incident.Incident) string {
	return inc.Opened.Local().Format("Mon 2 Jan 2006, 15:04 MST")
}

// programDuty is what whoever looks after the machine has to do about a program that sent past the mail service.
const programDuty = "Find out what started the program and how it came onto the machine: a page of a web site, a scheduled task, somebody else's log-in. " +
	"Remove that, or it comes back. Change what log-ins it could read, and let only the mail server speak to port 25 elsewhere."

// causeLetter tells what was found where no password was stolen, and claims nothing where nothing was.
func causeLetter(inc *incident.Incident) string {
	var b strings.Builder
	if inc.Mode.DryRun {
		b.WriteString(notToBeSent)
	}
	strangers := inc.Strangers()
	to, what := "To those who look after what is named below", "Spam was sent through our mail server %s. We found it on %s."
	switch {
	case len(inc.Causes) == 0 && len(strangers) == 0:
		to, what = "To those who have to know", "Mail from our server %s was taken for spam. We learned of it on %s."
		if !slices.ContainsFunc(inc.Listings, func(l incident.Listing) bool { return l.Accuses() }) {
			what = "We are looking into what our mail server %s sends, since %s."
		}
	case len(inc.Causes) == 0:
		what = "Spam was sent from our server %s. We found it on %s."
	}
	fmt.Fprintf(&b, to+"\n\n"+what+"\n\n", inc.Host, letterDay(inc))
	tell := func(found, done, duty string) {
		b.WriteString("What we found\n" + bulleted(found) + "\n")
		if done != "" {
			b.WriteString("What was done about it\n" + bulleted(done) + "\n")
		}
		b.WriteString("What you have to do\n" + bulleted(duty) + "\n")
	}
	for _, c := range inc.Causes {
		tell(c.Say(), c.Remedied, c.Class.Duty())
	}
	for _, p := range strangers {
		tell("a program that is not the mail server sent mail by itself: "+incident.SayProgram(p.Program), p.Remedied, programDuty)
	}
	if len(inc.Causes)+len(strangers) == 0 {
		b.WriteString("What we found\n" + bulleted(inc.NothingFound()) + "\n")
	}
	b.WriteString("What we did\n" + whatWeDid(inc))
	return b.String()
}

// bulleted is a sentence as an item of a list, in lines of the width that letters have.
func bulleted(text string) string {
	item, width := "  -", 3
	for word := range strings.FieldsSeq(words.Sentence(text)) {
		if width+1+len(word) > 76 {
			item, width = item+"\n   ", 3
		}
		item, width = item+" "+word, width+1+len(word)
	}
	return item + "\n"
}

// whatOfPasswords says what is done about the accounts, where the same is true of all of them.
func whatOfPasswords(inc *incident.Incident) string {
	all := func(is func(p incident.Suspect) bool) bool {
		return len(inc.Suspects) > 0 && !slices.ContainsFunc(inc.Suspects, func(p incident.Suspect) bool { return !is(p) })
	}
	switch {
	case all(func(p incident.Suspect) bool { return p.Reset == incident.ResetDone && p.Disable }):
		return "We disabled your mailbox, so that nobody can log in to it. We tell you when that ends."
	case all(func(p incident.Suspect) bool { return p.Reset == incident.ResetDone && !p.Disable }):
		return "We gave your mailbox a new password. You get it by phone, never by mail."
	case all(func(p incident.Suspect) bool { return p.Reset >= incident.ResetHeld && !p.Disable }):
		return "Your mailbox gets a new password. We tell you by phone, never by mail."
	}
	return ""
}

// whatWeDid is a list of what is done by now, and of nothing else.
func whatWeDid(inc *incident.Incident) string {
	var done []string
	moved, unknown := inc.MovedOut(), inc.NotUnderstood()
	if spam := moved - unknown; spam > 0 {
		what := "the spam"
		if len(inc.Suspects)+len(inc.Causes) == 0 { // nothing but a search says so
			what = "what we take for spam"
		}
		done = append(done, fmt.Sprintf("We stopped %s: %s taken out of the queue.", what, words.Messages(spam)))
	}
	if unknown > 0 {
		done = append(done, fmt.Sprintf("We took %s out of the queue to look through. If you miss one, ask us.", words.Messages(unknown)))
	}
	if text := whatOfPasswords(inc); text != "" {
		done = append(done, text)
	}
	for _, p := range inc.Suspects {
		if p.Forwarding == incident.ForwardingRemoved && p.Mailbox != nil {
			done = append(done, fmt.Sprintf("Your mail was being forwarded to %s. We removed that.\n    If you set it up yourself, tell us.", strings.Join(p.Mailbox.Forwarding.Addresses, ", ")))
		}
	}
	switch {
	case len(done) > 0:
	case len(inc.Suspects)+len(inc.Causes)+len(inc.Strangers()) == 0:
		done = append(done, "We are looking for what sent it.")
	case len(inc.ResetsPending()) == 0 && inc.OpenCause() == nil && inc.OpenStranger() == nil:
		done = append(done, "We found out, and ended it.")
	default:
		done = append(done, "We found out, and are stopping it now.")
	}
	return "  - " + strings.Join(done, "\n  - ") + "\n"
}
