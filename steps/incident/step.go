package incident

import "time"

// Step is one of the nine steps of the runbook, in the order in which they stand on the screen.
type Step uint8

// The steps of the runbook.
const (
	Look Step = iota
	Stop
	Purge
	Reset
	Restart
	Notify
	Verify
	Delist
	Close
	stepCount
)

// AllSteps are the steps in order.
func AllSteps() []Step {
	all := make([]Step, stepCount)
	for i := range all {
		all[i] = Step(i)
	}
	return all
}

// stepWords holds each step's name and its purpose in one sentence.
var stepWords = [stepCount]struct{ name, purpose string }{
	Look:    {"Look", "find out which lists have the server, and which account sends the spam."},
	Stop:    {"Stop", "stop the mail service, so that no more spam leaves."},
	Purge:   {"Purge", "move the spam out of the spool, into a quarantine. You can undo it."},
	Reset:   {"Reset", "give the account a new password, so that the thief is locked out."},
	Restart: {"Restart", "start mail again, set the new password, and watch that the spam stays away."},
	Notify:  {"Notify", "tell the owner of the account what happened and what to do."},
	Verify:  {"Verify", "watch until it is sure that the server is quiet."},
	Delist:  {"Delist", "request removal at each list once, in this order. Twice or early costs time."},
	Close:   {"Close", "write the record, and hand over what is still to do."},
}

// String is the step's name on the screen.
func (s Step) String() string {
	if s < stepCount {
		return stepWords[s].name
	}
	return "unknown step"
}

// Purpose is what the step is for, one sentence that follows its name and a colon.
func (s Step) Purpose() string {
	if s < stepCount {
		return stepWords[s].purpose
	}
	return ""
}

// StepState is how far a step is.
type StepState uint8

// The states of a step.
const (
	ToDo StepState = iota
	Running
	Held // prepared, waits for the service (Reset)
	Done
	Failed
	Skipped   // by the operator, with a reason
	NotNeeded // by the facts, with a reason
)

// String is the state as the screen and the report say it.
func (s StepState) String() string {
	return [...]string{"to do", "running", "held", "done", "failed", "skipped", "not needed"}[s]
}

// Passed says that the runbook goes on past a step in this state.
func (s StepState) Passed() bool { return s == Held || s == Done || s == Skipped || s == NotNeeded }

// StepStatus is the state of one step of an incident.
type StepStatus struct {
	State  StepState
	Since  time.Time // when it took this state; zero while it was never touched
	Result string    // what came of it, in a few words: "service stopped in 4 s"
	Seen   []Looks   // the looks that the state rests on
	Reason string    // why it was skipped, failed or is not needed
	ByHand bool      // it waits for what the operator does
	Left   string    // what stays in the spool though nothing explains it, or though it is spam (Purge)
}
