package ui

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/steps"
	"delist/steps/incident"
)

// resetPanel shows the stolen accounts and how far their new passwords are.
type resetPanel struct {
	noMarks
	accounts *Table
	state    *steps.State
}

func newResetPanel() *resetPanel {
	p := &resetPanel{state: &steps.State{}}
	p.accounts = &Table{Columns: []Column{
		{Title: "account", Min: 26, Flex: 2}, {Title: "password", Min: 22}, {Title: "forwarding", Min: 14, Flex: 1, Drop: 1}, {Title: "changed", Min: 7, Drop: 2},
	}}
	p.accounts.Reset(suspectRows{})
	return p
}

func (p *resetPanel) update(s *steps.State) {
	p.state = s
	p.accounts.Set(suspectRows{s.Incident.Suspects, s.Now})
}

func (p *resetPanel) table() *Table { return p.accounts }

// answer is the account under the cursor, once there is a choice of several.
func (p *resetPanel) answer() steps.Answer {
	if len(p.state.Incident.Suspects) < 2 || !p.accounts.inside {
		return steps.Answer{}
	}
	row, _ := p.accounts.Current()
	return steps.Answer{Account: row.ID}
}

func (p *resetPanel) binds(m *Model) []Bind {
	return append(p.nextBinds(m), m.passwordBinds(p.answer())...)
}

// nextBinds go on to the next account that is to do, where nothing is to do now about the one under the cursor.
func (p *resetPanel) nextBinds(m *Model) []Bind {
	account := p.answer().Account
	next, left := m.state.NextReset(account)
	if account == "" || next == nil || slices.ContainsFunc(m.actions(), m.onEnter) {
		return nil
	}
	return []Bind{bind("enter", "next account, "+count(left)+" more to do", func() tea.Cmd { p.accounts.Go(next.Account); return nil })}
}

func (p *resetPanel) blocks(m *Model, w int) []block {
	page := m.page()
	if s := p.state.Incident.Suspect(p.answer().Account); s != nil {
		m.state.ResetFacts(&page, s)
	}
	blocks := m.pageAlarm(w, page)
	if len(p.state.Incident.Suspects) > 1 {
		blocks = append(blocks, gapped(block{min: 2, want: 1 + min(p.accounts.Len(), 8), draw: func(h int) []string {
			return p.accounts.Draw(w, h, true, m.glyphs, m.styles)
		}}))
	}
	return append(blocks, m.pageFacts(w, page), pageAdvice(2, w, page))
}

// suspectRows are the stolen accounts.
type suspectRows struct {
	suspects []incident.Suspect
	now      time.Time
}

// Len implements Source.
func (r suspectRows) Len() int { return len(r.suspects) }

// Row implements Source.
func (r suspectRows) Row(i int) Row {
	s := r.suspects[i]
	row := Row{ID: s.Account, Tone: ToneBad}
	if s.Reset == incident.ResetDone {
		row.Tone = ToneGood
	}
	forwarding := "none"
	switch {
	case s.Mailbox == nil || !s.Mailbox.Forwarding.Known:
		forwarding = "not known"
	case len(s.Mailbox.Forwarding.Addresses) > 0:
		forwarding = s.Forwarding.String()
	}
	row.Cells = []string{s.Account, s.Password(), forwarding, clock(s.Changed, r.now)}
	return row
}

// revealMsg brings new passwords: to show, or the only one to copy.
type revealMsg struct {
	all    []revealed
	copied bool   // it was copied instead of shown
	where  string // it was copied to
	err    error
}

type revealed struct {
	account string
	secret  steps.Secret
	kept    bool
}

// passwordBinds are the keys that give the operator the new passwords that the step is about, as often as they are wanted.
func (m *Model) passwordBinds(about steps.Answer) []Bind {
	accounts := m.state.Passwords(m.step, about)
	if len(accounts) == 0 {
		return nil
	}
	one := m.state.Incident.Suspect(accounts[0])
	words := "show the password"
	if len(accounts) > 1 {
		words = "show the passwords"
	}
	show := bind("v", words, func() tea.Cmd { return m.reveal(accounts, nil) })
	if one.ByHand && one.Reset == incident.ResetHeld { // without it nothing can be set
		show.Place = placeRow
	}
	binds := []Bind{show}
	if m.options.Copy != nil && len(accounts) == 1 {
		binds = append(binds, bind("c", "copy it", func() tea.Cmd {
			return m.reveal(accounts, func(ctx context.Context, msg *revealMsg) {
				msg.copied = true
				msg.where, msg.err = m.options.Copy(ctx, msg.all[0].secret.Reveal())
			})
		}))
	}
	return binds
}

// reveal asks the runbook for new passwords, to show them or to use the only one.
func (m *Model) reveal(accounts []string, use func(context.Context, *revealMsg)) tea.Cmd {
	return m.run(func(ctx context.Context) tea.Msg {
		var msg revealMsg
		for _, account := range accounts {
			secret, kept := m.runbook.Reveal(account)
			msg.all = append(msg.all, revealed{account, secret, kept})
		}
		if use != nil && msg.all[0].kept {
			use(ctx, &msg)
		}
		return msg
	})
}

// showPassword shows new passwords, or says where the only one went. They stay nowhere but in the dialog.
func (m *Model) showPassword(msg revealMsg) tea.Cmd {
	text := ""
	for _, r := range msg.all {
		switch {
		case !r.kept:
			m.said = "The new password of " + r.account + " is not kept any more. Reset makes another one."
		case msg.copied && msg.err == nil:
			m.said = "The new password of " + r.account + " is copied to " + msg.where + "."
		default:
			text += "The new password of " + r.account + ":\n\n    " + r.secret.Reveal() + "\n\n"
		}
	}
	if text == "" {
		return nil
	}
	text += "Write it down for the owner, and give it by phone, never by mail. It can be shown again until the owner was told, or delist ends."
	if msg.err != nil {
		text += "\n\nIt could not be copied: " + msg.err.Error()
	}
	m.open(view("New password", text))
	return nil
}
