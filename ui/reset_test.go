package ui_test

import (
	"fmt"
	"testing"

	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// manyStolen is an incident in Reset with the stolen account and n more, none of which forwards its mail.
func manyStolen(t *testing.T, n int) (steps.State, []string) {
	t.Helper()
	state, accounts := uitest.At(t, incident.Reset), []string{uitest.Stolen}
	for i := range n {
		account := fmt.Sprintf("other%02d@harbourlight.example", i)
		accounts = append(accounts, account)
		uitest.Tell(&state, incident.SuspectMarked{Account: account})
	}
	uitest.Tell(&state, incident.ForwardingChanged{Account: uitest.Stolen, State: incident.ForwardingKept},
		incident.StepChanged{Step: incident.Purge, State: incident.Done})
	return state, accounts
}

// Enter alone leads through many accounts, one after the other, whoever sets the passwords.
func TestEnterGoesOnToTheNextAccount(t *testing.T) {
	t.Run("by hand, while mail is stopped", func(t *testing.T) {
		state, accounts := manyStolen(t, 3)
		state.Live.ByHand = true
		d, runbook := with(t, state, ui.Options{})
		for i, account := range accounts {
			runbook.Keep(account, "secret")
			runbook.Expect(steps.ResetByHand{Account: account}, func(s *steps.State) error {
				uitest.Tell(s, incident.ResetChanged{Account: account, State: incident.ResetHeld, ByHand: true, Made: true})
				s.Live.Known = append(s.Live.Known, account)
				return nil
			})
			d.Press("enter").ExpectDialog("Make a password").Press("y", "enter").ExpectDialog("New password", account).Press("esc")
			s := runbook.State()
			uitest.Tell(&s, incident.PasswordShown{Account: account})
			runbook.Now(s)
			d.News(s)
			if left := len(accounts) - 1 - i; left > 0 {
				d.Expect(fmt.Sprintf("Enter: next account, %d more to do", left)).Press("e").Expect("is made; you set it by hand once mail runs")
				d.Press("enter").Expect("account " + accounts[i+1])
			}
		}
		d.ExpectNot("Enter: next account")
	})
	t.Run("by delist, while mail is stopped", func(t *testing.T) {
		state, accounts := manyStolen(t, 2)
		d, runbook := with(t, state, ui.Options{})
		for i, account := range accounts {
			runbook.Expect(steps.ResetPassword{Account: account}, func(s *steps.State) error {
				uitest.Tell(s, incident.ResetChanged{Account: account, State: incident.ResetHeld, Made: true})
				s.Live.Known = append(s.Live.Known, account)
				return nil
			})
			if left := len(accounts) - 1 - i; left > 0 {
				d.ExpectNot("go on to Restart").Press("enter").Expect(fmt.Sprintf("Enter: next account, %d more to do", left)).Press("enter")
			} else {
				d.Expect("Enter: hold a new password, go on to Restart").Press("enter").ExpectNot("Enter: next account")
			}
		}
	})
	t.Run("by delist, while mail runs", func(t *testing.T) {
		state, accounts := manyStolen(t, 21)
		state.Live.APIReady, state.Live.Service.State = true, steps.ServiceRunning
		d, runbook := with(t, state, ui.Options{})
		runbook.Expect(steps.ResetPassword{Account: accounts[0]}, func(s *steps.State) error {
			uitest.Tell(s, incident.ResetChanged{Account: accounts[0], State: incident.ResetDone})
			return nil
		})
		d.Press("enter", "y").Expect("Enter: next account, 21 more to do").Press("enter").Expect("account "+accounts[1], "Enter: set a new password")
	})
	t.Run("what was set by hand is confirmed once mail runs", func(t *testing.T) {
		state, accounts := manyStolen(t, 1)
		state.Live.ByHand, state.Live.Service.State = true, steps.ServiceRunning
		for _, account := range accounts {
			uitest.Tell(&state, incident.ResetChanged{Account: account, State: incident.ResetHeld, ByHand: true, Made: true}, incident.PasswordShown{Account: account})
			state.Live.Known = append(state.Live.Known, account)
		}
		d, runbook := with(t, state, ui.Options{})
		d.Model().Show(incident.Reset)
		runbook.Expect(steps.ConfirmReset{Account: accounts[0]}, func(s *steps.State) error {
			uitest.Tell(s, incident.ResetChanged{Account: accounts[0], State: incident.ResetDone, ByHand: true})
			return nil
		})
		d.Press("up", "enter", "y").Expect("Enter: next account, 1 more to do").Press("enter").Expect("account "+accounts[1], "Enter: I have set the new password")
	})
}
