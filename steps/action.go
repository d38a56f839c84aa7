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
	ActLookDone    ActionID = "look-done"
	ActLockOut     ActionID = "lock-out"
	ActStop        ActionID = "stop"
	ActStopped     ActionID = "stopped"
	ActSearch      ActionID = "search"
	ActPlan        ActionID = "plan"
	ActNodes       ActionID = "nodes"
	ActQuarantine  ActionID = "quarantine"
	ActDropPlan    ActionID = "drop-plan"
	ActRestore     ActionID = "restore"
	ActSetAside    ActionID = "set-aside"
	ActPutGood     ActionID = "put-good-back"
	ActBounces     ActionID = "bounces"
	ActPurgeDone   ActionID = "purge-done"
	ActReset       ActionID = "reset"
	ActResetByHand ActionID = "reset-by-hand"
	ActResetDone   ActionID = "reset-done"
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
)

// Answer is what the screen knows when an action goes ahead.
type Answer struct {
	Text    string     // of AskReason and AskText
	Count   int        // of AskCount
	IDs     []spool.ID // marked messages
	Account string     // of the row under the cursor, where rows are accounts
	IP      netip.Addr // of the row under the cursor, where rows are listings
	List    string
}

// Action is one thing that the operator can do now, or cannot, and why.
type Action struct {
	ID          ActionID
	Label       string // for the key hint: "stop ALL mail now"
	About       string // what it will do, what to expect, how to undo it; plain sentences
	Refused     string // why it cannot be done now; empty when it can
	Recommended bool   // stands first, and is what Enter does
	Ask         Ask
	Prompt      string // the question of a reason or a text
	Default     string // prefilled text
	Many        bool   // the text may have several lines (a pasted bounce)
	Count       int    // the number that has to be typed
	Intent      func(Answer) Intent
}

// Actions are what the operator can do at a step, the recommended one first.
func (s *State) Actions(step incident.Step) []Action {
	var actions []Action
	switch step {
	case incident.Look:
		actions = s.lookActions()
	case incident.Stop:
		actions = s.stopActions()
	case incident.Purge:
		actions = s.purgeActions()
	case incident.Reset:
		actions = s.resetActions()
	case incident.Restart:
		actions = s.restartActions()
	case incident.Notify:
		actions = s.notifyActions()
	case incident.Verify:
		actions = s.verifyActions()
	case incident.Delist:
		actions = s.delistActions()
	case incident.Close:
		actions = s.closeActions()
	}
	return s.rehearsed(s.everywhere(step, actions))
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

// everywhere adds the actions that every step has: stop the bleeding, put back what is outside, skip, note.
func (s *State) everywhere(step incident.Step, actions []Action) []Action {
	if s.Incident.Steps[step].State.Passed() { // there is nothing to finish
		actions = slices.DeleteFunc(actions, func(a Action) bool {
			return a.ID == ActLookDone || a.ID == ActPurgeDone || a.ID == ActDelistDone
		})
	}
	has := func(id ActionID) bool {
		return slices.ContainsFunc(actions, func(a Action) bool { return a.ID == id })
	}
	if step != incident.Stop && s.stopRefusal() == "" && s.Incident.Closed.IsZero() && !has(ActStop) {
		stop := s.stopAction()
		stop.Recommended = false
		actions = append(actions, stop)
	}
	if put := s.putGoodAction(); step > incident.Purge && s.Incident.Aside.Dir != "" && put.Refused == "" {
		if put.Recommended = step == incident.Close; put.Recommended { // which does not close while good mail is still outside
			actions = slices.Insert(actions, 0, put)
		} else {
			actions = append(actions, put)
		}
	}
	if step != incident.Close && !s.Incident.Steps[step].State.Passed() {
		actions = append(actions, Action{
			ID: ActSkip, Label: "skip this step", Ask: AskReason,
			About:  "The step is passed over, and the record says why. You can come back to it.",
			Prompt: "Why is this step passed over?",
			Intent: func(a Answer) Intent { return Skip{Step: step, Reason: a.Text} },
		})
	}
	if doing := s.Live.Doing; doing != nil {
		for i := range actions {
			if actions[i].ID != ActSearch && actions[i].ID != ActStop {
				actions[i].Recommended = false
				actions[i].Refused = doing.What + " still runs; wait for it, or Ctrl+C stops it safely"
			}
		}
	}
	return append(actions, Action{
		ID: ActNote, Label: "note", Ask: AskText, Prompt: "Your note, for the record:",
		Intent: func(a Answer) Intent { return AddNote{Text: a.Text} },
	})
}
