package steps

import (
	"fmt"
	"net/netip"
	"strings"

	"delist/checks/dnsbl"
	"delist/steps/incident"
	"delist/steps/words"
)

// Draft is the text to send with a request for removal, from the incident's own facts: what happened, when it was
// stopped, what was removed, what was changed. It names no account and holds no secret. Empty where there is nothing to send.
func Draft(inc *incident.Incident, ip netip.Addr, list string) string {
	l := inc.Listing(ip, list)
	if l == nil || l.Nothing() {
		return ""
	}
	var b strings.Builder
	if inc.Mode.DryRun {
		b.WriteString(notToBeSent)
	}
	switch {
	case l.ByHand && l.Order() == incident.Receivers:
		fmt.Fprintf(&b, "Your server refuses mail from our address %s (%s):\n%s\n\n", ip, inc.Host, l.Reason)
	case l.Removal != nil && l.Removal.Kind == dnsbl.ByProvider:
		fmt.Fprintf(&b, "The address %s (%s) in your network is listed at %s.\n", ip, inc.Host, list)
		if l.Lookup != "" {
			fmt.Fprintf(&b, "The record: %s\n", l.Lookup)
		}
		b.WriteString("Only the owner of the network is heard there. Please ask for its removal; the facts:\n\n")
	default:
		fmt.Fprintf(&b, "The address %s (%s) is listed at %s.\n\n", ip, inc.Host, list)
	}
	for _, sentence := range whatHappened(inc) {
		b.WriteString(sentence + "\n")
	}
	if l.Order() == incident.Receivers {
		b.WriteString("We ask you to accept mail from this address again.\n")
	} else if l.Removal == nil || l.Removal.Kind != dnsbl.ByProvider {
		b.WriteString("We ask you to remove the listing.\n")
	}
	return b.String()
}

// whatHappened tells the incident to a stranger, a sentence each, with what is known and nothing else.
func whatHappened(inc *incident.Incident) []string {
	var told []string
	say := func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }
	switch n := len(inc.Suspects); {
	case n == 1:
		say("The password of one mailbox on our server was stolen and used to send spam; we found it on %s.", words.Day(inc.Opened))
	case n > 1:
		say("The passwords of %d mailboxes on our server were stolen and used to send spam; we found it on %s.", n, words.Day(inc.Opened))
	case len(inc.Causes)+len(inc.Strangers()) == 0:
		how := "How it was sent is not known yet."
		if inc.ExplainedBy(incident.RowListings) != nil {
			how = "We have found what sent it."
		}
		say("Mail from our server was taken for spam; we learned of it on %s. %s", words.Day(inc.Opened), how)
	}
	if strangers := inc.Strangers(); len(strangers) > 0 {
		say("A program on our server that is not the mail server sent mail by itself; we found it on %s.", words.Day(strangers[0].First))
		if inc.OpenStranger() == nil {
			say("We ended it.")
		}
	}
	told = append(told, inc.Happened()...)
	if stop := inc.Steps[incident.Stop]; stop.State == incident.Done {
		say("We stopped all mail on %s.", words.Day(stop.Since))
	}
	moved := inc.MovedOut()
	if moved > 0 {
		say("We removed %s from the queue.", words.Messages(moved))
	}
	told = append(told, passwordsTold(inc)...)
	if since := inc.QuietSince(); !since.IsZero() {
		say("No new spam has been seen since %s.", words.Day(since))
	}
	return told
}

// passwordsTold says what was done about the stolen passwords, what is the same of several once.
func passwordsTold(inc *incident.Incident) []string {
	var told []string
	mailboxes := map[string]int{}
	for _, p := range inc.Suspects {
		sentence := "The password has not been changed yet"
		switch {
		case p.Changed.IsZero():
		case p.Disable:
			sentence = "The mailbox was disabled on " + words.Day(p.Changed)
		default:
			sentence = "The password was changed on " + words.Day(p.Changed)
			if p.Ended {
				sentence += " and open sessions were ended"
			}
		}
		if p.Forwarding == incident.ForwardingRemoved {
			sentence += "; a forwarding rule was removed"
		}
		if mailboxes[sentence]++; mailboxes[sentence] == 1 {
			told = append(told, sentence)
		}
	}
	for i, sentence := range told {
		of := ""
		if n := mailboxes[sentence]; len(inc.Suspects) > 1 {
			of = fmt.Sprintf(" (%d of the %d mailboxes)", n, len(inc.Suspects))
		}
		told[i] += of + "."
	}
	return told
}
