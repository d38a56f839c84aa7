package ui

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
	"delist/steps/incident"
)

// actionKeys gives each action of the runbook its key. What Enter does is the runbook's
// recommendation. No two actions of one step share a key, except that marking and
// unmarking are one.
var actionKeys = map[steps.ActionID]string{
	steps.ActAllow: "y", steps.ActForbid: "x",
	steps.ActLists: "l", steps.ActBounce: "b", steps.ActMark: "a", steps.ActUnmark: "a", steps.ActExplain: "e", steps.ActUnexplain: "e",
	steps.ActKnow: "d", steps.ActCause: "u", steps.ActHELO: "h",
	steps.ActLookDone: "g", steps.ActLeaveOpen: "w", steps.ActLockOut: "o",
	steps.ActStop: "s", steps.ActStopped: "d",
	steps.ActSearch: "/", steps.ActPlan: "m", steps.ActQuarantine: "m", steps.ActDropPlan: "x",
	steps.ActNodes: "y", steps.ActRestore: "u", steps.ActBounces: "B", steps.ActPurgeDone: "g",
	steps.ActSetAside: "w", steps.ActPutGood: "w", steps.ActLeaveOut: "W",
	steps.ActReset: "e", steps.ActResetByHand: "h", steps.ActResetDone: "y", steps.ActShow: "v", steps.ActDisable: "d", steps.ActForwarding: "f",
	steps.ActKeepForward: "o", steps.ActRemedied: "p",
	steps.ActStart: "e", steps.ActStarted: "d",
	steps.ActTold: "o", steps.ActQuiet: "j",
	steps.ActRequested: "m", steps.ActLeave: "x", steps.ActCleared: "c", steps.ActTakeBack: "z", steps.ActDelistDone: "g",
	steps.ActClose: "g", steps.ActSkip: "k", steps.ActNote: "n",
}

// verbs are the words on the button that goes ahead.
var verbs = map[steps.ActionID]string{
	steps.ActLockOut: "Lock out", steps.ActStop: "Stop mail", steps.ActStopped: "It is stopped",
	steps.ActQuarantine: "Move", steps.ActRestore: "Put back", steps.ActPurgeDone: "Go on", steps.ActSetAside: "Set aside", steps.ActPutGood: "Put back",
	steps.ActReset: "Set it", steps.ActResetByHand: "By hand", steps.ActResetDone: "It is set",
	steps.ActDisable: "Disable", steps.ActForwarding: "Remove", steps.ActKeepForward: "Leave it", steps.ActStart: "Start mail",
	steps.ActStarted: "It runs", steps.ActClose: "Close it", steps.ActBounce: "Read", steps.ActHELO: "Compare",
}

// actionBinds are the runbook's actions at the step on the screen, the recommended one first.
func (m *Model) actionBinds() []Bind {
	var binds []Bind
	seen := map[string]bool{}
	for _, a := range m.fitting(m.actions()) {
		name := actionKeys[a.ID]
		if m.onEnter(a) && !seen["enter"] {
			name = "enter"
		}
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		b := bind(name, a.Label, func() tea.Cmd { return m.begin(a) })
		b.About, b.Refused = a.About, a.Refused
		if a.ID == steps.ActPlan && name == "enter" { // marking the first message does not take its key away
			b.SetKeys(name, actionKeys[a.ID])
		}
		switch a.ID {
		case steps.ActRequested, steps.ActLeave, steps.ActCleared, steps.ActKnow, steps.ActCause: // the last two are there only where they are called for
			b.Place = placeRow
		}
		if a.ID == steps.ActExplain && m.state.AsksToExplain() {
			b.Place = placeRow
		}
		if p, ok := m.panels[m.step].(*purgePanel); ok && p.onHeld && a.ID == steps.ActRestore {
			b.Place = placeRow
		}
		b.Quiet = name != "enter" && (a.ID == steps.ActSkip && m.step != incident.Notify && !(m.step == incident.Reset && m.state.Incident.OpenCause() != nil) || a.ID == steps.ActNote || a.ID == steps.ActHELO && m.state.Unexplained() == "")
		binds = append(binds, b)
		if a.ID == steps.ActSearch && name == "enter" {
			seen["/"] = true
			binds = append(binds, m.editSearch(a))
		}
		if a.ID == steps.ActStop && name == "enter" { // its key is the same on every screen
			own := actionKeys[a.ID]
			seen[own], b.Quiet = true, true
			b.SetKeys(own)
			b.SetHelp(keyLabel(own), a.Label)
			binds = append(binds, b)
		}
	}
	return binds
}

// actions are what can be done at the step on the screen, about the row under the cursor.
func (m *Model) actions() []steps.Action {
	about := m.panels[m.step].answer()
	about.Marked = m.panels[m.step].marked()
	return m.state.ActionsFor(m.step, about)
}

// editSearch is the key of the search while Enter searches too: the screens and the reasons name / only, and where it
// did nothing, what was typed after it would act.
func (m *Model) editSearch(a steps.Action) Bind {
	words := "type a search"
	if m.state.Live.Results != nil {
		words = "edit the search"
	}
	b := bind(actionKeys[a.ID], words, func() tea.Cmd { return m.beginSearch(a, m.lastQuery(), a.Default) })
	b.Refused = a.Refused
	return b
}

// lastQuery is what stands in SEARCH; empty before the first search.
func (m *Model) lastQuery() string {
	if m.state.Live.Results == nil {
		return ""
	}
	return m.state.Live.Results.Query.String()
}

// beginSearch opens the search box with the first of some queries that is there.
func (m *Model) beginSearch(a steps.Action, queries ...string) tea.Cmd {
	if p, ok := m.panels[m.step].(*purgePanel); ok {
		p.onHeld = false // what it finds is not in the quarantine
	}
	a.Default = cmp.Or(queries...)
	m.openText(a, m.panels[m.step].answer())
	return nil
}

// searchFor begins the search that a key asks for: Enter goes where the runbook points, / edits what stands in SEARCH.
func (m *Model) searchFor(a steps.Action) tea.Cmd {
	if p, ok := m.panels[m.step].(*purgePanel); ok && p.choosing() {
		if !p.senders.chosen() { // the facts say what to look for
			return m.beginSearch(a, a.Default, p.senders.query(&m.state), m.lastQuery())
		}
		return m.beginSearch(a, p.senders.query(&m.state), a.Default, m.lastQuery())
	}
	if m.onEnter(a) {
		return m.beginSearch(a, a.Default, m.lastQuery())
	}
	return m.beginSearch(a, m.lastQuery(), a.Default)
}

// onEnter says that Enter does an action: the runbook recommends it, and it is about
// what the cursor is on.
func (m *Model) onEnter(a steps.Action) bool {
	if p, ok := m.panels[m.step].(*purgePanel); ok && p.choosing() && (p.results != nil || p.senders.chosen()) && !m.state.Explained(p.answer().Row) {
		return a.ID == steps.ActSearch && a.Refused == "" // for what the cursor is on
	}
	switch {
	case !a.Recommended || a.Refused != "":
		return false
	case a.ID == steps.ActRequested:
		return false // Enter shows the link first, see delistPanel
	}
	return true
}

// fitting leaves out the one of marking and unmarking that the row under the cursor has
// no use for, and fits counts to what is marked.
func (m *Model) fitting(actions []steps.Action) []steps.Action {
	answer := m.panels[m.step].answer()
	marked := answer.Account != "" && m.state.Incident.Suspect(answer.Account) != nil
	fit := make([]steps.Action, 0, len(actions))
	for _, a := range actions {
		switch {
		case a.ID == steps.ActMark && marked, a.ID == steps.ActUnmark && !marked:
			continue
		case a.ID == steps.ActQuarantine, a.ID == steps.ActDropPlan:
			if m.popup != nil { // the plan's own dialog asks
				continue
			}
		}
		if p, ok := m.panels[m.step].(*purgePanel); ok && !p.fit(&a) {
			continue
		}
		if p, ok := m.panels[m.step].(*delistPanel); ok && !p.fitListing(a) {
			continue
		}
		if a.ID == steps.ActPlan && a.Refused == "" {
			a.Label = "quarantine " + count(m.panels[m.step].marked())
		}
		if (a.ID == steps.ActExplain || a.ID == steps.ActUnexplain) && a.Refused != "" || a.ID == steps.ActShow && !m.onEnter(a) { // its key is the panel's
			continue
		}
		fit = append(fit, a)
	}
	return fit
}

// begin asks what has to be asked first, then gives the runbook the action's intent.
func (m *Model) begin(a steps.Action) tea.Cmd {
	if a.ID == steps.ActSearch { // before the cursor counts as moved
		return m.searchFor(a)
	}
	if p, ok := m.panels[m.step].(*purgePanel); ok && a.ID == steps.ActRestore && !p.onHeld {
		p.onHeld = true
		m.said = "Mark with Space what should go back."
		return nil
	}
	if t := m.panels[m.step].table(); t != nil {
		t.Hold()
	}
	answer := m.panels[m.step].answer()
	if a.ID == steps.ActPlan || a.ID == steps.ActRestore {
		answer.IDs = m.panels[m.step].ids()
	}
	if a.AboutOf != nil {
		a.About = a.AboutOf(answer)
	}
	if a.ID == steps.ActQuarantine {
		m.plan = ""
		return m.askPlan()
	}
	if p, ok := m.panels[m.step].(*purgePanel); ok && a.ID == steps.ActRestore && p.onHeld && p.held.hidden > 0 {
		a.About += " " + plural(p.held.hidden, "marked message is", "marked messages are") + " hidden by the search, and would go back too."
	}
	if show, ok := a.Intent(answer).(steps.ShowPassword); ok {
		return m.reveal([]string{show.Account}, nil)
	}
	title := capital(a.Label) + "?"
	switch a.Ask {
	case steps.AskYes:
		m.open(askYes(title, a.About, m.verb(a), func() tea.Cmd { return m.do(a.Intent(answer)) }))
	case steps.AskCount:
		n := a.Count
		if n < 0 {
			n = len(answer.IDs)
		}
		title = capital(a.Label) + ", " + count(n) + "?"
		m.open(askWord(title, a.About, "To go on, type the number of messages:", strconv.Itoa(n), m.verb(a), m.styles, func() tea.Cmd {
			answer.Count = n
			return m.do(a.Intent(answer))
		}))
	case steps.AskReason, steps.AskText:
		m.openText(a, answer)
	case steps.AskWord:
		m.open(askWord(title, a.About, a.Prompt, a.Word, m.verb(a), m.styles, func() tea.Cmd {
			answer.Text = a.Word
			return m.do(a.Intent(answer))
		}))
	default:
		return m.do(a.Intent(answer))
	}
	return nil
}

// openText asks for the text that an action needs.
func (m *Model) openText(a steps.Action, answer steps.Answer) {
	if a.Many {
		m.open(&paste{title: capital(a.Label), body: a.Prompt, yes: m.verb(a), done: m.withText(a, answer)})
		return
	}
	m.open(m.textPrompt(a, answer))
}

// textPrompt asks for the text of an action in one line.
func (m *Model) textPrompt(a steps.Action, answer steps.Answer) *prompt {
	title := capital(a.Label)
	if p, ok := m.panels[m.step].(*delistPanel); ok {
		title = cmp.Or(p.title(a), title)
	}
	box := askText(title, a.About, a.Prompt, a.Default, a.Ask == steps.AskReason, m.styles, m.withText(a, answer))
	required := box.check
	box.check = func(text string) string {
		if required != nil {
			if complaint := required(text); complaint != "" {
				return complaint
			}
		}
		answer.Text = text
		if why := m.state.Refusal(a.Intent(answer)); why != "" {
			return sentence(why) // the box stays open, with what was typed
		}
		return ""
	}
	box.over = func(why string) bool { // what was asked about may have happened meanwhile
		for _, now := range m.actions() {
			switch {
			case now.ID == a.ID && now.Refused == "":
				return false
			case now.ID == a.ID:
				why = sentence(now.Refused)
			}
		}
		m.said = why
		return true
	}
	return box
}

// withText gives the runbook an action's intent once its text is there.
func (m *Model) withText(a steps.Action, answer steps.Answer) func(string) tea.Cmd {
	return func(text string) tea.Cmd {
		answer.Text = text
		return m.do(a.Intent(answer))
	}
}

// askPlan puts the question of a plan on the screen as soon as there is one: what was
// planned is what is asked about, and nothing else.
func (m *Model) askPlan() tea.Cmd {
	view := m.state.Live.Plan
	if view == nil {
		if m.popup != nil && m.popup.id != "" && m.popup.id == m.plan {
			m.popup = nil
		}
		m.plan = ""
		return nil
	}
	if m.step != incident.Purge || m.popup != nil || m.plan == view.Plan.ID {
		return nil
	}
	m.plan = view.Plan.ID
	var action, drop steps.Action
	for _, a := range m.state.Actions(incident.Purge) {
		switch a.ID {
		case steps.ActQuarantine:
			action = a
		case steps.ActDropPlan:
			drop = a
		}
	}
	if action.Intent == nil {
		return nil
	}
	cancel := func() tea.Cmd {
		if drop.Intent == nil {
			return nil
		}
		return m.do(drop.Intent(steps.Answer{}))
	}
	if action.Refused != "" {
		m.said = sentence(action.Refused)
		return cancel()
	}
	q := m.planQuestion(view, action)
	q.cancel = cancel
	m.popup = &popup{dialog: q, id: view.Plan.ID, gate: shutAt(m.options.Clock())}
	return nil
}

// open puts a dialog that the operator asked for on the screen.
func (m *Model) open(d dialog) {
	m.popup = &popup{dialog: d}
}

// verb is what the button says that goes ahead. It stops and starts no mail where delist does not.
func (m *Model) verb(a steps.Action) string {
	if a.Verb != "" {
		return a.Verb
	}
	if mail := a.ID == steps.ActStop || a.ID == steps.ActStart; mail && m.state.Live.Control != steps.Controlled {
		return "Go on"
	}
	if v, ok := verbs[a.ID]; ok {
		return v
	}
	return "Go on"
}

// capital begins a sentence.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// sentence makes a reason or an error a sentence of its own, on one line.
func sentence(s string) string {
	s = capital(strings.ReplaceAll(strings.TrimSpace(s), "\n", "; "))
	if s != "" && !strings.ContainsAny(s[len(s)-1:], ".?:") {
		s += "."
	}
	return s
}
