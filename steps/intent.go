package steps

import (
	"context"
	"net/netip"
	"strconv"

	"delist/spool"
	"delist/steps/incident"
)

// Intent is something that the operator wants done. Nothing else can change a server.
// Intents are plain values without secrets, so the journal can hold each as it is. Each carries its own refusal and its own
// act, in the file of the step that owns it: what is offered is exactly what would be accepted.
type Intent interface {
	// refusal says why it may not be carried out now, in words that name actions and no keys; empty when it may.
	refusal(*State) string
	// act carries it out.
	act(context.Context, *Runbook) error
	// kind says what it touches.
	kind() kind
}

// kind is what an intent touches.
type kind uint8

const (
	changes kind = 1 << iota // the service, the spool or an account
	moves                    // messages, so that what it did must not go unrecorded
	lasting                  // it makes sense in a closed incident: the quarantine is still there
	beside                   // it changes nothing, and may be done while something else runs
)

// The intents. Each is answered by the step that owns it.
type (
	// Allow answers "may you stop this server?"; no makes the incident one of looking only.
	Allow struct{ May bool }
	// AskLists asks every list again.
	AskLists struct{}
	// ReadBounce reads a bounce, or a line of one.
	ReadBounce struct{ Text string }
	// MarkSuspect takes an account to be stolen.
	MarkSuspect struct{ Account string }
	// CompareHELO holds the HELO that a listing's page shows against this server's own; Heard as pasted.
	CompareHELO struct {
		IP    netip.Addr
		List  string
		Heard string
	}
	// ClearSuspect takes that back. Reason is needed where the facts speak against it, which it does not change.
	ClearSuspect struct{ Account, Reason string }
	// Explain is the operator's word for what nothing else explains: mail, Row as Unexplained names it; a program that
	// speaks past the mail service, as its Speaker does; or what brought the listings, incident.RowListings.
	Explain struct{ Row, Word string }
	// SayRemedied is the operator's word for what was done about a cause that delist cannot end by itself.
	SayRemedied struct{ Name, Word string }
	// Unexplain takes back what the operator said of a row.
	Unexplain struct{ Row string }
	// FinishLook ends Look; where nothing is open it makes Stop and Purge "not needed". Reason is the operator's word for
	// what is open, where that is too little for a backlog; with Leave nobody knows, and it stays to be looked at.
	FinishLook struct {
		Reason string
		Leave  bool `json:",omitempty"`
	}
	// LockOut sets new passwords for all suspects while the service runs, and ends their sessions.
	LockOut struct{}
	// StopService stops mail.
	StopService struct{}
	// ConfirmStopped is the operator's word that mail is stopped (service by hand); Despite says what still answers on a
	// mail port.
	ConfirmStopped struct{ Despite string }
	// Search looks for messages. It changes nothing and is not journalled.
	Search struct{ Query string }
	// PlanPurge fixes the exact list of messages to move, and previews it. The record tells how many; the saved plan, which.
	// With All it is all that the search found, marked or not.
	PlanPurge struct {
		Query string
		IDs   IDList
		All   bool `json:",omitempty"`
	}
	// DropPlan forgets the plan.
	DropPlan struct{}
	// Quarantine moves exactly the planned messages out of the spool.
	Quarantine struct {
		PlanID string
		Count  int // as typed by the operator where the plan takes most of the spool; else 0
	}
	// Restore puts quarantined messages back; Count is the typed number for a suspect's mail. The record tells how many; the
	// quarantine's manifest, which.
	Restore struct {
		IDs   IDList
		Count int
	}
	// DeleteQuarantined removes for good all that is in quarantine; Count is the typed number of messages.
	DeleteQuarantined struct{ Count int }
	// ConfirmNodes is the operator's word that mail is stopped on every server that uses this spool; Word as typed.
	ConfirmNodes struct{ Word string }
	// SetAside renames the whole spool and puts an empty one in its place; Count is the typed number of messages.
	SetAside struct{ Count int }
	// PutGoodBack returns what is left of the spool set aside; Count is the typed number of messages where some are a suspect's.
	PutGoodBack struct{ Count int }
	// LeaveOutside ends a spool set aside of which something cannot go back: that stays where it is.
	LeaveOutside struct{ Reason string }
	// FinishPurge ends Purge with what is left in the spool.
	FinishPurge struct{ Reason string }
	// ResetPassword makes a new password: held while mail is stopped, set at once while it runs.
	ResetPassword struct{ Account string }
	// ResetByHand does the same, with the operator at SmarterMail's own screen.
	ResetByHand struct{ Account string }
	// ConfirmReset is the operator's word that the password is changed.
	ConfirmReset struct{ Account string }
	// ShowPassword records that the operator looks at the new password; Reveal gives it.
	ShowPassword struct{ Account string }
	// DisableAccount disables the account instead of changing its password.
	DisableAccount struct{ Account string }
	// RemoveForwarding removes the account's forwarding rule, at Restart or at once.
	RemoveForwarding struct{ Account string }
	// KeepForwarding leaves it: the owner set it up.
	KeepForwarding struct{ Account string }
	// StartService starts mail, applies what is held, and watches the spool.
	StartService struct{ Reason string } // typed where a reset is neither done nor held
	// ConfirmStarted is the operator's word that mail runs (service by hand); Despite says how they see it where no mail port
	// answers.
	ConfirmStarted struct{ Despite string }
	// OwnerTold says how the owner was told, or will be.
	OwnerTold struct{ How string }
	// JudgeQuiet ends the waiting time by the operator's judgement.
	JudgeQuiet struct{ Reason string }
	// MarkRequested records that removal was asked for; Reason is needed before Verify is done.
	MarkRequested struct {
		IP     netip.Addr
		List   string
		Ticket string
		Reason string
	}
	// LeaveListing leaves a listing alone, with the reason.
	LeaveListing struct {
		IP     netip.Addr
		List   string
		Reason string
	}
	// MarkCleared is the operator's word that a receiver, whom nobody can ask by DNS, takes mail again.
	MarkCleared struct {
		IP     netip.Addr
		List   string
		Reason string
	}
	// UnmarkListing takes a mark back that was made by mistake: asked, left, or cleared by the operator's word.
	UnmarkListing struct {
		IP     netip.Addr
		List   string
		Reason string
	}
	// FinishDelist ends Delist.
	FinishDelist struct{}
	// CloseIncident writes the report and ends the incident.
	CloseIncident struct{}
	// Skip passes a step over, with the reason.
	Skip struct {
		Step   incident.Step
		Reason string
	}
	// AddNote keeps the operator's own sentence.
	AddNote struct{ Text string }
)

// What each intent touches.
func (Allow) kind() kind             { return 0 }
func (AskLists) kind() kind          { return 0 }
func (ReadBounce) kind() kind        { return 0 }
func (MarkSuspect) kind() kind       { return 0 }
func (ClearSuspect) kind() kind      { return 0 }
func (FinishLook) kind() kind        { return 0 }
func (LockOut) kind() kind           { return changes }
func (StopService) kind() kind       { return changes }
func (ConfirmStopped) kind() kind    { return changes }
func (Search) kind() kind            { return beside }
func (PlanPurge) kind() kind         { return 0 }
func (DropPlan) kind() kind          { return beside }
func (Quarantine) kind() kind        { return changes | moves }
func (Restore) kind() kind           { return changes | moves | lasting }
func (DeleteQuarantined) kind() kind { return changes | moves | lasting }
func (ConfirmNodes) kind() kind      { return changes | lasting }
func (SetAside) kind() kind          { return changes | moves }
func (PutGoodBack) kind() kind       { return changes | moves }
func (LeaveOutside) kind() kind      { return changes }
func (FinishPurge) kind() kind       { return 0 }
func (ResetPassword) kind() kind     { return changes }
func (ResetByHand) kind() kind       { return changes }
func (ConfirmReset) kind() kind      { return changes }
func (DisableAccount) kind() kind    { return changes }
func (RemoveForwarding) kind() kind  { return changes }
func (KeepForwarding) kind() kind    { return 0 }
func (StartService) kind() kind      { return changes }
func (ConfirmStarted) kind() kind    { return changes }
func (OwnerTold) kind() kind         { return 0 }
func (JudgeQuiet) kind() kind        { return 0 }
func (MarkRequested) kind() kind     { return 0 }
func (LeaveListing) kind() kind      { return 0 }
func (MarkCleared) kind() kind       { return 0 }
func (FinishDelist) kind() kind      { return 0 }
func (CloseIncident) kind() kind     { return 0 }
func (Skip) kind() kind              { return 0 }
func (AddNote) kind() kind           { return beside }
func (Explain) kind() kind           { return 0 }
func (Unexplain) kind() kind         { return 0 }
func (CompareHELO) kind() kind       { return 0 }
func (UnmarkListing) kind() kind     { return 0 }
func (ShowPassword) kind() kind      { return 0 }
func (SayRemedied) kind() kind       { return 0 }

// IDList is the messages that an intent names. There may be a million, so that the record only tells how many.
type IDList []spool.ID

// MarshalJSON implements json.Marshaler.
func (l IDList) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(len(l)), 10), nil }
