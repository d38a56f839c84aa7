package incident

import (
	"fmt"
	"slices"
	"strings"

	"delist/steps/words"
)

// Undone is what the steps left undone, the worst first: what was passed over is still to be done by somebody.
func (inc *Incident) Undone() []string {
	var undone []string
	switch {
	case inc.Beside != nil && inc.LooksOnly():
		down := ""
		if !inc.Beside.MailDown.IsZero() {
			down = ", and mail is down in it"
		}
		undone = append(undone, fmt.Sprintf("go on with incident %s, as somebody who may stop this server: it is at %s%s", inc.Beside.ID, inc.Beside.Step, down))
	case inc.Steps[Stop].State == Skipped && len(inc.ResetsPending()) > 0:
		undone = append(undone, "stop the spam: mail was not stopped here, nor the stolen password changed; start delist again as somebody who may stop this server")
	}
	if n := inc.Aside.Outside; n > 0 && inc.Aside.Dir != "" {
		undone = append(undone, fmt.Sprintf("put %s back into the spool, from %s: until then they are not delivered", words.Messages(n), inc.Aside.Dir))
	}
	for _, p := range inc.ResetsPending() {
		if p.Unsaid {
			undone = append(undone, fmt.Sprintf("give %s a new password: whether the one that was shown was set, nobody has said", p.Account))
			continue
		}
		undone = append(undone, fmt.Sprintf("give %s a new password: it is %s", p.Account, p.Reset))
	}
	switch left := inc.Steps[Purge].Left; {
	case left == "":
	case inc.LooksOnly():
		undone = append(undone, "move out of the spool what waits there, before it is sent: "+left)
	default:
		undone = append(undone, "look at what Purge left in the spool, and what left it after the start: "+left)
	}
	if n := inc.NotUnderstood(); n > 0 && !inc.Mode.DryRun && !inc.Mode.Passing {
		undone = append(undone, fmt.Sprintf("look through the quarantine: %s there could not be understood, and may be good mail", words.Messages(n)))
	}
	if unjudged := inc.Unjudged(); len(unjudged) > 0 && !inc.Mode.DryRun && !inc.Mode.Passing {
		undone = append(undone, fmt.Sprintf("find out who sent what was moved of %s, and put back what is good: nobody has said that the account is stolen", words.Few(unjudged)))
	}
	if len(inc.Suspects) > 0 && inc.Told == "" && inc.Steps[Notify].State == Skipped {
		undone = append(undone, "tell the owner of "+inc.Suspects[0].Account+" what happened, and the new password by phone")
	}
	for _, p := range inc.Suspects {
		if p.Reset == ResetDone && !p.Ended && !p.Dry {
			undone = append(undone, fmt.Sprintf("end what is still connected as %s (in SmarterMail: Manage, Connections): it may have been let in by the old password", p.Account))
		}
		if p.Mailbox == nil || !p.Mailbox.Forwarding.Known {
			undone = append(undone, "look in SmarterMail whether the mail of "+p.Account+" is forwarded to somebody, and remove that if it is not its owner's doing")
		}
		if p.Mailbox != nil && len(p.Mailbox.Forwarding.Addresses) > 0 && p.Forwarding != ForwardingRemoved && p.Forwarding != ForwardingKept {
			undone = append(undone, fmt.Sprintf("ask the owner of %s about the forwarding to %s, and remove it if it is not theirs",
				p.Account, strings.Join(p.Mailbox.Forwarding.Addresses, ", ")))
		}
	}
	for _, p := range inc.Strangers() {
		const harden = "let only the mail service speak to port 25 elsewhere"
		if p.Remedied != "" {
			undone = append(undone, fmt.Sprintf("%s: %s did", harden, p.Key()))
			continue
		}
		undone = append(undone, fmt.Sprintf("find out how %s came onto this server, and %s", SayProgram(p.Program), harden))
	}
	for _, c := range inc.Causes {
		switch {
		case c.Remedied == "":
			undone = append(undone, fmt.Sprintf("put right %s: %s", c.About(), words.LowerFirst(c.Class.WayOn())))
		case c.Class == Form:
			undone = append(undone, fmt.Sprintf("give %s a new password in SmarterMail and on its web server, if it has none yet: the old one stood there", c.Name))
		}
	}
	for _, h := range inc.HELOs {
		if l := inc.Listing(h.IP, h.List); h.Another() && l != nil && l.Accuses() {
			undone = append(undone, fmt.Sprintf("look for the computer that says HELO %s: %s heard it, and it is not this mail server's name", h.Heard, h.List))
		}
	}
	if inc.Unheard() {
		undone = append(undone, "look the lists up again, with another resolver (--resolver ADDRESS): no list gave a usable answer, so which of them have this server is not known")
	}
	return undone
}

// StillToDo is all that is left to do by hand: what was left undone, the lists as they stand now, and the follow-up.
func (inc *Incident) StillToDo() []string {
	todo := inc.Undone()
	for _, l := range inc.Worklist() {
		if follow := l.FollowUp(inc); follow != "" {
			todo = append(todo, follow)
		}
	}
	return append(todo, inc.OtherFollowUps()...)
}

// OtherFollowUps are those that are about no listing as it stands now. Older builds wrote these down, too.
func (inc *Incident) OtherFollowUps() []string {
	return slices.DeleteFunc(slices.Clone(inc.FollowUps), func(todo string) bool {
		return slices.ContainsFunc(inc.Listings, func(l Listing) bool { return l.FollowUp(inc) == todo })
	})
}
