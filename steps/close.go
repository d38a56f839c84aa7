package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

func (s *State) closeActions() []Action {
	return []Action{{
		ID: ActClose, Label: "write the report and close", Recommended: s.refusal(CloseIncident{}) == "", Ask: AskYes, Refused: s.refusal(CloseIncident{}),
		About:  "The report is written into the incident's folder. The quarantine and the record stay.",
		Intent: func(Answer) Intent { return CloseIncident{} },
	}}
}

func (s *State) closeRefusal() string {
	inc := &s.Incident
	if !inc.Closed.IsZero() {
		return "this incident is closed already"
	}
	if !inc.MailDown.IsZero() {
		return "mail is still stopped; do Restart first"
	}
	if inc.Aside.Dir != "" {
		return fmt.Sprintf("%s are still outside, in %s; put them back in Purge first", messages(inc.Aside.Outside), inc.Aside.Dir)
	}
	for step := Look; step < Close; step++ {
		if st := inc.Steps[step].State; !st.Passed() || st == Held {
			return fmt.Sprintf("%s is %s; finish it, or skip it with a reason", step, st)
		}
	}
	return ""
}

// hardening is what every incident of this kind leaves to do: it needs the operator's judgement, so it is never done by itself.
var hardening = []string{
	"in SmarterMail, add a System event of type Spool Count that mails you when the spool grows",
	"in SmarterMail, Settings, Security, Password: require length, numbers, capitals and symbols; prevent common passwords",
	"in SmarterMail, set Outgoing Messages per Hour for the domain (Priority and Throttling), action Reject",
}

// laterDelete is left to do where messages were moved.
const laterDelete = "delete the quarantine once nobody asks for a message in it any more, by `delist quarantine --delete` and the incident's name"

// Undone is what the steps left undone, the worst first: what was passed over is still to be done by somebody.
func (inc *Incident) Undone() []string {
	var undone []string
	if inc.Steps[Stop].State == Skipped && len(inc.ResetsPending()) > 0 {
		undone = append(undone, "stop the spam: mail was not stopped, and the stolen password works; start delist again as somebody who may stop this server")
	}
	for _, p := range inc.ResetsPending() {
		undone = append(undone, fmt.Sprintf("give %s a new password: it is %s", p.Account, p.Reset))
	}
	for _, p := range inc.Suspects {
		if p.Mailbox != nil && len(p.Mailbox.Forwarding.Addresses) > 0 && p.Forwarding != ForwardingRemoved && p.Forwarding != ForwardingKept {
			undone = append(undone, fmt.Sprintf("ask the owner of %s about the forwarding to %s, and remove it if it is not theirs",
				p.Account, strings.Join(p.Mailbox.Forwarding.Addresses, ", ")))
		}
	}
	return undone
}

// StillToDo is all that is left to do by hand, for the screen: what was left undone, the lists to ask, and the follow-up.
func (inc *Incident) StillToDo() []string {
	todo := inc.Undone()
	for _, l := range inc.Worklist() {
		if l.State == ListingToDo && l.Gone.IsZero() && !l.Nothing() {
			todo = append(todo, fmt.Sprintf("ask %s to remove %s, once the server is quiet", l.List, l.IP))
		}
	}
	return append(todo, inc.FollowUps...)
}

// closeIncident writes the report and ends the incident.
func (r *Runbook) closeIncident(ctx context.Context) error {
	todo := hardening
	if s := r.State(); s.moved() > 0 {
		todo = append(slices.Clip(todo), laterDelete)
	}
	for _, text := range todo {
		if err := r.record(LeftToDo{text}); err != nil {
			return err
		}
	}
	r.doing(&Doing{What: "write the report"})
	s := r.State()
	path, err := r.hands.Reporter.Write(ctx, r.dir, s.Incident, r.Records())
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return r.record(IncidentClosed{Report: path})
}

// note keeps the operator's own sentence; it may be taken while something else runs.
func (r *Runbook) note(in AddNote) error {
	if why := needsReason(in.Text); why != "" {
		return &Refusal{"an empty note says nothing; write a sentence"}
	}
	return r.record(Noted{in.Text})
}
