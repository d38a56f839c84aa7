package steps

import (
	"cmp"
	"fmt"
	"strings"

	"delist/steps/incident"
	"delist/steps/words"
)

// Page is what a step says: the same facts and words for every face. What can be done stands in ActionsFor.
type Page struct {
	Step    incident.Step
	Purpose string   // one sentence
	Alarm   string   // what must not be overlooked
	Facts   []Fact   // a name and what is known of it
	Advice  []string // paragraphs, the most important first
	Lists   []List   // of sentences, such as what is still to do by hand
	Words   []Fact   // words that an operator may not know
}

// Fact is a name and what is known of it. One without a value is left out.
type Fact struct{ Name, Value string }

// List is a title and sentences below it.
type List struct {
	Title string
	Items []string
}

// Page is what a step says now.
func (s *State) Page(step incident.Step) Page {
	p := Page{Step: step, Purpose: step.Purpose(), Words: glossary[step]}
	switch step {
	case incident.Look:
		s.lookPage(&p)
	case incident.Stop:
		s.stopPage(&p)
	case incident.Purge:
		s.purgePage(&p)
	case incident.Reset:
		s.resetPage(&p)
	case incident.Restart:
		s.restartPage(&p)
	case incident.Notify:
		s.notifyPage(&p)
	case incident.Verify:
		s.verifyPage(&p)
	case incident.Delist:
		s.delistPage(&p)
	case incident.Close:
		s.closePage(&p)
	}
	return p
}

func (p *Page) fact(name string, parts ...string) {
	if value := words.Join(parts...); value != "" {
		p.Facts = append(p.Facts, Fact{name, value})
	}
}

func (p *Page) say(texts ...string) {
	for _, text := range texts {
		if text != "" {
			p.Advice = append(p.Advice, text)
		}
	}
}

// Head is the first line of every screen: what must not be overlooked, and where one is.
type Head struct {
	Who    string   // the server and its addresses
	Alarms []string // MAIL DOWN, how many messages are outside, what is not real
	Where  string   // the incident, its round and its age
}

// Head is the head of every screen.
func (s *State) Head() Head {
	inc := &s.Incident
	who := []string{inc.Host}
	for _, ip := range inc.Addresses {
		who = append(who, ip.String())
	}
	h := Head{Who: strings.Join(who, "  ")}
	alarm := func(is bool, text string) {
		if is {
			h.Alarms = append(h.Alarms, text)
		}
	}
	alarm(!inc.MailDown.IsZero(), "MAIL DOWN "+words.Age(s.Now.Sub(inc.MailDown)))
	alarm(inc.Aside.Dir != "", words.Number(inc.Aside.Outside)+" OUTSIDE")
	alarm(inc.Mode.Drill, "DRILL")
	alarm(inc.Mode.DryRun, "DRY RUN")
	alarm(inc.LooksOnly(), "READ ONLY")
	if inc.ID != "" {
		round := ""
		if inc.Round > 1 {
			round = fmt.Sprintf("round %d", inc.Round)
		}
		h.Where = words.JoinBy("  ", round, "incident "+inc.ID+", "+words.Age(s.Now.Sub(inc.Opened)))
	}
	return h
}

// result is what came of a step so far, as a sentence; empty while nothing did.
func (s *State) result(step incident.Step) string {
	st := s.Incident.Steps[step]
	if st.State == incident.ToDo && st.Reason == "" && st.Result == "" || st.State == incident.Running && st.Reason == "" && st.Result == "" {
		return ""
	}
	came := words.JoinBy("; ", st.Result, st.Reason, incident.SayLooks(st.Seen))
	if st.State == incident.Running {
		return words.Sentence(came)
	}
	return words.Sentence(words.JoinBy(": ", st.State.String(), came))
}

func (s *State) serviceFacts(p *Page) {
	live := &s.Live
	seen := live.Service.State.String()
	if live.Service.At.IsZero() {
		seen = "not looked at yet"
	} else {
		seen += ", " + words.Ago(s.Now.Sub(live.Service.At))
	}
	p.fact("service", s.Incident.Service)
	if live.Control != NoService {
		p.fact("it is", seen)
	}
	p.fact("", live.Service.Detail)
	p.fact("cannot look", live.ServiceErr)
	api := "answers"
	switch {
	case live.ByHand:
		api = ""
	case live.Service.State == ServiceStopped:
		api = "not reached while mail is stopped"
	case live.APIErr != "":
		api = "does not answer: " + live.APIErr
	case !live.APIReady:
		api = "not asked yet"
	}
	p.fact("accounts by", s.Incident.Mailboxes, api)
}

func (s *State) stopPage(p *Page) {
	inc := &s.Incident
	s.serviceFacts(p)
	p.say(s.readyText(true)...)
	p.say(s.result(incident.Stop))
	if inc.Steps[incident.Stop].State == incident.Done && !inc.MailDown.IsZero() {
		text := "Mail has been down since " + words.Clock(inc.MailDown, s.Now) + ". Other servers keep their mail for you and try again, most for two days and more. " +
			"Nothing moves in the spool now: it is safe to search it and to move messages."
		if most := s.Settings.SuggestAside; most > 0 && s.Now.Sub(inc.MailDown) > most {
			text += " It has been down for long: move the clear spam only, go on, and look at the rest later."
		}
		p.say(text)
		return
	}
	switch s.Live.Control {
	case ByHand:
		then := "Begin here, also if it is stopped already: the next key says that it is."
		if s.Incident.Steps[incident.Stop].State == incident.Running {
			then = handCheck
		}
		p.say(cmp.Or(s.Settings.HowTo.Stop, handStop), then)
	case NoService:
		p.say("There is no mail service here to stop (--service none). If the spool belongs to another server, stop mail there first: what is moved here is moved on this copy only.")
	default:
		p.say("A large spool can take up to ten minutes to stop; delist waits and shows what it sees.")
	}
	p.say("Stopping ends the spam at once, and all other mail of this server with it. Senders elsewhere keep their mail and try again. Users cannot send or read until Restart.")
	p.say(s.readyText(false)...)
}

// What to click or type where the operator turns mail off and on.
const (
	handStop  = "To stop it. Windows: services.msc, SmarterMail Service (MailService), Stop; or as administrator: net stop MailService. Linux: sudo systemctl stop smartermail."
	handStart = "To start it. Windows: services.msc, SmarterMail Service (MailService), Start; or as administrator: net start MailService. Linux: sudo systemctl start smartermail."
	handCheck = "Then say so. delist looks whether a mail port still answers here, who has spool files open, and whether new files come."
)

func (s *State) purgePage(p *Page) {
	if text := s.SpamElsewhere(); text != "" {
		p.say(text)
	}
	s.asideFact(p)
	if why := s.notStopped(); why != "" && s.Live.Aside == nil && !s.Incident.Steps[incident.Purge].State.Passed() {
		p.Alarm = words.Sentence(why)
	}
	if s.Live.SpoolErr != "" && s.Live.Aside == nil {
		p.Alarm = words.JoinBy(" ", p.Alarm, "The spool cannot be read now: "+s.Live.SpoolErr+". What is shown is as it was when it could.")
	}
	p.say(s.result(incident.Purge))
	searching := s.Live.Results != nil && s.Live.Results.Query.String() == s.nextQuery()
	if next := s.nextQuery(); next != "" && !searching && s.moved() > 0 && s.Live.Plan == nil && s.Incident.Steps[incident.Purge].State == incident.ToDo {
		p.say("Still to search for: " + next + ".")
	}
	if s.allStuck() {
		p.say("Trying again moved none of them. Look what keeps them, rights or a program that has them open, or leave them there with a reason: they go out after Restart.")
	}
	if n := s.Live.Counts.Answers; n > 0 && s.Live.Aside == nil {
		how := "search for " + answersQuery + ", and move them too."
		if r := s.Live.Results; r != nil && r.Query.String() == answersQuery {
			how = "move them too."
		}
		p.say(words.Count(n, "bounce or answer of ours goes", "bounces and answers of ours go") + " to senders that the spam forged. They answer the spam: " + how)
	}
	if r := s.Live.Results; r != nil {
		p.say(r.Query.SayEncoded())
	}
	if n := s.unreadBehind(); n > 0 && s.Live.Results == nil {
		p.say(words.Count(n, "message", "messages") + " could not be read or not be understood. Search for class:unread to see what they hold.")
	}
	w := s.Waiting()
	if s.Live.Aside == nil && w.Backlog(s.Settings) && s.Live.Results == nil {
		still := "Not explained, and still in the spool: "
		if s.causesText() != "" {
			still = "Still in the spool, and taken for spam: "
		}
		p.say(still + w.sayOpen() + ".")
	}
	for i := range w.Unexplained { // it may be wanted mail: somebody asks before it moves
		u, r := &w.Unexplained[i], s.Live.Results
		if u.Class == incident.Newsletter && (r == nil || r.Query.String() == u.Query) {
			p.say(u.say())
		}
	}
}

// asideFact shows the spool set aside as a second one, until all of it is back.
func (s *State) asideFact(p *Page) {
	aside := s.Incident.Aside
	if aside.Dir == "" {
		return
	}
	spam := ""
	if s.Live.AsideSpam > 0 {
		spam = words.Number(s.Live.AsideSpam) + " of the spam"
	}
	p.fact("set aside", words.Messages(aside.Outside)+" outside", spam, aside.Dir)
	if len(aside.Stuck) > 0 {
		p.fact("in the way", strings.Join(aside.Stuck, "; "))
	}
}

func (s *State) notifyPage(p *Page) {
	p.fact("accounts", s.passwordsText())
	told := cmp.Or(s.Incident.Told, "not yet")
	if len(s.Incident.Suspects) == 0 {
		p.Purpose = "tell whoever looks after what sent the spam."
		p.fact("told", told)
		s.causeFacts(p)
		switch {
		case len(s.Incident.Causes) > 0:
			p.say("No account was marked as stolen. Whoever looks after what was found has to know of it: the letter says what to do.")
		case len(s.Incident.Strangers()) > 0:
			p.say("No mailbox was seen to be used: a program on this machine sent past the mail service. Whoever looks after the machine has to know of it; if that is you, go on. The letter says what was found and what to do.")
		default:
			p.say(words.Sentence(s.Incident.NothingFound()) + " There is nobody to tell yet.")
		}
		p.say(s.result(incident.Notify))
		return
	}
	p.fact("owner told", told)
	p.say("Call the owner: the new password goes by phone, never by mail. The computer that knows the old one has to be cleaned first, or the new password is stolen as well. The letter has all of it.")
	p.say(s.result(incident.Notify))
}

func (s *State) delistPage(p *Page) {
	if len(s.Incident.Listings) == 0 {
		p.say(s.noListing())
	}
	if len(s.Incident.Listings) > 0 {
		p.Alarm = strings.TrimSpace(s.NotYet())
	}
}

// NotYet heads whatever leads to a request for removal, while it is too early; empty once it is not.
func (s *State) NotYet() string {
	why := s.tooEarly()
	if why == "" {
		return ""
	}
	return "NOT YET: " + why + ". A list that is asked too early puts the address back, for up to a month.\n"
}

// noListing says what it means that there is nothing on the worklist, and what to do.
func (s *State) noListing() string {
	inc := &s.Incident
	switch {
	case len(inc.Addresses) == 0:
		return inc.NoListing() + " Start delist with --ip ADDRESS."
	case inc.Unheard():
		return inc.NoListing() + " Look the lists up again; if that stays so, start delist with --resolver ADDRESS, another one than now."
	case inc.Asked.IsZero() || len(inc.NoAnswer) > 0:
		return inc.NoListing()
	}
	return inc.NoListing() + " There is nothing to ask for."
}

func (s *State) closePage(p *Page) {
	inc := &s.Incident
	if !inc.Closed.IsZero() {
		p.fact("closed", words.Day(inc.Closed))
		p.fact("the record", inc.ReportAt)
	} else {
		for step := incident.Look; step < incident.Close; step++ {
			st := inc.Steps[step]
			p.fact(step.String(), words.JoinBy(": ", st.State.String(), words.JoinBy("; ", st.Result, st.Reason)))
		}
		s.asideFact(p)
	}
	p.Lists = append(p.Lists, List{"STILL TO DO BY HAND", inc.StillToDo()})
}

// readyText says what would fail with mail down, each with its remedy: what stands in the way, or what is to be known.
func (s *State) readyText(inTheWay bool) []string {
	if !s.Incident.MailDown.IsZero() || s.Incident.Steps[incident.Stop].State.Passed() {
		return nil
	}
	var said []string
	for _, r := range s.Live.Unready() {
		if (r.State == NotReady) == inTheWay {
			said = append(said, words.JoinBy(" ", r.Sentence, r.Remedy))
		}
	}
	return said
}

// Leaving says what it means when delist ends now; empty when it means nothing.
func (s *State) Leaving() string {
	var parts []string
	if !s.Incident.MailDown.IsZero() {
		parts = append(parts, "MAIL STAYS DOWN for everybody on this server until Restart.")
	}
	if unseen := s.Unseen(); len(unseen) > 0 {
		parts = append(parts, fmt.Sprintf("NOBODY HAS SEEN THE NEW PASSWORD of %s, and it is kept in memory only: show it first, or another one has to be made.", strings.Join(unseen, ", ")))
	} else if kept := s.keptPasswords(); len(kept) > 0 {
		parts = append(parts, fmt.Sprintf("The new password of %s cannot be shown again after that: write it down, if you have not.", strings.Join(kept, ", ")))
	}
	if s.heldPassword() {
		parts = append(parts, "The new password is held in memory only and is lost: Reset will be to do again.")
	}
	parts = append(parts, s.outsideText())
	if s.Live.Watched != nil {
		parts = append(parts, "Nobody watches while delist is away: that time does not count.")
	}
	return words.JoinBy(" ", parts...)
}

// Gone is what has become of it, for the line that stays on the terminal; empty where nothing has.
func (s *State) Gone() string {
	var parts []string
	if !s.Incident.MailDown.IsZero() {
		parts = append(parts, "MAIL IS DOWN for everybody on this server until Restart.")
	}
	if unseen := s.Unseen(); len(unseen) > 0 {
		parts = append(parts, fmt.Sprintf("Nobody has seen the new password of %s: another one has to be made.", strings.Join(unseen, ", ")))
	}
	if s.heldPassword() {
		parts = append(parts, "The new password that was held is lost: Reset is to do again.")
	}
	return words.JoinBy(" ", append(parts, s.outsideText())...)
}

// outsideText says how much mail waits outside the spool; empty where none does.
func (s *State) outsideText() string {
	n := s.Incident.Aside.Outside
	if s.Incident.Aside.Dir == "" || n == 0 {
		return ""
	}
	return words.Count(n, "message is", "messages are") + " still outside, and not delivered until Purge has put all back."
}

// keptPasswords are the accounts whose new password is set and can still be shown.
func (s *State) keptPasswords() []string {
	var names []string
	for _, account := range s.Live.Known {
		if p := s.Incident.Suspect(account); p != nil && p.Reset == incident.ResetDone && !p.Disable {
			names = append(names, account)
		}
	}
	return names
}
