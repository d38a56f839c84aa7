package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"delist/checks/traffic"
	"delist/spool"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

// explain finds the causes of what waits in a snapshot.
func explain(snap *spool.Snapshot, inc *incident.Incident, report *traffic.Report) cause.Findings {
	tells := len(inc.Causes)+len(inc.Suspects)+len(inc.Explained) > 0 // it told before
	known := cause.Known{Tells: tells, Here: cause.Here(snap, report), Own: inc.Addresses, Forged: asSet(inc.Forged), Logs: report}
	found := cause.Find(snap, known)
	if inc.MailDown.IsZero() { // what comes is judged by how much it is
		return found
	}
	return append(found, known.Left(snap, inc.Causes, found)...)
}

// explained finds them, unless nothing that they rest on has changed since the look before.
func (r *Runbook) explained(after *spool.Snapshot, same bool) cause.Findings {
	s := r.State()
	rests := restsOn{s.Live.Traffic, len(s.Incident.Forged), len(s.Incident.Causes), !s.Incident.MailDown.IsZero()}
	r.mu.Lock()
	known := same && rests == r.foundOn
	r.foundOn = rests
	r.mu.Unlock()
	if known {
		return s.Live.Found
	}
	return explain(after, &s.Incident, s.Live.Traffic)
}

// restsOn is what the causes rest on, beside the spool.
type restsOn struct {
	logs           *traffic.Report
	forged, causes int
	down           bool
}

// knownWeighs is how much less of the spool mail of a known class has to be than mail of none.
const knownWeighs = 5

// Weighs says that so many messages of a class, of all that wait, are taken for spam. Nobody relays without a log-in in
// good order; but some bounces, some posts of a list, some forwarded mail wait on any large server.
func (s Settings) Weighs(class incident.Class, n, total int) bool {
	switch {
	case !class.ByHand():
		return false
	case class == incident.Relay:
		return true
	}
	return n >= s.BacklogMessages && knownWeighs*float64(n) >= s.BacklogShare*float64(total)
}

// nameCauses marks the accounts that look stolen, and keeps the other causes in the record. The operator can take back
// both.
func (r *Runbook) nameCauses(snap *spool.Snapshot, found cause.Findings, accounts bool) error {
	inc := r.State().Incident
	for i := range found {
		f := &found[i]
		switch {
		case f.Class == incident.StolenAccount && accounts:
			if inc.Suspect(f.Name) != nil || slices.Contains(inc.Unmarked, f.Name) {
				continue
			}
			if err := r.record(markOf(snap, f.Name, f.Why)); err != nil {
				return err
			}
		case r.settings.Weighs(f.Class, f.Count, snap.Len()) && inc.Cause(f.Name) == nil && inc.Suspect(f.Name) == nil && inc.ExplainedBy(f.Name) == nil && inc.Closed.IsZero():
			if err := r.record(incident.CauseFound{Cause: f.Cause, Forged: f.Forged}); err != nil {
				return err
			}
		}
	}
	return nil
}

// causesText tells what explains the most of what waits, and the way on; empty where no class does.
func (s *State) causesText() string {
	w := s.Waiting()
	var told []string
	for _, u := range w.Unexplained {
		if u.Class != incident.NotExplained && u.Class != incident.StolenAccount {
			told = append(told, u.say())
		}
	}
	if len(told) == 0 {
		return ""
	}
	if more := len(told) - 1; more > 0 {
		told[0] += " " + words.Count(more, "more cause was found.", "more causes were found.")
	}
	return told[0]
}

// say tells what the mail looks like, the way on, and the evidence, which a small window may cut.
func (u *Unexplained) say() string {
	return fmt.Sprintf("%s, it seems from %s. %s Seen: %s.", words.Messages(u.Count), u.from(), u.Class.WayOn(), u.Why)
}

// from says where mail of a class comes from: "a client that relays without logging in (10.20.0.7)".
func (u *Unexplained) from() string {
	c := incident.Cause{Class: u.Class, Name: u.Row}
	return c.About()
}

// SayRemedied is the operator's word for what was done about a cause that delist cannot end. A program that speaks right
// now was not ended.
func (in SayRemedied) refusal(s *State) string {
	c, p := s.Incident.Cause(in.Name), s.Incident.SpeakerAt(in.Name)
	switch {
	case c == nil && p == nil:
		return "no such cause was found"
	case c != nil && c.Remedied != "" || c == nil && p.Remedied != "":
		return "what was done about " + in.Name + " is in the record already"
	case c == nil && slices.ContainsFunc(s.Speaking(), p.Same):
		return p.Key() + " still speaks to mail servers elsewhere; end it first: " + s.toEnd(p.Program)
	}
	return needsReason(in.Word)
}

func (in SayRemedied) act(_ context.Context, r *Runbook) error {
	inc := r.State().Incident
	var fact incident.Fact = incident.CauseRemedied{Name: in.Name, Word: strings.TrimSpace(in.Word)}
	if inc.Cause(in.Name) == nil {
		fact = incident.SpeakerRemedied{Row: in.Name, Word: strings.TrimSpace(in.Word)}
	}
	if err := r.record(fact); err != nil {
		return err
	}
	return r.resetStep()
}

// remedyAction takes the operator's word for what was done about the first cause that is open; there may be none.
func (s *State) remedyAction(about Answer) (remedy Action, open bool) {
	c := s.Incident.OpenCause()
	if c == nil {
		return s.endedAction(about)
	}
	return s.offer(Action{
		ID: ActRemedied, Label: "it is put right: " + c.Name, Ask: AskReason, Prompt: "What was done about " + c.Name + ", and by whom?",
		About:  "delist cannot do this for you. " + c.Class.WayOn() + wordKept,
		Intent: func(a Answer) Intent { return SayRemedied{Name: c.Name, Word: a.Text} },
	}, about), true
}

// wordKept ends what is said of the operator's word for a remedy.
const wordKept = " Your word goes into the record, and the texts for the lists rest on it."

// foundFacts put on a page what was found beside stolen accounts, and what was done about it.
func (s *State) foundFacts(p *Page) {
	for i := range s.Incident.Causes {
		c := &s.Incident.Causes[i]
		done := "not put right yet"
		if c.Remedied != "" {
			done = "put right, says " + c.By + ": " + c.Remedied
		}
		p.fact("cause", c.About(), done)
	}
	for _, q := range s.Incident.Strangers() {
		p.fact("program", q.Key(), s.sayEnded(&q))
	}
}

// causeFacts add to them the evidence for what is open, and the way on.
func (s *State) causeFacts(p *Page) {
	s.foundFacts(p)
	if c := s.Incident.OpenCause(); c != nil {
		p.fact("why", strings.Join(c.Why, ", "))
		p.say(c.Class.WayOn())
	}
}
