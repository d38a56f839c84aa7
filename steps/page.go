package steps

import (
	"fmt"
	"strings"

	"delist/checks/resolver"
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
	alarm(inc.Mode.ReadOnly || inc.Permit == incident.MayNot, "READ ONLY")
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
	return words.Sentence(words.JoinBy(": ", st.State.String(), words.JoinBy("; ", st.Result, st.Reason, incident.SayLooks(st.Seen))))
}

func (s *State) lookPage(p *Page) {
	if f := s.Live.Preflight; f != nil && f.Kind != resolver.Good && f.Sentence != "" {
		p.say(words.JoinBy(" ", f.Sentence, f.Remedy))
	}
	if text := s.suspectText(); text != "" {
		p.say(text)
	} else if s.Live.Spool != nil {
		p.say("No account stands out in the spool.")
	}
	if s.Live.Spool != nil || s.Live.SpoolErr != "" {
		p.say(s.waitingText())
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
	p.say(s.readyText()...)
	for _, finding := range s.Incident.Bounces {
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
		return text
	}
	return ""
}

// waitingText says what of the mail that waits is explained, and what is not.
func (s *State) waitingText() string {
	w := s.Waiting()
	switch {
	case s.Live.SpoolErr != "":
		return "The spool cannot be read: " + s.Live.SpoolErr + ". What waits is not known."
	case !w.Whole:
		return "Not all of the spool could be read: there may be more than is shown."
	case w.Backlog(s.Settings):
		return "Not explained, and so taken for spam until somebody has looked: " + w.sayOpen() + "."
	case w.Open() > 0:
		return "Not explained: " + w.sayOpen() + "."
	}
	return ""
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
	p.fact("it is", seen)
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
		p.say(handStop, handCheck)
	case NoService:
		p.say("There is no mail service here to stop (--service none). If the spool belongs to another server, stop mail there first: what is moved here is moved on this copy only.")
	default:
		p.say("A large spool can take up to ten minutes to stop; delist waits and shows what it sees.")
	}
	p.say("Stopping ends the spam at once, and all other mail of this server with it. Senders elsewhere keep their mail and try again. Users cannot send or read until Restart.")
	p.say(s.readyText()...)
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
	p.say(s.result(incident.Purge))
	if n := s.Live.Counts.Answers; n > 0 && s.Live.Aside == nil {
		p.say(words.Count(n, "bounce of ours goes", "bounces of ours go") + " to senders that the spam forged. That answers the spam: move them too.")
	}
	w := s.Waiting()
	if s.Live.Aside == nil && w.Backlog(s.Settings) && s.Live.Results == nil {
		p.say("Not explained, and still in the spool: " + w.sayOpen() + ".")
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
		spam = words.Number(s.Live.AsideSpam) + " of marked accounts"
	}
	p.fact("set aside", words.Messages(aside.Outside)+" outside", spam, aside.Dir)
}

func (s *State) resetPage(p *Page) {
	suspect := s.nextReset()
	if suspect == nil && len(s.Incident.Suspects) > 0 {
		suspect = &s.Incident.Suspects[0]
	}
	if suspect == nil {
		p.say("No account is marked as stolen. Mark it in Look, or go on and say why no password is changed.")
		return
	}
	s.ResetFacts(p, suspect)
}

// ResetFacts put on a page what is known of a suspect's account, and what was done about it.
func (s *State) ResetFacts(p *Page, q *incident.Suspect) {
	p.Alarm, p.Facts, p.Advice = s.resetAlarm(q), nil, nil
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
	p.fact("why", strings.Join(q.Why, "; "))
	if q.ByHand && q.Reset == incident.ResetHeld {
		p.say(handwork(q.Account))
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
	switch q.Reset {
	case incident.ResetHeld:
		text = "held, not set yet"
	case incident.ResetSet:
		text = "set, not proven yet"
	case incident.ResetDone:
		text = "changed " + words.Clock(q.Changed, s.Now)
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
		text += ", no longer kept here"
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
		if p := s.Incident.Suspect(account); p != nil && !p.Shown && !p.Disable && (p.Reset == incident.ResetDone || p.Reset == incident.ResetSet) {
			names = append(names, account)
		}
	}
	return names
}

// resetAlarm says in capitals what is not changed yet.
func (s *State) resetAlarm(q *incident.Suspect) string {
	switch {
	case q.Lost:
		return "THE NEW PASSWORD IS SET, AND NOBODY KNOWS IT. Make another one for the owner."
	case q.Reset == incident.ResetDone:
		return ""
	case s.Live.Service.State == ServiceRunning:
		return "NOT CHANGED YET. The stolen password works right now."
	}
	return "NOT CHANGED YET. The stolen password works again from the moment mail starts."
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

func (s *State) restartPage(p *Page) {
	inc := &s.Incident
	status := inc.Steps[incident.Restart]
	s.serviceFacts(p)
	p.fact("passwords", s.passwordsText())
	s.asideFact(p)
	s.watchFacts(p, incident.Restart)
	p.say(s.result(incident.Restart))
	byHand := s.Live.Control == ByHand && !inc.MailDown.IsZero()
	if status.State == incident.Running && byHand {
		p.say(handStart, "Then say so. delist looks whether a mail port answers here.")
	}
	if status.State == incident.Running && !byHand {
		for _, q := range inc.ResetsPending() {
			if q.ByHand {
				p.say(handwork(q.Account))
			}
		}
	}
	if status.State.Passed() || status.State == incident.Running {
		return
	}
	if against := s.againstStart(); len(against) > 0 {
		p.say("Against it: " + strings.Join(against, "; ") + ".")
	}
	if inc.Round > 1 {
		p.say("The spam came back after the last restart, so this is another round: find who sends it now before mail starts again.")
	}
	switch held := s.heldPassword(); {
	case held && s.Live.ByHand:
		p.say("Once mail runs, set the new password in SmarterMail yourself, at once: until then the stolen one works.")
	case held:
		p.say("Starting mail sets what is held the moment SmarterMail answers, proves it, and ends what is still connected.")
	}
	p.say("After the start service and spool are watched for " + words.Span(s.Settings.WatchRestart) + ". If the spam comes back, stop again: nothing is lost.")
}

// heldPassword says that a password would be lost with the process.
func (s *State) heldPassword() bool {
	for _, q := range s.Incident.Suspects {
		if q.Reset == incident.ResetHeld && !q.Disable {
			return true
		}
	}
	return false
}

func (s *State) notifyPage(p *Page) {
	p.fact("accounts", s.passwordsText())
	told := s.Incident.Told
	if told == "" {
		told = "not yet"
	}
	p.fact("owner told", told)
	p.say("Call the owner: the new password goes by phone, never by mail. The computer that knows the old one has to be cleaned first, or the new password is stolen as well. The letter has all of it.")
	p.say(s.result(incident.Notify))
}

// watchFacts say what is watched in a step, and how far it is.
func (s *State) watchFacts(p *Page, step incident.Step) {
	w := s.Live.Watched
	if w == nil || w.Step != step || s.Incident.Steps[step].State != incident.Running {
		return
	}
	p.fact("quiet since", words.Clock(w.Since, s.Now), words.Age(s.Now.Sub(w.Since)))
	left := "now"
	if until := w.Until.Sub(s.Now); until > 0 {
		left = words.Age(until) + " to go"
	}
	p.fact("enough at", words.Clock(w.Until, s.Now), left)
	p.fact("seen", incident.SayLooks(w.Looks))
	if w.Trap != "" {
		p.Alarm = "NOT QUIET: " + w.Trap + "."
	}
}

func (s *State) verifyPage(p *Page) {
	watch := s.Incident.Watch
	if watch.Until.IsZero() && s.Incident.Steps[incident.Verify].State == incident.ToDo {
		p.fact("waiting time", words.Span(s.Settings.VerifyWait)+", begins when Restart is done")
	}
	s.watchFacts(p, incident.Verify)
	p.fact("judged", watch.Judged)
	p.fact("logs", s.LogsSay())
	s.asideFact(p)
	p.say(s.result(incident.Verify))
	if s.Incident.Steps[incident.Verify].State.Passed() {
		return
	}
	text := "Watched: does any account send far above its usual rate, does anything like the spam appear or still wait, do service and spool stay in sight. " +
		"If the spam comes back, the runbook goes back to Stop. There is nothing to do but wait; look at the accounts below. " +
		"A list that is asked too early puts the address back, some for a month."
	if s.Incident.Mode.Drill {
		text += " In a drill the waiting time is shortened."
	}
	p.say(text)
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
	if !s.tooEarly() {
		return ""
	}
	return "NOT YET: Verify is not done. A list that is asked too early puts the address back, for up to a month.\n"
}

// noListing says what it means that there is nothing on the worklist.
func (s *State) noListing() string {
	inc := &s.Incident
	switch {
	case len(inc.Addresses) == 0:
		return "No address of this server is known, so no list was asked. Start delist with --ip ADDRESS."
	case inc.Asked.IsZero():
		return "The lists have not answered yet: whether one has this server is not known."
	case len(inc.NoAnswer) > 0:
		return fmt.Sprintf("No list that answered has this server. %s gave no usable answer.", words.Count(len(inc.NoAnswer), "list", "lists"))
	}
	return "No list has this server. There is nothing to ask for."
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

// readyText says what would fail with mail down, each with its remedy, the blockers first.
func (s *State) readyText() []string {
	if !s.Incident.MailDown.IsZero() || s.Incident.Steps[incident.Stop].State.Passed() {
		return nil
	}
	var said []string
	for _, r := range s.Live.Unready() {
		said = append(said, words.JoinBy(" ", r.Sentence, r.Remedy))
	}
	return said
}

// Leaving says what is lost when delist ends now; empty when nothing is.
func (s *State) Leaving() string {
	var parts []string
	if unseen := s.Unseen(); len(unseen) > 0 {
		parts = append(parts, fmt.Sprintf("NOBODY HAS SEEN THE NEW PASSWORD of %s, and it is kept in memory only: show it first, or another one has to be made.", strings.Join(unseen, ", ")))
	}
	if s.heldPassword() {
		parts = append(parts, "The new password is held in memory only and is lost: Reset will be to do again.")
	}
	if w := s.Live.Watched; w != nil {
		parts = append(parts, "Nobody watches while delist is away: that time does not count.")
	}
	return strings.Join(parts, " ")
}
