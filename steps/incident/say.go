package incident

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"delist/steps/words"

	"github.com/dustin/go-humanize"
)

// Every fact says itself as one plain line: for the last line of the screen, for line mode, and for the report's timeline.

// Say implements Fact.
func (f Opened) Say() string { return fmt.Sprintf("incident %s opened on %s", f.ID, f.Host) }

// Say implements Fact.
func (f Started) Say() string {
	if f.TornTail > 0 {
		return "delist started again; the record's last line was cut off and dropped"
	}
	return "delist started"
}

// Say implements Fact.
func (f Neighboured) Say() string {
	if f.Beside == nil {
		return "no other incident is open on this spool any more"
	}
	return f.Beside.String()
}

// String is where the other incident stands.
func (n *Neighbour) String() string {
	open := fmt.Sprintf("incident %s is open on this spool, at %s, last worked on by %s", n.ID, n.Step, n.By)
	if len(n.Marked) > 0 {
		open += "; marked as stolen in it: " + words.Few(n.Marked)
	}
	if n.Held > 0 {
		open += fmt.Sprintf("; it holds %s in quarantine", words.Messages(n.Held))
	}
	if n.Outside > 0 {
		open += fmt.Sprintf("; it set the spool aside, with %s still outside", words.Messages(n.Outside))
	}
	if !n.MailDown.IsZero() {
		open += "; mail is down in it"
	}
	return open
}

// About is what the operator has to know of this incident's record, and of another one on the same spool.
func (inc *Incident) About() []string {
	if inc.Beside == nil {
		return inc.Warnings
	}
	return append(slices.Clip(inc.Warnings), words.Sentence(inc.Beside.String())+" What has to be done on this server is done in that one.")
}

// Say implements Fact.
func (Ended) Say() string { return "delist ended" }

// Say implements Fact.
func (f Permitted) Say() string {
	if f.May {
		return "the operator may stop this server"
	}
	return "the operator may not stop this server: looking and collecting only"
}

// Say implements Fact.
func (f Intended) Say() string { return "asked for: " + splitWords(f.Intent) }

// Say implements Fact.
func (f Refused) Say() string {
	return fmt.Sprintf("%s was refused: %s", splitWords(f.Intent), f.Reason)
}

// Say implements Fact.
func (f StepChanged) Say() string {
	despite := ""
	if f.Despite != "" {
		despite = "all the same, says the operator: " + f.Despite
	}
	state := f.State.String()
	if f.State == Running { // of Stop, the word would be read of the mail
		state = "begun"
	}
	return words.Join(fmt.Sprintf("%s: %s", f.Step, state), f.Result, f.Reason, despite, SayLooks(f.Seen))
}

// Say implements Fact.
func (f MailStopped) Say() string {
	switch {
	case f.Dry:
		return "mail would be stopped (dry run)"
	case f.Nothing:
		return "there is no mail service here to stop"
	case f.ByHand && f.Despite != "":
		return "mail is stopped, says the operator; what still answers on a mail port is " + f.Despite
	case f.ByHand:
		return words.Join("mail is stopped, says the operator", f.Detail)
	case f.ByItself:
		return words.Join("the mail service is seen stopped; delist did not stop it", f.Detail)
	}
	return words.Join("mail is stopped", f.Detail)
}

// Say implements Fact.
func (f MailStarted) Say() string {
	switch {
	case f.Dry:
		return "mail would run again (dry run)"
	case f.Nothing:
		return "there is no mail service here to start"
	case f.ByHand && f.Despite != "":
		return "mail runs again, says the operator, though no mail port answers here: " + f.Despite
	case f.ByHand:
		return words.Join("mail runs again, says the operator", f.Detail)
	case f.Elsewhere:
		return words.Join("mail is taken to run, and delist did not start it; stop it again before any file is moved", f.Detail)
	}
	return words.Join("mail runs again", f.Detail)
}

// Say implements Fact.
func (f BounceRead) Say() string {
	whole := "a bounce was read"
	if f.Truncated {
		whole = "a bounce was read, not to its end"
	}
	if len(f.Findings) == 0 || !f.Findings[0].Refused() {
		return whole + "; no refusal was found in it"
	}
	first := f.Findings[0]
	who := words.Join(first.Provider, first.List)
	if who == "" {
		who = string(first.Kind)
	}
	return fmt.Sprintf("%s: %s: %s", whole, who, first.Quote)
}

// Say implements Fact.
func (f ListsAsked) Say() string {
	if f.Asked > 0 && len(f.NoAnswer) >= f.Asked {
		return "no list gave a usable answer: " + f.Summary
	}
	return "the lists were asked: " + f.Summary
}

// Say implements Fact.
func (f IdentityChecked) Say() string { return "who the world sees: " + f.Report.Summary() }

// Say implements Fact.
func (f SuspectMarked) Say() string {
	return words.Join(fmt.Sprintf("%s is marked as stolen", f.Account), strings.Join(f.Why, "; "))
}

// Say implements Fact.
func (f SuspectCleared) Say() string {
	return words.Join(f.Account+" is not marked as stolen any more", f.Why)
}

// Say implements Fact.
func (f Explained) Say() string {
	if f.Why == "" {
		return fmt.Sprintf("the explanation of %s was taken back by the operator", strings.Join(f.Rows, ", "))
	}
	if f.Stays {
		return fmt.Sprintf("the operator lets it stay, and be delivered: %s: %s", strings.Join(f.Rows, ", "), f.Why)
	}
	return fmt.Sprintf("explained by the operator: %s: %s", strings.Join(f.Rows, ", "), f.Why)
}

// Say implements Fact.
func (f PasswordShown) Say() string {
	return "the new password of " + f.Account + " was shown to the operator"
}

// Say implements Fact.
func (f WatchSeen) Say() string { return "watched so far: " + SayLooks(f.Looks) }

// Say implements Fact.
func (f EvidenceTaken) Say() string { return "evidence kept: " + f.Name }

// Say implements Fact.
func (f LinesKept) Say() string {
	text := "kept of the logs, about " + f.Account + ": " + words.Count(len(f.Lines), "line", "lines")
	if len(f.Lines) > 0 {
		text += ", from " + f.Lines[0].Where() + " on"
	}
	return text
}

// Say implements Fact.
func (f Planned) Say() string {
	return fmt.Sprintf("planned to move %s (%s) that match %s", words.Messages(f.Count), humanize.Bytes(uint64(f.Bytes)), f.Query)
}

// Say implements Fact.
func (f Moved) Say() string {
	verb := "moved into the quarantine"
	if f.Dry {
		verb = "would be moved into the quarantine (dry run)"
	}
	s := fmt.Sprintf("%s %s, %s", words.Messages(f.Moved), verb, humanize.Bytes(uint64(f.Bytes)))
	if f.Stopped {
		s += ", stopped part way"
	}
	return words.Join(s, skipped(f.Skipped))
}

// Say implements Fact.
func (f PutBack) Say() string {
	return words.Join(words.Messages(f.Restored)+" put back into the spool", skipped(f.Skipped))
}

// Say implements Fact.
func (f ResetChanged) Say() string {
	what := "password of " + f.Account
	if f.Disable {
		what = "account " + f.Account + ", to be disabled"
	}
	if f.Begun {
		return what + ": the server is asked to change it now"
	}
	return words.Join(fmt.Sprintf("%s: %s", what, f.State.words(f.Dry)), f.Detail)
}

// Say implements Fact.
func (f MailboxRead) Say() string {
	if n := len(f.Mailbox.Forwarding.Addresses); n > 0 {
		return fmt.Sprintf("mailbox %s was read: it forwards to %s", f.Mailbox.Account, strings.Join(f.Mailbox.Forwarding.Addresses, ", "))
	}
	return fmt.Sprintf("mailbox %s was read", f.Mailbox.Account)
}

// Say implements Fact.
func (f ForwardingChanged) Say() string {
	state := f.State.String()
	if f.Dry && f.State == ForwardingRemoved {
		state = "would be removed (dry run)"
	}
	return words.Join(fmt.Sprintf("forwarding of %s: %s", f.Account, state), strings.Join(f.Addresses, ", "))
}

// Say implements Fact.
func (f Relapsed) Say() string { return "the spam is back: " + f.Why }

// Say implements Fact.
func (f OwnerWasTold) Say() string {
	if f.Others {
		return "those who have to know were told: " + f.How
	}
	return "the owner was told: " + f.How
}

// Say implements Fact.
func (f WatchBegan) Say() string {
	text := "watching that the server stays quiet, until about " + f.Until.Local().Format("15:04:05")
	if f.Why != "" {
		text = f.Why + "; " + text
	}
	return text
}

// Say implements Fact.
func (f FoundQuiet) Say() string {
	if f.Dry {
		return "the server would be watched until it is quiet (dry run)"
	}
	if f.Judged != "" {
		return "the operator judges the server quiet: " + f.Judged
	}
	return "the server stayed quiet for the whole waiting time"
}

// Say implements Fact.
func (f ListingChanged) Say() string {
	s := fmt.Sprintf("%s on %s: %s", f.IP, f.List, f.State)
	if f.Ticket != "" {
		s += ", ticket " + f.Ticket
	}
	return words.Join(s, f.Why)
}

// Say implements Fact.
func (f Noted) Say() string { return "note: " + f.Text }

// Say implements Fact.
func (f LeftToDo) Say() string { return "still to do by hand: " + f.Text }

// Say implements Fact.
func (f IncidentClosed) Say() string { return words.Join("incident closed", f.Report) }

// skipped tells what was left, by reason: "2 left: 1 locked, 1 vanished".
func skipped(counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s left: %s", humanize.Comma(int64(total(counts))), Reasons(counts))
}

// Reasons tells how many messages were left where they were, and for which reason each.
func Reasons(counts map[string]int) string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %s", humanize.Comma(int64(counts[reason])), reason))
	}
	return strings.Join(parts, ", ")
}

// splitWords makes "reset password" of "ResetPassword".
func splitWords(name string) string {
	var b strings.Builder
	capital := func(i int) bool { return i >= 0 && i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	for i, r := range name {
		if capital(i) {
			if i > 0 && !capital(i-1) {
				b.WriteByte(' ')
			}
			if !capital(i-1) && !capital(i+1) { // else it is an abbreviation, such as HELO
				r += 'a' - 'A'
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
