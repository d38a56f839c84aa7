package cli

import (
	"context"
	"path/filepath"
	"strings"

	"delist/spool"
	"delist/steps"
	"delist/steps/mailbox"
	"delist/steps/service"
)

// readySigns is what the wizard, too, tries before mail goes down.
func (p *program) readySigns(ctx context.Context, o options, s server, snap *spool.Snapshot) []sign {
	prepared := steps.Preparation{Settings: p.settings(o), Hands: steps.Hands{Connection: p.env.connection()}}
	if svc, err := service.New(s.service.value, service.Options{}); err == nil {
		prepared.Hands.Service = svc
	}
	prepared.Hands.Mailboxes = p.boxesToTry(o, s)
	if root, err := filepath.Abs(s.spool.value); err == nil && s.spool.value != "" {
		prepared.Root = root
	}
	if snap != nil {
		prepared.Messages, prepared.Bytes, prepared.Read = snap.Len(), snap.Bytes(), snap.Whole()
	}
	for _, folder := range p.incidentFolders(o) { // the first that could keep an incident
		if full, err := filepath.Abs(folder); err == nil && writable(standing(full)) == nil {
			prepared.Spare = filepath.Join(full, "quarantine")
			break
		}
	}
	var signs []sign
	for _, r := range prepared.CheckReady(ctx) {
		signs = append(signs, sign{healthOf(r), r.What, strings.TrimSpace(r.Sentence + " " + r.Remedy)})
	}
	return signs
}

// boxesToTry is the way into the API where nobody has to be asked for the password; nil where somebody would.
func (p *program) boxesToTry(o options, s server) steps.Mailboxes {
	password := p.env.get("DELIST_ADMIN_PASSWORD")
	if o.admin == "" || password == "" {
		return nil
	}
	boxes, err := mailbox.NewREST(mailbox.Options{URL: s.api.value, Admin: o.admin, Password: steps.NewSecret(password)})
	if err != nil {
		return nil // the address is wrong, which is said of the API
	}
	return boxes
}

// healthOf is the mark of what was tried. What starts mail again can never be known whole: that alone is no bad news.
func healthOf(r steps.Readiness) health {
	switch {
	case r.State == steps.Ready:
		return works
	case r.State == steps.NotReady:
		return fails
	case r.State == steps.NotKnown && r.What != steps.ReadyAgain:
		return unsure
	}
	return hint
}
