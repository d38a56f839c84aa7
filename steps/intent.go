package steps

import (
	"net/netip"
	"strconv"

	"delist/spool"
	"delist/steps/incident"
)

// Intent is something that the operator wants done. Nothing else can change a server.
// Intents are plain values without secrets, so the journal can hold each as it is.
type Intent interface{ intent() }

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
	// ClearSuspect takes that back.
	ClearSuspect struct{ Account string }
	// FinishLook ends Look; where nothing is queued it makes Stop and Purge "not needed".
	FinishLook struct{}
	// LockOut sets new passwords for all suspects while the service runs, and ends their sessions.
	LockOut struct{}
	// StopService stops mail.
	StopService struct{}
	// ConfirmStopped is the operator's word that mail is stopped (service by hand).
	ConfirmStopped struct{}
	// Search looks for messages. It changes nothing and is not journalled.
	Search struct{ Query string }
	// PlanPurge fixes the exact list of messages to move, and previews it. The record tells how many; the saved plan, which.
	PlanPurge struct {
		Query string
		IDs   IDList
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
	// FinishPurge ends Purge with what is left in the spool.
	FinishPurge struct{ Reason string }
	// ResetPassword makes a new password: held while mail is stopped, set at once while it runs.
	ResetPassword struct{ Account string }
	// ResetByHand does the same, with the operator at SmarterMail's own screen.
	ResetByHand struct{ Account string }
	// ConfirmReset is the operator's word that the password is changed.
	ConfirmReset struct{ Account string }
	// DisableAccount disables the account instead of changing its password.
	DisableAccount struct{ Account string }
	// RemoveForwarding removes the account's forwarding rule, at Restart or at once.
	RemoveForwarding struct{ Account string }
	// KeepForwarding leaves it: the owner set it up.
	KeepForwarding struct{ Account string }
	// StartService starts mail, applies what is held, and watches the spool.
	StartService struct{ Reason string } // typed where a reset is neither done nor held
	// ConfirmStarted is the operator's word that mail runs (service by hand).
	ConfirmStarted struct{}
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

func (Allow) intent()             {}
func (AskLists) intent()          {}
func (ReadBounce) intent()        {}
func (MarkSuspect) intent()       {}
func (ClearSuspect) intent()      {}
func (FinishLook) intent()        {}
func (LockOut) intent()           {}
func (StopService) intent()       {}
func (ConfirmStopped) intent()    {}
func (Search) intent()            {}
func (PlanPurge) intent()         {}
func (DropPlan) intent()          {}
func (Quarantine) intent()        {}
func (Restore) intent()           {}
func (DeleteQuarantined) intent() {}
func (ConfirmNodes) intent()      {}
func (SetAside) intent()          {}
func (PutGoodBack) intent()       {}
func (FinishPurge) intent()       {}
func (ResetPassword) intent()     {}
func (ResetByHand) intent()       {}
func (ConfirmReset) intent()      {}
func (DisableAccount) intent()    {}
func (RemoveForwarding) intent()  {}
func (KeepForwarding) intent()    {}
func (StartService) intent()      {}
func (ConfirmStarted) intent()    {}
func (OwnerTold) intent()         {}
func (JudgeQuiet) intent()        {}
func (MarkRequested) intent()     {}
func (LeaveListing) intent()      {}
func (MarkCleared) intent()       {}
func (FinishDelist) intent()      {}
func (CloseIncident) intent()     {}
func (Skip) intent()              {}
func (AddNote) intent()           {}

// IDList is the messages that an intent names. There may be a million, so that the record only tells how many.
type IDList []spool.ID

// MarshalJSON implements json.Marshaler.
func (l IDList) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(len(l)), 10), nil }
