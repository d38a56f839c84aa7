package steps

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"delist/checks/outbound"
	"delist/steps/incident"
	"delist/steps/words"
)

// Outbound looks who on this machine speaks to mail servers elsewhere.
type Outbound interface {
	Sample(ctx context.Context) (outbound.Sample, error)
}

// OutboundLook is a look, or some, at who speaks to mail servers elsewhere, beside the mail service.
type OutboundLook struct {
	At     time.Time          `json:"at"`
	Looks  int                `json:"looks"`
	Err    string             `json:"error,omitempty"` // why nothing was seen; empty when something was
	Others []outbound.Program `json:"programs"`        // that are not the mail service
	Hidden int                `json:"hidden"`          // connections of which the program cannot be seen
	Ended  int                `json:"ended"`           // connections that were over
	Unseen []string           `json:"unseen"`          // what could not be looked at, a sentence each
}

// Blind says that it cannot be told who speaks, and that another look will not tell either.
func (l *OutboundLook) Blind() bool { return l.Err != "" || l.Hidden > 0 && len(l.Unseen) > 0 }

// LookOutbound takes one look. pid is the mail service's process as last seen; it may have been started or stopped since,
// so that the service is asked where somebody else seems to speak.
func LookOutbound(ctx context.Context, eyes Outbound, service Service, pid int) OutboundLook {
	sample, err := eyes.Sample(ctx)
	look := OutboundLook{At: sample.At, Looks: 1, Others: []outbound.Program{}, Ended: sample.Ended, Unseen: append([]string{}, sample.Unseen...)}
	if err != nil {
		look.Err = err.Error()
		return look
	}
	known := func(p outbound.Program, pid int) bool { return p.IsMail() || p.Known() && p.PID == pid }
	others := slices.DeleteFunc(slices.Clone(sample.Programs), func(p outbound.Program) bool { return known(p, pid) })
	if slices.ContainsFunc(others, outbound.Program.Known) {
		if report, err := service.Look(ctx); err == nil {
			others = slices.DeleteFunc(others, func(p outbound.Program) bool { return known(p, report.PID) })
		}
	}
	for _, p := range others {
		if p.Known() {
			look.Others = append(look.Others, p)
		} else {
			look.Hidden += p.Connections
		}
	}
	return look
}

// And adds what was seen at another look after it.
func (l OutboundLook) And(later OutboundLook) OutboundLook {
	all := later
	all.Looks += l.Looks
	all.Hidden, all.Ended = max(l.Hidden, later.Hidden), max(l.Ended, later.Ended)
	for _, p := range l.Others {
		if !slices.ContainsFunc(later.Others, p.Same) {
			all.Others = append(all.Others, p)
		}
	}
	for _, u := range l.Unseen {
		if !slices.Contains(later.Unseen, u) {
			all.Unseen = append(all.Unseen, u)
		}
	}
	return all
}

// Say says what was seen in one line, where these programs count.
func (l *OutboundLook) Say(speaking []outbound.Program) string {
	if l.Err != "" {
		return "who speaks to port 25 is not known: " + l.Err
	}
	what := "no program but the mail service is seen to speak to port 25"
	switch {
	case len(speaking) > 0:
		what = incident.SayProgram(speaking[0]) + " speaks to port 25, and is not the mail service"
		if more := len(speaking) - 1; more > 0 {
			what += ", and " + words.Count(more, "more program does", "more programs do")
		}
	case l.Hidden > 0:
		what = "who speaks to port 25 is not known"
	}
	hidden, ended := "", ""
	if l.Hidden > 0 {
		hidden = words.Count(l.Hidden, "connection", "connections") + " of a program that cannot be seen"
	}
	if l.Ended > 0 {
		ended = words.Number(l.Ended) + " had just ended"
	}
	return words.Join(what, hidden, ended, words.Count(l.Looks, "look", "looks"))
}

// Sentences say it, and what could not be looked at.
func (l *OutboundLook) Sentences() string {
	return strings.Join(append([]string{words.Sentence(l.Say(l.Others))}, l.Unseen...), " ")
}

// lookOutbound takes one look, and writes down who is new.
func (r *Runbook) lookOutbound(ctx context.Context) {
	began := r.hands.Clock()
	looking, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	now := LookOutbound(looking, r.hands.Outbound, r.hands.Service, r.State().Live.Service.PID)
	if ctx.Err() != nil {
		return
	}
	// The record first: whoever is seen to speak has to be asked about by then.
	heard := r.heardSpeakers(now.Others)
	r.see(func(l *Live) {
		if l.Outbound != nil {
			now.Looks += l.Outbound.Looks
		}
		l.Outbound = &now
	})
	switch {
	case now.Blind():
		r.cannotSee(atOutbound)
	case now.Hidden > 0:
		r.sawNothing(atOutbound)
	default:
		r.saw(atOutbound, r.hands.Clock().Sub(began)+r.between(r.settings.OutboundEvery))
	}
	if heard == nil {
		heard = r.quietNoMore()
	}
	if s := r.State(); heard == nil {
		heard = r.holdUp(&s, r.hands.Clock())
	}
	if heard != nil {
		r.say(heard.Error())
	}
}

// heardSpeakers writes down who speaks, where that is news.
func (r *Runbook) heardSpeakers(others []outbound.Program) error {
	for _, p := range others {
		if s := r.State(); s.news(p) {
			if err := r.record(incident.SpeakerSeen{Program: p}); err != nil {
				return err
			}
		}
	}
	return nil
}

// quietNoMore begins the waiting time of Verify again where it had found the server quiet, and a program speaks.
func (r *Runbook) quietNoMore() error {
	again := func() string {
		s := r.State()
		if !s.Incident.MailDown.IsZero() || !s.Incident.Closed.IsZero() || s.Incident.Mode.DryRun ||
			s.Incident.Steps[incident.Restart].State == incident.Running { // whose own waiting time comes first
			return ""
		}
		return s.speaksAgain()
	}
	if again() == "" || !r.acting.takeNow() { // the next look tries again
		return nil
	}
	defer r.acting.leave()
	inc := r.State().Incident
	if why := again(); why != "" {
		_, err := r.beginWatchIf(func(now *incident.Incident) bool { return now.Round == inc.Round && now.MailDown.IsZero() }, incident.Verify, why)
		return err
	}
	return nil
}

// maxSpeakers bounds the programs in the record.
const maxSpeakers = 100

// news says that a program has to be written down: it is new, or it speaks again after it was taken for quiet, or ended.
func (s *State) news(p outbound.Program) bool {
	inc := &s.Incident
	known := inc.Speaker(p)
	verify := inc.Steps[incident.Verify]
	switch {
	case !inc.Closed.IsZero(), known == nil && len(inc.Speakers) >= maxSpeakers:
		return false
	case known == nil, known.Remedied != "":
		return true
	}
	return verify.State == incident.Done && inc.Watch.Judged == "" && known.Last.Before(verify.Since)
}

// Speaking are the programs that speak right now, beside the mail service and what the operator knows.
func (s *State) Speaking() []outbound.Program {
	if s.Live.Outbound == nil {
		return nil
	}
	strangers := s.Incident.Strangers()
	return slices.DeleteFunc(slices.Clone(s.Live.Outbound.Others), func(p outbound.Program) bool {
		return !slices.ContainsFunc(strangers, func(known incident.Speaker) bool { return known.Same(p) })
	})
}

// speaksAgain is a program that speaks though Verify found the server quiet; empty when none does, and where the operator
// has judged it.
func (s *State) speaksAgain() string {
	speaking := s.Speaking()
	if len(speaking) == 0 || s.Incident.Steps[incident.Verify].State != incident.Done || s.Incident.Watch.Judged != "" {
		return ""
	}
	return incident.SayProgram(speaking[0]) + " speaks to mail servers elsewhere again"
}

// stillSpeaks is what holds Verify up: a program speaks past the mail service.
func (s *State) stillSpeaks(step incident.Step) string {
	speaking := s.Speaking()
	if step != incident.Verify || len(speaking) == 0 || s.Incident.Mode.DryRun {
		return ""
	}
	return incident.SayProgram(speaking[0]) + " speaks to mail servers elsewhere, past the mail service"
}

// seesOutbound says that looks at who speaks to mail servers elsewhere tell something.
func (l *Live) seesOutbound() bool { return l.Outbound != nil && !l.Outbound.Blind() }

// OutboundSays says what the newest look comes to, in one line; empty where nobody looks.
func (s *State) OutboundSays() string {
	if s.Live.Outbound == nil {
		return ""
	}
	return s.Live.Outbound.Say(s.Speaking())
}

// speakingAlarm names the program that speaks; empty where none does.
func (s *State) speakingAlarm() string {
	speaking := s.Speaking()
	if len(speaking) == 0 {
		return ""
	}
	return words.Sentence(incident.SayProgram(speaking[0]) + " speaks to mail servers elsewhere, and is not the mail service")
}

// strangerText tells of programs that speak past the mail service, and what to do about them, a paragraph each: small
// windows have room for the first. An alarm names the first that speaks.
func (s *State) strangerText() []string {
	speaking := s.Speaking()
	var said []string
	for i, p := range speaking {
		if slices.IndexFunc(speaking, p.Same) < i { // another process of it
			continue
		}
		what := "If nobody knows it, end it, in another window:"
		if i > 0 {
			what = incident.SayProgram(p) + " speaks to mail servers elsewhere, too. To end it:"
		}
		if end := s.toEnd(p); s.Settings.HowTo.EndProgram != "" { // it is long, and to be copied whole
			said = append(said, what, end)
		} else {
			said = append(said, what+" "+end)
		}
	}
	if len(speaking) > 0 {
		said = append(said, "If you know it, as a relay or a scanner, say so. What it sends, to "+speaking[0].Remote.String()+
			", is in no spool and no log, and stopping mail does not stop it. Find out what started it, or it comes back.")
	}
	for _, p := range s.Incident.Strangers() {
		if slices.ContainsFunc(speaking, p.Same) {
			continue
		}
		what := "What it sent is in no spool and no log. Find out what started it, or it comes back."
		if p.Remedied != "" {
			what = words.Sentence("it was " + s.sayEnded(&p))
		}
		said = append(said, incident.SayProgram(p.Program)+" spoke to a mail server elsewhere, "+p.Remote.String()+", past the mail service, and is not seen to do so now. "+what)
	}
	return said
}

// toEnd is the command that ends a program, with all its processes that speak.
func (s *State) toEnd(p outbound.Program) string {
	if s.Settings.HowTo.EndProgram != "" {
		return s.Settings.HowTo.EndProgram
	}
	command, before := "kill", " "
	if runtime.GOOS == "windows" {
		command, before = "taskkill /F", " /PID "
	}
	for _, q := range s.Speaking() {
		if q.Same(p) {
			command += before + strconv.Itoa(q.PID)
		}
	}
	return command
}

// sayEnded says what was done about a program.
func (s *State) sayEnded(p *incident.Speaker) string {
	switch {
	case slices.ContainsFunc(s.Speaking(), p.Same):
		return "it still speaks"
	case p.Remedied != "":
		return "put right, says " + p.By + ": " + p.Remedied
	}
	return "it is not seen to speak now"
}

// endedAction takes the operator's word for what was done about the first program of which nobody has given it; there may
// be none.
func (s *State) endedAction(about Answer) (ended Action, open bool) {
	p := s.Incident.OpenStranger()
	if p == nil {
		return Action{}, false
	}
	return s.offer(Action{
		ID: ActRemedied, Label: "the program is ended", Ask: AskReason, Prompt: "What was done about " + p.Key() + ", and by whom?",
		About:  "delist ends no program." + wordKept,
		Intent: func(a Answer) Intent { return SayRemedied{Name: p.Row(), Word: a.Text} },
	}, about), true
}

// outboundUnseen tells what cannot be seen of who speaks to mail servers elsewhere.
func (s *State) outboundUnseen() []string {
	var said []string
	look := s.Live.Outbound
	if look != nil && look.Err != "" {
		said = append(said, words.Sentence(s.OutboundSays()))
	}
	if look != nil && look.Hidden > 0 {
		said = append(said, "Somebody speaks to mail servers elsewhere, and it cannot be seen which program: "+words.Count(look.Hidden, "connection", "connections")+".")
	}
	if look != nil {
		said = append(said, look.Unseen...)
	}
	return said
}

// knowAction is the operator's word for a program that speaks past the mail service.
func (s *State) knowAction(about Answer) Action {
	var program outbound.Program
	if strangers := s.Incident.Strangers(); len(strangers) > 0 {
		program = strangers[0].Program
	}
	if speaking := s.Speaking(); len(speaking) > 0 { // the one that the page names
		program = speaking[0]
	}
	row, label := incident.Speaker{Program: program}.Row(), "I know the program that speaks"
	if len(s.Speaking()) == 0 {
		label = "I know the program that spoke"
	}
	return s.offer(Action{ID: ActKnow, Label: label, Ask: AskReason, Prompt: "What is it, and how do you know?",
		About:  "It is " + incident.SayProgram(program) + ". What you know may go on speaking: it is not taken for the spam. Your word goes into the record.",
		Intent: func(a Answer) Intent { return Explain{Row: row, Word: a.Text} }}, about)
}
