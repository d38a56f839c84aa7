package steps_test

import (
	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// warning is for how long an operator answers for what leaves: they went on against what was said, let out what was kept, or
// lied.
type warning int

const (
	notWarned warning = iota
	forStart          // until mail is stopped again
	forRound          // until a new round
	forGood
)

// warns says for how long.
func warns(in steps.Intent) warning {
	typed := func(text string) warning {
		if text == "" {
			return notWarned
		}
		return forStart
	}
	switch in := in.(type) {
	case steps.StartService:
		return typed(in.Reason)
	case steps.ConfirmStopped:
		return typed(in.Despite)
	case steps.FinishPurge:
		return 3 * typed(in.Reason) // what is explained stays so
	case steps.FinishLook:
		if in.Leave {
			return forGood
		}
		return 3 * typed(in.Reason)
	case steps.JudgeQuiet:
		return forStart
	case steps.Skip:
		if in.Step <= incident.Restart {
			return forRound
		}
	case steps.PutGoodBack:
		if in.Count > 0 {
			return forStart
		}
	case steps.Restore:
		return forStart
	case steps.Explain, steps.ClearSuspect, steps.DeleteQuarantined:
		return forGood
	}
	return notWarned
}

// anyIntent is any intent about anything.
func (g *game) anyIntent(s *steps.State, m move) steps.Intent {
	accounts := append([]string{"", "user1@quayside.example", steps.RowNobody, steps.RowBounces}, thieves...)
	account, text := accounts[m.B%len(accounts)], []string{"", "so I was told", steps.MailStaysDown}[m.B%3]
	var ids []spool.ID
	if len(g.mails) > 0 {
		ids = []spool.ID{g.mails[m.B%len(g.mails)].id}
	}
	plan := ""
	if s.Live.Plan != nil && m.B%2 == 0 {
		plan = s.Live.Plan.Plan.ID
	}
	list := []string{"Spamhaus CSS", "SpamCop", ""}[m.B%3]
	all := []steps.Intent{
		steps.Allow{May: m.B%8 > 0}, steps.AskLists{}, steps.ReadBounce{Text: text}, steps.MarkSuspect{Account: account},
		steps.ClearSuspect{Account: account, Reason: text}, steps.Explain{Row: account, Word: text}, steps.FinishLook{Reason: text}, steps.FinishLook{Leave: true}, steps.Unexplain{Row: account},
		steps.SayRemedied{Name: []string{relayIP, "", incident.Speaker{Program: mailer}.Row()}[m.B%3], Word: text},
		steps.LockOut{}, steps.StopService{}, steps.ConfirmStopped{Despite: text}, steps.Search{Query: []string{"", "account:" + thieves[0], "class:bounce"}[m.B%3]},
		steps.PlanPurge{Query: "account:" + thieves[0], IDs: ids}, steps.DropPlan{}, steps.Quarantine{PlanID: plan, Count: m.B % 40},
		steps.Restore{IDs: ids, Count: m.B % 2}, steps.DeleteQuarantined{Count: m.B % 50}, steps.ConfirmNodes{Word: text}, steps.SetAside{Count: m.B % 80},
		steps.PutGoodBack{Count: m.B % 80}, steps.LeaveOutside{Reason: text}, steps.FinishPurge{Reason: text}, steps.ResetPassword{Account: account}, steps.ResetByHand{Account: account},
		steps.ShowPassword{Account: account}, steps.ConfirmReset{Account: account}, steps.DisableAccount{Account: account}, steps.RemoveForwarding{Account: account},
		steps.KeepForwarding{Account: account}, steps.StartService{Reason: text}, steps.ConfirmStarted{Despite: text}, steps.OwnerTold{How: text}, steps.JudgeQuiet{Reason: text},
		steps.MarkRequested{IP: serverIP, List: list, Reason: text}, steps.LeaveListing{IP: serverIP, List: list, Reason: text},
		steps.MarkCleared{IP: serverIP, List: list, Reason: text}, steps.FinishDelist{}, steps.CompareHELO{IP: serverIP, List: list, Heard: text}, steps.Explain{Row: incident.RowListings, Word: text},
		steps.Explain{Row: incident.Speaker{Program: mailer}.Row(), Word: text}, steps.Skip{Step: incident.Step(m.B % 10), Reason: text}, steps.AddNote{Text: text},
	}
	in := all[m.A%len(all)]
	switch in.(type) {
	case steps.ConfirmStopped, steps.ConfirmStarted, steps.ConfirmReset: // nobody has done what is said
		g.lies = true
	}
	return in
}
