package ui

import (
	"context"
	"strings"

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
	p.accounts.Reset(suspectRows(nil))
	return p
}

func (p *resetPanel) update(s *steps.State) {
	p.state = s
	p.accounts.Set(suspectRows(s.Incident.Suspects))
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
	if s := p.suspect(); s != nil {
		return m.passwordBinds(s)
	}
	return nil
}

func (p *resetPanel) blocks(m *Model, w int) []block {
	s := p.suspect()
	if s == nil {
		return []block{gapped(textBlock(0, paragraph(w, "No account is marked as stolen. Mark it in Look: Left goes back there, a marks the account under the cursor.")))}
	}
	warning := m.resetWarning(s)
	blocks := []block{}
	if warning != "" {
		lines := paragraph(w, warning)
		for i := range lines {
			lines[i] = m.styles.Alarm.Paint(lines[i])
		}
		blocks = append(blocks, gapped(textBlock(0, lines)))
	}
	if len(p.state.Incident.Suspects) > 1 {
		blocks = append(blocks, gapped(block{min: 2, want: 1 + min(p.accounts.Len(), 8), draw: func(h int) []string {
			return p.accounts.Draw(w, h, true, m.glyphs, m.styles)
		}}))
	}
	return append(blocks, gapped(textBlock(1, factLines(w, m.styles, m.resetFacts(s)...))), gapped(textBlock(2, paragraph(w, m.stepText(incident.Reset)))))
}

// resetWarning says in capitals what is not changed yet.
func (m *Model) resetWarning(s *incident.Suspect) string {
	switch {
	case s.Reset == incident.ResetDone:
		return ""
	case m.state.Live.Service.State == steps.ServiceRunning:
		return "NOT CHANGED YET. The stolen password works right now."
	}
	return "NOT CHANGED YET. The stolen password works again from the moment mail starts."
}

// resetFacts are what is known of the account, and what was done about it.
func (m *Model) resetFacts(s *incident.Suspect) []fact {
	account := fact{"account", s.Account}
	var read, found string
	if box := s.Mailbox; box != nil {
		kind := "local"
		if !box.LocalPassword {
			kind = "its password is in Active Directory"
		}
		admin := "not an admin"
		if box.Admin {
			admin = "AN ADMINISTRATOR: look at what else was changed"
		}
		account.value += "  (" + joined(", ", "SmarterMail", kind, admin) + ")"
		read = "as read at " + clock(box.ReadAt)
		if m.state.Live.Service.State == steps.ServiceStopped {
			read += ", before the stop"
		}
		if len(box.Forwarding.Addresses) > 0 {
			found = "forwarding to " + strings.Join(box.Forwarding.Addresses, ", ") + ": " + s.Forwarding.String()
		}
	}
	password := "not made yet"
	switch s.Reset {
	case incident.ResetHeld:
		password = hiddenPassword + "  held, not set yet"
	case incident.ResetSet:
		password = hiddenPassword + "  set, not proven yet"
	case incident.ResetDone:
		password = hiddenPassword + "  changed " + clock(s.Changed)
	}
	if s.Disable {
		password = "none: the account is disabled instead (" + s.Reset.String() + ")"
	}
	how := ""
	if s.Reset == incident.ResetHeld {
		how = "Restart sets it, proves it by logging in, ends SMTP, IMAP and web sessions"
		if s.ByHand {
			how = "by hand: you set it in SmarterMail once mail runs, then say so here"
		}
	}
	return []fact{account, {"", read}, {"new password", password}, {"", how}, {"also found", found}, {"why", strings.Join(s.Why, "; ")}}
}

// hiddenPassword stands for a password that is there.
const hiddenPassword = "****-****-****"

// heldPassword says that a password would be lost with the process.
func (m *Model) heldPassword() bool {
	for _, s := range m.state.Incident.Suspects {
		if s.Reset == incident.ResetHeld {
			return true
		}
	}
	return false
}

// suspectRows are the stolen accounts.
type suspectRows []incident.Suspect

// Len implements Source.
func (r suspectRows) Len() int { return len(r) }

// Row implements Source.
func (r suspectRows) Row(i int) Row {
	s := r[i]
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
	row.Cells = []string{s.Account, s.Reset.String(), forwarding, clock(s.Changed)}
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

// passwordBinds are the keys that give the operator the new password of an account, once.
func (m *Model) passwordBinds(s *incident.Suspect) []Bind {
	if s.Disable || s.Reset == incident.ResetToDo {
		return nil
	}
	account := s.Account
	return []Bind{
		bind("v", "show the password once", func() tea.Cmd {
			return m.run(func(context.Context) tea.Msg {
				secret, ok := m.runbook.Reveal(account)
				return revealMsg{account: account, secret: secret, ok: ok}
			})
		}),
		bind("c", "copy it", func() tea.Cmd {
			if m.options.Copy == nil {
				m.said = "This terminal has no clipboard that delist can reach. v shows the password."
				return nil
			}
			return m.run(func(ctx context.Context) tea.Msg {
				secret, ok := m.runbook.Reveal(account)
				msg := revealMsg{account: account, secret: secret, ok: ok, copied: true}
				if ok {
					msg.where, msg.err = m.options.Copy(ctx, secret.Reveal())
				}
				return msg
			})
		}),
	}
}

// showPassword shows a password, or says where it went. It stays nowhere but in the
// dialog. Where copying failed it is shown, because it is given once.
func (m *Model) showPassword(msg revealMsg) tea.Cmd {
	if !msg.ok {
		m.said = "The new password of " + msg.account + " was given once already. Reset makes another one."
		return nil
	}
	if msg.copied && msg.err == nil {
		m.said = "The new password of " + msg.account + " is copied to " + msg.where + "."
		return nil
	}
	text := "The new password of " + msg.account + ":\n\n    " + msg.secret.Reveal() +
		"\n\nIt is shown once. Write it down for the owner, and give it by phone, never by mail."
	if msg.err != nil {
		text += "\n\nIt could not be copied: " + msg.err.Error()
	}
	m.open(view("New password", text))
	return nil
}
