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

// suspect is the account that the keys are about: the one under the cursor once the
// operator is in the list, else the next that is to do, as the runbook has it.
func (p *resetPanel) suspect() *incident.Suspect {
	if account := p.answer().Account; account != "" {
		return p.state.Incident.Suspect(account)
	}
	for _, want := range []incident.ResetState{incident.ResetToDo, incident.ResetSet, incident.ResetHeld, incident.ResetDone} {
		for i := range p.state.Incident.Suspects {
			if s := &p.state.Incident.Suspects[i]; s.Reset == want {
				return s
			}
		}
	}
	return nil
}

func (p *resetPanel) binds(m *Model) []Bind {
	s := p.suspect()
	if s == nil {
		return nil
	}
	return append(p.nextBinds(m), m.passwordBinds(s)...)
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
	if s := p.suspect(); s != nil && p.answer().Account != "" {
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

// revealMsg brings a new password: to show, or to copy.
type revealMsg struct {
	account string
	secret  steps.Secret
	ok      bool
	copied  bool   // it was copied instead of shown
	where   string // it was copied to
	err     error
}

// passwordBinds are the keys that give the operator the new password of an account, as often as it is wanted.
func (m *Model) passwordBinds(s *incident.Suspect) []Bind {
	if s.Disable || !slices.Contains(m.state.Live.Known, s.Account) {
		return nil
	}
	account := s.Account
	show := bind("v", "show the password", func() tea.Cmd { return m.reveal(account, nil) })
	if s.ByHand && s.Reset == incident.ResetHeld { // without it nothing can be set
		show.Place = placeRow
	}
	binds := []Bind{show}
	if m.options.Copy != nil {
		binds = append(binds, bind("c", "copy it", func() tea.Cmd {
			return m.reveal(account, func(ctx context.Context, msg *revealMsg) {
				msg.copied = true
				msg.where, msg.err = m.options.Copy(ctx, msg.secret.Reveal())
			})
		}))
	}
	return binds
}

// reveal asks the runbook for a new password, to show it or to use it.
func (m *Model) reveal(account string, use func(context.Context, *revealMsg)) tea.Cmd {
	return m.run(func(ctx context.Context) tea.Msg {
		secret, ok := m.runbook.Reveal(account)
		msg := revealMsg{account: account, secret: secret, ok: ok}
		if ok && use != nil {
			use(ctx, &msg)
		}
		return msg
	})
}

// showPassword shows a password, or says where it went. It stays nowhere but in the dialog.
func (m *Model) showPassword(msg revealMsg) tea.Cmd {
	if !msg.ok {
		m.said = "The new password of " + msg.account + " is not kept any more. Reset makes another one."
		return nil
	}
	if msg.copied && msg.err == nil {
		m.said = "The new password of " + msg.account + " is copied to " + msg.where + "."
		return nil
	}
	text := "The new password of " + msg.account + ":\n\n    " + msg.secret.Reveal() +
		"\n\nWrite it down for the owner, and give it by phone, never by mail. It can be shown again until the owner was told, or delist ends."
	if msg.err != nil {
		text += "\n\nIt could not be copied: " + msg.err.Error()
	}
	m.open(view("New password", text))
	return nil
}
