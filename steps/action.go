package steps

import (
	"net/netip"
	"slices"

	"delist/spool"
	"delist/steps/incident"
)

// ActionID names an action for the table of keys.
type ActionID string

// The actions of all steps. A screen binds a key to each; what it may do is decided here.
const (
	ActAllow       ActionID = "allow"
	ActForbid      ActionID = "forbid"
	ActLists       ActionID = "lists"
	ActBounce      ActionID = "bounce"
	ActMark        ActionID = "mark"
	ActUnmark      ActionID = "unmark"
	ActExplain     ActionID = "explain"
	ActUnexplain   ActionID = "unexplain"
	ActKnow        ActionID = "know-program"
	ActCause       ActionID = "cause"
	ActHELO        ActionID = "helo"
	ActRemedied    ActionID = "remedied"
	ActLookDone    ActionID = "look-done"
	ActLeaveOpen   ActionID = "leave-open"
	ActLockOut     ActionID = "lock-out"
	ActStop        ActionID = "stop"
	ActStopped     ActionID = "stopped"
	ActSearch      ActionID = "search"
	ActPlan        ActionID = "plan"
	ActPlanAll     ActionID = "plan-all"
	ActNodes       ActionID = "nodes"
	ActQuarantine  ActionID = "quarantine"
	ActDropPlan    ActionID = "drop-plan"
	ActRestore     ActionID = "restore"
	ActSetAside    ActionID = "set-aside"
	ActPutGood     ActionID = "put-good-back"
	ActLeaveOut    ActionID = "leave-outside"
	ActBounces     ActionID = "bounces"
	ActPurgeDone   ActionID = "purge-done"
	ActReset       ActionID = "reset"
	ActResetByHand ActionID = "reset-by-hand"
	ActResetDone   ActionID = "reset-done"
	ActShow        ActionID = "show-password"
	ActDisable     ActionID = "disable"
	ActForwarding  ActionID = "forwarding"
	ActKeepForward ActionID = "keep-forwarding"
	ActStart       ActionID = "start"
	ActStarted     ActionID = "started"
	ActTold        ActionID = "told"
	ActQuiet       ActionID = "quiet"
	ActRequested   ActionID = "requested"
	ActLeave       ActionID = "leave"
	ActCleared     ActionID = "cleared"
	ActTakeBack    ActionID = "take-back"
	ActDelistDone  ActionID = "delist-done"
	ActClose       ActionID = "close"
	ActSkip        ActionID = "skip"
	ActNote        ActionID = "note"
)

// Ask is what has to be asked before an action goes ahead.
type Ask uint8

// In every question Cancel comes first and has the focus.
const (
	AskNothing Ask = iota
	AskYes         // yes or no, for what can be undone
	AskCount       // the number of messages, typed
	AskReason      // a sentence that goes into the record, may not be empty
	AskText        // some text: a query, a note, a bounce, a ticket number
	AskWord        // a word, typed exactly
)

// Answer is what the screen knows when an action goes ahead.
type Answer struct {
	Text    string     // of AskReason, AskText and AskWord
	Count   int        // of AskCount
	IDs     []spool.ID // marked messages
	Marked  int        // how many there are, where the messages themselves are not needed yet
	Row     string     // of the senders table, where the row under the cursor is one
	Account string     // of the row under the cursor, where rows are accounts
	IP      netip.Addr // of the row under the cursor, where rows are listings
	List    string
}

// Action is one thing that the operator can do now, or cannot, and why.
type Action struct {
	ID          ActionID
	Label       string              // for the key hint: "stop ALL mail now"
	Verb        string              // on the button that goes ahead, where it is not the usual one
	About       string              // what it will do, what to expect, how to undo it; plain sentences
	AboutOf     func(Answer) string // About, once the rows are chosen that it is about; nil where it is the same of all
	Refused     string              // why it cannot be done now; empty when it can
	Recommended bool                // stands first, and is what Enter does
	Ask         Ask
	Prompt      string // the question of a reason or a text
	Default     string // prefilled text
	Word        string // that has to be typed, of AskWord
	Many        bool   // the text may have several lines (a pasted bounce)
	Count       int    // the number that has to be typed
	Intent      func(Answer) Intent
}

// Actions are what the operator can do at a step, the recommended one first, with the rows that are next.
func (s *State) Actions(step incident.Step) []Action { return s.ActionsFor(step, s.nextRow(step)) }

// ActionsFor are what the operator can do at a step about the row under the cursor.
func (s *State) ActionsFor(step incident.Step, about Answer) []Action {
	var actions []Action
	switch step {
	case incident.Look:
		actions = s.lookActions(about)
	case incident.Stop:
		actions = s.stopActions(about)
	case incident.Purge:
		actions = s.purgeActions(about)
	case incident.Reset:
		actions = s.resetActions(about)
	case incident.Restart:
		actions = s.restartActions(about)
	case incident.Notify:
		actions = s.notifyActions(about)
	case incident.Verify:
		actions = s.verifyActions(about)
	case incident.Delist:
		actions = s.delistActions(about)
	case incident.Close:
		actions = s.closeActions(about)
	}
	return s.rehearsed(s.everywhere(step, actions, about))
}

// nextRow is what an action is about where no cursor says it: the first row that it can be about.
func (s *State) nextRow(step incident.Step) Answer {
	var about Answer
	if s.Live.Results != nil {
		about.Marked = s.Live.Results.Marked()
	}
	if step == incident.Delist {
		l, open := s.Incident.NextListing()
		if work := s.Incident.Worklist(); !open && len(work) > 0 {
			l = work[0]
		}
		about.IP, about.List = l.IP, l.List
	}
	return about
}

// offer says why an action cannot be done now, if it cannot: the intent itself is asked, with an answer as it wants one.
func (s *State) offer(a Action, about Answer) Action {
	good := about
	good.Count = a.Count
	if len(good.IDs) == 0 && (a.Count < 0 || good.Marked > 0) {
		good.IDs = []spool.ID{""} // which they are is asked later
	}
	if a.Count < 0 || len(about.IDs) < len(good.IDs) {
		good.Count = max(a.Count, len(good.IDs))
	}
	switch a.Ask {
	case AskReason, AskText:
		if good.Text = a.Default; good.Text == "" {
			good.Text = "asked" // which it is is asked later
		}
	case AskWord:
		good.Text = a.Word
	}
	a.Refused = s.Refusal(a.Intent(good))
	return a
}

// Recommended is the action that Enter does at a step, and whether there is one.
func (s *State) Recommended(step incident.Step) (Action, bool) {
	for _, a := range s.Actions(step) {
		if a.Recommended && a.Refused == "" {
			return a, true
		}
	}
	return Action{}, false
}

// onlyLooks says that nobody here may do what a step is for, and that it does not end by itself either: nobody waits for
// a quiet server where the thief still has a password.
func (s *State) onlyLooks(step incident.Step) bool {
	if s.mayNotChange() == "" {
		return false
	}
	switch step {
	case incident.Stop, incident.Purge, incident.Reset:
		return true
	case incident.Restart, incident.Verify:
		watched := s.Live.Watched != nil && s.Live.Watched.Trap == ""
		return !watched || len(s.Incident.ResetsPending()) > 0
	}
	return false
}

// sortActions puts the recommended ones first.
func sortActions(actions []Action) []Action {
	slices.SortStableFunc(actions, func(a, b Action) int { return order(b.Recommended) - order(a.Recommended) })
	return actions
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// withPutBack adds what brings good mail back. Once mail runs and the copy is purged nobody is to wait for it: Enter does it in
// whatever step is due, and Close does not end the incident before.
func (s *State) withPutBack(step incident.Step, actions []Action, put Action, about Answer) []Action {
	inc := &s.Incident
	due := step == inc.Current() && inc.Steps[incident.Purge].State.Passed() && len(inc.Aside.Stuck) == 0
	if !inc.MailDown.IsZero() || step != incident.Close && !due {
		return append(actions, put)
	}
	for i := range actions {
		actions[i].Recommended = false
	}
	back := s.asideActions(about)
	back[0].Recommended = true
	if len(inc.Aside.Stuck) > 0 { // once more would do no better
		back[0].Recommended, back[1].Recommended = false, back[1].Refused == ""
	}
	return append(back, actions...)
}

// everywhere adds the actions that every step has: stop the bleeding, put back what is outside, skip, note.
func (s *State) everywhere(step incident.Step, actions []Action, about Answer) []Action {
	if s.Incident.Steps[step].State.Passed() { // there is nothing to finish
		actions = slices.DeleteFunc(actions, func(a Action) bool {
			return a.ID == ActLookDone || a.ID == ActLeaveOpen || a.ID == ActPurgeDone || a.ID == ActDelistDone
		})
	}
	has := func(id ActionID) bool {
		return slices.ContainsFunc(actions, func(a Action) bool { return a.ID == id })
	}
	if stop := s.stopAction(about); step != incident.Stop && stop.Refused == "" && s.Live.Control != NoService && !has(ActStop) {
		actions = append(actions, stop)
	}
	if put := s.putGoodAction(about); step > incident.Purge && s.Incident.Aside.Dir != "" && put.Refused == "" {
		actions = s.withPutBack(step, actions, put, about)
	}
	open := !s.Incident.Steps[step].State.Passed() || step == s.Incident.Current()
	if step != incident.Close && open && (!has(ActSkip) || s.onlyLooks(step)) {
		skip := s.skipAction(step, about)
		if s.onlyLooks(step) {
			actions = slices.DeleteFunc(actions, func(a Action) bool { return a.ID == ActSkip })
			skip.Label, skip.Recommended = "go on: this is for somebody who may change this server", true
			for i := range actions {
				actions[i].Recommended = false
			}
			actions = slices.Insert(actions, 0, skip)
		} else {
			actions = append(actions, skip)
		}
	}
	if s.Live.Doing != nil {
		actions = slices.DeleteFunc(actions, func(a Action) bool { // a plan that moves is stopped, not begun or dropped
			return a.ID == ActQuarantine || a.ID == ActDropPlan
		})
		for i := range actions {
			actions[i].Recommended = false // what runs ends by itself
		}
	}
	return append(actions, s.offer(Action{
		ID: ActNote, Label: "note", Ask: AskText, Prompt: "Your note, for the record:",
		Intent: func(a Answer) Intent { return AddNote{Text: a.Text} },
	}, about))
}
