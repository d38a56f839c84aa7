package steps

import (
	"strings"

	"delist/steps/incident"
)

// Refusal says why an intent may not be carried out now, empty when it may.
func (s *State) Refusal(in Intent) string { return s.refusal(in) }

// refusal says why an intent may not be carried out now, empty when it may. The actions show the same words in grey
// before anybody presses the key, so each step keeps its reasons in one function and both ask that.
func (s *State) refusal(in Intent) string {
	inc := &s.Incident
	if !inc.Closed.IsZero() && !afterClose(in) {
		return "this incident is closed; start delist again for a new one"
	}
	if changesServer(in) {
		if why := s.mayNotChange(); why != "" {
			return why
		}
	}
	switch in := in.(type) {
	case MarkSuspect:
		if in.Account == "" {
			return "this row has no account: bounces and mail from outside have no password to change"
		}
	case ClearSuspect:
		return s.clearRefusal(in.Account)
	case FinishLook:
		return s.lookDoneRefusal()
	case LockOut:
		return s.lockOutRefusal()
	case StopService:
		return s.stopRefusal()
	case ConfirmReset:
		return s.confirmResetRefusal(in.Account)
	case PlanPurge:
		return s.planRefusal(len(in.IDs))
	case Quarantine:
		return s.quarantineRefusal(in)
	case Restore:
		return s.restoreRefusal(in)
	case DeleteQuarantined:
		return s.deleteRefusal(in)
	case ConfirmNodes:
		return s.confirmNodesRefusal(in)
	case SetAside:
		return s.setAsideRefusal(in)
	case PutGoodBack:
		return s.putGoodRefusal(in)
	case ResetPassword:
		return s.changeRefusal(in.Account)
	case DisableAccount:
		return s.changeRefusal(in.Account)
	case ResetByHand:
		return s.resetRefusal(in.Account)
	case RemoveForwarding:
		return s.forwardingRefusal(in.Account)
	case KeepForwarding:
		return s.forwardingRefusal(in.Account)
	case StartService:
		return s.startRefusal(in.Reason)
	case JudgeQuiet:
		return s.quietRefusal(in.Reason)
	case MarkRequested:
		return s.requestRefusal(in)
	case LeaveListing:
		return needsReason(in.Reason)
	case MarkCleared:
		return s.clearedRefusal(in)
	case FinishDelist:
		return s.delistDoneRefusal()
	case CloseIncident:
		return s.closeRefusal()
	case Skip:
		return needsReason(in.Reason)
	case OwnerTold:
		if strings.TrimSpace(in.How) == "" {
			return "say in a word how: by phone, by a letter, through their manager"
		}
	}
	return ""
}

// afterClose says whether an intent makes sense in an incident that is closed: its quarantine is still there.
func afterClose(in Intent) bool {
	switch in.(type) {
	case Restore, DeleteQuarantined, ConfirmNodes:
		return true
	}
	return false
}

// changesServer says whether an intent changes the service, the spool or an account.
func changesServer(in Intent) bool {
	switch in.(type) {
	case LockOut, StopService, ConfirmStopped, ConfirmNodes, Quarantine, Restore, DeleteQuarantined, SetAside, PutGoodBack, ResetPassword, ResetByHand, ConfirmReset,
		DisableAccount, RemoveForwarding, StartService, ConfirmStarted:
		return true
	}
	return false
}

// movesMessages says whether an intent moves messages or deletes them, so that what it did must not go unrecorded.
func movesMessages(in Intent) bool {
	switch in.(type) {
	case Quarantine, Restore, DeleteQuarantined, SetAside, PutGoodBack:
		return true
	}
	return false
}

// mayNotChange says why nothing may be changed at all.
func (s *State) mayNotChange() string {
	switch {
	case s.Incident.Mode.ReadOnly:
		return "delist runs read-only; start it without --read-only to change anything"
	case s.Incident.Permit == incident.MayNot:
		return "you said that you may not stop this server; hand the report to somebody who may"
	}
	return ""
}

func needsReason(reason string) string {
	if strings.TrimSpace(reason) == "" {
		return "this needs a reason, for the record"
	}
	return ""
}
